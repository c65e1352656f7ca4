package net.braid.sim;

import static net.braid.sim.PipeBench.MILLIS;
import static net.braid.sim.PipeBench.SECOND;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PipeTest {
    private PipeBench bench;

    private PipeBench bench(PipeProperties.Builder properties) {
        bench = new PipeBench(1, properties.build());
        return bench;
    }

    @AfterEach
    void everyFrameHasGoneBack() {
        if (bench != null) {
            bench.simulation.runUntilIdle(Simulation.NEVER - 1);
            assertEquals(0, bench.simulation.framesInUse());
            bench.close();
        }
    }

    @Test
    void aLoneFrameTakesTransmissionTimePlusDelay() {
        bench(PipeProperties.builder().rate(100_000_000).delay(10 * MILLIS)).send(1500);
        bench.simulation.runUntil(SECOND);
        assertEquals(List.of(new PipeBench.Arrival(0, 120_000 + 10 * MILLIS)), bench.arrivals);
    }

    @Test
    void anIdlePipeSchedulesNothing() {
        bench(PipeProperties.builder().rate(100_000_000).delay(MILLIS)).send(1500);
        bench.simulation.runUntil(SECOND);
        assertEquals(Simulation.NEVER, bench.simulation.nextEvent());
        assertEquals(1, bench.simulation.events());
    }

    @Test
    void aRateThatDoesNotDivideNanosecondsIsExactInTheLongRun() {
        bench(PipeProperties.builder().rate(7_777_777).queue(new QueueProperties.Packets(20_000)));
        for (int i = 0; i < 10_000; i++) {
            bench.send(997);
        }
        bench.simulation.runUntil(100 * SECOND);
        long last = bench.arrivals.getLast().time();
        assertEquals(10_000L * 997 * 8 * SECOND / 7_777_777, last);
    }

    @Test
    void aFullQueueInPacketsDropsWhatArrives() {
        bench(PipeProperties.builder().rate(12_000_000).queue(new QueueProperties.Packets(3)));
        for (int i = 0; i < 6; i++) {
            bench.send(1500);
        }
        bench.simulation.runUntil(MILLIS);
        bench.send(1500);
        bench.simulation.runUntil(SECOND);
        // The first is being transmitted, three wait; one millisecond later one of them has left the queue.
        assertEquals(List.of(0, 1, 2, 3, 6), bench.numbers());
        assertEquals(2, bench.pipe.counters().droppedByQueue());
        assertEquals(3, bench.pipe.counters().mostWaiting());
    }

    @Test
    void aFullQueueInBytesLetsSmallFramesIn() {
        bench(PipeProperties.builder().rate(12_000_000).queue(new QueueProperties.Bytes(3100)));
        for (int length : new int[] {1500, 1500, 1500, 1500, 100, 100}) {
            bench.send(length);
        }
        bench.simulation.runUntil(SECOND);
        assertEquals(List.of(0, 1, 2, 4), bench.numbers());
    }

    @Test
    void stepwiseAndComputedTransmissionGiveTheSameArrivals() {
        List<PipeBench.Arrival> computed = arrivals(false);
        List<PipeBench.Arrival> stepwise = arrivals(true);
        assertEquals(computed, stepwise);
        assertTrue(computed.size() > 1000);
    }

    private static List<PipeBench.Arrival> arrivals(boolean stepwise) {
        try (PipeBench bench = new PipeBench(3, PipeProperties.builder().rate(10_000_000).delay(3 * MILLIS)
                .queue(new QueueProperties.Packets(20)).build())) {
            if (stepwise) {
                bench.pipe.changing();
            }
            var random = bench.simulation.random("test");
            for (int i = 0; i < 2000; i++) {
                bench.simulation.runUntil(bench.simulation.now() + random.nextInt(2_000_000));
                bench.send(100 + random.nextInt(1400));
            }
            bench.simulation.runUntilIdle(100 * SECOND);
            return bench.arrivals;
        }
    }

    @Test
    void framesLargerThanTheMtuAreDropped() {
        bench(PipeProperties.builder().mtu(1400));
        bench.send(1400);
        bench.send(1401);
        bench.simulation.runUntil(1);
        assertEquals(1, bench.arrivals.size());
        assertEquals(1, bench.pipe.counters().tooBig());
    }

    @Test
    void randomLossHasItsProbability() {
        bench(PipeProperties.builder().loss(0.02));
        bench.sendSteadily(100, 0, 1000, 200_000 * 1000);
        // Standard deviation of the binomial distribution: sqrt(200,000 x 0.02 x 0.98) = 63; five of them.
        assertEquals(4000, bench.pipe.counters().lost(), 315);
    }

    @Test
    void burstLossHasItsMeanAndItsBurstLength() {
        var bursts = new LossProperties.Bursts(0.01, 0.25, 0, 1);
        bench(PipeProperties.builder().loss(bursts));
        bench.sendSteadily(100, 0, 1000, 200_000 * 1000);
        bench.simulation.runUntilIdle(SECOND);
        double share = bench.pipe.counters().lost() / 200_000.0;
        assertEquals(bursts.meanLoss(), share, 0.005);
        int gaps = 0;
        int last = -1;
        for (int number : bench.numbers()) {
            gaps += number > last + 1 ? 1 : 0;
            last = number;
        }
        assertEquals(4.0, (double) bench.pipe.counters().lost() / gaps, 0.4);
    }

    @Test
    void jitterWithoutReorderingKeepsTheOrder() {
        bench(PipeProperties.builder().delay(MILLIS).jitter(10 * MILLIS, false));
        bench.sendSteadily(100, 0, MILLIS, 500 * MILLIS);
        bench.simulation.runUntilIdle(10 * SECOND);
        assertEquals(IntStream.range(0, 500).boxed().toList(), bench.numbers());
    }

    @Test
    void jitterWithReorderingLosesNothing() {
        bench(PipeProperties.builder().delay(MILLIS).jitter(10 * MILLIS, true));
        bench.sendSteadily(100, 0, MILLIS, 500 * MILLIS);
        bench.simulation.runUntilIdle(10 * SECOND);
        assertNotEquals(IntStream.range(0, 500).boxed().toList(), bench.numbers());
        assertEquals(IntStream.range(0, 500).boxed().toList(), bench.numbers().stream().sorted().toList());
    }

    @Test
    void aFrameHeldBackIsOvertakenByExactlySoMany() {
        bench(PipeProperties.builder().delay(MILLIS));
        bench.send(100);
        bench.simulation.runUntil(1);
        bench.pipe.properties(PipeProperties.builder().delay(MILLIS).reorderByPackets(1, 3).build());
        bench.send(100);
        bench.pipe.properties(PipeProperties.builder().delay(MILLIS).build());
        for (int i = 0; i < 5; i++) {
            bench.send(100);
        }
        bench.simulation.runUntil(SECOND / 2);
        assertEquals(List.of(0, 2, 3, 4, 1, 5, 6), bench.numbers());
    }

    @Test
    void aFrameHeldBackWithNothingBehindItComesAllTheSame() {
        bench(PipeProperties.builder().reorderByPackets(1, 3));
        bench.send(100);
        bench.simulation.runUntil(2 * SECOND);
        assertEquals(List.of(0), bench.numbers());
    }

    @Test
    void aFrameHeldBackByTimeIsLateByThatTime() {
        bench(PipeProperties.builder().delay(MILLIS).reorderByTime(1, 5 * MILLIS));
        bench.send(100);
        bench.simulation.runUntil(SECOND);
        assertEquals(6 * MILLIS, bench.arrivals.getFirst().time());
    }

    @Test
    void aDuplicateArrivesBesideItsOriginal() {
        bench(PipeProperties.builder().duplicate(1));
        bench.send(100);
        bench.simulation.runUntil(SECOND);
        assertEquals(List.of(0, 0), bench.numbers());
    }

    @Test
    void corruptionFlipsOneToThreeBits() {
        bench(PipeProperties.builder().corrupt(1));
        int[] flipped = new int[4];
        byte[] before = new byte[100];
        bench.pipe.tap((pipe, point, memory, length, now) -> {
            byte[] bytes = new byte[length];
            for (int i = 0; i < length; i++) {
                bytes[i] = memory.get(ValueLayout.JAVA_BYTE, i);
            }
            if (point == Tap.Point.OFFERED) {
                System.arraycopy(bytes, 0, before, 0, length);
            } else {
                int bits = 0;
                for (int i = 0; i < length; i++) {
                    bits += Integer.bitCount((bytes[i] ^ before[i]) & 0xff);
                }
                flipped[bits]++;
            }
        });
        bench.sendSteadily(100, 0, 1000, 300_000);
        bench.simulation.runUntilIdle(SECOND);
        assertEquals(300, bench.pipe.counters().corrupted());
        assertTrue(flipped[1] > 60 && flipped[2] > 60 && flipped[3] > 60);
    }

    @Test
    void aPipeThatGoesDownLosesWhatWaitsButNotWhatIsOnTheWire() {
        bench(PipeProperties.builder().rate(12_000_000).delay(10 * MILLIS));
        for (int i = 0; i < 4; i++) {
            bench.send(1500);
        }
        // Each takes a millisecond: the first is on the wire, the second is being transmitted.
        bench.simulation.runUntil(3 * MILLIS / 2);
        bench.pipe.up(false);
        bench.send(1500);
        bench.simulation.runUntil(100 * MILLIS);
        assertEquals(List.of(0), bench.numbers());
        assertEquals(4, bench.pipe.counters().droppedWhileDown());
        bench.pipe.up(true);
        bench.send(1500);
        bench.simulation.runUntil(200 * MILLIS);
        assertEquals(List.of(0, 5), bench.numbers());
    }

    @Test
    void aChangeOfTheRateAppliesToWaitingFrames() {
        bench(PipeProperties.builder().rate(12_000_000));
        bench.pipe.changing();
        for (int i = 0; i < 3; i++) {
            bench.send(1500);
        }
        bench.simulation.runUntil(3 * MILLIS / 2);
        bench.pipe.properties(PipeProperties.of(1_200_000, 0));
        bench.simulation.runUntil(SECOND);
        assertEquals(List.of(MILLIS, 2 * MILLIS, 12 * MILLIS),
                bench.arrivals.stream().map(PipeBench.Arrival::time).toList());
    }

    @Test
    void aFilterCanDropAndChange() {
        bench(PipeProperties.builder());
        bench.pipe.filter((memory, length, index, now) -> index != 1);
        for (int i = 0; i < 3; i++) {
            bench.send(100);
        }
        bench.simulation.runUntil(1);
        assertEquals(List.of(0, 2), bench.numbers());
    }

    @Test
    void oneSeedGivesOneDigestAndAnotherSeedAnother() {
        assertEquals(digest(5), digest(5));
        assertNotEquals(digest(5), digest(6));
    }

    private static long digest(long seed) {
        try (PipeBench bench = new PipeBench(seed, PipeProperties.builder().loss(0.1).delay(MILLIS)
                .jitter(5 * MILLIS, true).duplicate(0.1).corrupt(0.1).build())) {
            bench.simulation.startDigest();
            var random = bench.simulation.random("sender");
            for (int i = 0; i < 1000; i++) {
                bench.simulation.runUntil(bench.simulation.now() + random.nextInt(100_000));
                bench.send(24 + random.nextInt(1000));
            }
            return bench.simulation.digest();
        }
    }

    @Test
    void roomIsThereAgainWhenAFrameLeavesTheQueue() {
        bench(PipeProperties.builder().rate(12_000_000).queue(new QueueProperties.Packets(1)));
        bench.send(1500);
        assertTrue(bench.pipe.hasRoom(1500));
        bench.send(1500);
        assertFalse(bench.pipe.hasRoom(1500));
        assertEquals(MILLIS, bench.pipe.nextDeparture());
        bench.simulation.runUntil(MILLIS);
        assertTrue(bench.pipe.hasRoom(1500));
    }

    @Test
    void propertiesOutOfRangeAreRefusedWithTheirName() {
        var error = assertThrows(IllegalArgumentException.class, () -> PipeProperties.builder().loss(1.5));
        assertEquals("loss probability must be in 0..1: 1.5", error.getMessage());
    }
}
