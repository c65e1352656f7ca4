package net.braid.conformance;

import static net.braid.conformance.BulkTransfer.MILLIS;
import static net.braid.conformance.BulkTransfer.SECONDS;

import net.braid.mptcp.ConnectionConfig;
import net.braid.mptcp.MultipathConfig;
import net.braid.sim.Host;
import net.braid.sim.Pattern;
import net.braid.sim.PipeProperties;
import net.braid.sim.QueueProperties;
import net.braid.sim.ReadPace;
import net.braid.sim.Router;
import net.braid.sim.Simulation;
import net.braid.sim.StreamEndpoint;
import net.braid.sim.Topology;
import net.braid.wire.IpAddress;

/**
 * A Multipath TCP connection with two subflows and one TCP flow send through the same bottleneck:
 *
 * <pre>
 *   multi  10.0.1.1 ----\
 *          10.0.2.1 ------ near ==== far ---- 10.0.9.1  server
 *   single 10.0.3.1 ----/    bottleneck
 * </pre>
 *
 * The access cables have a little jitter that never reorders: without it, a drop-tail queue and clocks that never waver
 * lock the flows into a pattern in which chance decides who loses (Floyd and Jacobson 1992 call it phase effects).
 */
final class SharedBottleneck implements AutoCloseable {
    static final long RATE = 20_000_000;
    static final long RTT = 50 * MILLIS;
    static final long PRODUCT = RATE / 8 * RTT / SECONDS;
    private static final long ACCESS_DELAY = MILLIS;
    private static final long ACCESS_JITTER = MILLIS;
    private static final int PORT = 80;

    private final Simulation simulation;
    private final StreamEndpoint multiReceiver;
    private final StreamEndpoint singleReceiver;
    private final StreamEndpoint multiSender;

    /** @param control of the Multipath TCP connection; the other flow is Reno */
    SharedBottleneck(String control, long seed) {
        simulation = new Simulation(seed);
        Topology topology = new Topology(simulation);
        Host multi = topology.host("multi");
        Host single = topology.host("single");
        Host server = topology.host("server");
        Router near = topology.router("near");
        Router far = topology.router("far");
        PipeProperties access = PipeProperties.builder().delay(ACCESS_DELAY).jitter(ACCESS_JITTER, false).build();
        topology.cable("first", Topology.AtHost.of(multi, "10.0.1.1"), new Topology.AtRouter(near), access);
        topology.cable("second", Topology.AtHost.of(multi, "10.0.2.1"), new Topology.AtRouter(near), access);
        topology.cable("third", Topology.AtHost.of(single, "10.0.3.1"), new Topology.AtRouter(near), access);
        long delay = RTT / 2 - 2 * ACCESS_DELAY - ACCESS_JITTER;
        topology.cable("bottleneck", new Topology.AtRouter(near), new Topology.AtRouter(far),
                PipeProperties.builder().rate(RATE).delay(delay).queue(new QueueProperties.Bytes(PRODUCT)).build());
        topology.cable("server", new Topology.AtRouter(far), Topology.AtHost.of(server, "10.0.9.1"), access);
        topology.computeRoutes();

        ConnectionConfig plain = ConnectionConfig.DEFAULT.toBuilder().congestionControl("reno").build();
        ConnectionConfig multipath = plain.toBuilder().congestionControl(control)
                .multipath(MultipathConfig.builder().pathManager("fullmesh").build()).build();
        multiReceiver = new StreamEndpoint(server, pattern(1), pattern(2), 0, true, ReadPace.EAGER);
        singleReceiver = new StreamEndpoint(server, pattern(3), pattern(4), 0, true, ReadPace.EAGER);
        multiSender = new StreamEndpoint(multi, pattern(2), pattern(1), StreamEndpoint.ENDLESS, false, ReadPace.EAGER);
        StreamEndpoint singleSender = new StreamEndpoint(single, pattern(4), pattern(3), StreamEndpoint.ENDLESS, false,
                ReadPace.EAGER);
        listen(server, PORT, multipath, multiReceiver);
        listen(server, PORT + 1, plain, singleReceiver);
        connect(multi, PORT, multipath, multiSender);
        // Whoever comes first has the queue to himself for a while; not always the same.
        long start = (long) (simulation.random("start").nextDouble() * SECONDS);
        simulation.at(start, () -> connect(single, PORT + 1, plain, singleSender));
    }

    private Pattern pattern(long number) {
        return new Pattern(simulation.arena(), number);
    }

    private static void listen(Host host, int port, ConnectionConfig config, StreamEndpoint endpoint) {
        host.stack().listen(IpAddress.ANY_V4, port, 16, config, (connection, now) -> {
            endpoint.attach(connection, now);
            return endpoint;
        });
    }

    private void connect(Host host, int port, ConnectionConfig config, StreamEndpoint endpoint) {
        long now = simulation.now();
        endpoint.attach(host.stack().connect(host.addresses().getFirst(), 0, IpAddress.parse("10.0.9.1"), port, config,
                endpoint, now), now);
        host.wake();
    }

    void run(long nanos) {
        simulation.runUntil(simulation.now() + nanos);
    }

    /** Bytes read so far. */
    long multipathBytes() {
        return multiReceiver.received();
    }

    long plainBytes() {
        return singleReceiver.received();
    }

    int subflows() {
        return multiSender.connection().subflowCount();
    }

    String violation() {
        return multiReceiver.violation() == null ? singleReceiver.violation() : multiReceiver.violation();
    }

    @Override
    public void close() {
        simulation.close();
    }
}
