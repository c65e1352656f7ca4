package net.braid.tcp;

import net.braid.tcp.Timers.Timer;

/** What happens when the timers of a flow come due. */
final class Deadlines {
    private final Subflow flow;
    private final Timers timers;
    private final AckPolicy acks;
    private final KeepAlive keepAlive;
    private final Orphan orphan;
    private final Counters counters;

    Deadlines(Subflow flow, Timers timers, AckPolicy acks, KeepAlive keepAlive, Orphan orphan,
            Counters counters) {
        this.flow = flow;
        this.timers = timers;
        this.acks = acks;
        this.keepAlive = keepAlive;
        this.orphan = orphan;
        this.counters = counters;
    }

    void onDeadline(long now) {
        Sender sender = flow.sender();
        if (timers.expire(Timer.RETRANSMISSION, now)) {
            onRetransmissionTimer(sender, now);
        }
        if (timers.expire(Timer.LOSS_PROBE, now)) {
            sender.recovery().onProbeTimer(now);
        }
        if (timers.expire(Timer.REORDERING, now)) {
            sender.recovery().onReorderingTimer(now);
        }
        if (timers.expire(Timer.PERSIST, now) && !sender.onPersistTimer(now)) {
            giveUp(now);
        }
        if (timers.expire(Timer.DELAYED_ACK, now)) {
            counters.increment(Counter.TCP_DELAYED_ACKS);
            acks.onDelayExpired();
        }
        if (timers.expire(Timer.KEEP_ALIVE, now) && !keepAlive.onTimer(sender.isIdle(), now)) {
            giveUp(now);
        }
        if (timers.expire(Timer.FIN_WAIT_2, now)) {
            giveUp(now);
        }
        if (timers.expire(Timer.ORPHAN, now) && !orphan.onTimer(now)) {
            // The peer may well be alive, and must hear that what it waits for will not come.
            counters.increment(Counter.TCP_ABORT_ON_TIMEOUT);
            flow.abort(timedOut(), now);
        }
        timers.expire(Timer.PACING, now);
        if (timers.expire(Timer.MTU_RAISE, now)) {
            flow.pathMtu().onRaiseTimer(now);
        }
    }

    private void onRetransmissionTimer(Sender sender, long now) {
        if (flow.state() == TcpState.SYN_SENT || flow.state() == TcpState.SYN_RECEIVED) {
            onSynTimer(now);
            return;
        }
        if (sender.isIdle()) {
            return;
        }
        Recovery recovery = sender.recovery();
        SegmentSizes sizes = flow.sizes();
        boolean fullSize = sender.headLargerThan(sizes.segment() - 1);
        if (!recovery.onRetransmissionTimer(now)) {
            giveUp(now);
            return;
        }
        int consecutive = recovery.consecutiveTimeouts();
        if (flow.pathMtu().onTimeout(consecutive, fullSize, sizes.overhead(), now)) {
            sizes.update();
            sender.onSegmentSizeReduced(sizes.segment(), now);
        }
        flow.owner().onRetransmissionTimeout(flow, consecutive, now);
        if (consecutive == flow.config().retries1()) {
            flow.owner().onTrouble(flow, consecutive, now);
        }
    }

    private void onSynTimer(long now) {
        Handshake handshake = flow.handshake();
        if (!handshake.onTimer(now)) {
            counters.increment(Counter.TCP_ATTEMPT_FAILS);
            flow.close(new CloseReason.TimedOut(handshake.retransmissions()), now);
        } else if (handshake.retransmissions() == flow.config().retries1()) {
            flow.owner().onTrouble(flow, handshake.retransmissions(), now);
        }
    }

    private void giveUp(long now) {
        counters.increment(Counter.TCP_ABORT_ON_TIMEOUT);
        flow.close(timedOut(), now);
    }

    private CloseReason timedOut() {
        return new CloseReason.TimedOut(flow.sender().recovery().consecutiveTimeouts());
    }
}
