package net.braid.mptcp;

/**
 * When a connection that has gone idle gives its arrays back: a timer that looks once a second, as long as there was
 * something to see, so that traffic with short pauses does not allocate.
 */
final class IdleTrim {
    private static final long NEVER = Long.MAX_VALUE;
    private static final long IDLE_NANOS = 1_000_000_000L;

    private long activeAt;
    private long deadline = NEVER;

    void onActivity(long now) {
        activeAt = now;
        if (deadline == NEVER) {
            deadline = now + IDLE_NANOS;
        }
    }

    long deadline() {
        return deadline;
    }

    /** True when the connection has been idle for long enough. */
    boolean isDue(long now) {
        if (deadline > now) {
            return false;
        }
        deadline = activeAt + IDLE_NANOS;
        if (deadline > now) {
            return false;
        }
        deadline = NEVER;
        return true;
    }
}
