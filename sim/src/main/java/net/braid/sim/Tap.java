package net.braid.sim;

import java.lang.foreign.MemorySegment;

/** Looks at frames as they pass a point of a pipe. It must not change them, and must not keep the memory. */
@FunctionalInterface
public interface Tap {
    enum Point {
        /** Handed to the pipe by its sender, before any queue. */
        OFFERED,
        /** Handed to the receiver. */
        DELIVERED,
        /** Gone: in the queue, on the wire, or because the pipe is down. */
        DROPPED
    }

    void onFrame(Pipe pipe, Point point, MemorySegment memory, int length, long now);
}
