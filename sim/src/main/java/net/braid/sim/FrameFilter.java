package net.braid.sim;

import java.lang.foreign.MemorySegment;

/** A test's hand in the wire: sees each frame that is offered to a pipe, may change its bytes, and may drop it. */
@FunctionalInterface
public interface FrameFilter {
    /**
     * @param index of this frame on this pipe, counted from 0
     * @return true to let it pass
     */
    boolean pass(MemorySegment memory, int length, long index, long now);
}
