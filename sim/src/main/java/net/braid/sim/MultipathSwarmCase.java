package net.braid.sim;

import static net.braid.sim.SwarmCase.MILLIS;
import static net.braid.sim.SwarmCase.SECOND;

import net.braid.base.Xoshiro256;
import net.braid.mptcp.ConnectionConfig;
import net.braid.mptcp.MultipathConfig;

/**
 * What one seed of the swarm of Multipath TCP means: a client and a server with 1 to 8 and 1 to 3 cables to a router in
 * the middle, addresses of both families, and paths and addresses that come and go.
 */
final class MultipathSwarmCase {
    private static final String[] CONGESTION = {"cubic", "reno", "lia", "olia", "balia"};
    private static final int[] OUTSIDE = {0, 0, 0, 1, 1, 2};

    /** One cable between a host and the router, with the addresses that the host has there. */
    record CableCase(PipeProperties fromHost, PipeProperties toHost, LinkOffload offload, boolean v4, boolean v6) {
    }

    /** Something that happens to a cable, or to the addresses at its end. */
    record Incident(long atNanos, Kind kind, boolean atClient, int cable, int mtu) {
        enum Kind {
            DOWN, UP, MTU, ADDRESS_LOST, ADDRESS_BACK
        }
    }

    final long seed;
    /** The family of the first subflow. */
    final boolean ipv6;
    final int mtu;
    final CableCase[] clientCables;
    final CableCase[] serverCables;
    final SwarmBoxes boxes;
    final boolean blackHole;
    final Incident[] incidents;
    final ConnectionConfig clientConfig;
    final ConnectionConfig serverConfig;
    final boolean mayTimeOut;
    final SwarmCase.FlowCase[] flows;
    final long faultNanos;

    private final SwarmDice dice;
    private final boolean mixed;

    MultipathSwarmCase(long seed) {
        this.seed = seed;
        dice = new SwarmDice(new Xoshiro256(seed).split(0x8684_6824L));
        ipv6 = dice.chance(0.3);
        mixed = dice.chance(0.3);
        mtu = dice.mtu(ipv6 || mixed);
        faultNanos = dice.logUniform(SECOND / 2, 20 * SECOND);
        clientCables = cables(1 + (dice.chance(0.1) ? 0 : dice.chance(0.6) ? 1 : 1 + dice.random.nextInt(7)), true);
        serverCables = cables(1 + dice.pick(OUTSIDE), dice.chance(0.3));
        blackHole = dice.chance(0.2);
        incidents = incidents();
        mayTimeOut = dice.chance(0.15);
        clientConfig = config();
        serverConfig = dice.chance(0.4) ? clientConfig : config();
        flows = new SwarmCase.FlowCase[1 + (dice.chance(0.2) ? dice.random.nextInt(3) : 0)];
        for (int i = 0; i < flows.length; i++) {
            flows[i] = dice.flow(faultNanos);
        }
        // From dice of their own, so that a seed is the same world with them and without.
        boxes = new SwarmBoxes(new SwarmDice(new Xoshiro256(seed).split(0x3234)), clientCables.length,
                serverCables.length, mtu);
    }

    private CableCase[] cables(int count, boolean bad) {
        CableCase[] cables = new CableCase[count];
        LinkOffload usual = dice.offload();
        for (int i = 0; i < count; i++) {
            PipeProperties.Builder out = bad ? dice.path(mtu) : PipeProperties.builder().mtu(mtu);
            PipeProperties.Builder back = bad && dice.chance(0.3) ? dice.path(mtu) : out;
            boolean both = mixed && (i == 0 || dice.chance(0.5));
            boolean six = i == 0 || !mixed ? ipv6 : dice.chance(0.5);
            cables[i] = new CableCase(out.build(), back.build(), dice.chance(0.7) ? usual : dice.offload(),
                    both || !six, both || six);
        }
        return cables;
    }

    private Incident[] incidents() {
        Incident[] list = new Incident[dice.chance(0.6) ? 1 + dice.random.nextInt(10) : 0];
        int smallest = ipv6 || mixed ? 1280 : 576;
        boolean[][] down = new boolean[2][8];
        boolean[][] lost = new boolean[2][8];
        for (int i = 0; i < list.length; i++) {
            long at = (long) ((i + dice.random.nextDouble()) * faultNanos / list.length);
            boolean atClient = dice.chance(0.75);
            int cable = dice.random.nextInt(atClient ? clientCables.length : serverCables.length);
            int side = atClient ? 0 : 1;
            Incident.Kind kind;
            switch (dice.random.nextInt(10)) {
                case 0 -> kind = Incident.Kind.MTU;
                case 1, 2, 3 -> {
                    kind = lost[side][cable] ? Incident.Kind.ADDRESS_BACK : Incident.Kind.ADDRESS_LOST;
                    lost[side][cable] ^= true;
                }
                default -> {
                    kind = down[side][cable] ? Incident.Kind.UP : Incident.Kind.DOWN;
                    down[side][cable] ^= true;
                }
            }
            int size = kind == Incident.Kind.MTU ? smallest + dice.random.nextInt(mtu - smallest + 1) : 0;
            list[i] = new Incident(at, kind, atClient, cable, size);
        }
        return list;
    }

    private ConnectionConfig config() {
        MultipathConfig.Builder multipath = MultipathConfig.builder().enabled(dice.chance(0.95))
                .version(dice.chance(0.7) ? 1 : 0).acceptVersion0(dice.chance(0.6)).checksum(dice.chance(0.3))
                .refuseChecksum(dice.chance(0.05)).refuseInitialAddress(dice.chance(0.1))
                .subflows(dice.pick(new int[] {7, 7, 7, 7, 3, 1, 0}))
                .addAddressAccepted(dice.pick(new int[] {8, 8, 8, 2, 0}))
                .pathManager(dice.chance(0.7) ? "fullmesh" : dice.chance(0.6) ? "ndiffports" : "default")
                .scheduler(dice.chance(0.7) ? "default" : "roundrobin").backupAdditional(dice.chance(0.1))
                .synRetries(dice.pick(new int[] {2, 2, 2, 0, 1, 5}))
                .addAddressNanos(dice.logUniform(10 * MILLIS, 10 * SECOND)).closeNanos(3_000 * SECOND);
        if (mayTimeOut) {
            multipath.noPathNanos(dice.logUniform(10 * MILLIS, 60 * SECOND))
                    .closeNanos(dice.logUniform(10 * MILLIS, 60 * SECOND));
        }
        String congestion = CONGESTION[dice.random.nextInt(CONGESTION.length)];
        return dice.config(mayTimeOut).toBuilder().congestionControl(congestion).multipath(multipath.build()).build();
    }

    /** For people who look at a failure. */
    String describe() {
        StringBuilder text = new StringBuilder();
        text.append("seed ").append(seed).append(", Multipath TCP").append(ipv6 ? ", IPv6" : ", IPv4")
                .append(mixed ? " and the other" : "").append(", MTU ").append(mtu)
                .append(blackHole ? ", black hole" : "").append(mayTimeOut ? ", may time out" : "")
                .append(", faults for ").append(faultNanos / MILLIS).append(" ms\n");
        text.append("client ").append(clientConfig).append('\n');
        text.append("server ").append(serverConfig).append('\n');
        for (int i = 0; i < clientCables.length; i++) {
            text.append("client's ").append(clientCables[i]).append(", boxes ").append(boxes.client().get(i))
                    .append('\n');
        }
        for (int i = 0; i < serverCables.length; i++) {
            text.append("server's ").append(serverCables[i]).append(", boxes ").append(boxes.server().get(i))
                    .append('\n');
        }
        for (Incident incident : incidents) {
            text.append(incident).append('\n');
        }
        for (SwarmCase.FlowCase flow : flows) {
            text.append(flow).append('\n');
        }
        return text.toString();
    }
}
