package net.braid.tcp;

/**
 * Loss detection by time (RACK, RFC 8985 section 6): a segment is lost when one sent sufficiently later has arrived.
 * Holds the state and marks {@link SentSegments}; what follows from a loss is the business of {@link Recovery}.
 */
final class Rack {
    /** RFC 8985 section 6.2 step 4: recoveries after which a raised reordering window falls back. */
    private static final int PERSIST_RECOVERIES = 16;
    private static final int DUPLICATE_THRESHOLD = 3;

    private final SentSegments sent;
    private final RttEstimator rtt;

    private long xmitTime = -1;
    private long endOffset;
    private long rackRtt;
    /** Latest transmission among what the acknowledgment under way delivers. */
    private long newestInAck = -1;
    /** Highest offset known to have arrived (RACK.fack). */
    private long forwardAck;
    private boolean reorderingSeen;
    private int windowMultiplier = 1;
    private int windowPersist = PERSIST_RECOVERIES;
    /** Offset that must be acknowledged before another DSACK may widen the window; -1: none pending. */
    private long duplicateRound = -1;

    Rack(SentSegments sent, RttEstimator rtt) {
        this.sent = sent;
        this.rtt = rtt;
    }

    void beginAck() {
        newestInAck = -1;
    }

    /** Steps 2 and 3 for one segment that is now known to have arrived. True: it proves reordering. */
    boolean onDelivered(int slot, boolean timestampsEnabled, boolean echoedBeforeRetransmission, long now) {
        boolean retransmitted = sent.has(slot, SentSegments.RETRANSMITTED);
        boolean reordered = false;
        long end = sent.end(slot);
        if (end > forwardAck) {
            forwardAck = end;
        } else if (end < forwardAck && !retransmitted) {
            reordered = !reorderingSeen;
            reorderingSeen = true;
        }
        long sample = now - sent.sentAt(slot);
        if (retransmitted) {
            // The ACK may be for the original: RFC 8985 section 6.2 step 2 drops it on either sign.
            if (timestampsEnabled && echoedBeforeRetransmission || sample < rtt.minimum()) {
                return reordered;
            }
        }
        if (sentAfter(sent.sentAt(slot), end, xmitTime, endOffset)) {
            xmitTime = sent.sentAt(slot);
            endOffset = end;
        }
        if (sent.sentAt(slot) >= newestInAck) {
            // "In ascending order of Segment.xmit_ts", so the last one sent leaves its mark.
            newestInAck = sent.sentAt(slot);
            rackRtt = sample;
        }
        return reordered;
    }

    /**
     * A DSACK says that a retransmission was needless: at most one widening per round trip (step 4). Unless it was a
     * probe, the original was declared lost and only late, which is reordering that step 3 cannot see: a packet held
     * for more than three others is always sent again before it arrives, and without reordering seen the widened window
     * would stay unused. So does Linux ({@code tcp_check_sack_reordering} on a DSACK).
     */
    void onDuplicateReported(boolean mayBeProbe, long sndNxt) {
        if (!mayBeProbe) {
            reorderingSeen = true;
        }
        if (duplicateRound < 0) {
            duplicateRound = sndNxt;
            windowMultiplier = Math.min(windowMultiplier + 1, 1 << 16);
            windowPersist = PERSIST_RECOVERIES;
        }
    }

    void onAcknowledged(long sndUna) {
        if (duplicateRound >= 0 && sndUna >= duplicateRound) {
            duplicateRound = -1;
        }
    }

    void onRecoveryEnded() {
        if (--windowPersist <= 0) {
            windowPersist = PERSIST_RECOVERIES;
            windowMultiplier = 1;
        }
    }

    /**
     * Step 5: marks as lost what was sent so long before the newest arrival that reordering cannot explain it.
     *
     * @return nanoseconds until the reordering timer must look again, 0 when nothing is in doubt
     */
    long detectLosses(boolean inRecovery, int maximumSegmentSize, long now) {
        if (xmitTime < 0) {
            return 0;
        }
        long window = reorderingWindow(inRecovery, maximumSegmentSize);
        long timeout = 0;
        int slot = sent.oldest();
        while (slot != SentSegments.NONE && sentAfter(xmitTime, endOffset, sent.sentAt(slot), sent.end(slot))) {
            int following = sent.later(slot);
            long remaining = sent.sentAt(slot) + rackRtt + window - now;
            if (remaining <= 0) {
                sent.markLost(slot);
            } else {
                timeout = Math.max(timeout, remaining);
            }
            slot = following;
        }
        return timeout;
    }

    /** On RTO (section 6.3): the head, and all that is older than a round trip and the window, is lost. */
    void markLostOnTimeout(boolean inRecovery, int maximumSegmentSize, long now) {
        long window = reorderingWindow(inRecovery, maximumSegmentSize);
        int head = sent.head();
        if (head != SentSegments.NONE && sent.state(head) == SentSegments.IN_FLIGHT) {
            sent.markLost(head);
        }
        int slot = sent.oldest();
        while (slot != SentSegments.NONE && sent.sentAt(slot) + rackRtt + window - now <= 0) {
            int following = sent.later(slot);
            sent.markLost(slot);
            slot = following;
        }
    }

    /** RACK_update_reo_wnd of RFC 8985 section 6.2 step 4, in nanoseconds. */
    long reorderingWindow(boolean inRecovery, int maximumSegmentSize) {
        boolean manySacked = sent.sackedCount() >= DUPLICATE_THRESHOLD
                || sent.sackedBytes() >= (long) DUPLICATE_THRESHOLD * maximumSegmentSize;
        if (!reorderingSeen && (inRecovery || manySacked)) {
            return 0;
        }
        return Math.min(windowMultiplier * (rtt.minimum() / 4), rtt.smoothed());
    }

    boolean reorderingSeen() {
        return reorderingSeen;
    }

    long forwardAck() {
        return forwardAck;
    }

    /** RACK_sent_after: by time, and by sequence within one instant. */
    private static boolean sentAfter(long time1, long end1, long time2, long end2) {
        return time1 > time2 || time1 == time2 && end1 > end2;
    }
}
