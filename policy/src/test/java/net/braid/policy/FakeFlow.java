package net.braid.policy;

import net.braid.tcp.AckSample;
import net.braid.tcp.CongestionController;
import net.braid.tcp.CongestionController.Signal;
import net.braid.tcp.FlowView;

/** A flow that always fills its window and is acknowledged as the test says. Moves its own clock. */
final class FakeFlow implements FlowView {
    static final long MILLIS = 1_000_000;

    final AckSample sample = new AckSample();
    int mss = 1000;
    long rtt = 100 * MILLIS;
    long now = 1_000 * MILLIS;
    CongestionController controller;
    /** What sisters see of it. */
    boolean usable = true;
    boolean backup;
    boolean recovering;
    boolean windowLimited = true;
    long inFlight = -1;
    long betweenLosses;
    long deliveryRate;

    FakeFlow with(CongestionController.Factory factory) {
        controller = factory.create(this, null, now);
        return this;
    }

    /** One round trip in which everything in flight is acknowledged, {@code perAck} bytes at a time. */
    void round(int perAck) {
        round(perAck, rtt);
    }

    void round(int perAck, long sampleRtt) {
        long flight = controller.congestionWindow();
        sample.sndNxt = sample.sndUna + flight;
        long acks = (flight + perAck - 1) / perAck;
        long start = now;
        for (long i = 1; i <= acks; i++) {
            now = start + sampleRtt * i / acks;
            ack((int) Math.min(perAck, flight - (i - 1) * perAck), sampleRtt);
        }
    }

    /** One acknowledgment; data follows at once, so that the window stays full. */
    void ack(long bytes, long sampleRtt) {
        sample.now = now;
        sample.sndUna += bytes;
        sample.newlyAckedBytes = bytes;
        sample.newlyDeliveredBytes = bytes;
        sample.rttNanos = sampleRtt;
        sample.windowLimited = true;
        sample.inRecovery = false;
        sample.inFlightBytesBefore = controller.congestionWindow();
        sample.inFlightBytes = controller.congestionWindow() - bytes;
        sample.sndNxt = Math.max(sample.sndNxt, sample.sndUna);
        controller.onAck(sample);
        sample.sndNxt = sample.sndUna + controller.congestionWindow();
        controller.onSent(now, mss, controller.congestionWindow());
    }

    /** With a window's worth of data in flight. */
    void signal(Signal signal) {
        controller.onCongestion(signal, now, controller.congestionWindow());
    }

    long window() {
        return controller.congestionWindow();
    }

    long threshold() {
        return controller.slowStartThreshold();
    }

    @Override
    public int index() {
        return 0;
    }

    @Override
    public long smoothedRttNanos() {
        return rtt;
    }

    @Override
    public long minimumRttNanos() {
        return rtt;
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
        return inFlight >= 0 ? inFlight : controller.congestionWindow();
    }

    @Override
    public int maximumSegmentSize() {
        return mss;
    }

    @Override
    public long deliveryRate() {
        return deliveryRate;
    }

    @Override
    public boolean inRecovery() {
        return recovering;
    }

    @Override
    public boolean isWindowLimited() {
        return windowLimited;
    }

    @Override
    public long bytesBetweenLosses() {
        return betweenLosses;
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
