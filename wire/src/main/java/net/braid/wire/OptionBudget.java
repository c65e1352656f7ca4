package net.braid.wire;

/**
 * The 40 bytes of option space as a budget. State what the segment would like to carry, call {@link #plan}, write what
 * was granted, in any order. One instance per shard, reused; no allocation.
 *
 * <p>Order of precedence:
 * <ol>
 * <li>what every segment of the connection has ({@link #fixed}: timestamps, in a SYN also MSS, SACK-permitted and
 * window scale). Timestamps are never left out;
 * <li>the MPTCP handshake: MP_CAPABLE, MP_JOIN;
 * <li>Fast Open;
 * <li>the mapping of a DSS: without it the data is worthless;
 * <li>a DATA_ACK that advances;
 * <li>the first SACK block, the one that reports news (RFC 2018 section 4);
 * <li>a signal: ADD_ADDR, REMOVE_ADDR, MP_PRIO, MP_FAIL, MP_FASTCLOSE, MP_TCPRST. One that is not granted goes on a
 * pure ACK of its own, for which neither DATA_ACK nor SACK is wanted;
 * <li>more SACK blocks;
 * <li>a DATA_ACK that says nothing new.
 * </ol>
 * A smaller thing further down may be granted when a larger one above it did not fit.
 */
public final class OptionBudget {
    public static final int CAPACITY = OptionWriter.CAPACITY;
    /** With the two NOPs in front. */
    public static final int TIMESTAMPS = 12;
    /** Head of a SACK option with the two NOPs in front; each block takes {@link #SACK_BLOCK} more. */
    public static final int SACK_HEAD = 4;
    public static final int SACK_BLOCK = 8;
    public static final int SACK_BLOCKS = 4;
    /** Kind, length, subtype and flags of a DSS: shared by mapping and DATA_ACK. */
    private static final int DSS_HEAD = 4;

    private int used;
    private int handshake;
    private int fastOpen;
    private int mapping;
    private int dataAck;
    private boolean dataAckAdvances;
    private int sackBlocks;
    private int signal;

    /**
     * Begins with bytes that are never left out, 0..40: {@link #TIMESTAMPS} on most segments.
     */
    public OptionBudget fixed(int bytes) {
        used = 0;
        handshake = 0;
        fastOpen = 0;
        mapping = 0;
        dataAck = 0;
        dataAckAdvances = false;
        sackBlocks = 0;
        signal = 0;
        boolean fits = take(bytes);
        assert fits : bytes;
        return this;
    }

    /** Wants MP_CAPABLE or MP_JOIN of this length. */
    public OptionBudget handshake(int bytes) {
        handshake = bytes;
        return this;
    }

    /** Wants Fast Open of this length, cookie included. */
    public OptionBudget fastOpen(int bytes) {
        fastOpen = bytes;
        return this;
    }

    /**
     * Wants a mapping.
     *
     * @param wide 64-bit data sequence number
     * @param checksum with a checksum
     */
    public OptionBudget mapping(boolean wide, boolean checksum) {
        mapping = (wide ? 14 : 10) + (checksum ? 2 : 0);
        return this;
    }

    /**
     * Wants a DATA_ACK.
     *
     * @param wide 64 bits
     * @param advances it says more than the last one that was sent
     */
    public OptionBudget dataAck(boolean wide, boolean advances) {
        dataAck = wide ? 8 : 4;
        dataAckAdvances = advances;
        return this;
    }

    /** Wants up to four SACK blocks. */
    public OptionBudget sack(int blocks) {
        assert blocks >= 0;
        sackBlocks = Math.min(blocks, SACK_BLOCKS);
        return this;
    }

    /** Wants a signal of this length. */
    public OptionBudget signal(int bytes) {
        signal = bytes;
        return this;
    }

    /** Decides. Afterwards the {@code grants} methods answer. */
    public OptionBudget plan() {
        handshake = granted(handshake);
        fastOpen = granted(fastOpen);
        if (mapping > 0) {
            mapping = take(DSS_HEAD + mapping) ? mapping : 0;
        }
        int wantedAck = dataAck;
        if (dataAckAdvances) {
            dataAck = takeDataAck(wantedAck);
        }
        int wantedBlocks = sackBlocks;
        sackBlocks = wantedBlocks > 0 && take(SACK_HEAD + SACK_BLOCK) ? 1 : 0;
        signal = granted(signal);
        while (sackBlocks > 0 && sackBlocks < wantedBlocks && take(SACK_BLOCK)) {
            sackBlocks++;
        }
        if (!dataAckAdvances) {
            dataAck = takeDataAck(wantedAck);
        }
        return this;
    }

    private int granted(int bytes) {
        return bytes > 0 && take(bytes) ? bytes : 0;
    }

    private int takeDataAck(int bytes) {
        return bytes > 0 && take(mapping > 0 ? bytes : DSS_HEAD + bytes) ? bytes : 0;
    }

    private boolean take(int bytes) {
        if (padded(used + bytes) > CAPACITY) {
            return false;
        }
        used += bytes;
        return true;
    }

    /** Rounded up to what a TCP header can say: a multiple of 4. */
    public static int padded(int bytes) {
        return (bytes + 3) & ~3;
    }

    /** Bytes of all that was granted, padded: what the header grows by, and the payload shrinks by. */
    public int length() {
        return padded(used);
    }

    public boolean grantsHandshake() {
        return handshake > 0;
    }

    public boolean grantsFastOpen() {
        return fastOpen > 0;
    }

    public boolean grantsMapping() {
        return mapping > 0;
    }

    public boolean grantsDataAck() {
        return dataAck > 0;
    }

    /** 0..4 */
    public int grantedSackBlocks() {
        return sackBlocks;
    }

    public boolean grantsSignal() {
        return signal > 0;
    }

    /**
     * The longest Fast Open cookie, in bytes, that fits beside these options: 0, or even, 4..16. A SYN/ACK with MSS,
     * SACK-permitted, timestamps and window scale (20) and MP_CAPABLE (12) has room for 6.
     */
    public static int cookieRoom(int otherBytes) {
        int room = CAPACITY - otherBytes - 2 & ~1;
        return room < 4 ? 0 : Math.min(room, 16);
    }
}
