package net.braid.tcp;

import net.braid.tcp.Timers.Timer;

/**
 * A flow whose application is gone: nobody misses it, so a peer that does not let it end must not hold its memory and
 * its place for ever. It may take as long as it likes while the peer acknowledges more; without progress for
 * {@link SubflowConfig#orphanNanos} it is reset. FIN-WAIT-2, where nothing is left to acknowledge, has a limit of its
 * own.
 */
final class Orphan {
    private final Subflow flow;
    private final SubflowConfig config;
    private final Timers timers;
    private boolean alone;
    /** SND.UNA when we last looked. */
    private long acknowledged;

    Orphan(Subflow flow, SubflowConfig config, Timers timers) {
        this.flow = flow;
        this.config = config;
        this.timers = timers;
    }

    void begin(long now) {
        if (alone || flow.state() == TcpState.CLOSED || flow.state() == TcpState.TIME_WAIT) {
            return;
        }
        alone = true;
        if (flow.state() == TcpState.FIN_WAIT_2) {
            onFinWait2(now);
        } else {
            look(now);
        }
    }

    void onFinWait2(long now) {
        if (alone) {
            timers.clear(Timer.ORPHAN);
            timers.set(Timer.FIN_WAIT_2, now + config.finWait2Nanos());
        }
    }

    private void look(long now) {
        acknowledged = flow.sendUnacknowledged();
        // A timeout that has backed off may be longer than all our patience: the next repetition is waited for.
        timers.set(Timer.ORPHAN, now + Math.max(config.orphanNanos(), 2 * flow.retransmissionTimeoutNanos()));
    }

    /** False: the peer has kept us waiting for too long. */
    boolean onTimer(long now) {
        Sender sender = flow.sender();
        boolean waits = !sender.isIdle() || sender.finWanted() || timers.isSet(Timer.PERSIST)
                || sender.window().isProbeDue();
        if (waits && flow.sendUnacknowledged() == acknowledged) {
            return false;
        }
        look(now);
        return true;
    }
}
