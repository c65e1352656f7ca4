package net.braid.policy;

import net.braid.tcp.AckSample;
import net.braid.tcp.CongestionController;
import net.braid.tcp.CouplingGroup;
import net.braid.tcp.FlowView;

/**
 * Reno (RFC 5681) with the initial window of RFC 6928 and appropriate byte counting (RFC 3465): doubles in each round
 * trip of slow start, adds one segment in each round trip of congestion avoidance, halves at a loss.
 *
 * <p>Departure: slow start counts every acknowledged byte, not at most one segment per ACK. Receivers that coalesce
 * segments acknowledge many at once, and the engine paces what leaves. After a timeout the limit is two segments.
 */
public sealed class Reno extends LossBasedController permits CoupledController {
    /** Acknowledged bytes that have not yet earned a segment. */
    private double ackedBytes;
    private double undoAckedBytes;

    Reno(FlowView flow) {
        super(flow, 0.5);
    }

    @Override
    double slowStartGrowth(AckSample sample, long acked) {
        return acked;
    }

    @Override
    void avoidCongestion(AckSample sample, long acked) {
        //= rfc5681#3.1
        //# The RECOMMENDED way to increase cwnd during congestion avoidance is to
        //# count the number of bytes that have been acknowledged by ACKs for new
        //# data.
        ackedBytes += acked;
        while (ackedBytes >= window()) {
            ackedBytes -= window();
            setWindow(window() + segment());
        }
    }

    @Override
    void onDecrease(Signal signal) {
        ackedBytes = 0;
    }

    @Override
    void onIdle() {
        ackedBytes = 0;
    }

    @Override
    void saveState() {
        undoAckedBytes = ackedBytes;
    }

    @Override
    void restoreState() {
        ackedBytes = undoAckedBytes;
    }

    /** Registered in module-info. */
    public static final class Factory implements CongestionController.Factory {
        @Override
        public String name() {
            return "reno";
        }

        @Override
        public CongestionController create(FlowView flow, CouplingGroup group, long now) {
            return new Reno(flow);
        }
    }
}
