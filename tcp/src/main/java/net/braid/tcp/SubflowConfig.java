package net.braid.tcp;

/**
 * Settings of one flow, with the defaults of a current Linux kernel unless said otherwise. Times in nanoseconds.
 *
 * @param timestamps offer RFC 7323 timestamps ({@code tcp_timestamps})
 * @param windowScaling offer RFC 7323 window scaling ({@code tcp_window_scaling})
 * @param windowScale the shift to offer, 0 to 14; chosen from the largest receive buffer
 * @param sack offer selective acknowledgment ({@code tcp_sack}); without it losses are found as NewReno does (RFC 6582)
 * @param ecn ask for ECN when we open ({@code tcp_ecn} = 1); an incoming request is always answered
 * @param pacing spread segments over the round trip
 * @param mtuProbing packetization-layer path MTU discovery ({@code tcp_mtu_probing}): 0 off, 1 after a black hole is
 *     suspected, 2 always
 * @param synRetries SYNs sent again before we give up ({@code tcp_syn_retries} = 6, about 127 s; RFC 9293 MUST-23
 *     asks for 3 minutes or more, hence 7 here: about 255 s)
 * @param synAckRetries the same for SYN/ACK ({@code tcp_synack_retries})
 * @param retries1 R1: timeouts before the owner hears of trouble ({@code tcp_retries1})
 * @param retries2 R2: timeouts before the flow is given up ({@code tcp_retries2} = 15, about 924 s)
 * @param minimumRtoNanos lower bound of the RTO; Linux's 200 ms departs from the 1 s of RFC 6298 (2.4)
 * @param maximumRtoNanos upper bound of the RTO ({@code TCP_RTO_MAX}); at least 60 s
 * @param initialRtoNanos RTO before the first sample (RFC 6298 (2.1)): 1 s
 * @param userTimeoutNanos give up when data, SYN or a probe of a shut window or of keep-alive stays unanswered this
 *     long ({@code TCP_USER_TIMEOUT}, RFC 5482); 0: the numbers of retries rule. A peer that answers probes keeps its
 *     window shut for as long as it likes (RFC 9293 MUST-37)
 * @param keepAliveIdleNanos idle time before the first probe; 0: keep-alive off (RFC 9293 MUST-25)
 * @param keepAliveIntervalNanos between probes
 * @param keepAliveProbes unanswered probes before the flow is given up
 * @param delayedAckNanos longest delay of an ACK; RFC 9293 MUST-40 allows up to 500 ms, Linux starts at 40 ms
 * @param finWait2Nanos how long an orphaned flow waits for the peer's FIN ({@code tcp_fin_timeout})
 * @param orphanNanos how long an orphaned flow stays while the peer acknowledges nothing new, at a window of zero too:
 *     100 s, what RFC 9293 section 3.8.3 asks of R2 at least, and about what the 8 retries of Linux
 *     ({@code tcp_orphan_retries} = 0) amount to at the smallest RTO
 * @param timeWaitNanos length of TIME-WAIT, 2 MSL; Linux 60 s
 * @param idleRestart shrink the window to the initial one after an idle RTO ({@code tcp_slow_start_after_idle})
 * @param maximumSegmentSize upper bound for the payload of a segment, in bytes; 0: what the path allows
 * @param receiveHoles how many separate ranges of out-of-order bytes we keep; a peer that opens more has the
 *     segments dropped that would open them
 * @param challengeAcksPerSecond RFC 5961 section 7 limit, per flow, randomised by a half
 */
public record SubflowConfig(
        boolean timestamps,
        boolean windowScaling,
        int windowScale,
        boolean sack,
        boolean ecn,
        boolean pacing,
        int mtuProbing,
        int synRetries,
        int synAckRetries,
        int retries1,
        int retries2,
        long minimumRtoNanos,
        long maximumRtoNanos,
        long initialRtoNanos,
        long userTimeoutNanos,
        long keepAliveIdleNanos,
        long keepAliveIntervalNanos,
        int keepAliveProbes,
        long delayedAckNanos,
        long finWait2Nanos,
        long orphanNanos,
        long timeWaitNanos,
        boolean idleRestart,
        int maximumSegmentSize,
        int receiveHoles,
        int challengeAcksPerSecond) {

    private static final long MILLIS = 1_000_000;
    private static final long SECONDS = 1_000_000_000;

    public static final SubflowConfig DEFAULT = new Builder().build();

    /** A builder that starts from the defaults; {@link #toBuilder} starts from this configuration. */
    public static Builder builder() {
        return new Builder();
    }

    public Builder toBuilder() {
        Builder b = new Builder();
        b.timestamps = timestamps;
        b.windowScaling = windowScaling;
        b.windowScale = windowScale;
        b.sack = sack;
        b.ecn = ecn;
        b.pacing = pacing;
        b.mtuProbing = mtuProbing;
        b.synRetries = synRetries;
        b.synAckRetries = synAckRetries;
        b.retries1 = retries1;
        b.retries2 = retries2;
        b.minimumRtoNanos = minimumRtoNanos;
        b.maximumRtoNanos = maximumRtoNanos;
        b.initialRtoNanos = initialRtoNanos;
        b.userTimeoutNanos = userTimeoutNanos;
        b.keepAliveIdleNanos = keepAliveIdleNanos;
        b.keepAliveIntervalNanos = keepAliveIntervalNanos;
        b.keepAliveProbes = keepAliveProbes;
        b.delayedAckNanos = delayedAckNanos;
        b.finWait2Nanos = finWait2Nanos;
        b.orphanNanos = orphanNanos;
        b.timeWaitNanos = timeWaitNanos;
        b.idleRestart = idleRestart;
        b.maximumSegmentSize = maximumSegmentSize;
        b.receiveHoles = receiveHoles;
        b.challengeAcksPerSecond = challengeAcksPerSecond;
        return b;
    }

    /** Mutable twin; each method checks its range and throws IllegalArgumentException. */
    public static final class Builder {
        private boolean timestamps = true;
        private boolean windowScaling = true;
        private int windowScale = 10;
        private boolean sack = true;
        private boolean ecn = false;
        private boolean pacing = true;
        private int mtuProbing = 1;
        private int synRetries = 7;
        private int synAckRetries = 5;
        private int retries1 = 3;
        private int retries2 = 15;
        private long minimumRtoNanos = 200 * MILLIS;
        private long maximumRtoNanos = 120 * SECONDS;
        private long initialRtoNanos = SECONDS;
        private long userTimeoutNanos = 0;
        private long keepAliveIdleNanos = 0;
        private long keepAliveIntervalNanos = 75 * SECONDS;
        private int keepAliveProbes = 9;
        private long delayedAckNanos = 40 * MILLIS;
        private long finWait2Nanos = 60 * SECONDS;
        private long orphanNanos = 100 * SECONDS;
        private long timeWaitNanos = 60 * SECONDS;
        private boolean idleRestart = true;
        private int maximumSegmentSize = 0;
        private int receiveHoles = 1024;
        private int challengeAcksPerSecond = 10;

        private Builder() {
        }

        public Builder timestamps(boolean value) {
            timestamps = value;
            return this;
        }

        public Builder windowScaling(boolean value) {
            windowScaling = value;
            return this;
        }

        public Builder windowScale(int value) {
            windowScale = inRange("windowScale", value, 0, 14);
            return this;
        }

        public Builder sack(boolean value) {
            sack = value;
            return this;
        }

        public Builder ecn(boolean value) {
            ecn = value;
            return this;
        }

        public Builder pacing(boolean value) {
            pacing = value;
            return this;
        }

        public Builder mtuProbing(int value) {
            mtuProbing = inRange("mtuProbing", value, 0, 2);
            return this;
        }

        public Builder synRetries(int value) {
            synRetries = inRange("synRetries", value, 0, 127);
            return this;
        }

        public Builder synAckRetries(int value) {
            synAckRetries = inRange("synAckRetries", value, 0, 127);
            return this;
        }

        public Builder retries1(int value) {
            retries1 = inRange("retries1", value, 1, 255);
            return this;
        }

        public Builder retries2(int value) {
            retries2 = inRange("retries2", value, 1, 255);
            return this;
        }

        public Builder minimumRtoNanos(long value) {
            minimumRtoNanos = inRange("minimumRtoNanos", value, MILLIS, 60 * SECONDS);
            return this;
        }

        public Builder maximumRtoNanos(long value) {
            maximumRtoNanos = inRange("maximumRtoNanos", value, SECONDS, 3600 * SECONDS);
            return this;
        }

        public Builder initialRtoNanos(long value) {
            initialRtoNanos = inRange("initialRtoNanos", value, MILLIS, 60 * SECONDS);
            return this;
        }

        public Builder userTimeoutNanos(long value) {
            userTimeoutNanos = inRange("userTimeoutNanos", value, 0, Long.MAX_VALUE / 4);
            return this;
        }

        public Builder keepAliveIdleNanos(long value) {
            keepAliveIdleNanos = inRange("keepAliveIdleNanos", value, 0, Long.MAX_VALUE / 4);
            return this;
        }

        public Builder keepAliveIntervalNanos(long value) {
            keepAliveIntervalNanos = inRange("keepAliveIntervalNanos", value, MILLIS, Long.MAX_VALUE / 4);
            return this;
        }

        public Builder keepAliveProbes(int value) {
            keepAliveProbes = inRange("keepAliveProbes", value, 1, 127);
            return this;
        }

        public Builder delayedAckNanos(long value) {
            delayedAckNanos = inRange("delayedAckNanos", value, 0, 500 * MILLIS);
            return this;
        }

        public Builder finWait2Nanos(long value) {
            finWait2Nanos = inRange("finWait2Nanos", value, 0, Long.MAX_VALUE / 4);
            return this;
        }

        public Builder orphanNanos(long value) {
            orphanNanos = inRange("orphanNanos", value, SECONDS, Long.MAX_VALUE / 4);
            return this;
        }

        public Builder timeWaitNanos(long value) {
            timeWaitNanos = inRange("timeWaitNanos", value, 0, Long.MAX_VALUE / 4);
            return this;
        }

        public Builder idleRestart(boolean value) {
            idleRestart = value;
            return this;
        }

        public Builder maximumSegmentSize(int value) {
            maximumSegmentSize = inRange("maximumSegmentSize", value, 0, 65_495);
            return this;
        }

        public Builder receiveHoles(int value) {
            receiveHoles = inRange("receiveHoles", value, 1, 1 << 20);
            return this;
        }

        public Builder challengeAcksPerSecond(int value) {
            challengeAcksPerSecond = inRange("challengeAcksPerSecond", value, 1, 1_000_000);
            return this;
        }

        public SubflowConfig build() {
            return new SubflowConfig(timestamps, windowScaling, windowScale, sack, ecn, pacing, mtuProbing, synRetries,
                    synAckRetries, retries1, retries2, minimumRtoNanos, maximumRtoNanos, initialRtoNanos,
                    userTimeoutNanos, keepAliveIdleNanos, keepAliveIntervalNanos, keepAliveProbes, delayedAckNanos,
                    finWait2Nanos, orphanNanos, timeWaitNanos, idleRestart, maximumSegmentSize, receiveHoles,
                    challengeAcksPerSecond);
        }

        private static int inRange(String name, int value, int low, int high) {
            return (int) inRange(name, (long) value, low, high);
        }

        private static long inRange(String name, long value, long low, long high) {
            if (value < low || value > high) {
                throw new IllegalArgumentException(name + " must be in " + low + ".." + high + ": " + value);
            }
            return value;
        }
    }
}
