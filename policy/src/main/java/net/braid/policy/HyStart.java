package net.braid.policy;

import net.braid.tcp.AckSample;

/**
 * HyStart++ (RFC 9406): leaves the first slow start when round trips grow, before the queue overflows. A rise is first
 * answered with conservative slow start (CSS), a quarter as fast; if the round trips fall again it was noise.
 *
 * <p>A round lasts until what was SND.NXT at its start is acknowledged. Times in nanoseconds.
 */
final class HyStart {
    static final long MIN_RTT_THRESH_NANOS = 4_000_000;
    static final long MAX_RTT_THRESH_NANOS = 16_000_000;
    static final int MIN_RTT_DIVISOR = 8;
    static final int N_RTT_SAMPLE = 8;
    static final int CSS_GROWTH_DIVISOR = 4;
    static final int CSS_ROUNDS = 5;

    private static final long UNKNOWN = Long.MAX_VALUE;

    private boolean roundKnown;
    private long windowEnd;
    private long lastRoundMinRtt = UNKNOWN;
    private long currentRoundMinRtt = UNKNOWN;
    private int rttSampleCount;
    private long cssBaselineMinRtt = UNKNOWN;
    private int cssRounds;
    private boolean finished;

    /** Starts over, as for a flow whose path was idle for long. */
    void reset() {
        roundKnown = false;
        lastRoundMinRtt = UNKNOWN;
        currentRoundMinRtt = UNKNOWN;
        rttSampleCount = 0;
        cssBaselineMinRtt = UNKNOWN;
        cssRounds = 0;
        finished = false;
    }

    /** To be called for every acknowledgment of the first slow start, before {@link #growth}. */
    void onAck(AckSample sample) {
        if (!roundKnown) {
            roundKnown = true;
            windowEnd = sample.sndNxt;
        }
        if (sample.rttNanos != AckSample.NO_RTT) {
            currentRoundMinRtt = Math.min(currentRoundMinRtt, sample.rttNanos);
            rttSampleCount++;
            if (rttSampleCount >= N_RTT_SAMPLE) {
                judge();
            }
        }
        if (sample.sndUna >= windowEnd) {
            startRound(sample.sndNxt);
        }
    }

    private void startRound(long sndNxt) {
        windowEnd = sndNxt;
        lastRoundMinRtt = currentRoundMinRtt;
        currentRoundMinRtt = UNKNOWN;
        rttSampleCount = 0;
        // The round in which CSS began counts too, even if only a part of it was left.
        if (inConservativeSlowStart() && ++cssRounds >= CSS_ROUNDS) {
            finished = true;
        }
    }

    private void judge() {
        if (inConservativeSlowStart()) {
            if (currentRoundMinRtt < cssBaselineMinRtt) {
                cssBaselineMinRtt = UNKNOWN;
            }
        } else if (lastRoundMinRtt != UNKNOWN) {
            long threshold = Math.clamp(lastRoundMinRtt / MIN_RTT_DIVISOR, MIN_RTT_THRESH_NANOS, MAX_RTT_THRESH_NANOS);
            if (currentRoundMinRtt >= lastRoundMinRtt + threshold) {
                cssBaselineMinRtt = currentRoundMinRtt;
                cssRounds = 0;
            }
        }
    }

    /**
     * Bytes by which {@code acked} bytes enlarge the window. Without a limit per ACK (L of the RFC is infinite), as
     * befits a sender that paces.
     */
    double growth(long acked) {
        return inConservativeSlowStart() ? (double) acked / CSS_GROWTH_DIVISOR : acked;
    }

    boolean inConservativeSlowStart() {
        return cssBaselineMinRtt != UNKNOWN;
    }

    /** Conservative slow start has run its course: congestion avoidance begins at the present window. */
    boolean finished() {
        return finished;
    }
}
