package net.braid.wire;

/** Numbers of TCP options, and of MPTCP subtypes, as IANA lists them. */
public final class OptionKind {
    public static final int END = 0;
    public static final int NOP = 1;
    public static final int MAXIMUM_SEGMENT_SIZE = 2;
    public static final int WINDOW_SCALE = 3;
    public static final int SACK_PERMITTED = 4;
    public static final int SACK = 5;
    public static final int TIMESTAMPS = 8;
    public static final int USER_TIMEOUT = 28;
    public static final int MPTCP = 30;
    public static final int FAST_OPEN = 34;
    /** RFC 6994; with {@link #FAST_OPEN_MAGIC} behind the length it is Fast Open (RFC 7413). */
    public static final int EXPERIMENT = 254;
    public static final int FAST_OPEN_MAGIC = 0xf989;

    public static final int MP_CAPABLE = 0;
    public static final int MP_JOIN = 1;
    public static final int DSS = 2;
    public static final int ADD_ADDR = 3;
    public static final int REMOVE_ADDR = 4;
    public static final int MP_PRIO = 5;
    public static final int MP_FAIL = 6;
    public static final int MP_FASTCLOSE = 7;
    public static final int MP_TCPRST = 8;
    public static final int MP_EXPERIMENTAL = 15;

    private OptionKind() {
    }
}
