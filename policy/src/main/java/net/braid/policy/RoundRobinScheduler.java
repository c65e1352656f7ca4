package net.braid.policy;

import net.braid.mptcp.PacketScheduler;

/** One stretch on each flow in turn, skipping those without room. For measurements, not for speed. */
public final class RoundRobinScheduler implements PacketScheduler {
    private int last = -1;

    @Override
    public long select(Context context) {
        long ready = context.ready() & ~context.alreadyOn();
        if (ready == 0) {
            return WAIT;
        }
        long behind = last < 0 ? ready : ready & -1L << last + 1;
        last = Long.numberOfTrailingZeros(behind != 0 ? behind : ready);
        return 1L << last;
    }

    /** {@code roundrobin}. */
    public static final class Factory implements PacketScheduler.Factory {
        @Override
        public String name() {
            return "roundrobin";
        }

        @Override
        public PacketScheduler create() {
            return new RoundRobinScheduler();
        }
    }
}
