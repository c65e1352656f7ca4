package net.braid.conformance;

import java.util.ArrayList;
import java.util.List;
import net.braid.mptcp.ConnectionConfig;
import net.braid.mptcp.MultipathConfig;
import net.braid.sim.Cable;
import net.braid.sim.Host;
import net.braid.sim.LinkOffload;
import net.braid.sim.Pattern;
import net.braid.sim.PipeProperties;
import net.braid.sim.ReadPace;
import net.braid.sim.Router;
import net.braid.sim.Simulation;
import net.braid.sim.StreamEndpoint;
import net.braid.sim.Topology;
import net.braid.wire.IpAddress;

/** A client with a cable for each path, a router, and a server that the client sends to; for tests that measure. */
final class MultipathTransfer implements AutoCloseable {
    static final long MILLIS = BulkTransfer.MILLIS;
    static final long SECONDS = BulkTransfer.SECONDS;
    /** TCP payload of an IPv4 packet of 1500 bytes with timestamps and a DSS option of 28 bytes. */
    static final int PAYLOAD = 1420;
    static final ConnectionConfig MULTIPATH = ConnectionConfig.builder()
            .multipath(MultipathConfig.builder().pathManager("fullmesh").build()).build();
    static final PipeProperties WIFI = BulkTransfer.pipe(8_000_000, 20 * MILLIS, 80_000).build();
    static final PipeProperties MOBILE = BulkTransfer.pipe(2_000_000, 150 * MILLIS, 500_000).build();
    private static final int PORT = 80;

    private final Simulation simulation;
    private final Host client;
    private final List<Cable> paths = new ArrayList<>();
    private final StreamEndpoint sender;
    private final StreamEndpoint receiver;

    MultipathTransfer(long seed, ConnectionConfig config, long bytes, PipeProperties... pathProperties) {
        simulation = new Simulation(seed);
        Topology topology = new Topology(simulation);
        client = topology.host("client");
        Host server = topology.host("server");
        Router router = topology.router("router");
        for (int i = 0; i < pathProperties.length; i++) {
            paths.add(topology.cable("path " + i, Topology.AtHost.of(client, LinkOffload.NONE, "10.1." + i + ".1"),
                    new Topology.AtRouter(router), pathProperties[i]));
        }
        topology.cable("server", Topology.AtHost.of(server, "10.2.0.1"), new Topology.AtRouter(router),
                PipeProperties.PERFECT);
        topology.computeRoutes();
        Pattern up = new Pattern(simulation.arena(), 1);
        Pattern down = new Pattern(simulation.arena(), 2);
        sender = new StreamEndpoint(client, up, down, bytes, false, ReadPace.EAGER);
        receiver = new StreamEndpoint(server, down, up, 0, true, ReadPace.EAGER);
        server.stack().listen(IpAddress.ANY_V4, PORT, 16, config, (connection, now) -> {
            receiver.attach(connection, now);
            return receiver;
        });
        sender.attach(client.stack().connect(client.addresses().getFirst(), 0, server.addresses().getFirst(), PORT,
                config, sender, 0), 0);
        client.wake();
    }

    MultipathTransfer(long seed, ConnectionConfig config, PipeProperties... pathProperties) {
        this(seed, config, StreamEndpoint.ENDLESS, pathProperties);
    }

    /** Both buffers of this size from the start. */
    static ConnectionConfig withReceiveBuffer(ConnectionConfig config, int bytes) {
        return config.toBuilder().receiveBuffer(bytes, bytes).build();
    }

    void run(long nanos) {
        simulation.runUntil(simulation.now() + nanos);
    }

    /** Bytes that the application has read in the next {@code nanos}. */
    long receivedIn(long nanos) {
        long before = receiver.received();
        run(nanos);
        return receiver.received() - before;
    }

    /** The longest time between two arrivals at the reader in the next {@code nanos}, from this instant on. */
    long longestGap(long nanos) {
        long end = simulation.now() + nanos;
        long last = simulation.now();
        long longest = 0;
        long seen = receiver.received();
        while (!isOver() && simulation.step(end)) {
            if (receiver.received() != seen) {
                seen = receiver.received();
                longest = Math.max(longest, simulation.now() - last);
                last = simulation.now();
            }
        }
        return isOver() ? longest : Math.max(longest, end - last);
    }

    /** Whether the reader has read the end of the stream. */
    boolean isOver() {
        return receiver.ended();
    }

    long now() {
        return simulation.now();
    }

    Cable path(int index) {
        return paths.get(index);
    }

    StreamEndpoint sender() {
        return sender;
    }

    StreamEndpoint receiver() {
        return receiver;
    }

    /** The client loses all its addresses, and with them all subflows. */
    void loseAddresses() {
        client.addresses().forEach(client::removeAddress);
    }

    void regainAddresses() {
        client.links().forEach(link -> link.addresses().forEach(address -> client.addAddress(link, address)));
    }

    /** Packets that a path has delivered towards the server. */
    long packetsOn(int path) {
        return paths.get(path).forward().counters().delivered();
    }

    @Override
    public void close() {
        simulation.close();
    }
}
