package net.braid.policy;

import java.util.ArrayList;
import java.util.List;
import net.braid.tcp.CongestionController;
import net.braid.tcp.CouplingGroup;
import net.braid.tcp.FlowView;

/** The flows of a connection, made by hand. */
final class FakeGroup implements CouplingGroup {
    private final List<FakeFlow> flows = new ArrayList<>();

    /** One more flow with a window of so many bytes, in congestion avoidance. */
    FakeFlow add(CongestionController.Factory factory, double windowBytes, int mss, long rttNanos) {
        FakeFlow flow = new FakeFlow();
        flow.mss = mss;
        flow.rtt = rttNanos;
        flows.add(flow);
        flow.controller = factory.create(flow, this, flow.now);
        LossBasedController controller = (LossBasedController) flow.controller;
        controller.setWindow(windowBytes);
        controller.leaveSlowStart();
        return flow;
    }

    /** Segments of 1000 bytes. */
    FakeFlow add(CongestionController.Factory factory, int windowSegments, long rttMillis) {
        return add(factory, windowSegments * 1000.0, 1000, rttMillis * FakeFlow.MILLIS);
    }

    void remove(FakeFlow flow) {
        flows.remove(flow);
    }

    @Override
    public int size() {
        return flows.size();
    }

    @Override
    public FlowView flow(int index) {
        return flows.get(index);
    }
}
