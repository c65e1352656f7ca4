package net.braid.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import net.braid.base.Requirement;
import net.braid.tcp.AckSample;
import org.junit.jupiter.api.Test;

@Requirement("G29")
class HyStartTest {
    private static final long MILLIS = 1_000_000;

    private final HyStart hyStart = new HyStart();
    private final AckSample sample = new AckSample();

    /** One round of ten acknowledgments of a segment each, all with the same round-trip time. */
    private void round(double rttMillis) {
        round(rttMillis, 10);
    }

    private void round(double rttMillis, int acks) {
        sample.sndNxt = sample.sndUna + acks * 1000L;
        long end = sample.sndNxt;
        for (int i = 0; i < acks; i++) {
            sample.sndUna += 1000;
            if (sample.sndUna == end) {
                sample.sndNxt = end + acks * 1000L;
            }
            sample.rttNanos = (long) (rttMillis * MILLIS);
            hyStart.onAck(sample);
        }
    }

    @Test
    void constantRoundTripsKeepSlowStart() {
        for (int i = 0; i < 100; i++) {
            round(50);
        }
        assertFalse(hyStart.inConservativeSlowStart());
        assertFalse(hyStart.finished());
    }

    @Test
    void riseBelowFourMillisecondsIsNoise() {
        round(10);
        round(10);
        round(13.5);
        assertFalse(hyStart.inConservativeSlowStart());
    }

    @Test
    void riseOfFourMillisecondsOnAShortPathBeginsConservativeSlowStart() {
        round(10);
        round(10);
        round(14.1);
        assertTrue(hyStart.inConservativeSlowStart());
    }

    @Test
    void riseOfAnEighthOnAMediumPathBeginsConservativeSlowStart() {
        round(80);
        round(80);
        round(89);
        assertFalse(hyStart.inConservativeSlowStart());
        round(100.2);
        assertTrue(hyStart.inConservativeSlowStart());
    }

    @Test
    void riseOfSixteenMillisecondsOnALongPathBeginsConservativeSlowStart() {
        round(600);
        round(600);
        round(617);
        assertTrue(hyStart.inConservativeSlowStart());
    }

    @Test
    void sevenSamplesAreTooFew() {
        round(10, 7);
        round(10, 7);
        round(30, 7);
        assertFalse(hyStart.inConservativeSlowStart());
    }

    @Test
    void oneLowSampleInTheRoundDeniesTheRise() {
        round(50);
        round(50);
        sample.rttNanos = 50 * MILLIS;
        round(50, 1);
        round(70, 9);
        assertFalse(hyStart.inConservativeSlowStart());
    }

    @Test
    void conservativeSlowStartGrowsByAQuarter() {
        round(10);
        round(10);
        assertEquals(1000, hyStart.growth(1000));
        round(20);
        assertEquals(250, hyStart.growth(1000));
    }

    @Test
    void roundTripsThatFallAgainResumeSlowStart() {
        round(10);
        round(10);
        round(20);
        round(12);
        assertFalse(hyStart.inConservativeSlowStart());
        assertEquals(1000, hyStart.growth(1000));
    }

    @Test
    void fiveRoundsEndSlowStart() {
        round(10);
        round(10);
        round(20);
        int rounds = 0;
        while (!hyStart.finished()) {
            round(21);
            rounds++;
        }
        // The rest of the round in which it began is the first of the five.
        assertEquals(5, rounds, 1);
    }

    @Test
    void missingSamplesDecideNothing() {
        sample.rttNanos = AckSample.NO_RTT;
        for (int i = 0; i < 100; i++) {
            sample.sndUna += 1000;
            sample.sndNxt = sample.sndUna + 10_000;
            hyStart.onAck(sample);
        }
        assertFalse(hyStart.inConservativeSlowStart());
    }
}
