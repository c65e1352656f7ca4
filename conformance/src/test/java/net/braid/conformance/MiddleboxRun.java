package net.braid.conformance;

import net.braid.mptcp.Connection;
import net.braid.mptcp.ConnectionConfig;
import net.braid.mptcp.MultipathConfig;
import net.braid.sim.Cable;
import net.braid.sim.Endpoint;
import net.braid.sim.Host;
import net.braid.sim.Middlebox;
import net.braid.sim.Pattern;
import net.braid.sim.PipeProperties;
import net.braid.sim.PrintingTap;
import net.braid.sim.ReadPace;
import net.braid.sim.RequestEndpoint;
import net.braid.sim.ResponseEndpoint;
import net.braid.sim.Router;
import net.braid.sim.SegmentRules;
import net.braid.sim.Simulation;
import net.braid.sim.StreamEndpoint;
import net.braid.sim.Topology;
import net.braid.tcp.CloseReason;
import net.braid.tcp.Counter;
import net.braid.tcp.TcpState;
import net.braid.wire.IpAddress;

/**
 * One transfer over a path with a middlebox, alone or beside a clean path, and what has become of it.
 *
 * <pre>
 *   client 10.1.0.1 --- cable a --- router --- server 10.9.0.1
 *          10.2.0.1 --- cable b ---/
 * </pre>
 */
final class MiddleboxRun implements AutoCloseable {
    /** Where the box is. */
    enum Place {
        /** On the only path. */
        ALONE,
        /** On the path of the first subflow, with a clean one beside it. */
        FIRST,
        /** On the path of the second subflow. */
        SECOND
    }

    /** Who sends. */
    enum Senders {
        CLIENT, SERVER, BOTH;

        boolean client() {
            return this != SERVER;
        }

        boolean server() {
            return this != CLIENT;
        }
    }

    static final long BYTES = 400_000;
    private static final long SECONDS = 1_000_000_000L;
    private static final long LIMIT = 2000 * SECONDS;
    private static final long PAUSE = 10 * SECONDS;
    private static final int PORT = 80;
    private static final PipeProperties ACCESS = PipeProperties.of(10_000_000, 10_000_000);
    private static final PipeProperties CORE = PipeProperties.of(1_000_000_000, 0);

    private final Simulation simulation = new Simulation(1);
    private final Host client;
    private final Host server;
    private final Cable[] cables;
    private final Endpoint atClient;
    private final Endpoint atServer;
    private final long expectedAtClient;
    private final long expectedAtServer;
    private final ConnectionConfig config;
    private int subflows;
    private boolean clientMultipath;
    private boolean serverMultipath;

    MiddleboxRun(String box, Place place, int version, boolean checksum, Senders senders) {
        Topology topology = new Topology(simulation);
        client = topology.host("client");
        server = topology.host("server");
        Router router = topology.router("router");
        cables = new Cable[place == Place.ALONE ? 1 : 2];
        for (int i = 0; i < cables.length; i++) {
            cables[i] = topology.cable("path" + i, Topology.AtHost.of(client, "10." + (i + 1) + ".0.1"),
                    new Topology.AtRouter(router), ACCESS);
        }
        boolean announces = box.contains("add-addr");
        topology.cable("core", new Topology.AtRouter(router),
                announces ? Topology.AtHost.of(server, "10.9.0.1", "10.9.0.2") : Topology.AtHost.of(server, "10.9.0.1"),
                CORE);
        topology.computeRoutes();
        int index = place == Place.SECOND ? 1 : 0;
        if (box.startsWith("nat")) {
            router.route(IpAddress.parse("198.51.100.1"), 32, router.ports().get(index));
        }
        if (box.startsWith("hold-holes")) {
            cables[index].forward().filter(new SegmentRules().drop(SegmentRules.data(), 30));
            cables[index].backward().filter(new SegmentRules().drop(SegmentRules.data(), 30));
        }
        if (!box.equals("none")) {
            cables[index].add(Middlebox.parse(box));
        }
        MultipathConfig multipath = MultipathConfig.builder().version(version).checksum(checksum)
                .pathManager("fullmesh").build();
        config = ConnectionConfig.builder().multipath(multipath).build();
        Pattern up = new Pattern(simulation.arena(), 1);
        Pattern down = new Pattern(simulation.arena(), 2);
        long fromClient = senders.client() ? BYTES : 0;
        long fromServer = senders.server() ? BYTES : 0;
        if (box.contains("timeout")) {
            // Two halves with a pause between them; who does not send says one byte.
            long request = Math.max(1, fromClient / 2);
            long response = Math.max(1, fromServer / 2);
            expectedAtServer = 2 * request;
            expectedAtClient = 2 * response;
            atClient = new RequestEndpoint(client, up, down, request, response, 2, PAUSE);
            atServer = new ResponseEndpoint(server, down, up, request, response);
        } else {
            expectedAtServer = fromClient;
            expectedAtClient = fromServer;
            atClient = new StreamEndpoint(client, up, down, fromClient, !senders.client(), ReadPace.EAGER);
            atServer = new StreamEndpoint(server, down, up, fromServer, !senders.server(), ReadPace.EAGER);
        }
    }


    /** Runs to the end and says in a word how it ended. */
    String verdict() {
        server.stack().listen(IpAddress.ANY_V4, PORT, 16, config, (connection, now) -> {
            atServer.attach(connection, now);
            return atServer;
        });
        atClient.attach(client.stack().connect(IpAddress.parse("10.1.0.1"), 0, IpAddress.parse("10.9.0.1"), PORT,
                config, atClient, 0), 0);
        client.wake();
        while (!isOver() && simulation.step(LIMIT)) {
            observe();
        }
        return describe();
    }

    private boolean isOver() {
        return atClient.closeReason() != null && (atServer.connection() == null || atServer.closeReason() != null);
    }

    private void observe() {
        Connection c = atClient.connection();
        if (c.isEstablished() && atClient.closeReason() == null && !isDone()) {
            clientMultipath = c.isMultipath();
            int count = 0;
            for (int i = 0; i < 8; i++) {
                if (c.subflow(i) != null && c.subflow(i).state() == TcpState.ESTABLISHED) {
                    count++;
                }
            }
            subflows = count;
        }
        Connection s = atServer.connection();
        if (s != null && s.isEstablished() && atServer.closeReason() == null && !isDone()) {
            serverMultipath = s.isMultipath();
        }
    }

    /** All bytes have been read. */
    private boolean isDone() {
        return atServer.received() == expectedAtServer && atClient.received() == expectedAtClient;
    }

    private String describe() {
        String mode = clientMultipath != serverMultipath ? "mixed" : clientMultipath ? "mp" + subflows : "tcp";
        if (!isDone()) {
            return mode + "-" + end(atClient) + "/" + end(atServer);
        }
        String changed = atClient.violation() != null || atServer.violation() != null ? "!" : "";
        boolean finished = atClient.closeReason() instanceof CloseReason.Finished
                && atServer.closeReason() instanceof CloseReason.Finished;
        return mode + changed + (finished ? "" : "+" + end(atClient) + "/" + end(atServer));
    }

    private static String end(Endpoint endpoint) {
        return switch (endpoint.closeReason()) {
            case null -> "open";
            case CloseReason.Finished f -> "fin";
            case CloseReason.ResetByPeer r -> "rst" + r.mptcpReason();
            case CloseReason.Aborted a -> "abort";
            case CloseReason.TimedOut t -> "timeout";
            case CloseReason.Refused r -> "refused";
            case CloseReason.Unreachable u -> "unreachable";
        };
    }

    /** For a closer look: what both ends have counted. */
    String details() {
        StringBuilder text = new StringBuilder();
        for (Counter counter : Counter.values()) {
            long a = client.stack().counters().get(counter);
            long b = server.stack().counters().get(counter);
            if (counter.linuxName().startsWith("MPTcp") && a + b > 0) {
                text.append("  ").append(counter).append(' ').append(a).append(' ').append(b).append('\n');
            }
        }
        return text + "  end " + simulation.now() / 1e9 + " s, received " + atClient.received() + " "
                + atServer.received() + ", client " + atClient.closeReason() + " " + atClient.violation() + ", server "
                + atServer.closeReason() + " " + atServer.violation() + "\n";
    }

    /** Prints every segment of the cable with the box, for a closer look. */
    void print() {
        for (Cable cable : cables) {
            cable.tap(new PrintingTap(System.out::println));
        }
    }

    @Override
    public void close() {
        simulation.close();
    }
}
