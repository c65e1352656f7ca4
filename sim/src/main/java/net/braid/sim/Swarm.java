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
public final class Swarm extends SwarmWorld {
    private static final int FIRST_PORT = 1000;
    private static final int CHAIN_PORT = 40_000;

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
    private final Host client;
    private final Host server;
    private final Router router;
    private final Cable near;
    private final Cable far;

    private Swarm(SwarmCase plan, Simulation simulation) {
        super(simulation, plan.mayTimeOut, SwarmBoxes.Effect.NONE, false);
        this.plan = plan;
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
        return run(seed, false, simulation -> new Swarm(plan, simulation), trace);
    }

    /** The settings that a seed stands for, for people. */
    public static String describe(long seed) {
        return new SwarmCase(seed).describe();
    }

    private String address(int host) {
        return plan.ipv6 ? "fd00::" + host + ":1" : "10.0." + host + ".1";
    }

    @Override
    long faultNanos() {
        return plan.faultNanos;
    }

    @Override
    void prepare() {
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

    @Override
    void heal() {
        near.heal();
        far.heal();
        happen(new SwarmCase.Incident(0, SwarmCase.Incident.Kind.MTU, plan.farMtu));
        router.blackHole(false);
    }
}
