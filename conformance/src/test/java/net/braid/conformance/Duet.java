package net.braid.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import net.braid.mptcp.Connection;
import net.braid.mptcp.ConnectionConfig;
import net.braid.mptcp.MultipathConfig;
import net.braid.sim.Cable;
import net.braid.sim.Host;
import net.braid.sim.Pattern;
import net.braid.sim.Pipe;
import net.braid.sim.PipeProperties;
import net.braid.sim.ReadPace;
import net.braid.sim.Router;
import net.braid.sim.SegmentRules;
import net.braid.sim.Simulation;
import net.braid.sim.StreamEndpoint;
import net.braid.sim.Tap;
import net.braid.sim.Topology;
import net.braid.tcp.CloseReason;
import net.braid.tcp.Counter;
import net.braid.tcp.TcpState;
import net.braid.wire.DropReason;
import net.braid.wire.IpAddress;
import net.braid.wire.Ipv4Header;
import net.braid.wire.MptcpOption;
import net.braid.wire.MptcpOptionDecoder;
import net.braid.wire.OptionFault;
import net.braid.wire.OptionWriter;
import net.braid.wire.SegmentDecoder;
import net.braid.wire.SegmentView;
import net.braid.wire.TcpFlags;
import net.braid.wire.TcpHeader;
import net.braid.wire.TcpOptions;

/**
 * Two hosts that speak Multipath TCP, for protocol tests: rules on each cable, a log of all that both send, and forged
 * segments.
 *
 * <pre>
 *   client 10.1.0.1 --- path 0 --- router --- server 10.9.0.1, 10.9.0.2
 *          10.2.0.1 --- path 1 ---/
 * </pre>
 */
final class Duet implements AutoCloseable {
    static final long MILLIS = 1_000_000L;
    static final long SECONDS = 1_000_000_000L;
    static final int PORT = 80;
    static final PipeProperties PATH = PipeProperties.of(10_000_000, 10_000_000);

    /** A segment that one of the hosts sent, before any rule. */
    record Sent(long time, int path, boolean fromClient, int flags, int sequence, int acknowledgment, int payload,
            int window, int present, long dataAck, long dataSequence, int subflowSequence, int dataLength,
            int sourcePort, int destinationPort, long destinationHigh, long destinationLow,
            List<MptcpOption> options) {
        boolean has(int flag) {
            return (flags & flag) != 0;
        }

        boolean isSyn() {
            return has(TcpFlags.SYN);
        }

        boolean hasDss() {
            return (present & TcpOptions.DSS) != 0;
        }

        boolean hasMapping() {
            return (present & TcpOptions.DSS_MAPPING) != 0;
        }

        boolean hasDataFin() {
            return (present & TcpOptions.DSS_DATA_FIN) != 0;
        }

        <T extends MptcpOption> T option(Class<T> kind) {
            for (MptcpOption option : options) {
                if (kind.isInstance(option)) {
                    return kind.cast(option);
                }
            }
            return null;
        }

        boolean carries(Class<? extends MptcpOption> kind) {
            return option(kind) != null;
        }
    }

    final Simulation simulation;
    final Host client;
    final Host server;
    final Cable[] paths;
    final SegmentRules[] fromClient;
    final SegmentRules[] fromServer;
    final List<Sent> log = new ArrayList<>();
    final ConnectionConfig clientConfig;
    final ConnectionConfig serverConfig;
    StreamEndpoint atClient;
    StreamEndpoint atServer;

    /** Forged payload is the client's stream from here on; below 0: nonsense. */
    long forgedFrom = -1;
    private Pattern clientStream;

    private final MemorySegment scratch;
    private final MemorySegment[][] last;
    private final SegmentView view = new SegmentView();
    private final int version;

    Duet(int paths, MultipathConfig client, MultipathConfig server) {
        this(paths, client, server, PATH);
    }

    Duet(int paths, MultipathConfig client, MultipathConfig server, PipeProperties path) {
        this(paths, ConnectionConfig.builder().multipath(client).build(),
                ConnectionConfig.builder().multipath(server).build(), path);
    }

    Duet(int count, ConnectionConfig clientConfig, ConnectionConfig serverConfig, PipeProperties path) {
        this.clientConfig = clientConfig;
        this.serverConfig = serverConfig;
        version = clientConfig.multipath().version();
        simulation = new Simulation(7);
        Topology topology = new Topology(simulation);
        client = topology.host("client");
        server = topology.host("server");
        Router router = topology.router("router");
        paths = new Cable[count];
        fromClient = new SegmentRules[count];
        fromServer = new SegmentRules[count];
        last = new MemorySegment[count][2];
        scratch = simulation.arena().allocate(2048, 64);
        for (int i = 0; i < count; i++) {
            int number = i + 1;
            paths[i] = topology.cable("path" + i,
                    Topology.AtHost.of(client, "10." + number + ".0.1", "fd00:" + number + "::1"),
                    new Topology.AtRouter(router), path);
            fromClient[i] = new SegmentRules();
            fromServer[i] = new SegmentRules();
            paths[i].forward().filter(fromClient[i]);
            last[i][0] = simulation.arena().allocate(128, 64);
            last[i][1] = simulation.arena().allocate(128, 64);
            paths[i].forward().tap(observer(i, true));
            paths[i].backward().tap(observer(i, false));
        }
        Cable core = topology.cable("core", new Topology.AtRouter(router),
                Topology.AtHost.of(server, "10.9.0.1", "10.9.0.2", "fd00:9::1"), PipeProperties.of(1_000_000_000, 0));
        topology.computeRoutes();
        for (int i = 0; i < count; i++) {
            paths[i].backward().filter(fromServer[i]);
        }
        assert core != null;
    }

    /** What {@code count} paths and version 1 need to use them all. */
    static MultipathConfig.Builder mesh() {
        return MultipathConfig.builder().pathManager("fullmesh");
    }

    private Tap observer(int path, boolean forward) {
        return (pipe, point, memory, length, now) -> {
            if (point != Tap.Point.OFFERED
                    || SegmentDecoder.decode(memory, 0, length, false, view) != DropReason.NONE) {
                return;
            }
            List<MptcpOption> options = new ArrayList<>();
            // Version 0 knows no MP_TCPRST, but a test must see it if we send one.
            int as = view.has(TcpFlags.RST) ? 1 : version;
            for (int i = 0; i < view.options.mptcpCount; i++) {
                if (MptcpOptionDecoder.check(view, i, as) == OptionFault.NONE) {
                    options.add(MptcpOptionDecoder.read(view, i, as));
                }
            }
            TcpOptions o = view.options;
            log.add(new Sent(now, path, forward, view.flags, view.sequenceNumber, view.acknowledgmentNumber,
                    view.payloadLength, view.window, o.present, o.dataAck, o.dataSequence, o.subflowSequence,
                    o.dataLength, view.sourcePort, view.destinationPort, view.destinationHigh, view.destinationLow,
                    options));
            if (!view.ipv6 && (!view.has(TcpFlags.SYN) || end[path][forward ? 0 : 1] == 0)) {
                MemorySegment kept = last[path][forward ? 0 : 1];
                MemorySegment.copy(memory, 0, kept, 0, Math.min(length, 80));
                end[path][forward ? 0 : 1] = view.sequenceNumber + view.payloadLength
                        + (view.has(TcpFlags.SYN) || view.has(TcpFlags.FIN) ? 1 : 0);
                clock[path][forward ? 0 : 1] = o.timestampValue;
                echo[path][forward ? 0 : 1] = o.timestampEcho;
            }
        };
    }

    private final int[][] end = new int[8][2];
    private final int[][] clock = new int[8][2];
    private final int[][] echo = new int[8][2];

    // ---- run

    /** Opens a connection on which both ends send, and end when the other has ended, which is never. */
    Duet open(long up, long down) {
        return start(up, down, true, true);
    }

    /** Opens a connection that both ends close when all has been sent. */
    Duet transfer(long up, long down) {
        return start(up, down, false, false);
    }

    Duet start(long up, long down, boolean clientWaits, boolean serverWaits) {
        Pattern there = new Pattern(simulation.arena(), 1);
        clientStream = there;
        Pattern back = new Pattern(simulation.arena(), 2);
        atClient = new StreamEndpoint(client, there, back, up, clientWaits, ReadPace.EAGER);
        atServer = new StreamEndpoint(server, back, there, down, serverWaits, ReadPace.EAGER);
        server.stack().listen(IpAddress.ANY_V4, PORT, 16, serverConfig, (connection, now) -> {
            atServer.attach(connection, now);
            return atServer;
        });
        long now = simulation.now();
        atClient.attach(client.stack().connect(IpAddress.parse("10.1.0.1"), 0, IpAddress.parse("10.9.0.1"), PORT,
                clientConfig, atClient, now), now);
        client.wake();
        return this;
    }

    void run(long nanos) {
        simulation.runUntil(simulation.now() + nanos);
    }

    boolean runUntil(BooleanSupplier condition, long nanos) {
        long limit = simulation.now() + nanos;
        while (!condition.getAsBoolean()) {
            if (!simulation.step(limit)) {
                return condition.getAsBoolean();
            }
        }
        return true;
    }

    Connection clientConnection() {
        return atClient.connection();
    }

    Connection serverConnection() {
        return atServer.connection();
    }

    boolean bothMultipath() {
        return atServer.connection() != null && clientConnection().isMultipath() && serverConnection().isMultipath();
    }

    boolean bothPlain() {
        return atServer.connection() != null && clientConnection().isEstablished()
                && !clientConnection().isMultipath() && !serverConnection().isMultipath();
    }

    static int established(Connection connection) {
        int count = 0;
        for (int i = 0; i < 8; i++) {
            if (connection.subflow(i) != null && connection.subflow(i).state() == TcpState.ESTABLISHED) {
                count++;
            }
        }
        return count;
    }

    /** Runs until both ends have so many subflows. */
    void awaitSubflows(int count) {
        assertTrue(runUntil(() -> atServer.connection() != null && established(clientConnection()) == count
                && established(serverConnection()) == count, 20 * SECONDS),
                () -> "client " + established(clientConnection()) + ", server " + established(serverConnection())
                + " subflows, wanted " + count + "\n" + counters());
        run(100 * MILLIS);
    }

    /** Runs to the end; every byte must arrive and both ends must close in order. */
    void complete(long up, long down) {
        runUntil(() -> atClient.closeReason() != null && atServer.closeReason() != null, 600 * SECONDS);
        intact(up, down);
        assertInstanceOf(CloseReason.Finished.class, atClient.closeReason());
        assertInstanceOf(CloseReason.Finished.class, atServer.closeReason());
    }

    void intact(long up, long down) {
        assertNull(atClient.violation());
        assertNull(atServer.violation());
        assertEquals(up, atServer.received(), () -> "client " + atClient.closeReason() + ", server "
                + atServer.closeReason() + "\n" + counters());
        assertEquals(down, atClient.received(), () -> "client " + atClient.closeReason() + ", server "
                + atServer.closeReason() + "\n" + counters());
    }

    long atClient(Counter counter) {
        return client.stack().counters().get(counter);
    }

    long atServer(Counter counter) {
        return server.stack().counters().get(counter);
    }

    String counters() {
        return "client:\n" + client.stack().counters() + "server:\n" + server.stack().counters();
    }

    /** What was sent and fits. */
    List<Sent> sent(Predicate<Sent> wanted) {
        return log.stream().filter(wanted).toList();
    }

    List<Sent> fromClient(Predicate<Sent> wanted) {
        return sent(wanted.and(Sent::fromClient));
    }

    List<Sent> fromServer(Predicate<Sent> wanted) {
        return sent(wanted.and(s -> !s.fromClient()));
    }

    // ---- forging

    /** Sends a pure acknowledgment with these options in the name of an end, on the newest flow of a path. */
    void forge(int path, boolean asClient, MptcpOption... options) {
        forge(path, asClient, TcpFlags.ACK, 0, 0, options);
    }

    /**
     * Sends a segment in the name of an end of the newest flow of a path, whose sequence number is the next one, moved
     * by {@code shift}.
     */
    void forge(int path, boolean asClient, int flags, int shift, int payload, MptcpOption... options) {
        int side = asClient ? 0 : 1;
        MemorySegment.copy(last[path][side], 0, scratch, 0, 80);
        int tcp = Ipv4Header.LENGTH;
        int sequence = end[path][side] + shift;
        int acknowledgment = end[path][1 - side];
        OptionWriter writer = new OptionWriter();
        writer.begin(scratch, tcp + TcpHeader.LENGTH);
        if (options.length == 0 || totalLength(options) <= 28) {
            writer.timestamps(clock[path][side], clock[path][1 - side]);
        }
        for (MptcpOption option : options) {
            option.encode(writer);
        }
        int header = TcpHeader.LENGTH + writer.finish();
        int window = TcpHeader.window(scratch, tcp);
        TcpHeader.write(scratch, tcp, TcpHeader.sourcePort(scratch, tcp), TcpHeader.destinationPort(scratch, tcp),
                sequence, acknowledgment, header, flags, window, 0);
        int length = tcp + header + payload;
        for (int i = 0; i < payload; i++) {
            byte value = forgedFrom < 0 ? 0x55
                    : clientStream.memory().get(ValueLayout.JAVA_BYTE, clientStream.at(forgedFrom + i));
            scratch.set(ValueLayout.JAVA_BYTE, tcp + header + i, value);
        }
        Ipv4Header.write(scratch, 0, 0, length, 0, Ipv4Header.DONT_FRAGMENT, 64, TcpHeader.PROTOCOL,
                Ipv4Header.source(scratch, 0), Ipv4Header.destination(scratch, 0));
        Pipe pipe = asClient ? paths[path].forward() : paths[path].backward();
        pipe.inject(scratch, length);
        run(30 * MILLIS);
    }

    /** SYN and third packet of a join from another port, by somebody who has recorded both. */
    void forgeFlow(int path, int port, MptcpOption syn, MptcpOption proof) {
        int sequence = 1000;
        forgeFrom(path, port, sequence, 0, TcpFlags.SYN, syn);
        run(30 * MILLIS);
        int answer = fromServer(s -> s.path() == path && s.isSyn()).getLast().sequence();
        forgeFrom(path, port, sequence + 1, answer + 1, TcpFlags.ACK, proof);
        run(30 * MILLIS);
    }

    /** A SYN from another port of the client. */
    void forgeSyn(int path, int port, MptcpOption option) {
        forgeFrom(path, port, 1000, 0, TcpFlags.SYN, option);
        run(MILLIS);
    }

    private void forgeFrom(int path, int port, int sequence, int acknowledgment, int flags, MptcpOption option) {
        int tcp = Ipv4Header.LENGTH;
        MemorySegment.copy(last[path][0], 0, scratch, 0, 80);
        OptionWriter writer = new OptionWriter();
        writer.begin(scratch, tcp + TcpHeader.LENGTH);
        option.encode(writer);
        int header = TcpHeader.LENGTH + writer.finish();
        TcpHeader.write(scratch, tcp, port, TcpHeader.destinationPort(scratch, tcp), sequence, acknowledgment, header,
                flags, 10_000, 0);
        Ipv4Header.write(scratch, 0, 0, tcp + header, 0, Ipv4Header.DONT_FRAGMENT, 64, TcpHeader.PROTOCOL,
                Ipv4Header.source(scratch, 0), Ipv4Header.destination(scratch, 0));
        paths[path].forward().inject(scratch, tcp + header);
    }

    private static int totalLength(MptcpOption... options) {
        int total = 0;
        for (MptcpOption option : options) {
            total += option.length() + 3 & ~3;
        }
        return total;
    }

    @Override
    public void close() {
        simulation.close();
    }
}
