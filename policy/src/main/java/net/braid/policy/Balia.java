package net.braid.policy;

import net.braid.tcp.CongestionController;
import net.braid.tcp.CouplingGroup;
import net.braid.tcp.FlowView;

/**
 * Balanced linked adaptation (Peng et al., IEEE/ACM Transactions on Networking 2016;
 * draft-walid-mptcp-congestion-control-04): between friendliness and responsiveness. With x = window / round-trip time
 * in segments and a = max x / own x, the window grows for each segment acknowledged by
 * x / (rtt (sum of x)^2) * (1 + a) / 2 * (4 + a) / 5, and a loss takes min(a, 1.5) / 2 of it.
 */
public final class Balia extends CoupledController {
    private static final double LARGEST_CUT = 1.5;

    // What the last look at the flows found.
    private double rates;
    private double largestRate;

    Balia(FlowView flow, CouplingGroup group) {
        super(flow, group);
    }

    @Override
    double coupledGrowth(double acked) {
        look();
        double own = ownRate() / segment();
        double a = largestRate / own;
        return acked * own / (flow().smoothedRttNanos() * rates * rates) * ((1 + a) / 2) * ((4 + a) / 5);
    }

    @Override
    double remainingShare() {
        if (isAlone()) {
            return super.remainingShare();
        }
        look();
        return 1 - Math.min(largestRate * segment() / ownRate(), LARGEST_CUT) / 2;
    }

    private void look() {
        rates = ownRate() / segment();
        largestRate = rates;
        for (int i = 0; i < flows(); i++) {
            FlowView sister = sister(i);
            if (sister != null) {
                double rate = rate(sister) / sister.maximumSegmentSize();
                rates += rate;
                largestRate = Math.max(largestRate, rate);
            }
        }
    }

    /** Registered in module-info. */
    public static final class Factory implements CongestionController.Factory {
        @Override
        public String name() {
            return "balia";
        }

        @Override
        public CongestionController create(FlowView flow, CouplingGroup group, long now) {
            return new Balia(flow, group);
        }
    }
}
