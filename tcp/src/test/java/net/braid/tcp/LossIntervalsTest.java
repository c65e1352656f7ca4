package net.braid.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class LossIntervalsTest {
    private final LossIntervals intervals = new LossIntervals();

    @Test
    void beforeAnyLossAllBytesCount() {
        intervals.onAcknowledged(1000);
        intervals.onAcknowledged(500);
        assertEquals(1500, intervals.longest());
    }

    @Test
    void bytesBetweenTheLastTwoLossesCountUntilMoreHaveCome() {
        intervals.onAcknowledged(9000);
        intervals.onLoss();
        intervals.onAcknowledged(4000);
        assertEquals(9000, intervals.longest());
        intervals.onLoss();
        assertEquals(4000, intervals.longest());
        intervals.onAcknowledged(6000);
        assertEquals(6000, intervals.longest());
    }

    @Test
    void secondLossBeforeAnyProgressIsTheSame() {
        intervals.onAcknowledged(9000);
        intervals.onLoss();
        intervals.onLoss();
        assertEquals(9000, intervals.longest());
    }
}
