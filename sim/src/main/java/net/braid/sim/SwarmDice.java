package net.braid.sim;

import static net.braid.sim.SwarmCase.MILLIS;
import static net.braid.sim.SwarmCase.SECOND;

import net.braid.base.RandomSource;
import net.braid.mptcp.ConnectionConfig;
import net.braid.stack.StackConfig;
import net.braid.tcp.SubflowConfig;

/** Draws what the worlds of the swarm are made of. The order of the draws belongs to what a seed means. */
final class SwarmDice {
    final RandomSource random;

    SwarmDice(RandomSource random) {
        this.random = random;
    }

    int mtu(boolean ipv6) {
        return chance(0.7) ? 1500
                : pick(ipv6 ? new int[] {1280, 1400, 4000, 9000} : new int[] {576, 900, 1400, 9000});
    }

    LinkOffload offload() {
        return switch (random.nextInt(6)) {
            case 0 -> LinkOffload.FULL;
            case 1 -> new LinkOffload(true, true, false, 0, false);
            case 2 -> LinkOffload.NONE.withBackpressure();
            case 3 -> new LinkOffload(false, true, chance(0.5), logUniform(1000, MILLIS), chance(0.5));
            default -> LinkOffload.NONE;
        };
    }

    PipeProperties.Builder path(int mtu) {
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

    ConnectionConfig config(boolean mayTimeOut) {
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

    /** Usually plenty; else so little that connections feel it. */
    StackConfig stack() {
        return chance(0.9) ? StackConfig.DEFAULT
                : StackConfig.builder().memoryBytes(logUniform(128 << 10, 4 << 20)).build();
    }

    int buffer() {
        return chance(0.2) ? (int) logUniform(300, 5_000) : (int) logUniform(5_000, 4 << 20);
    }

    long amount() {
        return chance(0.3) ? 0 : logUniform(1, 400_000);
    }

    ReadPace pace() {
        if (chance(0.7)) {
            return ReadPace.EAGER;
        }
        return new ReadPace(logUniform(1, 60_000), logUniform(MILLIS, SECOND),
                chance(0.5) ? 0 : logUniform(MILLIS, 10 * SECOND));
    }

    boolean chance(double probability) {
        return random.nextDouble() < probability;
    }

    int pick(int[] choices) {
        return choices[random.nextInt(choices.length)];
    }

    long logUniform(long low, long high) {
        return Math.min(high, (long) (low * StrictMath.pow((double) high / low, random.nextDouble())));
    }

    SwarmCase.FlowCase flow(long faultNanos) {
        boolean clientWaits = chance(0.15);
        return new SwarmCase.FlowCase(chance(0.7) ? 0 : (long) (random.nextDouble() * faultNanos), amount(), amount(),
                clientWaits, !clientWaits && chance(0.3), pace(), pace(),
                chance(0.1) ? logUniform(MILLIS, faultNanos) : Simulation.NEVER, chance(0.5));
    }
}
