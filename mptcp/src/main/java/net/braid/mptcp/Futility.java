package net.braid.mptcp;

import net.braid.tcp.CloseReason;
import net.braid.wire.MptcpOption.ResetReason;

/**
 * Subflows work, and nothing comes through at the data level: something on the way eats mappings or DATA_ACKs, and each
 * subflow ends as the one before. Without an end to that both sides would join for ever. What counts is time in which
 * subflows acknowledge data, or are joined and end by reset or timeout, without any progress at the data level. Time in
 * which paths are dark, or there is no subflow at all, has limits of its own and does not count.
 */
final class Futility {
    /** As long as the data level waits on one subflow that acknowledges all: R2 of RFC 9293 section 3.8.3. */
    private static final long LIMIT_NANOS = 100_000_000_000L;
    /** The most that two events following each other count for: paths may have been dark in between. */
    private static final long LONGEST_GAP_NANOS = 10_000_000_000L;

    private long mark = -1;
    private long markedAt;
    private long last;
    private long spent;

    /** A subflow has acknowledged data, and of what is outstanding at the data level {@code dataUna} is the first. */
    void onAcknowledged(long dataUna, long now) {
        if (dataUna != mark) {
            mark = dataUna;
            markedAt = now;
            spent = 0;
        } else {
            spent += Math.min(now - last, LONGEST_GAP_NANOS);
        }
        last = now;
    }

    /** A subflow that stood has ended while data was outstanding. That we have lost its address says nothing. */
    void onSubflowGone(SubflowContext context, CloseReason reason, long dataUna, long now) {
        boolean interference = context.resetReason == ResetReason.MIDDLEBOX_INTERFERENCE
                || context.resetReason == ResetReason.MPTCP_ERROR;
        boolean counts = switch (reason) {
            case CloseReason.ResetByPeer r -> true;
            case CloseReason.TimedOut t -> {
                if (dataUna == mark && context.joinedAt > markedAt) {
                    // Joined since, so its path was not dark, and yet nothing of what it has tried came through.
                    spent += now - context.joinedAt;
                }
                yield true;
            }
            case CloseReason.Aborted a -> interference;
            default -> false;
        };
        if (counts) {
            onAcknowledged(dataUna, now);
        }
    }

    boolean isHopeless() {
        return spent >= LIMIT_NANOS;
    }
}
