package net.braid.sim;

import net.braid.base.RandomSource;
import net.braid.base.Xoshiro256;
import net.braid.mptcp.ConnectionConfig;
import net.braid.tcp.SubflowConfig;

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

    private final RandomSource random;

    SwarmCase(long seed) {
        this.seed = seed;
        random = new Xoshiro256(seed).split(0x5a_a2_b3);
        ipv6 = chance(0.4);
        mtu = chance(0.7) ? 1500 : pick(ipv6 ? new int[] {1280, 1400, 4000, 9000} : new int[] {576, 900, 1400, 9000});
        clientOffload = offload();
        serverOffload = chance(0.6) ? clientOffload : offload();
        faultNanos = logUniform(SECOND / 2, 20 * SECOND);
        PipeProperties.Builder way = path();
        clientToRouter = way.build();
        routerToClient = (chance(0.7) ? way : path()).build();
        PipeProperties.Builder farWay = chance(0.5) ? PipeProperties.builder().mtu(mtu) : path();
        routerToServer = farWay.build();
        serverToRouter = (chance(0.7) ? farWay : path()).build();
        blackHole = chance(0.3);
        incidents = incidents();
        mayTimeOut = chance(0.15);
        clientConfig = config();
        serverConfig = chance(0.5) ? clientConfig : config();
        flows = new FlowCase[1 + (chance(0.3) ? random.nextInt(4) : 0)];
        for (int i = 0; i < flows.length; i++) {
            flows[i] = flow();
        }
    }

    private LinkOffload offload() {
        return switch (random.nextInt(6)) {
            case 0 -> LinkOffload.FULL;
            case 1 -> new LinkOffload(true, true, false, 0, false);
            case 2 -> LinkOffload.NONE.withBackpressure();
            case 3 -> new LinkOffload(false, true, chance(0.5), logUniform(1000, MILLIS), chance(0.5));
            default -> LinkOffload.NONE;
        };
    }

    private PipeProperties.Builder path() {
        PipeProperties.Builder b = PipeProperties.builder().mtu(mtu);
        long rate = chance(0.1) ? 0 : logUniform(200_000, 1_000_000_000);
        b.rate(rate).delay(logUniform(10_000, 200 * MILLIS));
        if (chance(0.3)) {
            b.jitter(logUniform(10_000, 50 * MILLIS), chance(0.5));
        }
        b.queue(switch (random.nextInt(6)) {
            case 0 -> new QueueProperties.Packets(1 + random.nextInt(10));
            case 1 -> new QueueProperties.Bytes(logUniform(3_000, 10_000_000));
            case 2 -> QueueProperties.Red.of(logUniform(30_000, 1_000_000), chance(0.5));
            case 3 -> QueueProperties.CoDel.of((int) logUniform(20, 2000), chance(0.5));
            default -> new QueueProperties.Packets((int) logUniform(10, 2000));
        });
        switch (random.nextInt(4)) {
            case 0 -> b.loss(logUniform(1, 1000) / 10_000.0);
            case 1 -> b.loss(new LossProperties.Bursts(0.005 * random.nextDouble(), 0.1 + 0.5 * random.nextDouble(),
                    0, random.nextDouble()));
            default -> {
            }
        }
        if (chance(0.3)) {
            if (chance(0.5)) {
                b.reorderByPackets(0.1 * random.nextDouble(), 1 + random.nextInt(20));
            } else {
                b.reorderByTime(0.1 * random.nextDouble(), logUniform(100_000, 300 * MILLIS));
            }
        }
        if (chance(0.25)) {
            b.duplicate(0.1 * random.nextDouble());
        }
        if (chance(0.25)) {
            b.corrupt(0.05 * random.nextDouble());
        }
        return b;
    }

    private Incident[] incidents() {
        Incident[] list = new Incident[chance(0.4) ? 1 + random.nextInt(6) : 0];
        boolean down = false;
        int smallest = ipv6 ? 1280 : 576;
        for (int i = 0; i < list.length; i++) {
            long at = (long) ((i + random.nextDouble()) * faultNanos / list.length);
            if (chance(0.4)) {
                list[i] = new Incident(at, Incident.Kind.MTU, smallest + random.nextInt(mtu - smallest + 1));
            } else {
                down = !down;
                list[i] = new Incident(at, down ? Incident.Kind.DOWN : Incident.Kind.UP, 0);
            }
        }
        return list;
    }

    private ConnectionConfig config() {
        SubflowConfig.Builder flow = SubflowConfig.builder()
                .timestamps(chance(0.85)).windowScaling(chance(0.9)).sack(chance(0.85)).ecn(chance(0.3))
                .pacing(chance(0.7)).mtuProbing(pick(new int[] {0, 1, 1, 2})).idleRestart(chance(0.8))
                .delayedAckNanos(pick(new int[] {0, 1, 40, 40, 200, 500}) * MILLIS)
                .minimumRtoNanos(pick(new int[] {10, 200, 200, 1000}) * MILLIS);
        if (chance(0.1)) {
            flow.maximumSegmentSize(pick(new int[] {88, 216, 536, 1000}));
        }
        if (chance(0.1)) {
            flow.receiveHoles(1 + random.nextInt(4));
        }
        if (chance(0.2)) {
            flow.keepAliveIdleNanos(logUniform(100 * MILLIS, 10 * SECOND))
                    .keepAliveIntervalNanos(logUniform(100 * MILLIS, 10 * SECOND)).keepAliveProbes(127);
        }
        if (mayTimeOut) {
            flow.synRetries(1 + random.nextInt(3)).synAckRetries(1 + random.nextInt(3)).retries1(1)
                    .retries2(2 + random.nextInt(4)).timeWaitNanos(SECOND);
            if (chance(0.3)) {
                flow.userTimeoutNanos(logUniform(SECOND, 30 * SECOND));
            }
        }
        int sendMaximum = buffer();
        int receiveMaximum = buffer();
        return ConnectionConfig.builder().flow(flow.build())
                .congestionControl(chance(0.5) ? "cubic" : "reno")
                .sendBuffer(Math.min(sendMaximum, buffer()), sendMaximum)
                .receiveBuffer(Math.min(receiveMaximum, buffer()), receiveMaximum)
                .autoTuning(chance(0.8)).noDelay(chance(0.3)).build();
    }

    private int buffer() {
        return chance(0.2) ? (int) logUniform(300, 5_000) : (int) logUniform(5_000, 4 << 20);
    }

    private FlowCase flow() {
        boolean clientWaits = chance(0.15);
        return new FlowCase(chance(0.7) ? 0 : (long) (random.nextDouble() * faultNanos), amount(), amount(),
                clientWaits, !clientWaits && chance(0.3), pace(), pace(),
                chance(0.1) ? logUniform(MILLIS, faultNanos) : Simulation.NEVER, chance(0.5));
    }

    private long amount() {
        return chance(0.3) ? 0 : logUniform(1, 400_000);
    }

    private ReadPace pace() {
        if (chance(0.7)) {
            return ReadPace.EAGER;
        }
        return new ReadPace(logUniform(1, 60_000), logUniform(MILLIS, SECOND),
                chance(0.5) ? 0 : logUniform(MILLIS, 10 * SECOND));
    }

    private boolean chance(double probability) {
        return random.nextDouble() < probability;
    }

    private int pick(int[] choices) {
        return choices[random.nextInt(choices.length)];
    }

    private long logUniform(long low, long high) {
        return Math.min(high, (long) (low * StrictMath.pow((double) high / low, random.nextDouble())));
    }

    /** For people who look at a failure. */
    String describe() {
        StringBuilder text = new StringBuilder();
        text.append("seed ").append(seed).append(ipv6 ? ", IPv6" : ", IPv4").append(", MTU ").append(mtu)
                .append(blackHole ? ", black hole" : "").append(mayTimeOut ? ", may time out" : "")
                .append(", faults for ").append(faultNanos / MILLIS).append(" ms\n");
        text.append("client ").append(clientOffload).append("\n  ").append(clientConfig).append('\n');
        text.append("server ").append(serverOffload).append("\n  ").append(serverConfig).append('\n');
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
