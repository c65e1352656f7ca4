package net.braid.policy;

import java.util.ArrayList;
import java.util.List;
import net.braid.mptcp.PacketScheduler;
import net.braid.tcp.FlowView;

/** A question to a scheduler, made by hand. Flows are numbered in the order in which they were added. */
final class FakeQuestion implements PacketScheduler.Context {
    private final List<FakeFlow> flows = new ArrayList<>();
    long ready;
    long usable;
    long alreadyOn;
    boolean reinjection;
    int length = 1000;
    long window = Long.MAX_VALUE;

    /** A flow that is usable and has room. */
    FakeFlow add(long rttMillis) {
        FakeFlow flow = new FakeFlow();
        flow.rtt = rttMillis * FakeFlow.MILLIS;
        flow.inFlight = 0;
        ready |= 1L << flows.size();
        usable |= 1L << flows.size();
        flows.add(flow);
        return flow;
    }

    @Override
    public long ready() {
        return ready;
    }

    @Override
    public long usable() {
        return usable;
    }

    @Override
    public FlowView flow(int index) {
        return index < flows.size() ? flows.get(index) : null;
    }

    @Override
    public long now() {
        return 1;
    }

    @Override
    public int length() {
        return length;
    }

    @Override
    public long unsentBytes() {
        return 1_000_000;
    }

    @Override
    public long windowBytes() {
        return window;
    }

    @Override
    public boolean isReinjection() {
        return reinjection;
    }

    @Override
    public long alreadyOn() {
        return alreadyOn;
    }
}
