package net.braid.policy;

import net.braid.mptcp.PacketScheduler;
import net.braid.tcp.FlowView;

/**
 * The default: of the flows with room, the one with the smallest round-trip time, but not a slow one that would leave
 * the
 * fast one waiting.
 *
 * <p>A slow flow delays what comes after it in the stream: its stretch arrives one of its round trips later, and until
 * then everything the fast flows deliver waits in the receiver's window. The stretch is worth sending there only if the
 * window has room for what the fast flows can deliver meanwhile; so asks BLEST (Ferlin et al., Networking 2016).
 */
public final class MinRttScheduler implements PacketScheduler {

    @Override
    public long select(Context context) {
        int best = fastest(context, context.ready() & ~context.alreadyOn());
        if (best < 0) {
            return WAIT;
        }
        int fastest = fastest(context, context.usable());
        if (best != fastest && !context.isReinjection() && blocks(context, best, fastest)) {
            return WAIT;
        }
        return 1L << best;
    }

    private static int fastest(Context context, long flows) {
        int found = -1;
        long least = Long.MAX_VALUE;
        for (long bits = flows; bits != 0; bits &= bits - 1) {
            int index = Long.numberOfTrailingZeros(bits);
            FlowView flow = context.flow(index);
            if (flow != null && flow.smoothedRttNanos() < least) {
                least = flow.smoothedRttNanos();
                found = index;
            }
        }
        return found;
    }

    /** While a stretch is on its way over {@code slow}, would {@code fast} run into the end of the window? */
    private static boolean blocks(Context context, int slow, int fast) {
        FlowView slowFlow = context.flow(slow);
        FlowView fastFlow = context.flow(fast);
        if (slowFlow.smoothedRttNanos() == 0 || fastFlow.smoothedRttNanos() == 0) {
            return false;
        }
        long rate = fastFlow.deliveryRate();
        double meanwhile = rate * (slowFlow.smoothedRttNanos() / 1e9);
        return context.length() + slowFlow.bytesInFlight() + meanwhile > context.windowBytes();
    }

    /** {@code default}. */
    public static final class Factory implements PacketScheduler.Factory {
        @Override
        public String name() {
            return "default";
        }

        @Override
        public PacketScheduler create() {
            return new MinRttScheduler();
        }
    }
}
