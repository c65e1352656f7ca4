package net.braid.policy;

import net.braid.tcp.CongestionController;
import net.braid.tcp.CouplingGroup;
import net.braid.tcp.FlowView;

/**
 * Linked increases (RFC 6356; Wischik et al., NSDI 2011): all flows together take what one TCP would get on the best
 * path, and none takes more than a TCP would on its path. A loss halves the flow that had it.
 */
public final class Lia extends CoupledController {

    Lia(FlowView flow, CouplingGroup group) {
        super(flow, group);
    }

    @Override
    double coupledGrowth(double acked) {
        double rates = ownRate();
        double best = ownRate() / flow().smoothedRttNanos();
        for (int i = 0; i < flows(); i++) {
            FlowView sister = sister(i);
            if (sister != null) {
                rates += rate(sister);
                best = Math.max(best, rate(sister) / sister.smoothedRttNanos());
            }
        }
        // Equations (1) and (2); cwnd_total cancels. The fraction of a byte is kept, so that the increase is never 0
        // and need not be set to 1.
        double linked = best / (rates * rates);
        //= rfc6356#3
        //# The increase formula (1) takes the minimum between the computed
        //# increase for the multipath subflow (first argument to min), and the
        //# increase TCP would get in the same scenario (the second argument).
        return acked * segment() * Math.min(linked, 1 / window());
    }

    /** Registered in module-info. */
    public static final class Factory implements CongestionController.Factory {
        @Override
        public String name() {
            return "lia";
        }

        @Override
        public CongestionController create(FlowView flow, CouplingGroup group, long now) {
            return new Lia(flow, group);
        }
    }
}
