package net.braid.tcp;

import java.util.ArrayList;
import java.util.List;

/** RFC 5681 in its plainest form; the real controllers live in a module above this one. Writes down its signals. */
final class RenoModel implements CongestionController {
    static final Factory FACTORY = new Factory() {
        @Override
        public String name() {
            return "model";
        }

        @Override
        public CongestionController create(FlowView flow, CouplingGroup group, long now) {
            return new RenoModel(flow);
        }
    };

    final List<String> signals = new ArrayList<>();
    final FlowView flow;
    long window;
    long threshold = Long.MAX_VALUE;
    private long savedWindow;
    private long savedThreshold;
    private boolean timedOut;

    RenoModel(FlowView flow) {
        this.flow = flow;
        window = flow.initialWindow();
    }

    @Override
    public void onSent(long now, int bytes, long inFlightBytes) {
        if (inFlightBytes != flow.bytesInFlight()) {
            throw new AssertionError("onSent was told " + inFlightBytes);
        }
    }

    @Override
    public void onAck(AckSample sample) {
        if (sample.newlyAckedBytes > 0) {
            timedOut = false;
        }
        if (sample.inRecovery || !sample.windowLimited || sample.newlyAckedBytes <= 0) {
            return;
        }
        int mss = flow.maximumSegmentSize();
        if (window < threshold) {
            window = Math.min(window + sample.newlyAckedBytes, Math.max(threshold, window + mss));
        } else {
            window += Math.max(1, mss * sample.newlyAckedBytes / window);
        }
    }

    @Override
    public void onCongestion(Signal signal, long now, long inFlightBytes) {
        int mss = flow.maximumSegmentSize();
        signals.add(signal + " " + inFlightBytes);
        switch (signal) {
            case LOSS, ECN -> {
                save();
                threshold = Math.max(Math.min(inFlightBytes, window) / 2, 2L * mss);
                window = threshold;
            }
            case RETRANSMISSION_TIMEOUT -> {
                if (!timedOut) {
                    save();
                    threshold = Math.max(Math.min(inFlightBytes, window) / 2, 2L * mss);
                }
                timedOut = true;
                window = mss;
            }
            case SPURIOUS_RECOVERY -> {
                window = Math.max(window, savedWindow);
                threshold = savedThreshold;
                timedOut = false;
            }
            case IDLE_RESTART -> window = Math.min(window, flow.initialWindow());
        }
    }

    private void save() {
        savedWindow = window;
        savedThreshold = threshold;
    }

    @Override
    public long congestionWindow() {
        return Math.max(window, flow.maximumSegmentSize());
    }

    @Override
    public long slowStartThreshold() {
        return threshold;
    }

    @Override
    public long pacingRate() {
        return 0;
    }
}
