package net.braid.wire;

/**
 * TCP and MPTCP options of one segment as plain fields; {@link #present} says which of them mean anything. Options are
 * noted wherever they stand: that MSS, window scale, SACK-permitted and Fast Open count only in a SYN is the user's
 * business.
 *
 * <p>Of the MPTCP options only DSS, which rides on every segment, is decoded at once. The others are noted by their
 * place in {@link SegmentView#memory}; {@link MptcpOption} checks and reads them on request.
 */
public final class TcpOptions {
    public static final int MAXIMUM_SEGMENT_SIZE = 1;
    public static final int WINDOW_SCALE = 1 << 1;
    public static final int SACK_PERMITTED = 1 << 2;
    public static final int SACK = 1 << 3;
    public static final int TIMESTAMPS = 1 << 4;
    public static final int USER_TIMEOUT = 1 << 5;
    public static final int FAST_OPEN = 1 << 6;

    /** A DSS option of a valid form, on a segment that may carry it (RFC 8684 section 3.3). */
    public static final int DSS = 1 << 7;
    /** A: {@link #dataAck} is there. */
    public static final int DSS_ACK = 1 << 8;
    /** a: {@link #dataAck} has 64 bits, else its upper half is 0 and must be guessed ({@link DataSequenceNumber}). */
    public static final int DSS_ACK_64 = 1 << 9;
    /** M: {@link #dataSequence}, {@link #subflowSequence} and {@link #dataLength} are there. */
    public static final int DSS_MAPPING = 1 << 10;
    /** m: {@link #dataSequence} has 64 bits, else its upper half is 0 and must be guessed. */
    public static final int DSS_DSN_64 = 1 << 11;
    /** F, only with M. */
    public static final int DSS_DATA_FIN = 1 << 12;
    /** {@link #checksum} is there, only with M. */
    public static final int DSS_CHECKSUM = 1 << 13;

    /**
     * Bit 16 + subtype: an MPTCP option of that subtype stands in the list, {@link #mptcpCount}; for all but DSS
     * nothing but its length has been checked against the header.
     */
    public static final int MPTCP_SHIFT = 16;
    public static final int MP_CAPABLE = 1 << MPTCP_SHIFT;
    public static final int MP_JOIN = 1 << MPTCP_SHIFT + 1;
    public static final int ADD_ADDR = 1 << MPTCP_SHIFT + 3;
    public static final int REMOVE_ADDR = 1 << MPTCP_SHIFT + 4;
    public static final int MP_PRIO = 1 << MPTCP_SHIFT + 5;
    public static final int MP_FAIL = 1 << MPTCP_SHIFT + 6;
    public static final int MP_FASTCLOSE = 1 << MPTCP_SHIFT + 7;
    public static final int MP_TCPRST = 1 << MPTCP_SHIFT + 8;
    /** Any MPTCP option at all. */
    public static final int MPTCP = 0xffff << MPTCP_SHIFT;
    /** Any MPTCP option that needs {@link MptcpOption}: all but DSS. */
    public static final int MPTCP_SIGNAL = MPTCP & ~(1 << MPTCP_SHIFT + 2);

    /** 40 bytes hold at most 13 MPTCP options, the shortest of which has 3 bytes. */
    public static final int MPTCP_CAPACITY = 13;

    public int present;
    /** As received, 0..65,535. */
    public int maximumSegmentSize;
    /** Shift as received; the user caps it at 14 (RFC 7323 section 2.3). */
    public int windowScale;
    public int timestampValue;
    public int timestampEcho;
    /** Left and right edges, wire numbers, in the order of the option: block i is [2i, 2i + 1]. */
    public final int[] sackEdges = new int[8];
    public int sackCount;
    /** As received: 0x8000 says minutes instead of seconds, 15 bits of time (RFC 5482 section 2). */
    public int userTimeout;
    /** Where the cookie lies in {@link SegmentView#memory}; length 0 asks for a cookie, else even, 4..16 (RFC 7413). */
    public long fastOpenCookie;
    public int fastOpenCookieLength;
    /** The cookie came in experimental option 254 with magic 0xF989; answer in kind. */
    public boolean fastOpenExperimental;

    /** Next data sequence number that the peer expects, 32 or 64 bits, {@link #DSS_ACK_64}. */
    public long dataAck;
    /** First data sequence number of the mapping, 32 or 64 bits, {@link #DSS_DSN_64}. */
    public long dataSequence;
    /** First subflow sequence number of the mapping, relative: 1 is the first byte behind the SYN. */
    public int subflowSequence;
    /** Bytes of the mapping, with 1 for DATA_FIN; 0..65,535. 0 is the infinite mapping (RFC 8684 section 3.7). */
    public int dataLength;
    /** 0..65,535. */
    public int checksum;

    /** MPTCP options in the order of the header, DSS among them: place in {@link SegmentView#memory} and length. */
    public final long[] mptcpOffset = new long[MPTCP_CAPACITY];
    public final int[] mptcpLength = new int[MPTCP_CAPACITY];
    public int mptcpCount;

    /** What went wrong while the list was read: bits of {@link OptionFault}. */
    public int faults;

    public boolean has(int option) {
        return (present & option) != 0;
    }

    public void clear() {
        present = 0;
        sackCount = 0;
        mptcpCount = 0;
        faults = 0;
    }

    /** The time of the user timeout option, in seconds (RFC 5482 section 2). */
    public int userTimeoutSeconds() {
        int time = userTimeout & 0x7fff;
        return (userTimeout & 0x8000) != 0 ? time * 60 : time;
    }
}
