package net.braid.mptcp;

import net.braid.mptcp.SubflowContext.Stage;
import net.braid.tcp.CloseReason;
import net.braid.tcp.Counter;
import net.braid.wire.MptcpOption.ResetReason;

/**
 * How a connection ends in order: both DATA_FINs are acknowledged, then the subflows end (RFC 8684 section 3.3.3). And
 * how long it lives without any subflow: to go on with another one; or, when all is acknowledged, to answer a peer that
 * has missed the last DATA_ACK because the subflow which brought it was lost. That is the TIME-WAIT of the connection.
 */
final class Ending {
    private static final long NEVER = Long.MAX_VALUE;

    private final Multipath multipath;
    private final ConnectionHost host;
    private final Flows flows;
    private final Futility futility = new Futility();
    private long noPathDeadline = NEVER;
    private long closeDeadline = NEVER;
    /** Both streams are finished, and the subflows have been told to end. */
    private boolean subflowsTold;
    /** The peer has got our acknowledgment of its DATA_FIN. */
    private boolean peerKnows;
    /** The peer has joined, or tried to: it knows our token. */
    private boolean peerJoins;

    Ending(Multipath multipath, ConnectionHost host) {
        this.multipath = multipath;
        this.host = host;
        flows = multipath.flows();
    }

    Futility futility() {
        return futility;
    }

    /** Both streams have ended and are acknowledged to their ends. */
    boolean isFinished() {
        return multipath.data().localFinAcknowledged() && multipath.data().remoteFinReached();
    }

    /**
     * Nobody waits for anything any more: both streams are finished, and the peer is known to have heard so, because it
     * has acknowledged a FIN that said it, or because it does not know the connection any more.
     */
    boolean isSettled() {
        return isFinished() && peerKnows;
    }

    /** What a connection says that ends now without a word from the peer. */
    private CloseReason reason() {
        return isFinished() ? new CloseReason.Finished() : new CloseReason.TimedOut(0);
    }

    // ---- subflows

    void onSubflowJoined() {
        noPathDeadline = NEVER;
    }

    void onSubflowGone(SubflowContext context, CloseReason reason) {
        peerKnows |= context.endSaid && reason instanceof CloseReason.Finished;
        peerKnows |= isFinished() && !context.first && reason instanceof CloseReason.Refused
                && context.peerResetReason == ResetReason.MPTCP_ERROR;
    }

    void onPeerJoins() {
        peerJoins = true;
    }

    /**
     * The only subflow was reset before we may open another (RFC 8684 section 3.1), and nothing has shown that the peer
     * has our keys, and so might open one: there is nothing to wait for. What shows it is a join with our token, be it
     * a refused one, or a reset that says that it ends the subflow and not the connection (section 3.6).
     */
    boolean isBarred(SubflowContext last, CloseReason reason) {
        return multipath.isClient() && multipath.phase() == Multipath.Phase.UNPROVEN
                && reason instanceof CloseReason.ResetByPeer && !peerJoins && !last.peerResetExplained;
    }

    /** Not the end yet, unless all is settled. */
    void onNoSubflow(SubflowContext last, long now) {
        if (isSettled()) {
            multipath.connection().closedByMultipath(new CloseReason.Finished(), now);
        } else {
            //= rfc8684#3.3.3 C21
            //# If all subflows have
            //# been closed with a FIN exchange but no DATA_FIN has been received and
            //# acknowledged, the MPTCP connection is treated as closed only after a
            //# timeout.  This implies that an implementation will have TIME_WAIT
            //# states at both the subflow level and the connection level
            noPathDeadline = Math.min(noPathDeadline, now + multipath.config().noPathNanos());
            multipath.paths().onNoSubflow(last, now);
        }
    }

    /**
     * The peer sends nothing more on this subflow. Without DATA_FIN that ends the subflow, not the connection. Unless
     * the peer has fallen back to plain TCP, and we do not know yet: for as long as that can be, our own FIN, which
     * would end our stream there, has to wait.
     */
    void onSubflowFin(SubflowContext context, long now) {
        boolean elsewhere = flows.hasOpenBeside(context);
        if (!context.finishing && (elsewhere || multipath.peerIsProven())) {
            context.finishing = true;
            if (elsewhere || !multipath.data().hasOutstanding()) {
                context.finish(now);
            }
            multipath.reinject(context);
        }
    }

    /**
     * What was said before the fallback was known means something else now: an acknowledgment frees what it covers, and
     * FIN ends a stream, not only a subflow.
     */
    void onFallback(SubflowContext context, long now) {
        long acknowledged = context.flow.sendUnacknowledged() + multipath.sendShift();
        multipath.send().onAcknowledged(Math.min(acknowledged, multipath.send().assigned()));
        multipath.connection().onDataAcknowledged(now);
        if (context.flow.state().hasReceivedFin()) {
            multipath.connection().onRemoteFin(now);
        }
        if (context.finAsked && !(multipath.send().isShut() && multipath.send().pending() == 0)) {
            multipath.connection().abortLater("fallback after the end of the only subflow");
        }
        context.finishing = context.finAsked;
    }

    /** Runs after each input: what has to end now. DATA_FIN acknowledged in both directions: FIN on every subflow. */
    void endWhatIsOver(long now) {
        if (futility.isHopeless() && multipath.isMultipath() && multipath.connection().closeReason() == null) {
            multipath.giveUp(now);
            return;
        }
        if (!multipath.isMultipath() || !isFinished()) {
            return;
        }
        if (closeDeadline == NEVER) {
            closeDeadline = now + multipath.config().closeNanos();
        }
        for (int i = 0; i < flows.places(); i++) {
            SubflowContext context = flows.at(i);
            boolean opening = context != null && context.stage != Stage.ESTABLISHED;
            if (context == null || context.finishing || opening && (subflowsTold || flows.count() == 1)) {
                // A subflow that opens now brings the last word to a peer that has missed it.
                continue;
            }
            context.finishing = true;
            if (context.suspect || opening) {
                multipath.reset(context, ResetReason.TOO_MUCH_OUTSTANDING_DATA);
                context.resetDue = false;
                context.flow.abort(new CloseReason.Aborted("connection is complete"), now);
            } else {
                context.finish(now);
                context.flow.orphan(now);
            }
            host.onWork(multipath.connection());
        }
        subflowsTold = true;
        if (flows.isEmpty() && isSettled() && multipath.connection().closeReason() == null) {
            multipath.connection().closedByMultipath(new CloseReason.Finished(), now);
        }
    }

    // ---- time

    long deadline() {
        return Math.min(noPathDeadline, closeDeadline);
    }

    /** True: that was the end. */
    boolean onDeadline(long now) {
        if (noPathDeadline <= now) {
            noPathDeadline = NEVER;
            if (!isFinished()) {
                multipath.counters().increment(Counter.TCP_ABORT_ON_TIMEOUT);
            }
            multipath.connection().closedByMultipath(reason(), now);
            return true;
        }
        if (closeDeadline <= now) {
            closeDeadline = NEVER;
            multipath.fastClose(reason(), now);
            multipath.connection().closedByMultipath(reason(), now);
            return true;
        }
        return false;
    }

    /** The peer has acknowledged more: what is left may take its time, as in TCP, while that goes on. */
    void onDataProgress(long now) {
        if (closeDeadline != NEVER && !isFinished()) {
            closeDeadline = now + multipath.config().closeNanos();
        }
    }

    /** The application is gone: without progress the rest may take {@link MultipathConfig#closeNanos}. */
    void orphan(long now) {
        if (closeDeadline == NEVER) {
            closeDeadline = now + multipath.config().closeNanos();
        }
    }

    void stop() {
        noPathDeadline = NEVER;
        closeDeadline = NEVER;
    }
}
