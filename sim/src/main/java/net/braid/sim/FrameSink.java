package net.braid.sim;

/** Where a pipe ends: a host's link, or a router. */
interface FrameSink {
    /** A frame has arrived; the sink owns it now. */
    void onFrame(int frame, long now);

    /** All frames of this instant and this pipe have arrived. */
    void onBatchEnd(long now);
}
