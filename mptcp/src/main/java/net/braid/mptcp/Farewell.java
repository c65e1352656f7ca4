package net.braid.mptcp;

import net.braid.tcp.CloseReason;
import net.braid.tcp.Counter;
import net.braid.wire.MptcpOption.ResetReason;

/**
 * The end of everything on all subflows at once, with MP_FASTCLOSE (RFC 8684 section 3.5). Version 1 says it on the
 * resets. Version 0 knows it on an acknowledgment only (RFC 6824 section 3.5): that leaves on every subflow, any of
 * which may have lost its path, and resets are the peer's to send. Who has not heard it is told again by the host.
 */
final class Farewell {
    private final Multipath multipath;
    private CloseReason why;
    private boolean announced;

    Farewell(Multipath multipath) {
        this.multipath = multipath;
    }

    /** @param spoken with MP_FASTCLOSE; else plain resets */
    void say(CloseReason reason, boolean spoken, long now) {
        if (spoken) {
            multipath.counters().increment(Counter.MPTCP_MP_FASTCLOSE_TX);
        }
        why = reason;
        boolean onAcknowledgment = spoken && multipath.keys().version() == 0;
        Flows flows = multipath.flows();
        for (int i = 0; i < flows.places(); i++) {
            SubflowContext context = flows.at(i);
            if (context == null) {
                continue;
            }
            context.fastClose = spoken;
            if (onAcknowledgment && context.isEstablished()) {
                context.farewellDue = true;
                context.flow.requestAck();
            } else {
                context.resetReason = Math.max(context.resetReason, ResetReason.UNSPECIFIED);
                context.flow.abort(reason, now);
            }
        }
    }

    /** MP_FASTCLOSE is leaving on an acknowledgment of this subflow. */
    void onAnnounced(SubflowContext context) {
        context.farewellDue = false;
        context.farewellSaid = true;
        announced = true;
    }

    /** Ends the subflows that have said it, after the segments are out. */
    void leave(long now) {
        if (!announced) {
            return;
        }
        announced = false;
        Flows flows = multipath.flows();
        for (int i = 0; i < flows.places(); i++) {
            SubflowContext context = flows.at(i);
            if (context != null && context.farewellSaid) {
                context.flow.close(why, now);
            }
        }
    }
}
