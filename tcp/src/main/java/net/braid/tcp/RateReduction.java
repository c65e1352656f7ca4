package net.braid.tcp;

/**
 * Proportional rate reduction (RFC 9937, before it RFC 6937): while loss is repaired, how much may be sent is a
 * fraction of what the peer reports to have received, so that the window arrives at the threshold when recovery ends.
 */
final class RateReduction {
    private long recoverFlightSize;
    private long delivered;
    private long out;
    private long threshold;
    private long window;

    /** @param slowStartThreshold where the window shall end, in bytes */
    void begin(long flightBytes, long slowStartThreshold) {
        recoverFlightSize = Math.max(1, flightBytes);
        threshold = slowStartThreshold;
        delivered = 0;
        out = 0;
        window = flightBytes;
    }

    /**
     * @param safeAck SND.UNA advanced and no further loss was found by this acknowledgment
     */
    void onAck(long newlyDelivered, boolean safeAck, long pipe, int maximumSegmentSize) {
        delivered += newlyDelivered;
        long count;
        if (pipe > threshold) {
            count = (long) Math.ceil((double) delivered * threshold / recoverFlightSize) - out;
        } else {
            count = Math.max(delivered - out, newlyDelivered);
            if (safeAck) {
                count += maximumSegmentSize;
            }
            count = Math.min(threshold - pipe, count);
        }
        if (out == 0 && count < maximumSegmentSize) {
            // The first retransmission always goes (RFC 9937: force a fast retransmit upon entering recovery).
            count = maximumSegmentSize;
        }
        window = pipe + Math.max(0, count);
    }

    void onSent(int bytes) {
        out += bytes;
    }

    long window() {
        return window;
    }
}
