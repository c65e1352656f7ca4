package net.braid.sim;

import net.braid.wire.SegmentView;

/** A flow as a middlebox knows it: the first end's address and port, then the second's. */
record FlowKey(long firstHigh, long firstLow, int firstPort, long secondHigh, long secondLow, int secondPort) {
    static FlowKey of(Middlebox.Direction direction, SegmentView s) {
        return direction == Middlebox.Direction.FORWARD
                ? new FlowKey(s.sourceHigh, s.sourceLow, s.sourcePort, s.destinationHigh, s.destinationLow,
                        s.destinationPort)
                : new FlowKey(s.destinationHigh, s.destinationLow, s.destinationPort, s.sourceHigh, s.sourceLow,
                        s.sourcePort);
    }
}
