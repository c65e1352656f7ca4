package net.braid.wire;

import java.lang.foreign.MemorySegment;

/**
 * Cursor over the option space of a segment under construction: at most 40 bytes (RFC 9293 section 3.1). Each method
 * writes one option with the padding that users expect around it; the caller checks {@link #remaining()} first, or lets
 * {@link OptionBudget} choose. {@link #finish} pads to a multiple of 4.
 */
public final class OptionWriter {
    public static final int CAPACITY = 40;

    /** NOP, NOP, kind 8, length 10. */
    private static final int TIMESTAMPS_HEAD = 0x0101_080a;

    private MemorySegment memory = MemorySegment.NULL;
    private long start;
    private int length;

    public void begin(MemorySegment target, long at) {
        memory = target;
        start = at;
        length = 0;
    }

    /** Bytes that are still free, of 40. */
    public int remaining() {
        return CAPACITY - length;
    }

    /** Bytes written so far; after {@link #finish} a multiple of 4. */
    public int length() {
        return length;
    }

    /** MSS (RFC 9293 section 3.7.1), 4 bytes. */
    public void maximumSegmentSize(int bytes) {
        assert bytes >= 0 && bytes <= 0xffff;
        putInt(0x0204_0000 | bytes);
    }

    /** NOP and window scale (RFC 7323 section 2.2), 4 bytes. */
    public void windowScale(int shift) {
        assert shift >= 0 && shift <= 14;
        putInt(0x0103_0300 | shift);
    }

    /** Two NOPs and SACK-permitted (RFC 2018 section 2), 4 bytes. */
    public void sackPermitted() {
        putInt(0x0101_0402);
    }

    /** Two NOPs and timestamps (RFC 7323 section 3.2), 12 bytes. */
    public void timestamps(int value, int echo) {
        putInt(TIMESTAMPS_HEAD);
        putInt(value);
        putInt(echo);
    }

    /** SACK-permitted and timestamps as one run without padding, 12 bytes; for SYN segments. */
    public void sackPermittedAndTimestamps(int value, int echo) {
        putInt(0x0402_080a);
        putInt(value);
        putInt(echo);
    }

    /** Two NOPs and the head of a SACK option with {@code count} blocks (RFC 2018 section 3): 4 bytes, 8 a block. */
    public void sack(int count) {
        assert count > 0 && 4 + 8 * count <= remaining();
        putInt(0x0101_0500 | (2 + 8 * count));
    }

    public void sackBlock(int left, int right) {
        putInt(left);
        putInt(right);
    }

    /**
     * User timeout (RFC 5482 section 2), 4 bytes.
     *
     * @param time 0..32,767
     * @param minutes unit of {@code time}: minutes, else seconds
     */
    public void userTimeout(int time, boolean minutes) {
        assert time >= 0 && time <= 0x7fff;
        putInt(0x1c04_0000 | (minutes ? 0x8000 : 0) | time);
    }

    /**
     * Fast Open with a cookie, or with length 0 the request for one (RFC 7413 section 4.1.1): 2 bytes and the cookie.
     *
     * @param cookieLength 0, or even, 4..16
     */
    public void fastOpen(MemorySegment cookie, long offset, int cookieLength) {
        checkCookie(cookieLength);
        putShort(OptionKind.FAST_OPEN << 8 | 2 + cookieLength);
        putBytes(cookie, offset, cookieLength);
    }

    /** As {@link #fastOpen}, in the experimental option: 4 bytes and the cookie. */
    public void fastOpenExperimental(MemorySegment cookie, long offset, int cookieLength) {
        checkCookie(cookieLength);
        putShort(OptionKind.EXPERIMENT << 8 | 4 + cookieLength);
        putShort(OptionKind.FAST_OPEN_MAGIC);
        putBytes(cookie, offset, cookieLength);
    }

    /**
     * Bytes of a DSS option (RFC 8684 section 3.3), 4..28.
     *
     * @param parts the bits of {@link TcpOptions} from {@link TcpOptions#DSS_ACK} to {@link TcpOptions#DSS_CHECKSUM}
     */
    public static int dssLength(int parts) {
        int length = OptionDecoder.dssLength(dssFlags(parts));
        return (parts & TcpOptions.DSS_CHECKSUM) != 0 ? length + 2 : length;
    }

    /** DSS with nothing but a DATA_ACK: 12 bytes when {@code wide}, else 8. */
    public void dataAck(long dataAck, boolean wide) {
        if (wide) {
            putInt(0x1e0c_2003);
            putLong(dataAck);
        } else {
            putInt(0x1e08_2001);
            putInt((int) dataAck);
        }
    }

    /**
     * DSS (RFC 8684 section 3.3), {@link #dssLength} bytes. Numbers are 64 bits wide; the lower half is written where
     * {@code parts} says so.
     *
     * @param parts the bits of {@link TcpOptions} from {@link TcpOptions#DSS_ACK} to {@link TcpOptions#DSS_CHECKSUM}
     * @param subflowSequence relative to the initial sequence number; 0 with a lone DATA_FIN
     * @param dataLength with 1 for DATA_FIN; 0 is the infinite mapping
     */
    public void dataSequenceSignal(int parts, long dataAck, long dataSequence, int subflowSequence, int dataLength,
            int checksum) {
        assert (parts & TcpOptions.DSS_MAPPING) != 0
                || (parts & (TcpOptions.DSS_DATA_FIN | TcpOptions.DSS_CHECKSUM | TcpOptions.DSS_DSN_64)) == 0;
        putInt(0x1e00_2000 | dssLength(parts) << 16 | dssFlags(parts));
        if ((parts & TcpOptions.DSS_ACK) != 0) {
            if ((parts & TcpOptions.DSS_ACK_64) != 0) {
                putLong(dataAck);
            } else {
                putInt((int) dataAck);
            }
        }
        if ((parts & TcpOptions.DSS_MAPPING) != 0) {
            assert dataLength >= 0 && dataLength <= 0xffff;
            if ((parts & TcpOptions.DSS_DSN_64) != 0) {
                putLong(dataSequence);
            } else {
                putInt((int) dataSequence);
            }
            putInt(subflowSequence);
            putShort(dataLength);
            if ((parts & TcpOptions.DSS_CHECKSUM) != 0) {
                putShort(checksum);
            }
        }
    }

    /**
     * DSS with a DATA_ACK and a mapping, both 64 bits wide, in 28 bytes: what a data segment has (RFC 8684 section
     * 3.3). Arguments as in {@link #dataSequenceSignal}; where there is no checksum, two NOPs follow.
     */
    public void wideMapping(long dataAck, long dataSequence, int subflowSequence, int dataLength, boolean withChecksum,
            int checksum) {
        assert dataLength >= 0 && dataLength <= 0xffff && length + OptionDecoder.WIDE_MAPPING_LENGTH <= CAPACITY;
        long at = start + length;
        memory.set(Layouts.INT, at, OptionDecoder.WIDE_MAPPING_HEAD + (withChecksum ? 2 << 16 : 0));
        memory.set(Layouts.LONG, at + 4, dataAck);
        memory.set(Layouts.LONG, at + 12, dataSequence);
        memory.set(Layouts.INT, at + 20, subflowSequence);
        int last = withChecksum ? checksum & 0xffff : OptionDecoder.TWO_NOPS;
        memory.set(Layouts.INT, at + 24, dataLength << 16 | last);
        length += OptionDecoder.WIDE_MAPPING_LENGTH;
    }

    private static int dssFlags(int parts) {
        int flags = 0;
        if ((parts & TcpOptions.DSS_ACK) != 0) {
            flags |= (parts & TcpOptions.DSS_ACK_64) != 0 ? OptionDecoder.A | OptionDecoder.A64 : OptionDecoder.A;
        }
        if ((parts & TcpOptions.DSS_MAPPING) != 0) {
            flags |= (parts & TcpOptions.DSS_DSN_64) != 0 ? OptionDecoder.M | OptionDecoder.M64 : OptionDecoder.M;
            flags |= (parts & TcpOptions.DSS_DATA_FIN) != 0 ? OptionDecoder.F : 0;
        }
        return flags;
    }

    private static void checkCookie(int cookieLength) {
        assert cookieLength == 0 || cookieLength >= 4 && cookieLength <= 16 && (cookieLength & 1) == 0;
    }

    /** One byte of padding in front of the next option. */
    public void nop() {
        putByte(OptionKind.NOP);
    }

    /** Pads with NOPs to a multiple of 4 and returns the length: what the TCP header's data offset counts. */
    public int finish() {
        while ((length & 3) != 0) {
            putByte(OptionKind.NOP);
        }
        return length;
    }

    void putByte(int value) {
        assert length + 1 <= CAPACITY;
        memory.set(Layouts.BYTE, start + length, (byte) value);
        length++;
    }

    void putShort(int value) {
        assert length + 2 <= CAPACITY;
        memory.set(Layouts.SHORT, start + length, (short) value);
        length += Short.BYTES;
    }

    void putInt(int value) {
        assert length + 4 <= CAPACITY;
        memory.set(Layouts.INT, start + length, value);
        length += Integer.BYTES;
    }

    void putLong(long value) {
        assert length + 8 <= CAPACITY;
        memory.set(Layouts.LONG, start + length, value);
        length += Long.BYTES;
    }

    void putBytes(MemorySegment source, long offset, int bytes) {
        assert length + bytes <= CAPACITY;
        MemorySegment.copy(source, offset, memory, start + length, bytes);
        length += bytes;
    }

    void putAddress(IpAddress address) {
        assert length + address.byteCount() <= CAPACITY;
        address.write(memory, start + length);
        length += address.byteCount();
    }
}
