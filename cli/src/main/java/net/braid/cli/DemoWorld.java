package net.braid.cli;

import java.io.InputStream;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import net.braid.mptcp.Connection;
import net.braid.mptcp.ConnectionConfig;
import net.braid.mptcp.SubflowInfo;
import net.braid.sim.Cable;
import net.braid.sim.Host;
import net.braid.sim.PipeProperties;
import net.braid.sim.Router;
import net.braid.sim.SimLink;
import net.braid.sim.Simulation;
import net.braid.sim.Tap;
import net.braid.sim.Topology;
import net.braid.tcp.CloseReason;
import net.braid.tcp.Counter;
import net.braid.wire.IpAddress;

/**
 * A client with one address for each path, a router, and a server; one connection from the client to the server, over
 * which something is sent; and a notebook of what is seen.
 *
 * <pre>
 *            .--- Wi-Fi ---.
 *   client --+              +-- router --- server
 *            '----- 3G ----'
 * </pre>
 */
final class DemoWorld implements AutoCloseable {
    private static final int PORT = 5001;
    private static final IpAddress SERVER = IpAddress.parse("10.9.0.1");
    /** How often we look what the engine does with its subflows. */
    private static final long LOOK_NANOS = 10_000_000;

    /** One path with what is known of it. */
    private static final class Way {
        final int index;
        final IpAddress address;
        final Cable cable;
        DemoPath path;
        long delivered;
        /** When it came back and has carried nothing since, or -1. */
        long backSince = -1;
        boolean joined;
        boolean suspect;

        Way(int index, DemoPath path, IpAddress address, Cable cable) {
            this.index = index;
            this.path = path;
            this.address = address;
            this.cable = cable;
        }
    }

    private final DemoSettings settings;
    private final Simulation simulation;
    private final Host client;
    private final List<Way> ways = new ArrayList<>();
    private final DemoTrace trace;
    private final DemoEnds.Source source;
    private final DemoEnds.Sink sink;
    private final Connection connection;
    private boolean multipathSeen;
    private boolean finished;

    /**
     * @param input what is sent; null for random bytes
     * @param output takes what is received, or null
     * @throws IllegalArgumentException with one clear line, when a policy is unknown
     */
    DemoWorld(DemoSettings settings, InputStream input, OutputStream output) {
        this.settings = settings;
        simulation = new Simulation(settings.seed());
        Topology topology = new Topology(simulation);
        client = topology.host("client");
        Host server = topology.host("server");
        Router router = topology.router("router");
        for (DemoPath path : settings.paths()) {
            int index = ways.size();
            String address = "10." + (index + 1) + ".0.2";
            Cable cable = topology.cable(path.name(), Topology.AtHost.of(client, address),
                    new Topology.AtRouter(router), path.pipe());
            Way way = new Way(index, path, IpAddress.parse(address), cable);
            cable.forward().tap((pipe, point, memory, length, now) -> onFrame(way, point, memory, now));
            ways.add(way);
        }
        topology.cable("server", new Topology.AtRouter(router), Topology.AtHost.of(server, SERVER.toString()),
                PipeProperties.PERFECT);
        topology.computeRoutes();
        trace = new DemoTrace(ways.size());
        source = new DemoEnds.Source(simulation.arena(), settings.bytes(), simulation.random("payload"), input);
        sink = new DemoEnds.Sink(simulation.arena(), output);
        ConnectionConfig config = settings.connection();
        server.stack().listen(SERVER, PORT, 16, config, (accepted, now) -> sink);
        connection = client.stack().connect(ways.getFirst().address, 0, SERVER, PORT, config, source, simulation.now());
        client.wake();
        for (DemoEvent event : settings.events()) {
            simulation.at(event.timeNanos(), () -> happen(event));
        }
        simulation.at(0, this::look);
        simulation.at(0, this::sample);
    }

    // ---- what happens to the network

    private void happen(DemoEvent event) {
        if (finished) {
            return;
        }
        Way way = ways.stream().filter(w -> w.path.name().equals(event.path())).findFirst().orElseThrow();
        long now = simulation.now();
        DemoTrace.Kind kind = switch (event.action()) {
            case DemoEvent.Down() -> {
                way.cable.up(false);
                yield DemoTrace.Kind.WORLD_DOWN;
            }
            case DemoEvent.Up() -> {
                way.cable.up(true);
                way.backSince = now;
                yield DemoTrace.Kind.WORLD_UP;
            }
            case DemoEvent.Leave() -> {
                way.cable.up(false);
                client.stack().onLocalAddress(way.address, false, now);
                yield DemoTrace.Kind.WORLD_DOWN;
            }
            case DemoEvent.Return() -> {
                way.cable.up(true);
                way.backSince = now;
                client.stack().onLocalAddress(way.address, true, now);
                yield DemoTrace.Kind.WORLD_UP;
            }
            case DemoEvent.Change(String setting) -> {
                way.path = way.path.with(setting);
                way.cable.forward().properties(way.path.pipe());
                way.cable.backward().properties(way.path.pipe());
                yield DemoTrace.Kind.WORLD_CHANGE;
            }
        };
        client.wake();
        trace.event(now, kind, way.index, event.describe(way.path.title()));
    }

    // ---- what is seen

    /** Counts payload from the bytes themselves: the engine is on trial here. */
    private void onFrame(Way way, Tap.Point point, MemorySegment memory, long now) {
        if (point != Tap.Point.DELIVERED) {
            return;
        }
        int headerBytes = (unsigned(memory, 0) & 0xf) * 4;
        int totalBytes = unsigned(memory, 2) << 8 | unsigned(memory, 3);
        int tcpBytes = (unsigned(memory, headerBytes + 12) >> 4) * 4;
        int payload = totalBytes - headerBytes - tcpBytes;
        if (payload > 0) {
            way.delivered += payload;
            if (way.backSince >= 0) {
                trace.event(now, DemoTrace.Kind.COMEBACK, way.index, way.path.title() + " carries data again "
                        + Quantity.brief(now - way.backSince) + " after it came back");
                way.backSince = -1;
            }
        }
    }

    private static int unsigned(MemorySegment memory, long at) {
        return memory.get(ValueLayout.JAVA_BYTE, at) & 0xff;
    }

    private void look() {
        long now = simulation.now();
        if (source.isEstablished() && !multipathSeen && settings.multipath() && connection.isMultipath()) {
            multipathSeen = true;
        }
        List<SubflowInfo> subflows = connection.subflows();
        for (Way way : ways) {
            look(way, subflows, now);
        }
        if (!finished && isOver()) {
            finished = true;
            trace.event(sink.isEnded() ? sink.endedAt() : now, DemoTrace.Kind.MILESTONE, -1,
                    sink.isEnded() ? "the reader has everything" : "the connection is over");
        }
        if (!finished) {
            simulation.at(now + LOOK_NANOS, this::look);
        }
    }

    private void look(Way way, List<SubflowInfo> subflows, long now) {
        boolean joined = false;
        boolean suspect = false;
        for (SubflowInfo subflow : subflows) {
            if (subflow.local().equals(way.address) && subflow.established()) {
                joined = true;
                suspect = subflow.suspect();
            }
        }
        String title = way.path.title();
        if (joined && !way.joined) {
            String what = settings.multipath() ? "subflow over " : "connection over ";
            trace.event(now, DemoTrace.Kind.ENGINE, way.index, what + title + " established");
        } else if (!joined && way.joined && !sink.isEnded()) {
            trace.event(now, DemoTrace.Kind.ENGINE, way.index, "subflow over " + title + " is gone");
        }
        if (suspect && !way.suspect) {
            trace.event(now, DemoTrace.Kind.ENGINE, way.index, title + " does not answer: others take over its data");
        } else if (joined && way.joined && !suspect && way.suspect) {
            trace.event(now, DemoTrace.Kind.ENGINE, way.index, title + " answers");
        }
        way.joined = joined;
        way.suspect = suspect;
    }

    private void sample() {
        trace.sample(sink.bytes);
        List<SubflowInfo> subflows = connection.subflows();
        for (Way way : ways) {
            long inFlight = 0;
            long window = 0;
            long rtt = 0;
            for (SubflowInfo subflow : subflows) {
                if (subflow.local().equals(way.address) && subflow.established()) {
                    inFlight += subflow.flow().bytesInFlight();
                    window += subflow.flow().congestionWindow();
                    rtt = Math.max(rtt, subflow.flow().smoothedRttNanos());
                }
            }
            trace.path(way.index, way.delivered, inFlight, window, rtt, way.cable.forward().waitingBytes());
        }
        if (!finished) {
            simulation.at(simulation.now() + DemoTrace.SAMPLE_NANOS, this::sample);
        }
    }

    // ---- for the driver, the picture and the verdict

    DemoSettings settings() {
        return settings;
    }

    DemoTrace trace() {
        return trace;
    }

    long now() {
        return simulation.now();
    }

    void advanceTo(long time) {
        simulation.advanceTo(time);
    }

    /** The cable of a path, and the client's end of it. */
    Cable cable(int path) {
        return ways.get(path).cable;
    }

    SimLink link(int path) {
        return client.links().get(path);
    }

    boolean isDown(int path) {
        return !ways.get(path).cable.forward().isUp();
    }

    boolean isJoined(int path) {
        return ways.get(path).joined;
    }

    /** Payload bytes that have come out of a path at its far end. */
    long delivered(int path) {
        return ways.get(path).delivered;
    }

    DemoEnds.Source source() {
        return source;
    }

    DemoEnds.Sink sink() {
        return sink;
    }

    /** Whether it was Multipath TCP at some time. */
    boolean wasMultipath() {
        return multipathSeen;
    }

    /** Both sides are through, in whatever way. */
    boolean isOver() {
        return failure() != null || source.reason() != null && (sink.isEnded() || sink.reason() != null);
    }

    boolean isComplete() {
        return sink.isEnded() && sink.bytes == source.bytes && source.digest().equals(sink.digest());
    }

    private static boolean failed(CloseReason reason) {
        return reason != null && !(reason instanceof CloseReason.Finished);
    }

    /** Why it ended before its time, or null. */
    CloseReason failure() {
        return failed(source.reason()) ? source.reason() : failed(sink.reason()) ? sink.reason() : null;
    }

    long counter(Counter counter) {
        return client.stack().counters().get(counter);
    }

    @Override
    public void close() {
        simulation.close();
    }
}
