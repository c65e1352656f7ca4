package net.braid.policy;

import net.braid.tcp.CongestionController;
import net.braid.tcp.CouplingGroup;
import net.braid.tcp.FlowView;

/**
 * Opportunistic linked increases (Khalili et al., CoNEXT 2012; draft-khalili-mptcp-congestion-control-05): as LIA, and
 * windows move from paths that have the largest window to paths that lose least, so that no capacity is wasted which
 * others need. A loss halves.
 *
 * <p>With l the bytes between losses, quality is l/rtt^2. The draft is said to print l^2/rtt; the paper's argument and
 * the Linux kernel have what is here. Windows are compared in whole segments, as the kernel does: two equal paths are
 * equal.
 */
public final class Olia extends CoupledController {
    // What the last look at the flows found.
    private double rates;
    private long largestWindow;
    private double bestQuality;

    Olia(FlowView flow, CouplingGroup group) {
        super(flow, group);
    }

    @Override
    double coupledGrowth(double acked) {
        int count = look();
        double rtt = flow().smoothedRttNanos();
        double shared = segments(window(), flow()) / (rtt * rtt) / (rates * rates);
        return acked * (shared + alpha(count) * segment() / window());
    }

    /** Sums and maxima over all flows; answers how many there are. */
    private int look() {
        rates = segments(window(), flow()) / flow().smoothedRttNanos();
        largestWindow = ownWindow();
        bestQuality = quality(flow());
        int count = 1;
        for (int i = 0; i < flows(); i++) {
            FlowView sister = sister(i);
            if (sister != null) {
                rates += segments(window(sister), sister) / sister.smoothedRttNanos();
                largestWindow = Math.max(largestWindow, wholeSegments(sister));
                bestQuality = Math.max(bestQuality, quality(sister));
                count++;
            }
        }
        return count;
    }

    /** What this flow gains, or yields, so that the best paths get what the largest windows have. */
    private double alpha(int count) {
        boolean ownLargest = ownWindow() == largestWindow;
        boolean ownBest = quality(flow()) == bestQuality;
        int largest = ownLargest ? 1 : 0;
        int collected = ownBest && !ownLargest ? 1 : 0;
        for (int i = 0; i < flows(); i++) {
            FlowView sister = sister(i);
            if (sister != null && wholeSegments(sister) == largestWindow) {
                largest++;
            } else if (sister != null && quality(sister) == bestQuality) {
                collected++;
            }
        }
        if (collected == 0) {
            return 0;
        }
        if (ownLargest) {
            return -1.0 / (count * largest);
        }
        return ownBest ? 1.0 / (count * collected) : 0;
    }

    private long ownWindow() {
        return (long) segments(window(), flow());
    }

    private static long wholeSegments(FlowView sister) {
        return (long) segments(window(sister), sister);
    }

    private static double segments(double bytes, FlowView of) {
        return bytes / of.maximumSegmentSize();
    }

    private static double quality(FlowView of) {
        double rtt = of.smoothedRttNanos();
        return of.bytesBetweenLosses() / (rtt * rtt);
    }

    /** Registered in module-info. */
    public static final class Factory implements CongestionController.Factory {
        @Override
        public String name() {
            return "olia";
        }

        @Override
        public CongestionController create(FlowView flow, CouplingGroup group, long now) {
            return new Olia(flow, group);
        }
    }
}
