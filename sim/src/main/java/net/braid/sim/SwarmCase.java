package net.braid.sim;

import net.braid.base.Xoshiro256;
import net.braid.mptcp.ConnectionConfig;
import net.braid.stack.StackConfig;

/** What one seed of the swarm means: the settings of a network, of two hosts, and of the flows between them. */
final class SwarmCase {
    static final long MILLIS = 1_000_000;
    static final long SECOND = 1_000_000_000;

    /** One connection. Bytes of 0 are common. */
    record FlowCase(long startNanos, long clientBytes, long serverBytes, boolean clientWaits, boolean serverWaits,
            ReadPace clientPace, ReadPace serverPace, long abortNanos, boolean abortAtServer) {
    }

    /** Something that happens to the second cable. */
    record Incident(long atNanos, Kind kind, int mtu) {
        enum Kind {
            DOWN, UP, MTU
        }
    }

    final long seed;
    final boolean ipv6;
    final int mtu;
    /** Of the second cable. */
    final int farMtu;
    /** Bytes for the buffers of each host, in the engine's default or far too few. */
    final StackConfig clientStack;
    final StackConfig serverStack;
    /** Each flow begins when the one before has ended, between the same two ports. */
    final boolean reusesPorts;
    final LinkOffload clientOffload;
    final LinkOffload serverOffload;
    final PipeProperties clientToRouter;
    final PipeProperties routerToClient;
    final PipeProperties routerToServer;
    final PipeProperties serverToRouter;
    final boolean blackHole;
    final Incident[] incidents;
    final ConnectionConfig clientConfig;
    final ConnectionConfig serverConfig;
    final boolean mayTimeOut;
    final FlowCase[] flows;
    final long faultNanos;

    private final SwarmDice dice;

    SwarmCase(long seed) {
        this.seed = seed;
        dice = new SwarmDice(new Xoshiro256(seed).split(0x5a_a2_b3));
        ipv6 = dice.chance(0.4);
        mtu = dice.mtu(ipv6);
        farMtu = dice.chance(0.75) ? mtu : dice.mtu(ipv6);
        clientOffload = dice.offload();
        serverOffload = dice.chance(0.6) ? clientOffload : dice.offload();
        faultNanos = dice.logUniform(SECOND / 2, 20 * SECOND);
        PipeProperties.Builder way = dice.path(mtu);
        clientToRouter = way.build();
        routerToClient = (dice.chance(0.7) ? way : dice.path(mtu)).build();
        PipeProperties.Builder farWay = dice.chance(0.5) ? PipeProperties.builder().mtu(farMtu) : dice.path(farMtu);
        routerToServer = farWay.build();
        serverToRouter = (dice.chance(0.7) ? farWay : dice.path(farMtu)).build();
        blackHole = dice.chance(0.3);
        incidents = incidents();
        mayTimeOut = dice.chance(0.15);
        clientConfig = dice.config(mayTimeOut);
        serverConfig = dice.chance(0.5) ? clientConfig : dice.config(mayTimeOut);
        clientStack = dice.stack();
        serverStack = dice.stack();
        reusesPorts = dice.chance(0.1);
        flows = new FlowCase[1 + (reusesPorts || dice.chance(0.3) ? dice.random.nextInt(4) : 0)];
        for (int i = 0; i < flows.length; i++) {
            flows[i] = dice.flow(faultNanos);
        }
    }

    private Incident[] incidents() {
        Incident[] list = new Incident[dice.chance(0.4) ? 1 + dice.random.nextInt(6) : 0];
        boolean down = false;
        int smallest = ipv6 ? 1280 : 576;
        for (int i = 0; i < list.length; i++) {
            long at = (long) ((i + dice.random.nextDouble()) * faultNanos / list.length);
            if (dice.chance(0.4)) {
                list[i] = new Incident(at, Incident.Kind.MTU, smallest + dice.random.nextInt(farMtu - smallest + 1));
            } else {
                down = !down;
                list[i] = new Incident(at, down ? Incident.Kind.DOWN : Incident.Kind.UP, 0);
            }
        }
        return list;
    }

    /** For people who look at a failure. */
    String describe() {
        StringBuilder text = new StringBuilder();
        text.append("seed ").append(seed).append(ipv6 ? ", IPv6" : ", IPv4").append(", MTU ").append(mtu)
                .append(" and ").append(farMtu).append(reusesPorts ? ", ports used again" : "")
                .append(blackHole ? ", black hole" : "").append(mayTimeOut ? ", may time out" : "")
                .append(", faults for ").append(faultNanos / MILLIS).append(" ms\n");
        text.append("client ").append(clientOffload).append(", memory ").append(clientStack.memoryBytes())
                .append("\n  ").append(clientConfig).append('\n');
        text.append("server ").append(serverOffload).append(", memory ").append(serverStack.memoryBytes())
                .append("\n  ").append(serverConfig).append('\n');
        text.append("client to router ").append(clientToRouter).append('\n');
        text.append("router to server ").append(routerToServer).append('\n');
        text.append("server to router ").append(serverToRouter).append('\n');
        text.append("router to client ").append(routerToClient).append('\n');
        for (Incident incident : incidents) {
            text.append(incident).append('\n');
        }
        for (FlowCase flow : flows) {
            text.append(flow).append('\n');
        }
        return text.toString();
    }
}
