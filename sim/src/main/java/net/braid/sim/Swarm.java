package net.braid.sim;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import net.braid.wire.IpAddress;

/**
 * Many small worlds, each drawn from one seed: a client and a server with a router between them, bad cables, odd
 * settings, a few flows. First the faults have their time. Then the network is healed, and every flow must come to its
 * end: all bytes in order at both ends, or an error that says why. In the end nobody may hold anything any more.
 */
public final class Swarm {
    private static final int FIRST_PORT = 1000;
    private static final int CHAIN_PORT = 40_000;
    private static final long LIVENESS_NANOS = 3_600L * SwarmCase.SECOND;
    private static final long REST_NANOS = 600L * SwarmCase.SECOND;
    private static final long MOST_EVENTS = 20_000_000;

    /**
     * What went wrong with one seed.
     *
     * @param multipath it was a seed of {@link MultipathSwarm}
     */
    public record Failure(long seed, String what, boolean multipath) {
        public Failure(long seed, String what) {
            this(seed, what, false);
        }

        @Override
        public String toString() {
            return "seed " + seed + ": " + what + "\n  repeat with: ./braid swarm " + (multipath ? "--multipath " : "")
                    + "--seeds 1 --from " + seed;
        }
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
    private final SwarmFlows flows;
    private final List<String> problems = new ArrayList<>();

    private Swarm(SwarmCase plan, Simulation simulation) {
        this.plan = plan;
        this.simulation = simulation;
        topology = new Topology(simulation);
        flows = new SwarmFlows(simulation, plan.mayTimeOut, problems);
        client = topology.host("client", plan.clientStack);
        server = topology.host("server", plan.serverStack);
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
                swarm.problems.add(0, e + " at " + simulation.now() + " ns" + SwarmFlows.where(e));
            }
            return swarm.problems.isEmpty() ? Optional.empty()
                    : Optional.of(new Failure(seed, String.join("\n  ", swarm.problems)));
        }
    }

    /** The settings that a seed stands for, for people. */
    public static String describe(long seed) {
        return new SwarmCase(seed).describe();
    }

    private String address(int host) {
        return plan.ipv6 ? "fd00::" + host + ":1" : "10.0." + host + ".1";
    }

    private void run() {
        if (plan.reusesPorts) {
            prepareChain();
        } else {
            for (int i = 0; i < plan.flows.length; i++) {
                prepare(plan.flows[i], i);
            }
        }
        for (SwarmCase.Incident incident : plan.incidents) {
            simulation.at(incident.atNanos(), () -> happen(incident));
        }
        runUntil(plan.faultNanos);
        heal();
        long limit = simulation.now() + LIVENESS_NANOS;
        while (problems.isEmpty() && !flows.allClosed() && simulation.step(limit)) {
            checkEvents();
            flows.abandonHalfOpen();
        }
        flows.judge();
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
        SwarmFlows.Running running = flows.add(flow, client, server, plan.seed * 31 + 2 * index);
        IpAddress any = plan.ipv6 ? IpAddress.ANY_V6 : IpAddress.ANY_V4;
        int port = FIRST_PORT + index;
        flows.listen(running, any, port, plan.serverConfig);
        flows.start(running, IpAddress.parse(address(2)), port, plan.clientConfig);
    }

    /** TIME-WAIT at either end stands in the way of the next one. */
    private void prepareChain() {
        List<SwarmFlows.Running> chain = new ArrayList<>();
        for (int i = 0; i < plan.flows.length; i++) {
            chain.add(flows.add(plan.flows[i], client, server, plan.seed * 31 + 2 * i));
        }
        flows.chain(chain, plan.ipv6 ? IpAddress.ANY_V6 : IpAddress.ANY_V4, IpAddress.parse(address(2)), FIRST_PORT,
                CHAIN_PORT, plan.serverConfig, plan.clientConfig);
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
        happen(new SwarmCase.Incident(0, SwarmCase.Incident.Kind.MTU, plan.farMtu));
        router.blackHole(false);
        flows.heal();
    }

    /** Late timers run out, then nothing may be left. */
    private void rest() {
        long limit = simulation.now() + REST_NANOS;
        while (problems.isEmpty() && simulation.step(limit)) {
            checkEvents();
        }
        SwarmFlows.judgeRest(simulation, topology, problems);
    }
}
