package net.braid.sim;

import static net.braid.sim.PipeBench.MILLIS;
import static net.braid.sim.PipeBench.SECOND;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** One packet takes a millisecond at this rate. */
class QueueManagementTest {
    private static final long RATE = 12_000_000;

    private static PipeBench bench(QueueProperties queue) {
        return new PipeBench(1, PipeProperties.builder().rate(RATE).queue(queue).build());
    }

    @Test
    void redDropsNothingWhileTheAverageIsLow() {
        try (PipeBench bench = bench(new QueueProperties.Red(15_000, 45_000, 0.1, 0.002, 150_000, false))) {
            bench.sendSteadily(1500, 0, MILLIS, 20 * SECOND);
            assertEquals(0, bench.pipe.counters().dropped());
        }
    }

    @Test
    void redKeepsTheQueueOfAnOverloadedPipeNearItsThresholds() {
        try (PipeBench bench = bench(new QueueProperties.Red(15_000, 45_000, 0.1, 0.002, 1_500_000, false))) {
            // 5 % more than the pipe can carry: without RED the queue would grow by 50 packets in each second.
            bench.sendSteadily(1500, 0, MILLIS * 20 / 21, 100 * SECOND);
            assertEquals(0, bench.pipe.counters().droppedByQueue());
            double dropShare = (double) bench.pipe.counters().droppedEarly() / bench.pipe.counters().offered();
            assertEquals(1 - 20.0 / 21, dropShare, 0.005);
            // The probability of 0.048 belongs to an average of a little under half between 15,000 and 45,000.
            assertTrue(bench.pipe.waitingBytes() > 10_000 && bench.pipe.waitingBytes() < 60_000);
        }
    }

    @Test
    void redMarksInsteadOfDroppingWhatCanBeMarked() {
        try (PipeBench bench = bench(new QueueProperties.Red(15_000, 45_000, 0.1, 0.002, 300_000, true))) {
            bench.sendSteadily(1500, 2, MILLIS * 100 / 101, 5 * SECOND / 2);
            assertTrue(bench.pipe.counters().marked() > 5);
            assertEquals(0, bench.pipe.counters().dropped());
            bench.simulation.runUntilIdle(20 * SECOND);
            assertEquals(bench.pipe.counters().marked(), bench.marked);
        }
    }

    @Test
    void redForgetsTheAverageWhileIdle() {
        RedState red = new RedState(new QueueProperties.Red(15_000, 45_000, 0.1, 0.1, 100_000, false));
        var random = new net.braid.base.Xoshiro256(1);
        for (int i = 0; i < 100; i++) {
            red.onArrival(40_000, 0, MILLIS, random);
        }
        double busy = red.average();
        red.onArrival(0, 10 * MILLIS, MILLIS, random);
        // Ten packets could have been sent: ten samples of an empty queue.
        assertEquals(busy * Math.pow(0.9, 10), red.average(), 1);
    }

    @Test
    void coDelToleratesABurstShorterThanAnInterval() {
        try (PipeBench bench = bench(QueueProperties.CoDel.of(1000, false))) {
            for (int i = 0; i < 90; i++) {
                bench.send(1500);
            }
            bench.simulation.runUntilIdle(SECOND);
            assertEquals(90, bench.arrivals.size());
        }
    }

    @Test
    void coDelDropsFirstAfterOneIntervalAboveTheTargetAndThenFaster() {
        CoDelState state = new CoDelState(QueueProperties.CoDel.of(1000, false), 1500);
        long[] drops = new long[4];
        int count = 0;
        for (long now = 0; count < 4; now += MILLIS) {
            if (state.onDequeue(6 * MILLIS, 100_000, now)) {
                drops[count++] = now;
            }
        }
        // 100 ms, then after 100/sqrt(1), 100/sqrt(2), 100/sqrt(3) ms more (RFC 8289 section 5.2), rounded up.
        assertEquals(100 * MILLIS, drops[0]);
        assertEquals(200 * MILLIS, drops[1]);
        assertEquals(271 * MILLIS, drops[2]);
        assertEquals(329 * MILLIS, drops[3]);
    }

    @Test
    void coDelStopsWhenThePacketHasWaitedLessThanTheTarget() {
        CoDelState state = new CoDelState(QueueProperties.CoDel.of(1000, false), 1500);
        for (long now = 0; now < 150 * MILLIS; now += MILLIS) {
            state.onDequeue(6 * MILLIS, 100_000, now);
        }
        for (long now = 150 * MILLIS; now < 1000 * MILLIS; now += MILLIS) {
            assertTrue(!state.onDequeue(4 * MILLIS, 100_000, now));
        }
    }

    @Test
    void coDelMarksWhatCanBeMarked() {
        try (PipeBench bench = bench(QueueProperties.CoDel.of(1000, true))) {
            bench.sendSteadily(1500, 1, MILLIS * 20 / 21, 3 * SECOND);
            assertTrue(bench.pipe.counters().marked() > 5);
            assertEquals(0, bench.pipe.counters().dropped());
        }
    }

    @Test
    void coDelBringsAStandingQueueDown() {
        try (PipeBench bench = bench(QueueProperties.CoDel.of(1000, false))) {
            bench.sendSteadily(1500, 0, MILLIS / 2, 200 * MILLIS);
            int peak = bench.pipe.waitingPackets();
            bench.sendSteadily(1500, 0, MILLIS, 5 * SECOND);
            assertTrue(peak >= 95);
            assertTrue(bench.pipe.waitingPackets() < 15, () -> "still waiting: " + bench.pipe.waitingPackets());
        }
    }
}
