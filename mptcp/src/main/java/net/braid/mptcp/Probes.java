package net.braid.mptcp;

import net.braid.wire.MptcpOption.ResetReason;

/**
 * Asks subflows whether they still live: those to an address that the peer has taken back (RFC 8684 section 3.4.2), and
 * those that are silent while others are not.
 *
 * <p>The second is for the side that only receives. When its path is dark, the peer may reset the subflow there, for it
 * pins the peer's send buffer, and the reset is lost. The receiver, which has nothing to send on it, would never learn
 * that this path needs a new subflow. A probe is a segment without data; an answer, or a reset, tells.
 */
final class Probes {
    private static final long NEVER = Long.MAX_VALUE;
    private static final long LEAST_PATIENCE_NANOS = 200_000_000L;
    /** How long a subflow is silent before it is asked. Doubled by each answer, for a path that is merely idle. */
    private static final long SILENCE_NANOS = 500_000_000L;
    private static final long LONGEST_SILENCE_NANOS = 64_000_000_000L;

    private final Multipath multipath;
    private final ConnectionHost host;
    private final Flows flows;
    /** When silence is looked for; runs while anything is heard on any subflow. */
    private long lookAt = NEVER;
    private boolean heardSinceLook;

    Probes(Multipath multipath, ConnectionHost host) {
        this.multipath = multipath;
        this.host = host;
        flows = multipath.flows();
    }

    /** A segment was accepted on a subflow. */
    void onHeard(SubflowContext context, long now) {
        context.heard++;
        context.heardAt = now;
        heardSinceLook = true;
        if (lookAt == NEVER && flows.count() > 1) {
            lookAt = now + SILENCE_NANOS;
        }
    }

    /** REMOVE_ADDR of the peer. False: it has no subflow to that address. */
    //= rfc8684#3.4.2 D10
    //# The receipt of REMOVE_ADDR SHOULD
    //# first trigger the sending of a TCP keepalive [RFC1122] on the path,
    //# and if a response is received, the path SHOULD NOT be removed.
    boolean askThoseTo(int remoteId, long now) {
        boolean known = false;
        for (int i = 0; i < flows.places(); i++) {
            SubflowContext context = flows.at(i);
            if (context != null && context.remoteId == remoteId) {
                known = true;
                ask(context, now);
            }
        }
        host.onWork(multipath.connection());
        return known;
    }

    /**
     * The peer wants one more subflow than there may be: some that we have may be dead, and only the peer knows. Who
     * does not answer makes room for its next attempt.
     */
    void askAll(long now) {
        for (int i = 0; i < flows.places(); i++) {
            SubflowContext context = flows.at(i);
            if (context != null && context.isOpen() && context.probeDeadline == NEVER
                    && now - context.heardAt > SILENCE_NANOS) {
                ask(context, now);
                host.onWork(multipath.connection());
            }
        }
    }

    /** An answer is due within two timeouts, or the subflow is reset. */
    private void ask(SubflowContext context, long now) {
        context.flow.requestProbe();
        context.probeDeadline = now + 2 * Math.max(context.flow.retransmissionTimeoutNanos(), LEAST_PATIENCE_NANOS);
        context.probeMark = context.heard;
    }

    long deadline() {
        long earliest = lookAt;
        for (int i = 0; i < flows.places(); i++) {
            SubflowContext context = flows.at(i);
            if (context != null) {
                earliest = Math.min(earliest, context.probeDeadline);
            }
        }
        return earliest;
    }

    void onDeadline(long now) {
        for (int i = 0; i < flows.places(); i++) {
            SubflowContext context = flows.at(i);
            if (context != null && context.probeDeadline <= now) {
                context.probeDeadline = NEVER;
                if (context.heard == context.probeMark) {
                    multipath.reset(context, ResetReason.UNACCEPTABLE_PERFORMANCE);
                }
            }
        }
        if (lookAt <= now) {
            lookAt = heardSinceLook && flows.count() > 1 && multipath.isMultipath() ? now + SILENCE_NANOS : NEVER;
            heardSinceLook = false;
            if (lookAt != NEVER) {
                askTheSilent(now);
            }
        }
    }

    private void askTheSilent(long now) {
        for (int i = 0; i < flows.places(); i++) {
            SubflowContext context = flows.at(i);
            if (context == null || !context.isOpen()) {
                continue;
            }
            long since = context.heard - context.heardWhenAsked;
            if (context.silenceNanos == 0 || since > 1) {
                // It has carried more than an answer: silence is news again.
                context.silenceNanos = SILENCE_NANOS;
            }
            if (now - Math.max(context.heardAt, context.askedAt) >= context.silenceNanos) {
                if (since == 1) {
                    context.silenceNanos = Math.min(2 * context.silenceNanos, LONGEST_SILENCE_NANOS);
                }
                context.askedAt = now;
                context.heardWhenAsked = context.heard;
                context.flow.requestProbe();
                host.onWork(multipath.connection());
            }
        }
    }
}
