package net.braid.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import net.braid.tcp.CongestionController.Signal;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class CubicTest {
    private static final double MSS = 1000;

    private final FakeFlow flow = new FakeFlow().with(new Cubic.Factory());

    /** Rounds of slow start with a constant round-trip time until the window is {@code segments}. */
    private void slowStartTo(long segments) {
        while (flow.window() < segments * 1000) {
            flow.ack(Math.min(1000, segments * 1000 - flow.window()), flow.rtt);
        }
        assertEquals(segments * 1000, flow.window());
    }

    @Nested
    class Decrease {
        @Test
        void lossKeepsSevenTenths() {
            slowStartTo(1000);
            flow.signal(Signal.LOSS);
            assertEquals(700_000, flow.window());
            assertEquals(700_000, flow.threshold());
        }

        @Test
        void ceMarkKeepsSevenTenthsDownToOneSegment() {
            slowStartTo(1000);
            flow.signal(Signal.ECN);
            assertEquals(700_000, flow.window());
            for (int i = 0; i < 40; i++) {
                flow.signal(Signal.ECN);
            }
            assertEquals(1000, flow.window());
            assertEquals(2000, flow.threshold());
        }

        @Test
        void timeoutKeepsSevenTenthsAsThreshold() {
            slowStartTo(1000);
            flow.signal(Signal.RETRANSMISSION_TIMEOUT);
            assertEquals(1000, flow.window());
            assertEquals(700_000, flow.threshold());
        }
    }

    @Nested
    class Growth {
        @Test
        void windowReturnsToTheSaturationPointAfterK() {
            flow.rtt = 100 * FakeFlow.MILLIS;
            slowStartTo(10_000);
            flow.signal(Signal.LOSS);
            // K = cbrt(W_max (1 - beta) / C) = cbrt(3000 / 0.4) = 19.57 s
            double k = Math.cbrt(10_000 * 0.3 / 0.4);
            long start = flow.now;
            while (flow.now - start < (k - 0.1) * 1e9) {
                flow.round(20_000);
            }
            assertEquals(10_000 * MSS, flow.window(), 10_000 * MSS * 0.001);
        }

        @Test
        void windowFollowsTheCubicCurveOneRoundAhead() {
            slowStartTo(10_000);
            flow.signal(Signal.LOSS);
            double k = Math.cbrt(10_000 * 0.3 / 0.4);
            flow.round(50_000);
            long start = flow.now;
            double error = 0;
            while (flow.now - start < 30e9) {
                flow.round(50_000);
                // The window trails the target by one round, which itself looks one round ahead.
                double t = (flow.now - start) / 1e9 + 0.1;
                double expected = 0.4 * Math.pow(t - k, 3) + 10_000;
                error = Math.max(error, Math.abs(flow.window() / MSS - expected) / expected);
            }
            assertTrue(error < 0.02, "largest relative error " + error);
        }

        @Test
        void oneRoundNeverMultipliesTheWindowByMoreThanTheTargetLimit() {
            slowStartTo(100);
            flow.signal(Signal.LOSS);
            flow.round(1000);
            flow.now += 1_000_000 * FakeFlow.MILLIS;
            long before = flow.window();
            // A single window of acknowledgments: each step covers at most half the window in proportion.
            flow.round(1000);
            assertTrue(flow.window() <= before * Math.exp(0.5) + 1000, before + " -> " + flow.window());
        }

        @Test
        void shortPathIsRenoFriendly() {
            flow.rtt = 2 * FakeFlow.MILLIS;
            slowStartTo(100);
            flow.signal(Signal.LOSS);
            assertEquals(70_000, flow.window());
            double alpha = 3 * 0.3 / 1.7;
            double est = 70;
            for (int round = 0; round < 40; round++) {
                // In the Reno-friendly region window and estimate are the same.
                long acks = flow.window() / 1000;
                for (long i = 0; i < acks; i++) {
                    flow.now += flow.rtt / acks;
                    double window = est;
                    est += (est >= 100 ? 1 : alpha) / window;
                    flow.ack(1000, flow.rtt);
                }
            }
            assertEquals(est, flow.window() / MSS, 0.01);
            assertTrue(est > 80);
        }

        @Test
        void renoFriendlyWindowGrowsLikeRenoAboveTheOldWindow() {
            flow.rtt = FakeFlow.MILLIS;
            slowStartTo(20);
            flow.signal(Signal.LOSS);
            while (flow.window() < 21_000) {
                flow.round(1000);
            }
            long before = flow.window();
            for (int i = 0; i < 10; i++) {
                flow.round(1000);
            }
            assertEquals(10, (flow.window() - before) / MSS, 0.7);
        }

        @Test
        void fastConvergenceLowersTheSaturationPoint() {
            slowStartTo(10_000);
            flow.signal(Signal.LOSS);
            flow.signal(Signal.LOSS);
            // Second loss at 7000 < 10000: W_max = 7000 * 0.85, window 4900, K = cbrt(1050 / 0.4) = 13.8 s
            double k = Math.cbrt((7000 * 0.85 - 4900) / 0.4);
            long start = flow.now;
            while (flow.now - start < (k - 0.1) * 1e9) {
                flow.round(20_000);
            }
            assertEquals(5950 * MSS, flow.window(), 5950 * MSS * 0.002);
        }

        @Test
        void curveStartsFlatAfterATimeout() {
            slowStartTo(2000);
            flow.signal(Signal.RETRANSMISSION_TIMEOUT);
            while (flow.window() < flow.threshold()) {
                flow.round(1000);
            }
            long start = flow.now;
            double window = flow.window() / MSS;
            while (flow.now - start < 10e9) {
                flow.round(10_000);
            }
            double t = (flow.now - start) / 1e9 + 0.1;
            assertEquals(window + 0.4 * t * t * t, flow.window() / MSS, window * 0.03);
        }

        @Test
        void timeWithoutUseOfTheWindowDoesNotCount() {
            FakeFlow busy = flow;
            FakeFlow pausing = new FakeFlow().with(new Cubic.Factory());
            for (FakeFlow each : new FakeFlow[] {busy, pausing}) {
                while (each.window() < 1_000_000) {
                    each.ack(Math.min(1000, 1_000_000 - each.window()), each.rtt);
                }
                each.signal(Signal.LOSS);
                for (int i = 0; i < 20; i++) {
                    each.round(5000);
                }
            }
            // Ten seconds in which a few bytes at a time are sent and acknowledged.
            for (int i = 0; i < 100; i++) {
                pausing.now += 100 * FakeFlow.MILLIS;
                pausing.sample.now = pausing.now;
                pausing.sample.newlyAckedBytes = 100;
                pausing.sample.windowLimited = false;
                pausing.controller.onAck(pausing.sample);
            }
            // And ten in which nothing is.
            pausing.now += 10_000 * FakeFlow.MILLIS;
            pausing.controller.onSent(pausing.now, 1000, 1000);
            for (int i = 0; i < 20; i++) {
                busy.round(5000);
                pausing.round(5000);
            }
            assertEquals(busy.window(), pausing.window());
        }

        @Test
        void hundredGigabitOverOneSecondDoesNotOverflow() {
            flow.mss = 8948;
            flow.rtt = 1_000 * FakeFlow.MILLIS;
            while (flow.window() < 12_500_000_000L) {
                flow.round(1 << 28);
            }
            flow.signal(Signal.LOSS);
            long last = flow.window();
            for (int i = 0; i < 1000; i++) {
                flow.round(1 << 30);
                assertTrue(flow.window() >= last && flow.window() <= 1L << 40);
                last = flow.window();
            }
        }
    }

    @Nested
    class Undo {
        @Test
        void spuriousLossRestoresWindowThresholdAndCurve() {
            FakeFlow untouched = new FakeFlow().with(new Cubic.Factory());
            for (FakeFlow each : new FakeFlow[] {flow, untouched}) {
                while (each.window() < 1_000_000) {
                    each.ack(Math.min(1000, 1_000_000 - each.window()), each.rtt);
                }
                each.signal(Signal.LOSS);
                for (int i = 0; i < 30; i++) {
                    each.round(5000);
                }
            }
            flow.signal(Signal.LOSS);
            flow.signal(Signal.SPURIOUS_RECOVERY);
            assertEquals(untouched.threshold(), flow.threshold());
            for (int i = 0; i < 30; i++) {
                flow.round(5000);
                untouched.round(5000);
                assertEquals(untouched.window(), flow.window());
            }
        }

        @Test
        void lateUndoDoesNotShrinkTheWindow() {
            slowStartTo(20);
            flow.signal(Signal.LOSS);
            for (int i = 0; i < 300; i++) {
                flow.round(1000);
            }
            long window = flow.window();
            assertTrue(window > 20_000);
            flow.signal(Signal.SPURIOUS_RECOVERY);
            assertEquals(window, flow.window());
        }
    }

    @Nested
    class SlowStart {
        @Test
        void doublesWhileRoundTripsAreConstant() {
            flow.round(1000);
            assertEquals(20_000, flow.window());
            flow.round(1000);
            assertEquals(40_000, flow.window());
        }

        @Test
        void endsWithoutLossWhenRoundTripsRise() {
            double rtt = 50;
            for (int i = 0; i < 12; i++) {
                flow.round(1000, (long) (rtt * FakeFlow.MILLIS));
                if (i >= 3) {
                    rtt *= 1.15;
                }
            }
            assertTrue(flow.threshold() < Long.MAX_VALUE);
            assertTrue(flow.window() < 1_000_000, "window " + flow.window());
        }

        @Test
        void laterSlowStartsDoNotListenToRoundTrips() {
            slowStartTo(1000);
            flow.signal(Signal.RETRANSMISSION_TIMEOUT);
            for (int i = 0; i < 9; i++) {
                flow.round(1000, (50 + 20L * i) * FakeFlow.MILLIS);
            }
            assertEquals(512_000, flow.window());
        }
    }
}
