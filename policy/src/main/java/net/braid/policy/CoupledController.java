package net.braid.policy;

import net.braid.tcp.AckSample;
import net.braid.tcp.CouplingGroup;
import net.braid.tcp.FlowView;

/**
 * What the coupled controllers share: Reno on each flow, but in congestion avoidance the window grows by what the
 * sister flows allow. While a flow has no sisters it is Reno, to the byte.
 *
 * <p>A sister counts while she sends data: not during her handshake, not before her first round-trip sample, not when
 * she is suspected to have failed, nor when she has nothing in flight for want of data. A backup counts only for a
 * backup, that is, while no regular flow works.
 * Nothing is kept between acknowledgments: the sums over at most eight flows are cheaper than the mistakes of a memory
 * of flows that come and go.
 *
 * <p>Windows are bytes, times nanoseconds; the formulas are ratios, so that the units cancel.
 */
abstract sealed class CoupledController extends Reno permits Lia, Olia, Balia {
    private final CouplingGroup group;

    CoupledController(FlowView flow, CouplingGroup group) {
        super(flow);
        this.group = group;
    }

    /** Bytes by which {@code acked} bytes enlarge the window; less than 0 shrinks it. There is a sister. */
    abstract double coupledGrowth(double acked);

    /** Flows of the connection. Those that do not count are null in {@link #sister}. */
    final int flows() {
        return group.size();
    }

    /** Flow {@code position} if it is another than ours and counts, else null. */
    final FlowView sister(int position) {
        FlowView sister = group.flow(position);
        boolean counts = sister != flow() && sister.isUsable() && sister.smoothedRttNanos() > 0
                && window(sister) > 0 && (flow().isBackup() || !sister.isBackup());
        return counts ? sister : null;
    }

    /** No flow shares the connection's fate with this one: plain Reno. */
    final boolean isAlone() {
        if (flow().smoothedRttNanos() <= 0) {
            return true;
        }
        for (int i = 0; i < flows(); i++) {
            if (sister(i) != null) {
                return false;
            }
        }
        return true;
    }

    /** The window that a sister answers for. */
    static double window(FlowView sister) {
        //= rfc6356#3
        //# The correct behavior is to use the ssthresh (slow start
        //# threshold) value for flows in fast retransmit when computing
        //# cwnd_total.  To cater to connections that are app limited, the
        //# computation should consider the minimum between flight_size_i and
        //# cwnd_i, and flight_size_i and ssthresh_i, where appropriate.
        double window = sister.inRecovery() ? sister.slowStartThreshold() : sister.congestionWindow();
        if (!sister.isWindowLimited()) {
            window = Math.min(window, sister.bytesInFlight());
        }
        return Math.min(window, MAXIMUM_WINDOW);
    }

    /** Bytes in each nanosecond that a sister's window lets pass. */
    static double rate(FlowView sister) {
        return window(sister) / sister.smoothedRttNanos();
    }

    final double ownRate() {
        return window() / flow().smoothedRttNanos();
    }

    @Override
    final void avoidCongestion(AckSample sample, long acked) {
        if (isAlone()) {
            super.avoidCongestion(sample, acked);
            return;
        }
        // An ACK for more than the window speaks of the time before the last reduction.
        double growth = coupledGrowth(Math.min(acked, window()));
        assert growth > -window() && growth < 2 * window() : growth;
        setWindow(Math.max(window() + growth, segment()));
    }

    /**
     * With sisters a flow may go as low as one segment: the least rate at which it still probes its path is then half
     * of that of RFC 5681, and less is taken from those who have nothing but this path.
     */
    @Override
    final int leastThresholdSegments() {
        return isAlone() ? super.leastThresholdSegments() : 1;
    }
}
