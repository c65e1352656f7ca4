package net.braid.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import net.braid.tcp.CongestionController.Signal;
import org.junit.jupiter.api.Test;

class RenoTest {
    private final FakeFlow flow = new FakeFlow().with(new Reno.Factory());

    @Test
    void startsWithTenSegments() {
        assertEquals(10_000, flow.window());
    }

    @Test
    void startsWithFewerSegmentsWhenTheyAreLarge() {
        FakeFlow jumbo = new FakeFlow();
        jumbo.mss = 8960;
        jumbo.with(new Reno.Factory());
        assertEquals(2 * 8960, jumbo.window());
    }

    @Test
    void slowStartDoublesInEachRound() {
        for (long expected = 20_000; expected <= 640_000; expected *= 2) {
            flow.round(1000);
            assertEquals(expected, flow.window());
        }
    }

    @Test
    void slowStartDoublesWhateverTheSizeOfAcknowledgments() {
        flow.round(5000);
        assertEquals(20_000, flow.window());
    }

    @Test
    void lossHalvesWindowAndThreshold() {
        flow.round(1000);
        flow.signal(Signal.LOSS);
        assertEquals(10_000, flow.window());
        assertEquals(10_000, flow.threshold());
    }

    @Test
    void halvingCountsFromTheFlightWhenTheApplicationDidNotFillTheWindow() {
        flow.round(1000);
        flow.controller.onCongestion(Signal.LOSS, flow.now, 12_000);
        assertEquals(6_000, flow.threshold());
    }

    @Test
    void halvingLeavesTwoSegments() {
        flow.controller.onCongestion(Signal.LOSS, flow.now, 1000);
        assertEquals(2000, flow.threshold());
        assertEquals(2000, flow.window());
    }

    @Test
    void secondLossInOneRecoveryHalvesAgainThoughTheFlightHasNotDrained() {
        flow.round(1000);
        flow.controller.onCongestion(Signal.LOSS, flow.now, 20_000);
        flow.controller.onCongestion(Signal.LOSS, flow.now, 20_000);
        assertEquals(5_000, flow.threshold());
    }

    @Test
    void ceMarkReducesToOneSegmentAtLeast() {
        for (int i = 0; i < 10; i++) {
            flow.signal(Signal.ECN);
        }
        assertEquals(1000, flow.window());
        assertEquals(2000, flow.threshold());
    }

    @Test
    void congestionAvoidanceAddsOneSegmentPerWindowAcknowledged() {
        flow.signal(Signal.LOSS);
        long acked = 0;
        long window = 5000;
        for (int round = 0; round < 50; round++) {
            // By the definition: the window of W bytes grows by one segment when W bytes are acknowledged.
            while (acked < window) {
                flow.ack(500, flow.rtt);
                acked += 500;
            }
            acked -= window;
            window += 1000;
            assertEquals(window, flow.window());
        }
    }

    @Test
    void slowStartStopsExactlyAtTheThreshold() {
        flow.round(1000);
        flow.round(1000);
        flow.signal(Signal.RETRANSMISSION_TIMEOUT);
        assertEquals(20_000, flow.threshold());
        for (int i = 0; i < 19; i++) {
            flow.ack(1000, flow.rtt);
        }
        assertEquals(20_000, flow.window());
        flow.ack(1000, flow.rtt);
        assertEquals(20_000, flow.window());
    }

    @Test
    void timeoutLeavesOneSegment() {
        flow.round(1000);
        flow.signal(Signal.RETRANSMISSION_TIMEOUT);
        assertEquals(1000, flow.window());
        assertEquals(10_000, flow.threshold());
    }

    @Test
    void timeoutOfTheSameDataAgainLeavesTheThreshold() {
        flow.round(1000);
        flow.signal(Signal.RETRANSMISSION_TIMEOUT);
        flow.signal(Signal.RETRANSMISSION_TIMEOUT);
        flow.signal(Signal.RETRANSMISSION_TIMEOUT);
        assertEquals(10_000, flow.threshold());
    }

    @Test
    void timeoutOfLaterDataReducesTheThreshold() {
        flow.round(1000);
        flow.signal(Signal.RETRANSMISSION_TIMEOUT);
        flow.ack(1000, flow.rtt);
        flow.signal(Signal.RETRANSMISSION_TIMEOUT);
        assertEquals(2000, flow.threshold());
    }

    @Test
    void acknowledgmentAfterTimeoutCountsTwoSegmentsAtMost() {
        flow.round(1000);
        flow.signal(Signal.RETRANSMISSION_TIMEOUT);
        flow.ack(9000, flow.rtt);
        assertEquals(3000, flow.window());
    }

    @Test
    void spuriousTimeoutIsUndone() {
        flow.round(1000);
        long window = flow.window();
        long threshold = flow.threshold();
        flow.signal(Signal.RETRANSMISSION_TIMEOUT);
        flow.signal(Signal.RETRANSMISSION_TIMEOUT);
        flow.signal(Signal.SPURIOUS_RECOVERY);
        assertEquals(window, flow.window());
        assertEquals(threshold, flow.threshold());
    }

    @Test
    void undoHappensOnce() {
        flow.round(1000);
        flow.signal(Signal.LOSS);
        flow.signal(Signal.SPURIOUS_RECOVERY);
        flow.signal(Signal.ECN);
        flow.signal(Signal.SPURIOUS_RECOVERY);
        assertEquals(10_000, flow.window());
    }

    @Test
    void idleFlowStartsFromTheInitialWindowAndRemembersThreeQuarters() {
        flow.round(1000);
        flow.signal(Signal.LOSS);
        for (int i = 0; i < 30; i++) {
            flow.round(1000);
        }
        long before = flow.window();
        assertTrue(before > 30_000);
        flow.signal(Signal.IDLE_RESTART);
        assertEquals(10_000, flow.window());
        assertEquals(before * 3 / 4, flow.threshold());
    }

    @Test
    void idleFlowWithASmallWindowKeepsIt() {
        flow.signal(Signal.LOSS);
        flow.signal(Signal.IDLE_RESTART);
        assertEquals(5000, flow.window());
    }

    @Test
    void windowDoesNotGrowWhenItWasNotFull() {
        flow.sample.now = flow.now;
        flow.sample.newlyAckedBytes = 1000;
        flow.sample.windowLimited = false;
        flow.controller.onAck(flow.sample);
        assertEquals(10_000, flow.window());
    }

    @Test
    void windowIsNeverBelowASegmentThatGrew() {
        flow.signal(Signal.RETRANSMISSION_TIMEOUT);
        flow.mss = 8960;
        assertEquals(8960, flow.window());
    }
}
