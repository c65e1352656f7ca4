package net.braid.mptcp;

import net.braid.tcp.Subflow;

/**
 * Whether a flow has so much in flight that the rest would only wait in a queue of the path: more than two
 * bandwidth-delay products, from where nothing can be called back.
 *
 * <p>For that the round-trip time without a queue must be known, and the least that was ever seen is not it for good: a
 * route may become longer. A flow that stands at its limit, far above that time, for a second or more is let down to
 * one product, which costs no throughput if the time is right. If the round trip stays long with the queue gone, it has
 * become long. (BBR asks the same each ten seconds; it has no limit that would show when there is something to ask.)
 * Where the answer was that it is long, the next question goes down to the product of the short one.
 */
final class StandingQueue {
    private static final int FLIGHT_GAIN = 2;
    /** Room above the products: what a flow may have in flight before its rate is known (RFC 6928). */
    private static final long INITIAL_FLIGHT_BYTES = 14_600;
    private static final int LEFT_SEGMENTS = 2;
    /** Between two questions; doubled while the answer is that the path is what it was. */
    private static final long FIRST_PATIENCE_NANOS = 1_000_000_000L;
    private static final long LONGEST_PATIENCE_NANOS = 8_000_000_000L;

    private enum Step {
        NONE,
        /** In flight is what fills a queue, and nothing new leaves. */
        DRAINING,
        /** What was sent before is still being delivered, and then some that was not. */
        ASKING
    }

    private Step step = Step.NONE;
    /** Round trip without a queue, and the flow's own minimum when that was looked at last. */
    private long baseRtt;
    private long seenMinimum;
    /** When a round trip was about as short as it can be, or the last question was answered. */
    private long clearAt;
    private long patience = FIRST_PATIENCE_NANOS;
    private long askFrom;
    private long askTo;
    private long least;

    boolean isFull(Subflow flow, long now) {
        long rate = flow.maximumDeliveryRate();
        if (rate == 0 || flow.minimumRttNanos() == 0) {
            return false;
        }
        learn(flow, now);
        long product = (long) (rate * (baseRtt / 1e9));
        long flight = flow.bytesInFlight();
        if (step == Step.NONE) {
            boolean full = flight >= FLIGHT_GAIN * product + INITIAL_FLIGHT_BYTES;
            if (full && now - clearAt >= patience) {
                step = Step.DRAINING;
            }
            return full;
        }
        // By the least round trip ever: where the route became longer it may have become short again.
        long rest = (long) (rate * (seenMinimum / 1e9)) + (long) LEFT_SEGMENTS * flow.maximumSegmentSize();
        if (step == Step.DRAINING && flight < rest) {
            step = Step.ASKING;
            askFrom = flow.deliveredBytes() + flight;
            askTo = askFrom + rest / 2;
            least = Long.MAX_VALUE;
        }
        return flight >= rest;
    }

    private void learn(Subflow flow, long now) {
        long minimum = flow.minimumRttNanos();
        if (minimum != seenMinimum) {
            seenMinimum = minimum;
            baseRtt = minimum;
            clearAt = now;
            step = Step.NONE;
        }
        long latest = flow.latestRttNanos();
        baseRtt = Math.min(baseRtt, latest);
        boolean near = latest <= baseRtt + baseRtt / 2;
        if (step == Step.NONE) {
            clearAt = near ? now : clearAt;
        } else if (near && baseRtt <= minimum + minimum / 2) {
            answer(baseRtt, now);
        } else if (step == Step.ASKING && flow.deliveredBytes() > askFrom) {
            least = Math.min(least, latest);
            if (flow.deliveredBytes() >= askTo) {
                answer(least, now);
            }
        }
    }

    private void answer(long roundTrip, long now) {
        boolean same = roundTrip <= baseRtt + baseRtt / 2 && roundTrip >= baseRtt - baseRtt / 4;
        patience = same ? Math.min(2 * patience, LONGEST_PATIENCE_NANOS) : FIRST_PATIENCE_NANOS;
        baseRtt = roundTrip;
        clearAt = now;
        step = Step.NONE;
    }
}
