package net.braid.sim;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import net.braid.tcp.CloseReason;
import net.braid.wire.IpAddress;

/**
 * Many small worlds, each drawn from one seed: a client and a server with a router between them, bad cables, odd
 * settings, a few flows. First the faults have their time. Then the network is healed, and every flow must come to its
 * end: all bytes in order at both ends, or an error that says why. In the end nobody may hold anything any more.
 */
public final class Swarm {
    private static final int FIRST_PORT = 1000;
    private static final long LIVENESS_NANOS = 3_600L * SwarmCase.SECOND;
    private static final long REST_NANOS = 600L * SwarmCase.SECOND;
    private static final long MOST_EVENTS = 20_000_000;

    /** What went wrong with one seed. */
    public record Failure(long seed, String what) {
        @Override
        public String toString() {
            return "seed " + seed + ": " + what + "\n  repeat with: ./braid swarm --seeds 1 --from " + seed;
        }
    }

    private record Running(SwarmCase.FlowCase plan, StreamEndpoint client, StreamEndpoint server) {
    }

    private final SwarmCase plan;
    private final Simulation simulation;
    private final Topology topology;
    private final Host client;
    private final Host server;
    private final Router router;
    private final Cable near;
    private final Cable far;
    private final List<WireChecker> checkers = new ArrayList<>();
    private final List<Running> flows = new ArrayList<>();
    private final List<String> problems = new ArrayList<>();

    private Swarm(SwarmCase plan, Simulation simulation) {
        this.plan = plan;
        this.simulation = simulation;
        topology = new Topology(simulation);
        client = topology.host("client");
        server = topology.host("server");
        router = topology.router("router");
        router.blackHole(plan.blackHole);
        near = topology.cable("near", Topology.AtHost.of(client, plan.clientOffload, address(1)),
                new Topology.AtRouter(router), plan.clientToRouter, plan.routerToClient);
        far = topology.cable("far", new Topology.AtRouter(router),
                Topology.AtHost.of(server, plan.serverOffload, address(2)), plan.routerToServer, plan.serverToRouter);
        topology.computeRoutes();
        checkers.add(new WireChecker("client", near.forward(), near.backward()).engine(client));
        checkers.add(new WireChecker("server", far.backward(), far.forward()).engine(server));
    }

    /** Runs one seed. */
    public static Optional<Failure> run(long seed) {
        return run(seed, null);
    }

    /** Runs one seed and hands every line of a trace of all packets to {@code trace}. */
    public static Optional<Failure> run(long seed, Consumer<String> trace) {
        SwarmCase plan = new SwarmCase(seed);
        try (Simulation simulation = new Simulation(seed)) {
            Swarm swarm = new Swarm(plan, simulation);
            if (trace != null) {
                swarm.topology.cables().forEach(cable -> cable.tap(new PrintingTap(trace)));
            }
            try {
                swarm.run();
            } catch (RuntimeException | AssertionError | StackOverflowError e) {
                swarm.problems.add(0, e + " at " + simulation.now() + " ns" + where(e));
            }
            return swarm.problems.isEmpty() ? Optional.empty()
                    : Optional.of(new Failure(seed, String.join("\n  ", swarm.problems)));
        }
    }

    /** The settings that a seed stands for, for people. */
    public static String describe(long seed) {
        return new SwarmCase(seed).describe();
    }

    private static String where(Throwable e) {
        StringBuilder text = new StringBuilder();
        StackTraceElement[] trace = e.getStackTrace();
        for (int i = 0; i < Math.min(8, trace.length); i++) {
            text.append("\n    at ").append(trace[i]);
        }
        return text.toString();
    }

    private String address(int host) {
        return plan.ipv6 ? "fd00::" + host + ":1" : "10.0." + host + ".1";
    }

    private void run() {
        for (int i = 0; i < plan.flows.length; i++) {
            prepare(plan.flows[i], i);
        }
        for (SwarmCase.Incident incident : plan.incidents) {
            simulation.at(incident.atNanos(), () -> happen(incident));
        }
        runUntil(plan.faultNanos);
        heal();
        long limit = simulation.now() + LIVENESS_NANOS;
        while (problems.isEmpty() && !allClosed() && simulation.step(limit)) {
            checkEvents();
            abandonHalfOpen();
        }
        for (int i = 0; i < flows.size(); i++) {
            judge(flows.get(i), i);
        }
        for (WireChecker checker : checkers) {
            problems.addAll(checker.violations());
        }
        if (problems.isEmpty()) {
            rest();
        }
    }

    private void runUntil(long time) {
        while (problems.isEmpty() && simulation.step(time)) {
            checkEvents();
        }
    }

    private void checkEvents() {
        if (simulation.events() > MOST_EVENTS) {
            problems.add("more than " + MOST_EVENTS + " events until " + simulation.now() + " ns");
        }
    }

    private void prepare(SwarmCase.FlowCase flow, int index) {
        Pattern up = new Pattern(simulation.arena(), plan.seed * 31 + 2 * index);
        Pattern down = new Pattern(simulation.arena(), plan.seed * 31 + 2 * index + 1);
        StreamEndpoint atClient = new StreamEndpoint(client, up, down, flow.clientBytes(), flow.clientWaits(),
                flow.clientPace());
        StreamEndpoint atServer = new StreamEndpoint(server, down, up, flow.serverBytes(), flow.serverWaits(),
                flow.serverPace());
        flows.add(new Running(flow, atClient, atServer));
        IpAddress any = plan.ipv6 ? IpAddress.ANY_V6 : IpAddress.ANY_V4;
        int port = FIRST_PORT + index;
        server.stack().listen(any, port, 16, plan.serverConfig, (connection, now) -> {
            atServer.attach(connection, now);
            return atServer;
        });
        simulation.at(flow.startNanos(), () -> {
            long now = simulation.now();
            atClient.attach(client.stack().connect(null, 0, IpAddress.parse(address(2)), port, plan.clientConfig,
                    atClient, now), now);
            client.wake();
        });
        if (flow.abortNanos() != Simulation.NEVER) {
            StreamEndpoint aborting = flow.abortAtServer() ? atServer : atClient;
            simulation.at(flow.startNanos() + flow.abortNanos(), () -> aborting.abort(simulation.now()));
        }
    }

    private void happen(SwarmCase.Incident incident) {
        switch (incident.kind()) {
            case DOWN -> far.up(false);
            case UP -> far.up(true);
            case MTU -> {
                far.forward().properties(far.forward().properties().toBuilder().mtu(incident.mtu()).build());
                far.backward().properties(far.backward().properties().toBuilder().mtu(incident.mtu()).build());
            }
        }
    }

    private void heal() {
        near.heal();
        far.heal();
        happen(new SwarmCase.Incident(0, SwarmCase.Incident.Kind.MTU, plan.mtu));
        router.blackHole(false);
        for (Running flow : flows) {
            simulation.at(Math.max(simulation.now(), flow.plan.startNanos()), () -> {
                flow.client.pace(ReadPace.EAGER);
                flow.server.pace(ReadPace.EAGER);
            });
        }
    }

    /** One end has failed and the other may never hear of it: TCP says nothing, so the application gives up. */
    private void abandonHalfOpen() {
        for (int i = 0; i < flows.size(); i++) {
            StreamEndpoint one = flows.get(i).client;
            StreamEndpoint other = flows.get(i).server;
            if (one.hasFailed() && other.closeReason() == null) {
                other.abort(simulation.now());
            } else if (other.hasFailed() && one.closeReason() == null) {
                one.abort(simulation.now());
            }
        }
    }

    private boolean allClosed() {
        for (Running flow : flows) {
            boolean neverAccepted = flow.server.connection() == null && flow.client.hasFailed();
            if (!flow.client.isAtItsEnd() || !flow.server.isAtItsEnd() && !neverAccepted) {
                return false;
            }
        }
        return true;
    }

    private void judge(Running flow, int index) {
        if (flow.client.violation() != null) {
            problems.add(flow.client.violation());
        }
        if (flow.server.violation() != null) {
            problems.add(flow.server.violation());
        }
        boolean complete = flow.client.ended() && flow.server.ended()
                && flow.server.received() == flow.plan.clientBytes()
                && flow.client.received() == flow.plan.serverBytes();
        boolean finished = flow.client.closeReason() instanceof CloseReason.Finished
                && flow.server.closeReason() instanceof CloseReason.Finished;
        if (flow.client.closeReason() == null || flow.server.closeReason() == null
                && (flow.server.connection() != null || flow.client.closeReason() instanceof CloseReason.Finished)) {
            problems.add(describe(flow, index) + " has not come to its end");
        } else if (finished && !complete && flow.plan.abortNanos() == Simulation.NEVER) {
            problems.add(describe(flow, index) + " has finished without all bytes");
        } else if (!finished && !mayFail(flow)) {
            problems.add(describe(flow, index) + " has failed without a cause");
        }
    }

    private boolean mayFail(Running flow) {
        return plan.mayTimeOut || flow.plan.abortNanos() != Simulation.NEVER;
    }

    private String describe(Running flow, int index) {
        return "flow " + index + " at " + simulation.now() / SwarmCase.MILLIS + " ms: client "
                + describe(flow.client, flow.plan.serverBytes()) + "; server "
                + describe(flow.server, flow.plan.clientBytes());
    }

    private static String describe(StreamEndpoint end, long expected) {
        return "wrote " + end.written() + " of " + end.bytes() + ", read " + end.received() + " of " + expected
                + (end.ended() ? " and the end" : "") + ", "
                + (end.connection() == null ? "never opened"
                : end.closeReason() != null ? end.closeReason().toString()
                : "state " + end.connection().subflow(0).state());
    }

    /** Late timers run out, then nothing may be left. */
    private void rest() {
        long limit = simulation.now() + REST_NANOS;
        while (problems.isEmpty() && simulation.step(limit)) {
            checkEvents();
        }
        if (simulation.nextEvent() != Simulation.NEVER) {
            problems.add("something is still scheduled, at " + simulation.nextEvent() + " ns");
        }
        for (Host host : topology.hosts()) {
            problems.addAll(Leaks.of(host));
        }
        if (simulation.framesInUse() != 0) {
            problems.add(simulation.framesInUse() + " frames are still in use");
        }
    }
}
