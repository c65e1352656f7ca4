package net.braid.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import net.braid.base.Requirement;
import org.junit.jupiter.api.Test;

/** RFC 6298 by numbers worked out by hand. */
@Requirement({"G11", "rfc6298#2"})
class RttEstimatorTest {
    private static final long MILLIS = 1_000_000;
    private static final long MINUTE = 60_000 * MILLIS;
    private final RttEstimator rtt = new RttEstimator(
            SubflowConfig.builder().minimumRtoNanos(MILLIS).maximumRtoNanos(MINUTE).build());

    @Test
    void beforeTheFirstSampleTheTimeoutIsOneSecond() {
        assertEquals(1000 * MILLIS, rtt.timeout());
        assertEquals(0, rtt.smoothed());
        assertEquals(0, rtt.minimum());
    }

    @Test
    void firstSample() {
        rtt.onSample(100 * MILLIS, 0);
        assertEquals(100 * MILLIS, rtt.smoothed());
        assertEquals(50 * MILLIS, rtt.variance());
        assertEquals(300 * MILLIS, rtt.timeout());
    }

    @Test
    void varianceUsesTheOldMean() {
        rtt.onSample(100 * MILLIS, 0);
        rtt.onSample(180 * MILLIS, 0);
        // RTTVAR = 3/4 x 50 + 1/4 x |100 - 180| = 57.5; SRTT = 7/8 x 100 + 1/8 x 180 = 110.
        assertEquals(57_500_000, rtt.variance());
        assertEquals(110 * MILLIS, rtt.smoothed());
        assertEquals(340 * MILLIS, rtt.timeout());
        rtt.onSample(110 * MILLIS, 0);
        assertEquals(43_125_000, rtt.variance());
        assertEquals(110 * MILLIS, rtt.smoothed());
    }

    @Test
    void theMinimumStandsInForASmallVariance() {
        RttEstimator bounded = new RttEstimator(SubflowConfig.DEFAULT);
        for (int i = 0; i < 200; i++) {
            bounded.onSample(10 * MILLIS, i);
        }
        assertEquals(210 * MILLIS, bounded.timeout());
    }

    @Test
    @Requirement({"G12", "rfc6298#5"})
    void backoffDoublesUpToTheMaximumAndASampleEndsIt() {
        rtt.onSample(100 * MILLIS, 0);
        long[] expected = {300, 600, 1200, 2400, 4800, 9600, 19_200, 38_400, 60_000, 60_000};
        for (long millis : expected) {
            assertEquals(millis * MILLIS, rtt.timeout());
            rtt.onTimeout();
        }
        for (int i = 0; i < 1000; i++) {
            rtt.onTimeout();
        }
        assertEquals(MINUTE, rtt.timeout());
        rtt.onSample(100 * MILLIS, 0);
        assertEquals(100 * MILLIS + 4 * 37_500_000, rtt.timeout());
    }

    @Test
    @Requirement("rfc6298#5")
    void aSynTimeoutLeavesThreeSeconds() {
        rtt.onTimeout();
        rtt.onSynTimeoutSurvived();
        assertEquals(3000 * MILLIS, rtt.timeout());
    }

    @Test
    @Requirement({"G18", "rfc8985#6.2"})
    void theMinimumForgetsAfterFiveMinutes() {
        rtt.onMinimumSample(10 * MILLIS, 0);
        rtt.onMinimumSample(50 * MILLIS, MINUTE);
        assertEquals(10 * MILLIS, rtt.minimum());
        rtt.onMinimumSample(50 * MILLIS, 3 * MINUTE);
        assertEquals(10 * MILLIS, rtt.minimum());
        rtt.onMinimumSample(40 * MILLIS, 6 * MINUTE);
        assertEquals(40 * MILLIS, rtt.minimum());
    }

    @Test
    void anHourOfSilenceForgetsTheMinimumAtOnce() {
        rtt.onMinimumSample(10 * MILLIS, 0);
        rtt.onMinimumSample(50 * MILLIS, 60 * MINUTE);
        assertEquals(50 * MILLIS, rtt.minimum());
    }

    @Test
    @Requirement({"G13", "rfc6298#5"})
    void whatIsRememberedIsNoSampleAfterALostSyn() {
        rtt.restore(80 * MILLIS, 10 * MILLIS);
        rtt.onTimeout();
        rtt.onSynTimeoutSurvived();
        assertEquals(3000 * MILLIS, rtt.timeout());
        assertFalse(rtt.hasSample());
    }

    @Test
    @Requirement("rfc9040#6")
    void rememberedValuesGoIntoTheNextSampleButNotIntoTheSynTimeout() {
        rtt.restore(80 * MILLIS, 10 * MILLIS);
        assertEquals(80 * MILLIS, rtt.smoothed());
        assertEquals(1000 * MILLIS, rtt.timeout());
        rtt.onSample(80 * MILLIS, 0);
        assertEquals(80 * MILLIS + 4 * 7_500_000, rtt.timeout());
    }
}
