package net.braid.policy;

import net.braid.tcp.AckSample;
import net.braid.tcp.CongestionController;
import net.braid.tcp.FlowView;
import net.braid.tcp.InitialWindow;

/**
 * What Reno and its descendants share (RFC 5681): slow start, the answer to a timeout, restart after idle time, and
 * the undo of a reduction that turned out to be wrong. A subclass says how its window grows in congestion avoidance
 * and what share of it survives a loss.
 *
 * <p>Bytes and nanoseconds. The window is a double so that a fraction of a byte per acknowledgment is not lost; it is
 * exact up to 2^53 bytes, and {@link #MAXIMUM_WINDOW} is far below.
 */
abstract class LossBasedController implements CongestionController {
    /** Upper bound of the window in bytes: eighty times 100 Gbit/s over one second, and small enough to multiply. */
    static final long MAXIMUM_WINDOW = 1L << 40;

    /** RFC 3465 section 2.3, in segments: an ACK after a timeout may cover what had arrived long before. */
    private static final int LIMIT_AFTER_TIMEOUT = 2;

    private final FlowView flow;
    private final double decreaseFactor;
    private double window;
    private long threshold = Long.MAX_VALUE;

    /** The retransmission timer fired and SND.UNA has not moved since: another expiry concerns the same data. */
    private boolean headTimedOut;
    /** In the slow start that follows a timeout. */
    private boolean slowStartAfterTimeout;

    private boolean undoable;
    private double undoWindow;
    private long undoThreshold;

    /** @param decreaseFactor what is left of the window after a loss, in (0, 1) */
    LossBasedController(FlowView flow, double decreaseFactor) {
        assert decreaseFactor > 0 && decreaseFactor < 1 : decreaseFactor;
        this.flow = flow;
        this.decreaseFactor = decreaseFactor;
        this.window = flow.initialWindow();
    }

    // ---- what a subclass decides

    /** Bytes to add in slow start for {@code acked} newly acknowledged bytes. */
    abstract double slowStartGrowth(AckSample sample, long acked);

    /** Grows the window in congestion avoidance by {@link #setWindow}; {@code acked} is more than 0. */
    abstract void avoidCongestion(AckSample sample, long acked);

    /** The window is about to shrink for {@code signal}; the old one is still in force. */
    abstract void onDecrease(Signal signal);

    /** Flow was idle: the window is about to fall back to the initial one. */
    abstract void onIdle();

    abstract void saveState();

    abstract void restoreState();

    /** What is left of the window after a loss, in (0, 1). Asked before {@link #onDecrease}. */
    double remainingShare() {
        return decreaseFactor;
    }

    /** Lower bound of the slow-start threshold, and of the window after a loss. */
    int leastThresholdSegments() {
        return 2;
    }

    // ---- what a subclass may use

    final int segment() {
        return flow.maximumSegmentSize();
    }

    final FlowView flow() {
        return flow;
    }

    /** At least one segment, though segments may have grown since the window was set. */
    final double window() {
        return Math.max(window, segment());
    }

    final void setWindow(double bytes) {
        assert bytes >= 0 : bytes;
        window = Math.min(bytes, MAXIMUM_WINDOW);
    }

    /** Ends slow start without a loss. */
    final void leaveSlowStart() {
        threshold = (long) window;
    }

    /** No congestion yet: this is the first slow start of the flow. */
    final boolean inInitialSlowStart() {
        return threshold == Long.MAX_VALUE;
    }

    // ---- CongestionController

    @Override
    public long congestionWindow() {
        return Math.max((long) window, segment());
    }

    @Override
    public final long slowStartThreshold() {
        return threshold;
    }

    @Override
    public final long pacingRate() {
        return 0;
    }

    @Override
    public void onSent(long now, int bytes, long inFlightBytes) {
    }

    @Override
    public void onAck(AckSample sample) {
        if (sample.newlyAckedBytes > 0) {
            headTimedOut = false;
        }
        if (sample.inRecovery || !sample.windowLimited || sample.newlyAckedBytes <= 0) {
            return;
        }
        grow(sample);
    }

    private void grow(AckSample sample) {
        long acked = sample.newlyAckedBytes;
        //= rfc5681#3.1
        //# The slow start algorithm is used when cwnd < ssthresh, while the
        //# congestion avoidance algorithm is used when cwnd > ssthresh.  When
        //# cwnd and ssthresh are equal, the sender may use either slow start or
        //# congestion avoidance.
        if (window < threshold) {
            long counted = slowStartAfterTimeout ? Math.min(acked, (long) LIMIT_AFTER_TIMEOUT * segment()) : acked;
            double growth = slowStartGrowth(sample, counted);
            double room = threshold - window;
            if (growth <= room) {
                setWindow(window + growth);
                return;
            }
            setWindow(threshold);
            acked = (long) (growth - room);
        }
        slowStartAfterTimeout = false;
        if (acked > 0) {
            avoidCongestion(sample, acked);
        }
    }

    @Override
    public void onCongestion(Signal signal, long now, long inFlightBytes) {
        switch (signal) {
            case LOSS -> {
                save();
                decrease(signal, inFlightBytes, leastThresholdSegments());
            }
            case ECN -> {
                undoable = false;
                decrease(signal, inFlightBytes, 1);
            }
            case RETRANSMISSION_TIMEOUT -> onTimeout(inFlightBytes);
            case SPURIOUS_RECOVERY -> undo();
            case IDLE_RESTART -> onIdleRestart();
        }
    }

    /** @param leastSegments of the window */
    private void decrease(Signal signal, long inFlightBytes, int leastSegments) {
        double remaining = remaining(inFlightBytes);
        onDecrease(signal);
        setWindow(Math.max(remaining, (double) leastSegments * segment()));
        setThreshold(remaining);
        slowStartAfterTimeout = false;
    }

    private void onTimeout(long inFlightBytes) {
        //= rfc5681#3.1
        //# On the other hand, when a TCP sender detects segment loss using the
        //# retransmission timer and the given segment has already been
        //# retransmitted by way of the retransmission timer at least once, the
        //# value of ssthresh is held constant.
        if (!headTimedOut) {
            save();
            double remaining = remaining(inFlightBytes);
            onDecrease(Signal.RETRANSMISSION_TIMEOUT);
            setThreshold(remaining);
        }
        headTimedOut = true;
        slowStartAfterTimeout = true;
        //= rfc5681#3.1
        //# Furthermore, upon a timeout (as specified in [RFC2988]) cwnd MUST be
        //# set to no more than the loss window, LW, which equals 1 full-sized
        //# segment (regardless of the value of IW).
        setWindow(segment());
    }

    /**
     * What of the flight survives. Never counted from more than the window: a second loss within one recovery must
     * bring a second reduction although the flight has not drained yet.
     */
    private double remaining(long inFlightBytes) {
        return Math.min(Math.max(inFlightBytes, 0), window) * remainingShare();
    }

    private void setThreshold(double remaining) {
        //= rfc5681#3.1
        //# When a TCP sender detects segment loss using the retransmission timer
        //# and the given segment has not yet been resent by way of the
        //# retransmission timer, the value of ssthresh MUST be set to no more
        //# than the value given in equation (4):
        //#
        //#    ssthresh = max (FlightSize / 2, 2*SMSS)            (4)
        threshold = Math.max((long) remaining, (long) leastThresholdSegments() * segment());
    }

    private void save() {
        undoable = true;
        undoWindow = window;
        undoThreshold = threshold;
        saveState();
    }

    /** As RFC 9438 section 4.9.2: back to what was, unless the window has outgrown it meanwhile. */
    private void undo() {
        if (undoable && window < undoWindow) {
            window = undoWindow;
            threshold = undoThreshold;
            restoreState();
        }
        undoable = false;
        headTimedOut = false;
        slowStartAfterTimeout = false;
    }

    private void onIdleRestart() {
        onIdle();
        // Three quarters of what the path carried are remembered, so that slow start leads back there soon
        // (RFC 7661 section 4.3 does the same after a rate-limited phase).
        if (!inInitialSlowStart()) {
            threshold = Math.max(threshold, (long) (window * 0.75));
        }
        //= rfc5681#4.1
        //# For the purposes of this standard, we define RW = min(IW,cwnd).
        setWindow(Math.min(window, InitialWindow.bytes(segment())));
        undoable = false;
    }
}
