package net.braid.sim;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import net.braid.wire.IpAddress;

/**
 * The swarm for Multipath TCP: small worlds with 1 to 8 paths, each drawn from one seed. First faults, and paths and
 * addresses that come and go; then the network is healed, and every connection must come to its end: all bytes in order
 * at both ends, or an error that says why. In the end nobody may hold anything any more.
 */
public final class MultipathSwarm extends SwarmWorld {
    private static final int FIRST_PORT = 1000;
    /** More than the smallest splitter makes of a segment at the usual MTU. */
    private static final int PIECES = 32;

    private final MultipathSwarmCase plan;
    private final Host client;
    private final Host server;
    private final Router router;
    private final DataChecker dataChecker = new DataChecker(flows::of);
    private final List<Cable> clientCables = new ArrayList<>();
    private final List<Cable> serverCables = new ArrayList<>();

    private MultipathSwarm(MultipathSwarmCase plan, Simulation simulation) {
        super(simulation, plan.mayTimeOut, plan.boxes.worst(),
                plan.boxes.has(SwarmBoxes.Effect.NO_JOINS));
        this.plan = plan;
        client = topology.host("client");
        server = topology.host("server");
        router = topology.router("router");
        router.blackHole(plan.blackHole);
        plug(client, 1, plan.clientCables, clientCables);
        plug(server, 2, plan.serverCables, serverCables);
        topology.computeRoutes();
        putBoxes(clientCables, plan.boxes.client());
        putBoxes(serverCables, plan.boxes.server());
    }

    private void putBoxes(List<Cable> cables, List<List<SwarmBoxes.Box>> boxes) {
        for (int i = 0; i < cables.size(); i++) {
            for (int k = 0; k < boxes.get(i).size(); k++) {
                String text = boxes.get(i).get(k).text();
                if (text.startsWith("nat")) {
                    String outside = "198.51.100." + (10 * i + k + 1);
                    router.route(IpAddress.parse(outside), 32, router.ports().get(i));
                    text += " address=" + outside;
                }
                if (text.startsWith("split")) {
                    topology.cables().forEach(MultipathSwarm::holdPieces);
                }
                cables.get(i).add(Middlebox.parse(text));
            }
        }
    }

    /** The pieces of a segment come at once: where the queue never holds them all, nobody gets on, retry as he may. */
    private static void holdPieces(Cable cable) {
        for (Pipe pipe : List.of(cable.forward(), cable.backward())) {
            if (pipe.properties().queue() instanceof QueueProperties.Packets(int limit) && limit < PIECES) {
                pipe.properties(pipe.properties().toBuilder().queue(new QueueProperties.Packets(PIECES)).build());
            }
        }
    }

    private void plug(Host host, int net, MultipathSwarmCase.CableCase[] plans, List<Cable> cables) {
        for (int i = 0; i < plans.length; i++) {
            MultipathSwarmCase.CableCase cable = plans[i];
            List<String> addresses = new ArrayList<>();
            if (cable.v4()) {
                addresses.add(address(net, i, false));
            }
            if (cable.v6()) {
                addresses.add(address(net, i, true));
            }
            Cable plugged = topology.cable(host.name() + " " + i,
                    Topology.AtHost.of(host, cable.offload(), addresses.toArray(String[]::new)),
                    new Topology.AtRouter(router), cable.fromHost(), cable.toHost());
            cables.add(plugged);
            checkers.add(new WireChecker(plugged.name(), plugged.forward(), plugged.backward()));
            dataChecker.watch(host, host == client, plugged.forward(), plugged.backward());
        }
    }

    private static String address(int net, int cable, boolean ipv6) {
        return ipv6 ? "fd00:" + net + "::" + (cable + 1) : "10." + net + "." + cable + ".1";
    }

    /** Runs one seed. */
    public static Optional<Swarm.Failure> run(long seed) {
        return run(seed, null);
    }

    /** Runs one seed and hands every line of a trace of all packets to {@code trace}. */
    public static Optional<Swarm.Failure> run(long seed, Consumer<String> trace) {
        MultipathSwarmCase plan = new MultipathSwarmCase(seed);
        return run(seed, true, simulation -> new MultipathSwarm(plan, simulation), trace);
    }

    /** The settings that a seed stands for, for people. */
    public static String describe(long seed) {
        return new MultipathSwarmCase(seed).describe();
    }

    @Override
    long faultNanos() {
        return plan.faultNanos;
    }

    @Override
    void prepare() {
        for (int i = 0; i < plan.flows.length; i++) {
            SwarmFlows.Running flow = flows.add(plan.flows[i], client, server, plan.seed * 31 + 2 * i);
            flows.listen(flow, IpAddress.ANY_V4, FIRST_PORT + i, plan.serverConfig);
            flows.listen(flow, IpAddress.ANY_V6, FIRST_PORT + i, plan.serverConfig);
            flows.start(flow, IpAddress.parse(address(2, 0, plan.ipv6)), FIRST_PORT + i, plan.clientConfig);
        }
        for (MultipathSwarmCase.Incident incident : plan.incidents) {
            simulation.at(incident.atNanos(), () -> happen(incident));
        }
    }

    private void happen(MultipathSwarmCase.Incident incident) {
        Host host = incident.atClient() ? client : server;
        Cable cable = (incident.atClient() ? clientCables : serverCables).get(incident.cable());
        switch (incident.kind()) {
            case DOWN -> cable.up(false);
            case UP -> cable.up(true);
            case MTU -> mtu(cable, incident.mtu());
            case ADDRESS_LOST -> {
                flows.onAddressLost();
                for (IpAddress address : host.links().get(incident.cable()).addresses()) {
                    host.removeAddress(address);
                }
            }
            case ADDRESS_BACK -> giveBack(host, incident.cable());
        }
    }

    private static void giveBack(Host host, int link) {
        for (IpAddress address : host.links().get(link).addresses()) {
            if (!host.stack().routes().locals().contains(address)) {
                host.addAddress(host.links().get(link), address);
            }
        }
    }

    private static void mtu(Cable cable, int mtu) {
        cable.forward().properties(cable.forward().properties().toBuilder().mtu(mtu).build());
        cable.backward().properties(cable.backward().properties().toBuilder().mtu(mtu).build());
    }

    @Override
    List<String> violations() {
        return dataChecker.violations();
    }

    @Override
    void heal() {
        for (Cable cable : topology.cables()) {
            cable.heal();
            mtu(cable, plan.mtu);
        }
        for (Host host : List.of(client, server)) {
            for (int i = 0; i < host.links().size(); i++) {
                giveBack(host, i);
            }
        }
        router.blackHole(false);
    }
}
