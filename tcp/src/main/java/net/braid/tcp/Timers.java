package net.braid.tcp;

import java.util.Arrays;

/** The timers of one flow: an enum and an array of deadlines. {@link Long#MAX_VALUE} means "not set". */
final class Timers {
    enum Timer {
        /** RTO (RFC 6298), for data, SYN and FIN alike. Never set together with {@link #LOSS_PROBE}. */
        RETRANSMISSION,
        /** PTO of a tail loss probe (RFC 8985 section 7). */
        LOSS_PROBE,
        /** RACK's reordering timer (RFC 8985 section 6.2 step 5). */
        REORDERING,
        /** Zero-window probe (RFC 9293 section 3.8.6.1). */
        PERSIST,
        DELAYED_ACK,
        KEEP_ALIVE,
        /** Orphaned FIN-WAIT-2. */
        FIN_WAIT_2,
        /** Orphaned in any other state: look whether there is progress. */
        ORPHAN,
        /** The pacer lets the next burst go. */
        PACING,
        /** Next attempt to raise the path MTU (RFC 4821 section 7.7). */
        MTU_RAISE
    }

    static final long OFF = Long.MAX_VALUE;
    private static final int COUNT = Timer.values().length;

    private final long[] deadlines = new long[COUNT];
    private long earliest = OFF;
    private boolean stale;

    Timers() {
        Arrays.fill(deadlines, OFF);
    }

    void set(Timer timer, long deadline) {
        int i = timer.ordinal();
        long before = deadlines[i];
        deadlines[i] = deadline;
        if (deadline <= earliest) {
            earliest = deadline;
        } else if (before == earliest) {
            stale = true;
        }
    }

    void clear(Timer timer) {
        set(timer, OFF);
    }

    void clearAll() {
        Arrays.fill(deadlines, OFF);
        earliest = OFF;
        stale = false;
    }

    boolean isSet(Timer timer) {
        return deadlines[timer.ordinal()] != OFF;
    }

    long deadline(Timer timer) {
        return deadlines[timer.ordinal()];
    }

    /** True once when {@code timer} has come due; it is cleared. */
    boolean expire(Timer timer, long now) {
        if (deadlines[timer.ordinal()] > now) {
            return false;
        }
        clear(timer);
        return true;
    }

    long earliest() {
        if (stale) {
            long least = OFF;
            for (long deadline : deadlines) {
                least = Math.min(least, deadline);
            }
            earliest = least;
            stale = false;
        }
        return earliest;
    }
}
