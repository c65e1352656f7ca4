package net.braid.tcp;

/** Bytes acknowledged between losses, by which OLIA (Khalili et al., CoNEXT 2012) judges a path. */
final class LossIntervals {
    private long sinceLast;
    private long between;

    void onAcknowledged(long bytes) {
        sinceLast += bytes;
    }

    /** A round of recovery or a timeout. Another one before anything was acknowledged belongs to the same loss. */
    void onLoss() {
        if (sinceLast > 0) {
            between = sinceLast;
            sinceLast = 0;
        }
    }

    long longest() {
        return Math.max(sinceLast, between);
    }
}
