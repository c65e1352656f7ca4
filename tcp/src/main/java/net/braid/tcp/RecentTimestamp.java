package net.braid.tcp;

/** TS.Recent and protection against wrapped sequence numbers (RFC 7323 sections 4.3 and 5). */
final class RecentTimestamp {
    /** RFC 7323 section 5.5: after 24 days without a segment TS.Recent proves nothing any more. */
    private static final long OUTDATED_NANOS = 24L * 24 * 3600 * 1_000_000_000;

    private int value;
    private long updatedAt;

    void start(int tsval, long now) {
        value = tsval;
        updatedAt = now;
    }

    int value() {
        return value;
    }

    /** PAWS: the segment is older than one that was accepted. */
    boolean rejects(int tsval, long now) {
        return tsval - value < 0 && now - updatedAt < OUTDATED_NANOS;
    }

    /** RFC 7323 section 4.3 (3): only a segment that begins at or before the last ACK sent may set what is echoed. */
    void update(int tsval, long segmentOffset, long lastAckSent, long now) {
        if (segmentOffset <= lastAckSent && (tsval - value >= 0 || now - updatedAt >= OUTDATED_NANOS)) {
            value = tsval;
            updatedAt = now;
        }
    }
}
