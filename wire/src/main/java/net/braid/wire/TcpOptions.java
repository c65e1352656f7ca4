package net.braid.wire;

/** TCP and MPTCP options of one segment as plain fields; {@link #present} says which of them mean anything. */
public final class TcpOptions {
    public static final int MAXIMUM_SEGMENT_SIZE = 1;
    public static final int WINDOW_SCALE = 1 << 1;
    public static final int SACK_PERMITTED = 1 << 2;
    public static final int SACK = 1 << 3;
    public static final int TIMESTAMPS = 1 << 4;
    public static final int USER_TIMEOUT = 1 << 5;
    public static final int FAST_OPEN = 1 << 6;

    public int present;
    public int maximumSegmentSize;
    /** Shift as received; the user caps it at 14 (RFC 7323 section 2.3). */
    public int windowScale;
    public int timestampValue;
    public int timestampEcho;
    /** Left and right edges, wire numbers, in the order of the option: block i is [2i, 2i + 1]. */
    public final int[] sackEdges = new int[8];
    public int sackCount;

    public boolean has(int option) {
        return (present & option) != 0;
    }

    public void clear() {
        present = 0;
        sackCount = 0;
    }
}
