package net.braid.tcp;

/**
 * Round-trip time and retransmission timeout (RFC 6298), and the minimum that RACK and the pacer use.
 *
 * <p>The lower bound of the RTO is applied to the variance term, as Linux does: RTO = SRTT + max(minimum, 4 RTTVAR).
 * That is never below what RFC 6298 asks for with the same minimum, and it keeps a steady path of long delay, whose
 * RTTVAR decays to nothing, from timing out on the first delayed ACK.
 */
final class RttEstimator {
    /** Samples older than this leave the minimum: routes change (Linux: tcp_min_rtt_wlen, 300 s). */
    private static final long MINIMUM_WINDOW_NANOS = 300_000_000_000L;
    /** RFC 6298 (5.7): the RTO for data after a SYN that had to be sent again without a sample. */
    private static final long RTO_AFTER_SYN_TIMEOUT_NANOS = 3_000_000_000L;

    private final long minimumRto;
    private final long maximumRto;
    private long smoothed;
    private long variance;
    private long latest;
    private long rto;
    private int backoff;
    private boolean sampled;
    /** SRTT and RTTVAR are those of an earlier connection, until the first own sample. */
    private boolean restored;
    /** Minimum of the current half window and of the one before it. */
    private long currentMinimum = Long.MAX_VALUE;
    private long previousMinimum = Long.MAX_VALUE;
    private long halfWindowEnd;

    RttEstimator(SubflowConfig config) {
        minimumRto = config.minimumRtoNanos();
        maximumRto = config.maximumRtoNanos();
        rto = Math.min(config.initialRtoNanos(), maximumRto);
    }

    void onSample(long rttNanos, long now) {
        long rtt = Math.max(1, rttNanos);
        if (!sampled && !restored) {
            smoothed = rtt;
            variance = rtt / 2;
        } else {
            // RTTVAR first: it uses SRTT from before this sample (RFC 6298 (2.3)).
            variance += (Math.abs(smoothed - rtt) - variance) / 4;
            smoothed += (rtt - smoothed) / 8;
        }
        sampled = true;
        latest = rtt;
        backoff = 0;
        rto = Math.min(smoothed + Math.max(minimumRto, 4 * variance), maximumRto);
    }

    /** Feeds the minimum filter only: also with samples that are too short-sighted for SRTT. */
    void onMinimumSample(long rttNanos, long now) {
        if (now >= halfWindowEnd) {
            previousMinimum = now - halfWindowEnd < MINIMUM_WINDOW_NANOS / 2 ? currentMinimum : Long.MAX_VALUE;
            currentMinimum = Long.MAX_VALUE;
            halfWindowEnd = now + MINIMUM_WINDOW_NANOS / 2;
        }
        currentMinimum = Math.min(currentMinimum, Math.max(1, rttNanos));
    }

    /**
     * Starts from remembered values (RFC 9040); the first own sample continues from there. The RTO stays what it is
     * without a sample: the SYN goes by (2.1) of RFC 6298.
     */
    void restore(long rttNanos, long varianceNanos) {
        if (rttNanos > 0) {
            smoothed = rttNanos;
            variance = varianceNanos;
            restored = true;
        }
    }

    void onTimeout() {
        backoff++;
    }

    void clearBackoff() {
        backoff = 0;
    }

    int backoff() {
        return backoff;
    }

    /** The handshake is complete and its SYN had been sent more than once. */
    void onSynTimeoutSurvived() {
        backoff = 0;
        if (!sampled && rto < RTO_AFTER_SYN_TIMEOUT_NANOS) {
            rto = RTO_AFTER_SYN_TIMEOUT_NANOS;
        }
    }

    /** RTO with the current back-off (RFC 6298 (5.5)), in nanoseconds. */
    long timeout() {
        return backedOff(backoff);
    }

    long backedOff(int doublings) {
        long value = rto;
        for (int i = 0; i < doublings && value < maximumRto; i++) {
            value <<= 1;
        }
        return Math.min(value, maximumRto);
    }

    /** There is a sample of this connection itself. */
    boolean hasSample() {
        return sampled;
    }

    long smoothed() {
        return smoothed;
    }

    long variance() {
        return variance;
    }

    long latest() {
        return latest;
    }

    /** Smallest sample of the last five minutes, or 0. */
    long minimum() {
        long least = Math.min(currentMinimum, previousMinimum);
        return least == Long.MAX_VALUE ? 0 : least;
    }
}
