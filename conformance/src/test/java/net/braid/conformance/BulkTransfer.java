package net.braid.conformance;

import net.braid.mptcp.ConnectionConfig;
import net.braid.sim.Cable;
import net.braid.sim.Host;
import net.braid.sim.LinkOffload;
import net.braid.sim.Pattern;
import net.braid.sim.PipeProperties;
import net.braid.sim.QueueProperties;
import net.braid.sim.ReadPace;
import net.braid.sim.Simulation;
import net.braid.sim.StreamEndpoint;
import net.braid.sim.Topology;
import net.braid.stack.StackConfig;
import net.braid.tcp.Counter;
import net.braid.tcp.Subflow;
import net.braid.wire.IpAddress;

/** A client that sends to a server without end over one cable; for tests that measure. */
final class BulkTransfer implements AutoCloseable {
    static final long MILLIS = 1_000_000;
    static final long SECONDS = 1_000_000_000;
    /** TCP payload of an IPv4 packet of 1500 bytes with timestamps. */
    static final int PAYLOAD_V4 = 1448;
    static final int PAYLOAD_V6 = 1428;
    private static final int PORT = 80;

    private final Simulation simulation;
    private final Host client;
    private final Host server;
    private final Cable cable;
    private final StreamEndpoint sender;
    private final StreamEndpoint receiver;

    /** What differs from transfer to transfer; the rest is default. */
    static final class Builder {
        private long seed = 1;
        private PipeProperties forward = PipeProperties.PERFECT;
        private PipeProperties backward;
        private LinkOffload offload = LinkOffload.NONE;
        private ConnectionConfig config = ConnectionConfig.DEFAULT;
        private boolean ipv6;
        private ReadPace pace = ReadPace.EAGER;

        private Builder() {
        }

        Builder seed(long value) {
            seed = value;
            return this;
        }

        Builder path(PipeProperties data, PipeProperties acknowledgments) {
            forward = data;
            backward = acknowledgments;
            return this;
        }

        /** The same in both directions, faults of {@code path} included. */
        Builder path(PipeProperties path) {
            return path(path, path);
        }

        Builder offload(LinkOffload value) {
            offload = value;
            return this;
        }

        Builder config(ConnectionConfig value) {
            config = value;
            return this;
        }

        Builder congestion(String name) {
            return config(config.toBuilder().congestionControl(name).build());
        }

        Builder ipv6(boolean value) {
            ipv6 = value;
            return this;
        }

        Builder pace(ReadPace value) {
            pace = value;
            return this;
        }

        BulkTransfer start() {
            return start(StreamEndpoint.ENDLESS);
        }

        /** Sends {@code bytes} and ends. */
        BulkTransfer start(long bytes) {
            return new BulkTransfer(this, bytes);
        }
    }

    static Builder builder() {
        return new Builder();
    }

    /** A rate, half of a round trip, and a queue in bytes. */
    static PipeProperties.Builder pipe(long rateBits, long rttNanos, long queueBytes) {
        return PipeProperties.builder().rate(rateBits).delay(rttNanos / 2).queue(new QueueProperties.Bytes(queueBytes));
    }

    private BulkTransfer(Builder b, long bytes) {
        simulation = new Simulation(b.seed);
        Topology topology = new Topology(simulation);
        client = topology.host("client", StackConfig.DEFAULT);
        server = topology.host("server", StackConfig.DEFAULT);
        cable = topology.cable("path", Topology.AtHost.of(client, b.offload, "10.0.0.1", "fd00::1"),
                Topology.AtHost.of(server, b.offload, "10.0.0.2", "fd00::2"), b.forward, b.backward);
        Pattern up = new Pattern(simulation.arena(), 1);
        Pattern down = new Pattern(simulation.arena(), 2);
        sender = new StreamEndpoint(client, up, down, bytes, false, ReadPace.EAGER);
        receiver = new StreamEndpoint(server, down, up, 0, true, b.pace);
        server.stack().listen(b.ipv6 ? IpAddress.ANY_V6 : IpAddress.ANY_V4, PORT, 16, b.config, (connection, now) -> {
            receiver.attach(connection, now);
            return receiver;
        });
        int family = b.ipv6 ? 1 : 0;
        sender.attach(client.stack().connect(client.addresses().get(family), 0, server.addresses().get(family), PORT,
                b.config, sender, 0), 0);
        client.wake();
    }

    // ---- what happens

    void runUntil(long time) {
        simulation.runUntil(time);
    }

    void run(long nanos) {
        simulation.runUntil(simulation.now() + nanos);
    }

    /** Runs until both ends are closed, or for {@code nanos}. True: they are. */
    boolean runToEnd(long nanos) {
        long limit = simulation.now() + nanos;
        while (sender.closeReason() == null || receiver.closeReason() == null) {
            if (!simulation.step(limit)) {
                return false;
            }
        }
        return true;
    }

    /** Bytes that the application has read in the next {@code nanos}. */
    long receivedIn(long nanos) {
        long before = receiver.received();
        run(nanos);
        return receiver.received() - before;
    }

    // ---- what there is to see

    Simulation simulation() {
        return simulation;
    }

    Cable cable() {
        return cable;
    }

    Host client() {
        return client;
    }

    Host server() {
        return server;
    }

    StreamEndpoint sender() {
        return sender;
    }

    StreamEndpoint receiver() {
        return receiver;
    }

    Subflow flow() {
        return sender.connection().subflow(0);
    }

    /** A counter of the sender. */
    long sent(Counter counter) {
        return client.stack().counters().get(counter);
    }

    /** A counter of the receiver. */
    long received(Counter counter) {
        return server.stack().counters().get(counter);
    }

    /** Segments that the sender has put on the cable. */
    long dataSegments() {
        return cable.forward().counters().offered();
    }

    /** Episodes in which the sender had to repair: recoveries by SACK and timeouts. */
    long lossEvents() {
        return sent(Counter.TCP_SACK_RECOVERY) + sent(Counter.TCP_TIMEOUTS);
    }

    @Override
    public void close() {
        simulation.close();
    }
}
