package net.braid.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.SplittableRandom;
import net.braid.base.Requirement;
import net.braid.tcp.CongestionController;
import net.braid.tcp.CongestionController.Signal;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What LIA, OLIA and Balia have in common: which flows count, and Reno where none does. */
class CoupledControllerTest {
    private static final int MSS = 1000;

    private final FakeGroup group = new FakeGroup();

    static List<CongestionController.Factory> controllers() {
        return List.of(new Lia.Factory(), new Olia.Factory(), new Balia.Factory());
    }

    /** What an acknowledgment of a whole window adds: 1 segment for Reno. */
    private static double growthInSegments(FakeFlow flow) {
        long before = flow.window();
        flow.ack(before, flow.rtt);
        return (flow.window() - before) / (double) flow.mss;
    }

    private FakeFlow two(CongestionController.Factory factory, FakeFlow[] sister) {
        FakeFlow flow = group.add(factory, 100, 50);
        sister[0] = group.add(factory, 100, 50);
        return flow;
    }

    @Nested
    class Alone {
        @ParameterizedTest
        @MethodSource("net.braid.policy.CoupledControllerTest#controllers")
        @Requirement({"I06", "rfc6356#3"})
        void traceEqualsRenoWhateverHappens(CongestionController.Factory factory) {
            for (long seed = 0; seed < 50; seed++) {
                compareWithReno(factory, seed);
            }
        }

        private void compareWithReno(CongestionController.Factory factory, long seed) {
            SplittableRandom random = new SplittableRandom(seed);
            FakeGroup own = new FakeGroup();
            FakeFlow coupled = own.add(factory, 10, 100);
            FakeFlow reno = new FakeFlow().with(new Reno.Factory());
            ((LossBasedController) reno.controller).setWindow(10_000);
            ((LossBasedController) reno.controller).leaveSlowStart();
            for (int step = 0; step < 2000; step++) {
                int dice = random.nextInt(100);
                if (dice < 90) {
                    long acked = random.nextLong(1, coupled.window() + 1);
                    coupled.ack(acked, coupled.rtt);
                    reno.ack(acked, reno.rtt);
                } else {
                    Signal signal = Signal.values()[random.nextInt(Signal.values().length)];
                    long flight = random.nextLong(coupled.window() + 1);
                    coupled.controller.onCongestion(signal, coupled.now, flight);
                    reno.controller.onCongestion(signal, reno.now, flight);
                }
                assertEquals(reno.window(), coupled.window(), "seed " + seed + ", step " + step);
                assertEquals(reno.threshold(), coupled.threshold(), "seed " + seed + ", step " + step);
            }
        }

        @ParameterizedTest
        @MethodSource("net.braid.policy.CoupledControllerTest#controllers")
        void flowWithoutRoundTripSampleIsReno(CongestionController.Factory factory) {
            FakeFlow[] sister = new FakeFlow[1];
            FakeFlow flow = two(factory, sister);
            flow.rtt = 0;
            assertEquals(1, growthInSegments(flow));
        }

        @ParameterizedTest
        @MethodSource("net.braid.policy.CoupledControllerTest#controllers")
        @Requirement("I12")
        void flowWhoseSisterLeftIsRenoAgain(CongestionController.Factory factory) {
            FakeFlow[] sister = new FakeFlow[1];
            FakeFlow flow = two(factory, sister);
            assertTrue(growthInSegments(flow) < 0.6);
            group.remove(sister[0]);
            flow.signal(Signal.LOSS);
            assertEquals(1, growthInSegments(flow));
        }
    }

    @Nested
    class Sisters {
        private final FakeFlow[] sister = new FakeFlow[1];

        @ParameterizedTest
        @MethodSource("net.braid.policy.CoupledControllerTest#controllers")
        void twoEqualFlowsTogetherGrowAsOneTcpAtMost(CongestionController.Factory factory) {
            FakeFlow flow = two(factory, sister);
            // Two flows at half a TCP's speed of growth each, and half its window: a quarter of its rate of increase.
            assertEquals(0.25, growthInSegments(flow), 0.01);
        }

        @ParameterizedTest
        @MethodSource("net.braid.policy.CoupledControllerTest#controllers")
        @Requirement("I12")
        void sisterThatIsNotUsableDoesNotCount(CongestionController.Factory factory) {
            FakeFlow flow = two(factory, sister);
            sister[0].usable = false;
            assertEquals(1, growthInSegments(flow));
        }

        @ParameterizedTest
        @MethodSource("net.braid.policy.CoupledControllerTest#controllers")
        void sisterWithoutRoundTripSampleDoesNotCount(CongestionController.Factory factory) {
            FakeFlow flow = two(factory, sister);
            sister[0].rtt = 0;
            assertEquals(1, growthInSegments(flow));
        }

        @ParameterizedTest
        @MethodSource("net.braid.policy.CoupledControllerTest#controllers")
        @Requirement("I12")
        void backupDoesNotCountForARegularFlow(CongestionController.Factory factory) {
            FakeFlow flow = two(factory, sister);
            sister[0].backup = true;
            assertEquals(1, growthInSegments(flow));
        }

        @ParameterizedTest
        @MethodSource("net.braid.policy.CoupledControllerTest#controllers")
        void backupCountsForABackup(CongestionController.Factory factory) {
            FakeFlow flow = two(factory, sister);
            flow.backup = true;
            sister[0].backup = true;
            assertEquals(0.25, growthInSegments(flow), 0.01);
        }

        @ParameterizedTest
        @MethodSource("net.braid.policy.CoupledControllerTest#controllers")
        void sisterWithNothingToSendDoesNotCount(CongestionController.Factory factory) {
            FakeFlow flow = two(factory, sister);
            sister[0].windowLimited = false;
            sister[0].inFlight = 0;
            assertEquals(1, growthInSegments(flow));
        }

        @Test
        @Requirement({"I03", "rfc6356#3"})
        void sisterThatDoesNotFillItsWindowCountsWithItsFlight() {
            FakeFlow flow = two(new Lia.Factory(), sister);
            sister[0].windowLimited = false;
            sister[0].inFlight = 50_000;
            // Equal round trips: own window / (sum of windows)^2 x largest window, in segments: 100 x 100 / 150^2.
            assertEquals(100.0 * 100 / (150 * 150), growthInSegments(flow), 0.01);
        }

        @Test
        @Requirement({"I03", "rfc6356#3"})
        void sisterInRecoveryCountsWithItsThreshold() {
            FakeFlow flow = two(new Lia.Factory(), sister);
            sister[0].signal(Signal.LOSS);
            ((LossBasedController) sister[0].controller).setWindow(400_000);
            sister[0].recovering = true;
            assertEquals(100.0 * 100 / (150 * 150), growthInSegments(flow), 0.01);
        }

        @ParameterizedTest
        @MethodSource("net.braid.policy.CoupledControllerTest#controllers")
        @Requirement({"I05", "rfc6356#3"})
        void slowStartIsThatOfReno(CongestionController.Factory factory) {
            two(factory, sister);
            FakeFlow fresh = group.add(factory, 10, 50);
            fresh.controller = factory.create(fresh, group, 0);
            fresh.round(MSS);
            assertEquals(20_000, fresh.window());
        }

        @ParameterizedTest
        @MethodSource("net.braid.policy.CoupledControllerTest#controllers")
        @Requirement({"I05", "I08", "rfc6356#3"})
        void lossHalvesTheFlowThatHadItAndNoOther(CongestionController.Factory factory) {
            FakeFlow flow = two(factory, sister);
            flow.signal(Signal.LOSS);
            assertEquals(50_000, flow.window());
            assertEquals(100_000, sister[0].window());
        }

        @ParameterizedTest
        @MethodSource("net.braid.policy.CoupledControllerTest#controllers")
        void windowMayFallToOneSegmentWithSistersOnly(CongestionController.Factory factory) {
            FakeFlow flow = two(factory, sister);
            flow.controller.onCongestion(Signal.LOSS, flow.now, MSS);
            assertEquals(MSS, flow.window());
            assertEquals(MSS, flow.threshold());
            sister[0].usable = false;
            flow.controller.onCongestion(Signal.RETRANSMISSION_TIMEOUT, flow.now, MSS);
            assertEquals(2 * MSS, flow.threshold());
        }

        /** 10 Gbit/s over 1 s: less than a byte for each acknowledgment, and still it must add up. */
        @ParameterizedTest
        @MethodSource("net.braid.policy.CoupledControllerTest#controllers")
        @Requirement({"I04", "rfc6356#3"})
        void hugeWindowsGrowByFractionsOfAByte(CongestionController.Factory factory) {
            double window = 1.25e9;
            FakeFlow flow = group.add(factory, window, 1448, 1_000 * FakeFlow.MILLIS);
            group.add(factory, window, 1448, 1_000 * FakeFlow.MILLIS);
            for (int i = 0; i < 100_000; i++) {
                flow.ack(1448, flow.rtt);
            }
            // A quarter of a segment for each window acknowledged.
            double expected = 0.25 * 1448 * (100_000 * 1448 / window);
            assertEquals(expected, flow.window() - window, 1);
        }
    }

    @Nested
    class Differences {
        @Test
        @Requirement({"I01", "rfc6356#3"})
        void liaNeverGrowsFasterThanTcpOnThatPath() {
            FakeFlow small = group.add(new Lia.Factory(), 5, 200);
            group.add(new Lia.Factory(), 100, 10);
            FakeFlow aloneOnIt = new FakeGroup().add(new Reno.Factory(), 5, 200);
            assertTrue(growthInSegments(small) <= growthInSegments(aloneOnIt));
        }

        @Test
        @Requirement("I08")
        void oliaMovesWindowFromTheLargestToTheBestPath() {
            FakeFlow best = group.add(new Olia.Factory(), 10, 50);
            FakeFlow largest = group.add(new Olia.Factory(), 40, 50);
            best.betweenLosses = 900_000;
            largest.betweenLosses = 100_000;
            // n = 2: half a segment for each window, up or down, beside the shared w^2 / (sum w)^2.
            assertEquals(10.0 * 10 / 2500 + 0.5, growthInSegments(best), 0.01);
            largest = group.add(new Olia.Factory(), 40, 50);
            largest.betweenLosses = 100_000;
            // n = 3, and two that are largest; the best has 10.5 segments now.
            double sum = (best.window() + 80_000) / 1000.0;
            assertEquals(40.0 * 40 / (sum * sum) - 1.0 / 6, growthInSegments(largest), 0.01);
        }

        @Test
        @Requirement({"I08", "I09"})
        void oliaComparesWindowsInWholeSegments() {
            FakeFlow one = group.add(new Olia.Factory(), 40_100, MSS, 50 * FakeFlow.MILLIS);
            FakeFlow other = group.add(new Olia.Factory(), 40_900, MSS, 50 * FakeFlow.MILLIS);
            one.betweenLosses = 900_000;
            other.betweenLosses = 100_000;
            // Both are largest, so that nothing is collected.
            assertEquals(0.25, growthInSegments(one), 0.01);
        }

        @Test
        void oliaNeverShrinksBelowOneSegment() {
            FakeFlow best = group.add(new Olia.Factory(), 1, 50);
            FakeFlow largest = group.add(new Olia.Factory(), 2, 500);
            best.betweenLosses = 1_000_000;
            for (int i = 0; i < 1000; i++) {
                largest.ack(MSS, largest.rtt);
                assertTrue(largest.window() >= MSS);
            }
        }

        @Test
        @Requirement("I10")
        void baliaCutsASlowPathMoreButNeverMoreThanThreeQuarters() {
            FakeFlow slow = group.add(new Balia.Factory(), 20, 1000);
            FakeFlow fast = group.add(new Balia.Factory(), 100, 10);
            slow.signal(Signal.LOSS);
            assertEquals(5_000, slow.window());
            fast.signal(Signal.LOSS);
            assertEquals(50_000, fast.window());
        }
    }
}
