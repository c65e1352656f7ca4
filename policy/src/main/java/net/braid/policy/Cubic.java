package net.braid.policy;

import net.braid.tcp.AckSample;
import net.braid.tcp.CongestionController;
import net.braid.tcp.CouplingGroup;
import net.braid.tcp.FlowView;

/**
 * CUBIC (RFC 9438): after a loss the window follows a cubic curve of time that flattens where the last loss was, and
 * never does worse than Reno would. First slow start by HyStart++ (RFC 9406), which RFC 9438 section 4.10 asks for.
 *
 * <p>The RFC counts windows in segments and time in seconds; here windows are bytes and time nanoseconds, and the
 * constants carry the conversion. {@code StrictMath} keeps the curve the same on every machine.
 */
public final class Cubic extends LossBasedController {
    /** Segments per second cubed. */
    static final double C = 0.4;
    static final double BETA = 0.7;
    /** Additive increase with which AIMD(alpha, beta) has the mean window of Reno. */
    static final double ALPHA = 3 * (1 - BETA) / (1 + BETA);
    private static final double TARGET_LIMIT = 1.5;
    private static final double NANOS_PER_SECOND = 1e9;

    private final HyStart hyStart = new HyStart();

    /** Saturation point of the last loss, lowered by fast convergence; 0 before the first one. */
    private double wMax;
    /** Window when the slow-start threshold was last set. */
    private double windowPrior;
    /** The congestion avoidance that comes next follows a timeout. */
    private boolean afterTimeout;

    private boolean epochStarted;
    /** Time spent in this congestion avoidance, without the phases in which the application was the limit. */
    private long elapsedNanos;
    private long lastAckNanos;
    /** Seconds from the start of the epoch to the saturation point. */
    private double k;
    /** C in bytes, with the segment size at the start of the epoch. */
    private double scale;
    private double wEst;

    private double undoWMax;
    private double undoWindowPrior;
    private boolean undoAfterTimeout;
    private boolean undoEpochStarted;
    private long undoElapsedNanos;
    private double undoK;
    private double undoScale;
    private double undoWEst;

    Cubic(FlowView flow) {
        super(flow, BETA);
    }

    @Override
    public void onSent(long now, int bytes, long inFlightBytes) {
        if (inFlightBytes <= bytes) {
            // Nothing was in flight: the time since the last acknowledgment was the application's.
            lastAckNanos = now;
        }
    }

    @Override
    public void onAck(AckSample sample) {
        advanceEpoch(sample);
        if (inInitialSlowStart() && !sample.inRecovery && sample.newlyAckedBytes > 0) {
            hyStart.onAck(sample);
            if (hyStart.finished()) {
                leaveSlowStart();
                windowPrior = window();
            }
        }
        super.onAck(sample);
    }

    private void advanceEpoch(AckSample sample) {
        //= rfc9438#4.2
        //# MUST NOT include periods during which cwnd has not been updated due to
        //# application-limited behavior
        if (epochStarted && sample.windowLimited && !sample.inRecovery) {
            elapsedNanos += Math.max(sample.now - lastAckNanos, 0);
        }
        lastAckNanos = sample.now;
    }

    @Override
    double slowStartGrowth(AckSample sample, long acked) {
        return inInitialSlowStart() ? hyStart.growth(acked) : acked;
    }

    @Override
    void avoidCongestion(AckSample sample, long acked) {
        if (!epochStarted) {
            startEpoch();
        }
        double window = window();
        double alpha = wEst >= windowPrior ? 1 : ALPHA;
        wEst += alpha * segment() * acked / window;
        if (curve(0) < wEst) {
            // Reno-friendly region (section 4.3). Where the cubic curve ruled until now, the estimate may be far ahead:
            // it is approached no faster than slow start would.
            setWindow(Math.clamp(wEst, window, window + acked));
            return;
        }
        double target = Math.clamp(curve(flow().smoothedRttNanos()), window, TARGET_LIMIT * window);
        // Concave and convex region (sections 4.4 and 4.5): (target - cwnd) / cwnd for each segment acknowledged.
        // One ACK never takes the window past the target.
        setWindow(window + (target - window) * Math.min(acked / window, 1));
    }

    private void startEpoch() {
        epochStarted = true;
        elapsedNanos = 0;
        scale = C * segment();
        wEst = window();
        //= rfc9438#4.8
        //# K is set to 0, and Wmax is set to the congestion window size at the
        //# beginning of the current congestion avoidance stage.
        if (afterTimeout || wMax <= window()) {
            k = 0;
            wMax = window();
        } else {
            k = StrictMath.cbrt((wMax - window()) / scale);
        }
        afterTimeout = false;
    }

    /** W_cubic(t + ahead) in bytes. */
    private double curve(long aheadNanos) {
        double fromSaturation = (elapsedNanos + aheadNanos) / NANOS_PER_SECOND - k;
        return scale * fromSaturation * fromSaturation * fromSaturation + wMax;
    }

    @Override
    void onDecrease(Signal signal) {
        windowPrior = window();
        epochStarted = false;
        if (signal == Signal.RETRANSMISSION_TIMEOUT) {
            afterTimeout = true;
            return;
        }
        afterTimeout = false;
        // Fast convergence (section 4.7): below the last saturation point, make room for a newcomer.
        wMax = window() < wMax ? window() * (1 + BETA) / 2 : window();
    }

    @Override
    void onIdle() {
        epochStarted = false;
        hyStart.reset();
    }

    @Override
    void saveState() {
        undoWMax = wMax;
        undoWindowPrior = windowPrior;
        undoAfterTimeout = afterTimeout;
        undoEpochStarted = epochStarted;
        undoElapsedNanos = elapsedNanos;
        undoK = k;
        undoScale = scale;
        undoWEst = wEst;
    }

    @Override
    void restoreState() {
        wMax = undoWMax;
        windowPrior = undoWindowPrior;
        afterTimeout = undoAfterTimeout;
        epochStarted = undoEpochStarted;
        elapsedNanos = undoElapsedNanos;
        k = undoK;
        scale = undoScale;
        wEst = undoWEst;
    }

    /** Registered in module-info. */
    public static final class Factory implements CongestionController.Factory {
        @Override
        public String name() {
            return "cubic";
        }

        @Override
        public CongestionController create(FlowView flow, CouplingGroup group, long now) {
            return new Cubic(flow);
        }
    }
}
