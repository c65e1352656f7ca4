package net.braid.testkit;

import java.util.SplittableRandom;
import net.braid.tcp.AckSample;
import net.braid.tcp.CongestionController;
import net.braid.tcp.CongestionController.Signal;
import net.braid.tcp.CouplingGroup;
import net.braid.tcp.FlowView;
import net.braid.tcp.InitialWindow;

/**
 * A sender reduced to what a congestion controller sees of it, driven at random from a seed. After every step the rules
 * of {@link CongestionController} are checked; a broken one throws AssertionError with the seed.
 */
final class CongestionModel implements FlowView, CouplingGroup {
    static final long MAXIMUM_WINDOW = 1L << 40;

    private static final int[] SEGMENT_SIZES = {500, 1200, 1448, 8948};

    private final long seed;
    private final SplittableRandom random;
    private final AckSample sample = new AckSample();
    private final CongestionController controller;
    private final int leastThreshold;

    private int mss = 1448;
    private long now = 1;
    private long srtt;
    private long minimumRtt;
    private long sndUna;
    private long sndNxt;
    private long recoveryEnd;
    private boolean inRecovery;
    private boolean headTimedOut;
    private boolean windowLimited;
    private boolean usable = true;
    private boolean backup;
    private long sinceLoss;
    private long betweenLosses;
    private long largestWindow;
    private long steps;
    private long digest;

    /** A flow without sisters. */
    CongestionModel(CongestionController.Factory factory, long seed) {
        this(factory, seed, null, 2);
    }

    /**
     * @param group that the flow is part of; null: a group of its own
     * @param leastThreshold in segments: coupled flows may go as low as one
     */
    CongestionModel(CongestionController.Factory factory, long seed, CouplingGroup group, int leastThreshold) {
        this.seed = seed;
        this.leastThreshold = leastThreshold;
        random = new SplittableRandom(seed);
        controller = factory.create(this, group == null ? this : group, now);
        largestWindow = controller.congestionWindow();
        check(largestWindow == InitialWindow.bytes(mss), "the first window is the initial window");
        check(controller.slowStartThreshold() == Long.MAX_VALUE, "the first threshold is unbounded");
    }

    void run(int count) {
        for (int i = 0; i < count; i++) {
            step();
        }
    }

    /** Depends on every answer so far. */
    long digest() {
        return digest;
    }

    /** What its owner makes of this flow. */
    void role(boolean nowUsable, boolean nowBackup) {
        usable = nowUsable;
        backup = nowBackup;
    }

    void step() {
        steps++;
        int dice = random.nextInt(1000);
        if (dice < 450) {
            send();
        } else if (dice < 960) {
            acknowledge();
        } else if (dice < 972) {
            lose();
        } else if (dice < 977) {
            mark();
        } else if (dice < 984) {
            timeOut();
        } else if (dice < 988) {
            undo();
        } else if (dice < 994) {
            idle();
        } else if (dice < 996) {
            mss = SEGMENT_SIZES[random.nextInt(SEGMENT_SIZES.length)];
        } else {
            now += random.nextLong(1L << random.nextInt(1, 48));
        }
        checkAlways();
    }

    private void send() {
        long window = controller.congestionWindow();
        long room = window - inFlight();
        windowLimited = room < mss || random.nextInt(4) != 0;
        long bytes = windowLimited ? room : random.nextLong(room);
        while (bytes > 0) {
            // Super-segments when there is much to send, so that huge windows are filled in few steps.
            int length = (int) Math.min(bytes, bytes > 100L * mss ? Integer.MAX_VALUE : mss);
            sndNxt += length;
            bytes -= length;
            controller.onSent(now, length, inFlight());
        }
        check(controller.congestionWindow() <= window, "sending does not enlarge the window");
    }

    private void acknowledge() {
        long rtt = random.nextInt(50) == 0 ? random.nextLong(1, 2_000_000_000L)
                : random.nextLong(20_000_000, 30_000_000);
        now += random.nextLong(rtt);
        long before = controller.congestionWindow();
        long flight = inFlight();
        long acked = flight == 0 || random.nextInt(10) == 0 ? 0
                : random.nextInt(3) == 0 ? flight : random.nextLong(1, flight + 1);
        sndUna += acked;
        sinceLoss += acked;
        if (acked > 0) {
            headTimedOut = false;
        }
        boolean repaired = inRecovery;
        if (inRecovery && sndUna >= recoveryEnd) {
            inRecovery = false;
        }
        srtt = srtt == 0 ? rtt : srtt - srtt / 8 + rtt / 8;
        minimumRtt = minimumRtt == 0 ? rtt : Math.min(minimumRtt, rtt);
        fill(rtt, acked, flight, repaired);
        controller.onAck(sample);

        long after = controller.congestionWindow();
        check(after <= Math.max(before, mss) || !sample.inRecovery, "the window does not grow in recovery");
        check(after <= Math.max(before, mss) || acked > 0, "the window does not grow without new acknowledgment");
        check(after <= Math.max(before, mss) || sample.windowLimited, "an unused window does not grow");
        check(after <= Math.max(before, mss) + acked + mss, "the window grows by what was acknowledged at most");
    }

    private void fill(long rtt, long acked, long flight, boolean repaired) {
        sample.now = now;
        sample.sndUna = sndUna;
        sample.sndNxt = sndNxt;
        sample.newlyAckedBytes = acked;
        sample.newlyDeliveredBytes = acked;
        sample.newlyLostBytes = 0;
        sample.inFlightBytesBefore = flight;
        sample.inFlightBytes = inFlight();
        sample.rttNanos = random.nextInt(5) == 0 ? AckSample.NO_RTT : rtt;
        sample.deliveredBytes += acked;
        sample.priorDeliveredBytes = Math.max(0, sample.deliveredBytes - flight);
        sample.deliveryRate = (long) (acked * 1e9 / rtt);
        sample.applicationLimited = !windowLimited;
        sample.windowLimited = windowLimited;
        sample.inRecovery = repaired;
        sample.congestionExperienced = false;
    }

    private void lose() {
        long flight = inFlight();
        if (flight == 0) {
            return;
        }
        long before = controller.congestionWindow();
        inRecovery = true;
        recoveryEnd = sndNxt;
        controller.onCongestion(Signal.LOSS, now, flight);
        betweenLosses = sinceLoss > 0 ? sinceLoss : betweenLosses;
        sinceLoss = 0;
        long threshold = controller.slowStartThreshold();
        check(threshold >= (long) leastThreshold * mss, "the threshold after a loss is not below its least");
        check(threshold <= Math.max(flight, 2L * mss), "the threshold after a loss is not above the flight");
        check(controller.congestionWindow() <= Math.max(before, 2L * mss), "a loss does not enlarge the window");
    }

    private void mark() {
        long before = controller.congestionWindow();
        controller.onCongestion(Signal.ECN, now, inFlight());
        check(controller.congestionWindow() <= Math.max(before, mss), "a mark does not enlarge the window");
        check(controller.slowStartThreshold() >= (long) leastThreshold * mss,
                "the threshold after a mark is not below its least");
    }

    private void timeOut() {
        if (inFlight() == 0) {
            return;
        }
        for (int i = random.nextInt(1, 4); i > 0; i--) {
            long threshold = controller.slowStartThreshold();
            controller.onCongestion(Signal.RETRANSMISSION_TIMEOUT, now, inFlight());
            check(controller.congestionWindow() <= mss, "a timeout leaves one segment");
            if (headTimedOut) {
                check(controller.slowStartThreshold() == threshold, "a repeated timeout leaves the threshold");
            } else {
                check(controller.slowStartThreshold() >= (long) leastThreshold * mss,
                        "the threshold after a timeout is not below its least");
            }
            headTimedOut = true;
            now += random.nextLong(1_000_000_000L);
        }
        inRecovery = false;
    }

    private void undo() {
        long before = controller.congestionWindow();
        controller.onCongestion(Signal.SPURIOUS_RECOVERY, now, inFlight());
        inRecovery = false;
        headTimedOut = false;
        check(controller.congestionWindow() >= before, "undo does not shrink the window");
        check(controller.congestionWindow() <= Math.max(largestWindow, mss), "undo restores what was, not more");
    }

    private void idle() {
        sndUna = sndNxt;
        inRecovery = false;
        now += random.nextLong(1_000_000_000_000L);
        controller.onCongestion(Signal.IDLE_RESTART, now, 0);
        check(controller.congestionWindow() <= Math.max(InitialWindow.bytes(mss), mss),
                "after idle time the window is the initial window at most");
    }

    private void checkAlways() {
        long window = controller.congestionWindow();
        long threshold = controller.slowStartThreshold();
        check(window >= mss, "the window is one segment at least");
        check(window <= MAXIMUM_WINDOW, "the window is 2^40 bytes at most");
        check(threshold > 0, "the threshold is positive");
        check(controller.pacingRate() >= 0, "the pacing rate is not negative");
        largestWindow = Math.max(largestWindow, window);
        digest = (digest * 31 + window) * 31 + threshold + controller.pacingRate();
    }

    private void check(boolean holds, String rule) {
        if (!holds) {
            throw new AssertionError("broken: " + rule + "; seed " + seed + ", step " + steps + ", window "
                    + controller.congestionWindow() + ", threshold " + controller.slowStartThreshold() + ", mss " + mss
                    + ", in flight " + inFlight());
        }
    }

    private long inFlight() {
        return sndNxt - sndUna;
    }

    // ---- what the controller may read

    @Override
    public int size() {
        return 1;
    }

    @Override
    public FlowView flow(int index) {
        return this;
    }

    @Override
    public int index() {
        return 0;
    }

    @Override
    public long smoothedRttNanos() {
        return srtt;
    }

    @Override
    public long minimumRttNanos() {
        return minimumRtt;
    }

    @Override
    public long congestionWindow() {
        return controller.congestionWindow();
    }

    @Override
    public long slowStartThreshold() {
        return controller.slowStartThreshold();
    }

    @Override
    public long bytesInFlight() {
        return inFlight();
    }

    @Override
    public int maximumSegmentSize() {
        return mss;
    }

    @Override
    public long deliveryRate() {
        return sample.deliveryRate;
    }

    @Override
    public boolean inRecovery() {
        return inRecovery;
    }

    @Override
    public boolean isWindowLimited() {
        return windowLimited;
    }

    @Override
    public long bytesBetweenLosses() {
        return Math.max(sinceLoss, betweenLosses);
    }

    @Override
    public boolean isBackup() {
        return backup;
    }

    @Override
    public boolean isUsable() {
        return usable;
    }
}
