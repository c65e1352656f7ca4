package net.braid.mptcp;

/**
 * Dynamic right-sizing of the receive buffer (Fisk and Feng, 2001), as Linux does it: per round trip, twice what the
 * application has read, so that a sender in slow start is never held back by our window.
 *
 * <p>The receiver measures the round trip itself, because a pure receiver sends nothing that would be acknowledged: by
 * the echoed timestamp of data segments, else by the time that one window takes to arrive.
 */
final class ReceiveBufferTuner {
    private static final long UNKNOWN = 0;

    private long rttNanos = UNKNOWN;
    private int lastEcho;
    private boolean echoSeen;
    private long windowEnd = -1;
    private long windowStartedAt;
    private long roundStartedAt;
    private long roundStart;
    /** Most bytes read in one round trip so far. */
    private long space;
    private long wanted;

    ReceiveBufferTuner(long initialLimit) {
        space = initialLimit / 2;
        wanted = initialLimit;
    }

    /** A data segment echoes {@code echo}; our clock, in the same unit of 1 ms, shows {@code clock}. */
    void onEcho(int echo, int clock) {
        if (echoSeen && echo == lastEcho) {
            return;
        }
        echoSeen = true;
        lastEcho = echo;
        int millis = clock - echo;
        if (millis >= 0) {
            onSample(Math.max(1, millis) * 1_000_000L, false);
        }
    }

    /** Without timestamps: {@code received} bytes are here, and {@code edge} is the end of the window offered now. */
    void onReceived(long received, long edge, long now) {
        if (windowEnd >= 0 && received < windowEnd) {
            return;
        }
        if (windowEnd >= 0) {
            onSample(Math.max(1, now - windowStartedAt), true);
        }
        windowEnd = Math.max(edge, received + 1);
        windowStartedAt = now;
    }

    private void onSample(long sample, boolean upperBound) {
        if (rttNanos == UNKNOWN) {
            rttNanos = sample;
        } else if (upperBound) {
            rttNanos = Math.min(rttNanos, sample);
        } else {
            rttNanos += (sample - rttNanos) / 8;
        }
    }

    /**
     * Bytes the buffer should hold, given that the application has read up to {@code position}.
     *
     * @param slowestRttNanos of all subflows: a round is at least that long, because the bytes of the fast ones wait
     *     for
     *     those of the slowest; 0 for plain TCP
     */
    long wanted(long position, int segmentSize, long slowestRttNanos, long now) {
        if (rttNanos == UNKNOWN) {
            roundStart = position;
            roundStartedAt = now;
            return wanted;
        }
        if (now - roundStartedAt < Math.max(rttNanos, slowestRttNanos)) {
            return wanted;
        }
        long copied = position - roundStart;
        if (copied > space) {
            long window = 2 * copied + 16L * segmentSize;
            // It grew since the last round: expect that it grows by as much again, twice. More than double it does not
            // grow, not even in slow start.
            window += 2 * (window * Math.min(copied - space, space) / space);
            wanted = Math.max(wanted, window);
            space = copied;
        }
        roundStart = position;
        roundStartedAt = now;
        return wanted;
    }

    long rttNanos() {
        return rttNanos;
    }
}
