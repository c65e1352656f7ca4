package net.braid.sim;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import net.braid.mptcp.Connection;
import net.braid.mptcp.ConnectionConfig;
import net.braid.mptcp.ConnectionListener;
import net.braid.stack.Acceptor;
import net.braid.stack.Listener;
import net.braid.stack.StackConfig;
import net.braid.wire.IpAddress;

/**
 * For protocol tests: a client and a server with one or more cables between them, and a clock that jumps to the next
 * event. Cable i has the addresses 10.0.i.1 and fd00:0:0:i::1 at the client, and .2 and ::2 at the server.
 */
public final class Pair implements AutoCloseable {
    public static final int PORT = 80;

    private final Simulation simulation;
    private final Topology topology;
    private final Host client;
    private final Host server;
    private final List<Cable> cables = new ArrayList<>();
    private final List<SegmentRules> fromClient = new ArrayList<>();
    private final List<SegmentRules> fromServer = new ArrayList<>();

    /** With a cable for each element of {@code properties}, the same in both directions. */
    public Pair(long seed, PipeProperties... properties) {
        this(seed, LinkOffload.NONE, StackConfig.DEFAULT, properties);
    }

    public Pair(long seed, LinkOffload offload, StackConfig config, PipeProperties... properties) {
        simulation = new Simulation(seed);
        topology = new Topology(simulation);
        client = topology.host("client", config);
        server = topology.host("server", config);
        for (int i = 0; i < properties.length; i++) {
            Cable cable = topology.cable("path" + i,
                    Topology.AtHost.of(client, offload, "10.0." + i + ".1", "fd00:0:0:" + i + "::1"),
                    Topology.AtHost.of(server, offload, "10.0." + i + ".2", "fd00:0:0:" + i + "::2"), properties[i]);
            cables.add(cable);
            fromClient.add(new SegmentRules());
            fromServer.add(new SegmentRules());
            cable.forward().filter(fromClient.get(i));
            cable.backward().filter(fromServer.get(i));
        }
    }

    public Simulation simulation() {
        return simulation;
    }

    public Host client() {
        return client;
    }

    public Host server() {
        return server;
    }

    public Cable cable(int index) {
        return cables.get(index);
    }

    /** What happens to segments that the client sends on the first cable. */
    public SegmentRules fromClient() {
        return fromClient.getFirst();
    }

    /** What happens to segments that the server sends on the first cable. */
    public SegmentRules fromServer() {
        return fromServer.getFirst();
    }

    public SegmentRules fromClient(int cable) {
        return fromClient.get(cable);
    }

    public SegmentRules fromServer(int cable) {
        return fromServer.get(cable);
    }

    public IpAddress clientAddress() {
        return client.addresses().getFirst();
    }

    public IpAddress serverAddress() {
        return server.addresses().getFirst();
    }

    public long now() {
        return simulation.now();
    }

    /** The server listens on {@link #PORT}, for IPv4. */
    public Listener listen(ConnectionConfig config, Acceptor acceptor) {
        return server.stack().listen(IpAddress.ANY_V4, PORT, 128, config, acceptor);
    }

    /** The client opens a connection to {@link #PORT} of the server, over the first cable and IPv4. */
    public Connection connect(ConnectionConfig config, ConnectionListener listener) {
        Connection connection = client.stack().connect(clientAddress(), 0, serverAddress(), PORT, config, listener,
                now());
        client.wake();
        return connection;
    }

    /** A connection between two endpoints of the simulator, opened now. */
    public void connect(ConnectionConfig config, Endpoint atClient, Endpoint atServer) {
        listen(config, (connection, now) -> {
            atServer.attach(connection, now);
            return atServer;
        });
        atClient.attach(connect(config, atClient), now());
    }

    /** Lets {@code nanos} pass. */
    public void run(long nanos) {
        simulation.runUntil(simulation.now() + nanos);
    }

    /** Runs until {@code condition} holds, checked after each event; false: it did not within {@code nanos}. */
    public boolean runUntil(BooleanSupplier condition, long nanos) {
        long limit = simulation.now() + nanos;
        while (!condition.getAsBoolean()) {
            if (!simulation.step(limit)) {
                return condition.getAsBoolean();
            }
        }
        return true;
    }

    @Override
    public void close() {
        simulation.close();
    }
}
