package net.braid.tcp;

/** The initial congestion window: min (10 SMSS, max (2 SMSS, 14600)) bytes (RFC 6928 section 2). */
public final class InitialWindow {
    private InitialWindow() {
    }

    public static long bytes(int maximumSegmentSize) {
        return Math.min(10L * maximumSegmentSize, Math.max(2L * maximumSegmentSize, 14_600));
    }
}
