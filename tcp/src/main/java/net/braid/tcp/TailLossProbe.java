package net.braid.tcp;

/**
 * Tail loss probe (RFC 8985 section 7): one segment, sent early, that turns a silent tail loss into a SACK or an ACK.
 */
final class TailLossProbe {
    /**
     * TLP.max_ack_delay, "implementation specific" in RFC 8985 section 7.2: what a peer may hold back the ACK of a
     * single segment. 40 ms is what Linux and we use as delayed-ACK time; a needless probe costs one segment.
     */
    static final long MAXIMUM_ACK_DELAY_NANOS = 40_000_000;
    private static final long TIMEOUT_WITHOUT_RTT_NANOS = 1_000_000_000;
    private static final long NONE = -1;

    /** SND.NXT when the probe left (TLP.end_seq), or NONE. */
    private long endOffset = NONE;
    private boolean retransmission;
    /** The timer fired, the probe has not left yet. */
    private boolean pending;

    /** TLP_calc_PTO without the RTO bound, in nanoseconds. */
    static long timeout(RttEstimator rtt, boolean singleSegment) {
        if (!rtt.hasSample()) {
            return TIMEOUT_WITHOUT_RTT_NANOS;
        }
        return 2 * rtt.smoothed() + (singleSegment ? MAXIMUM_ACK_DELAY_NANOS : 0);
    }

    boolean isOutstanding() {
        return endOffset != NONE;
    }

    boolean isPending() {
        return pending;
    }

    void onTimer() {
        pending = true;
    }

    void cancel() {
        pending = false;
    }

    void onSent(long sndNxt, boolean isRetransmission) {
        pending = false;
        endOffset = sndNxt;
        retransmission = isRetransmission;
    }

    void reset() {
        pending = false;
        endOffset = NONE;
    }

    /**
     * TLP_process_ack (RFC 8985 section 7.4.2).
     *
     * @param plainDuplicate a duplicate ACK without SACK option, whether or not data is outstanding
     * @return true when the probe repaired a loss that nothing else showed: the congestion response is due
     */
    boolean onAck(long ack, boolean duplicateOfProbeReported, boolean plainDuplicate) {
        pending = false;
        if (endOffset == NONE || ack < endOffset) {
            return false;
        }
        if (!retransmission || duplicateOfProbeReported) {
            endOffset = NONE;
            return false;
        }
        if (ack > endOffset) {
            endOffset = NONE;
            return true;
        }
        if (plainDuplicate) {
            // Both the original and the probe arrived.
            endOffset = NONE;
        }
        return false;
    }
}
