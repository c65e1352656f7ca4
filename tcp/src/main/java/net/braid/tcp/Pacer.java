package net.braid.tcp;

/**
 * Spreads segments over the round trip: a burst of at most {@link #MAXIMUM_BURST_NANOS} worth of data, then silence
 * until its time has passed. Bursts and not single segments, because a wake-up costs more than a segment.
 *
 * <p>Without a rate from the controller: 2 x window / SRTT in slow start, 1.2 x after it, as Linux does; the surplus
 * lets the window grow and fill.
 */
final class Pacer {
    static final long MAXIMUM_BURST_NANOS = 1_000_000;
    private static final double SLOW_START_GAIN = 2.0;
    private static final double AVOIDANCE_GAIN = 1.2;

    private double nanosPerByte;
    private long burstNanos;
    private long nextSendAt;
    private boolean waiting;

    /** Called with each acknowledgment. A rate of 0 asks for the default rule; no SRTT means: do not pace. */
    void update(long rateBytesPerSecond, long window, long slowStartThreshold, long smoothedRtt, long now) {
        double before = nanosPerByte;
        if (smoothedRtt <= 0) {
            nanosPerByte = 0;
        } else if (rateBytesPerSecond > 0) {
            nanosPerByte = 1e9 / rateBytesPerSecond;
        } else {
            double gain = window < slowStartThreshold / 2 ? SLOW_START_GAIN : AVOIDANCE_GAIN;
            nanosPerByte = smoothedRtt / (gain * window);
        }
        if (nanosPerByte < before && nextSendAt > now) {
            // What is waited for is bytes, not time: after an outage the first rate is far too low.
            nextSendAt = now + (long) ((nextSendAt - now) * (nanosPerByte / before));
        }
        // An eighth of a round trip at most: on a path of 100 us a burst of 1 ms would be no pacing at all.
        burstNanos = Math.min(MAXIMUM_BURST_NANOS, smoothedRtt / 8);
    }

    void onSent(int bytes, long now) {
        nextSendAt = Math.max(nextSendAt, now) + (long) (bytes * nanosPerByte);
        if (nextSendAt - now > burstNanos) {
            waiting = true;
        }
    }

    /** When the next segment may leave; {@code now} or earlier means at once. */
    long readyAt(long now) {
        if (waiting && nextSendAt <= now) {
            waiting = false;
        }
        return waiting ? nextSendAt : now;
    }

    /** Bytes of one burst, for the size of super-segments; at least 1. */
    long burstBytes() {
        return nanosPerByte == 0 ? Long.MAX_VALUE : Math.max(1, (long) (burstNanos / nanosPerByte));
    }
}
