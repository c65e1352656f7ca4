package net.braid.tcp;

import net.braid.tcp.Timers.Timer;

/** Keep-alive (RFC 9293 section 3.8.4): off by default, only on an idle flow, not fatal on a single loss. */
final class KeepAlive {
    private final SubflowConfig config;
    private final Timers timers;
    private final Counters counters;
    private long heardAt;
    private int unanswered;
    private boolean probeDue;

    KeepAlive(SubflowConfig config, Timers timers, Counters counters) {
        this.config = config;
        this.timers = timers;
        this.counters = counters;
    }

    void start(long now) {
        heardAt = now;
        if (config.keepAliveIdleNanos() > 0) {
            timers.set(Timer.KEEP_ALIVE, now + config.keepAliveIdleNanos());
        }
    }

    /** An acceptable segment arrived. The timer is not touched: it looks at this when it fires. */
    void onHeard(long now) {
        heardAt = now;
        unanswered = 0;
    }

    /** False: the peer has not answered the last of the probes. */
    boolean onTimer(boolean idle, long now) {
        long idleEnd = heardAt + config.keepAliveIdleNanos();
        //= rfc9293#3.8.4
        //# Keep-alive
        //# packets MUST only be sent when no sent data is outstanding, and no
        //# data or acknowledgment packets have been received for the connection
        //# within an interval (MUST-26).
        if (!idle || unanswered == 0 && idleEnd > now) {
            unanswered = 0;
            timers.set(Timer.KEEP_ALIVE, idle ? idleEnd : now + config.keepAliveIdleNanos());
            return true;
        }
        long silentEnd = heardAt + config.userTimeoutNanos();
        boolean limited = config.userTimeoutNanos() > 0;
        if (unanswered > 0 && (limited ? silentEnd <= now : unanswered >= config.keepAliveProbes())) {
            // As in Linux, the user timeout takes the place of the number of probes.
            return false;
        }
        unanswered++;
        probeDue = true;
        counters.increment(Counter.TCP_KEEP_ALIVE);
        long next = now + config.keepAliveIntervalNanos();
        timers.set(Timer.KEEP_ALIVE, limited && silentEnd > now ? Math.min(next, silentEnd) : next);
        return true;
    }

    /** A probe out of turn: somebody wants to know whether the peer answers. */
    void requestProbe() {
        probeDue = true;
    }

    boolean isProbeDue() {
        return probeDue;
    }

    void onProbeSent() {
        probeDue = false;
    }
}
