package net.braid.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import net.braid.mptcp.ConnectionConfig;
import net.braid.mptcp.MultipathConfig;
import net.braid.tcp.CloseReason;
import net.braid.wire.IpAddress;
import net.braid.wire.Ipv4Header;
import net.braid.wire.MptcpCrypto;
import net.braid.wire.MptcpOption.Capable;
import net.braid.wire.OptionWriter;
import net.braid.wire.TcpFlags;
import net.braid.wire.TcpHeader;
import net.braid.wire.TcpOptions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The client has numbers from 1001 on and window scale 2, the server from 5001 on and window scale 1. */
class DataCheckerTest {
    private static final long CLIENT_KEY = 1;
    private static final long SERVER_KEY = 2;
    private static final int ACK = TcpOptions.DSS | TcpOptions.DSS_ACK | TcpOptions.DSS_ACK_64;
    private static final int MAPPING = TcpOptions.DSS | TcpOptions.DSS_MAPPING | TcpOptions.DSS_DSN_64;

    private final Simulation simulation = new Simulation(1);
    private final Topology topology = new Topology(simulation);
    private final Host client = topology.host("client");
    private final Host server = topology.host("server");
    private final Router router = topology.router("router");
    private final FrameSink sink = new FrameSink() {
        @Override
        public void onFrame(int frame, long now) {
            simulation.frames().release(frame);
        }

        @Override
        public void onBatchEnd(long now) {
            // Nothing to do.
        }
    };
    private final Pipe up = new Pipe(simulation, "up", PipeProperties.PERFECT, sink);
    private final Pipe down = new Pipe(simulation, "down", PipeProperties.PERFECT, sink);
    private final Pattern upStream = new Pattern(simulation.arena(), 1);
    private final Pattern downStream = new Pattern(simulation.arena(), 2);
    private final StreamEndpoint atClient = new StreamEndpoint(client, upStream, downStream, 0, false, ReadPace.EAGER);
    private final StreamEndpoint atServer = new StreamEndpoint(server, downStream, upStream, 0, false, ReadPace.EAGER);
    private final SwarmFlows.Running running = new SwarmFlows.Running(null, client, server, atClient, atServer);
    private final DataChecker checker = new DataChecker(connection -> running);
    private final long upStart = start(CLIENT_KEY);
    private final long downStart = start(SERVER_KEY);

    private static long start(long key) {
        return new MptcpCrypto().initialDataSequenceNumber(1, key) + 1;
    }

    private void segment(boolean fromClient, int seq, int flags, int window, int bytes, long streamOffset,
            Consumer<OptionWriter> options) {
        int frame = simulation.frames().allocate(2000);
        MemorySegment memory = simulation.frames().memory(frame);
        OptionWriter writer = new OptionWriter();
        writer.begin(memory, 40);
        options.accept(writer);
        int header = 20 + writer.finish();
        int length = 20 + header + bytes;
        simulation.frames().length(frame, length);
        Ipv4Header.write(memory, 0, 0, length, 0, Ipv4Header.DONT_FRAGMENT, 64, 6,
                fromClient ? 0x0a000001 : 0x0a000002, fromClient ? 0x0a000002 : 0x0a000001);
        TcpHeader.write(memory, 20, fromClient ? 1000 : 80, fromClient ? 80 : 1000, seq, 1, header, flags, window, 0);
        Pattern stream = fromClient ? upStream : downStream;
        MemorySegment.copy(stream.memory(), stream.at(streamOffset), memory, 20 + header, bytes);
        TcpChecksums.complete(memory, length);
        (fromClient ? up : down).offer(frame);
        simulation.runUntil(simulation.now() + 1);
    }

    private void clientData(int seq, int bytes, long streamOffset, long mappedTo) {
        segment(true, seq, TcpFlags.ACK, 1000, bytes, streamOffset,
                o -> o.dataSequenceSignal(MAPPING, 0, upStart + mappedTo, seq - 1000, bytes, 0));
    }

    private void serverAck(long acknowledged, int window) {
        segment(false, 5001, TcpFlags.ACK, window, 0, 0,
                o -> o.dataSequenceSignal(ACK, upStart + acknowledged, 0, 0, 0, 0));
    }

    @BeforeEach
    void handshake() {
        checker.watch(client, true, up, down);
        checker.watch(server, false, down, up);
        segment(true, 1000, TcpFlags.SYN, 1000, 0, 0, o -> o.windowScale(2));
        segment(false, 5000, TcpFlags.SYN | TcpFlags.ACK, 2000, 0, 0, o -> o.windowScale(1));
        segment(true, 1001, TcpFlags.ACK, 500, 0, 0,
                o -> Capable.withKeys(1, Capable.HMAC, CLIENT_KEY, SERVER_KEY).encode(o));
        clientData(1001, 100, 0, 0);
        assertTrue(checker.violations().isEmpty(), checker.violations().toString());
    }

    @AfterEach
    void close() {
        simulation.close();
    }

    private void expect(String... parts) {
        assertEquals(parts.length, checker.violations().size(), () -> checker.violations().toString());
        for (int i = 0; i < parts.length; i++) {
            assertTrue(checker.violations().get(i).contains(parts[i]), checker.violations().get(i));
        }
    }

    @Test
    void bytesThatComeAgainWithTheirOwnNumbersAreRight() {
        clientData(1101, 200, 100, 100);
        clientData(1301, 100, 0, 0);
        clientData(1001, 100, 0, 0);
        expect();
        assertEquals(500, checker.mappedBytes());
    }

    @Test
    void numberThatStandsForAnotherByteIsFound() {
        clientData(1101, 200, 101, 100);
        expect("sends other bytes as 100 to 300");
    }

    @Test
    void mappingOfManySegmentsIsFollowedIntoEach() {
        segment(true, 1201, TcpFlags.ACK, 1000, 100, 200,
                o -> o.dataSequenceSignal(MAPPING, 0, upStart + 100, 101, 200, 0));
        segment(true, 1201, TcpFlags.ACK, 1000, 100, 201,
                o -> o.dataSequenceSignal(MAPPING, 0, upStart + 100, 101, 200, 0));
        expect("sends other bytes as 200 to 300");
    }

    @Test
    void acknowledgmentOfWhatWasNeverSentIsFound() {
        serverAck(100, 1000);
        serverAck(101, 1000);
        expect("acknowledges 101 where 100 has been sent");
    }

    @Test
    void acknowledgmentThatMovesBackIsFound() {
        serverAck(100, 1000);
        serverAck(60, 1200);
        expect("acknowledges 60 after 100");
    }

    @Test
    void windowThatIsTakenBackIsFound() {
        serverAck(60, 1000);
        serverAck(100, 980);
        serverAck(100, 979);
        expect("takes its window back from 2060 to 2058");
    }

    @Test
    void windowThatSixteenBitsCannotSayIsNotTakenBack() {
        serverAck(0, 0xffff);
        segment(true, 1000, TcpFlags.SYN, 1000, 0, 0, o -> { });
        segment(false, 5000, TcpFlags.SYN | TcpFlags.ACK, 2000, 0, 0, o -> { });
        serverAck(100, 0xffff);
        expect();
    }

    @Test
    void transferOverTwoPathsIsJudgedAndRight() {
        List<String> problems = new ArrayList<>();
        SwarmFlows flows = new SwarmFlows(simulation, false, SwarmBoxes.Effect.NONE, false, problems);
        DataChecker watching = new DataChecker(flows::of);
        for (int i = 0; i < 3; i++) {
            Host host = i < 2 ? client : server;
            Cable cable = topology.cable("cable " + i, Topology.AtHost.of(host, LinkOffload.FULL, "10.0." + i + ".1"),
                    new Topology.AtRouter(router), PipeProperties.of(20_000_000, 5_000_000),
                    PipeProperties.of(20_000_000, 5_000_000));
            watching.watch(host, host == client, cable.forward(), cable.backward());
        }
        topology.computeRoutes();
        ConnectionConfig config = ConnectionConfig.builder()
                .multipath(MultipathConfig.builder().pathManager("fullmesh").build()).build();
        SwarmFlows.Running flow = flows.add(new SwarmCase.FlowCase(SwarmCase.SECOND, 500_000, 100_000, false, false,
                ReadPace.EAGER, ReadPace.EAGER, Simulation.NEVER, false), client, server, 7);
        flows.listen(flow, IpAddress.ANY_V4, 80, config);
        flows.start(flow, IpAddress.parse("10.0.2.1"), 80, config);
        simulation.runUntil(60 * SwarmCase.SECOND);
        assertInstanceOf(CloseReason.Finished.class, flow.client().closeReason());
        assertTrue(watching.mappedBytes() >= 600_000, () -> "judged " + watching.mappedBytes());
        assertTrue(watching.dataAcks() > 200);
        assertEquals(List.of(), watching.violations());
    }
}
