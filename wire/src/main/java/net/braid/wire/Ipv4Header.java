package net.braid.wire;

import java.lang.foreign.MemorySegment;

/** Fields of an IPv4 header (RFC 791 section 3.1) that lies at {@code offset} of native memory. */
public final class Ipv4Header {
    public static final int VERSION = 4;
    /** Bytes of a header without options. */
    public static final int LENGTH = 20;
    public static final int DONT_FRAGMENT = 0x4000;
    public static final int MORE_FRAGMENTS = 0x2000;
    public static final int FRAGMENT_OFFSET = 0x1fff;

    private Ipv4Header() {
    }

    /** Bytes, 0..60. */
    public static int headerLength(MemorySegment memory, long offset) {
        return (memory.get(Layouts.BYTE, offset) & 0x0f) << 2;
    }

    /** DSCP and ECN, 8 bits. */
    public static int trafficClass(MemorySegment memory, long offset) {
        return Byte.toUnsignedInt(memory.get(Layouts.BYTE, offset + 1));
    }

    public static int totalLength(MemorySegment memory, long offset) {
        return Short.toUnsignedInt(memory.get(Layouts.SHORT, offset + 2));
    }

    public static int identification(MemorySegment memory, long offset) {
        return Short.toUnsignedInt(memory.get(Layouts.SHORT, offset + 4));
    }

    /** The flags and the fragment offset, 16 bits. */
    public static int fragment(MemorySegment memory, long offset) {
        return Short.toUnsignedInt(memory.get(Layouts.SHORT, offset + 6));
    }

    public static int timeToLive(MemorySegment memory, long offset) {
        return Byte.toUnsignedInt(memory.get(Layouts.BYTE, offset + 8));
    }

    public static int protocol(MemorySegment memory, long offset) {
        return Byte.toUnsignedInt(memory.get(Layouts.BYTE, offset + 9));
    }

    public static int checksum(MemorySegment memory, long offset) {
        return Short.toUnsignedInt(memory.get(Layouts.SHORT, offset + 10));
    }

    public static int source(MemorySegment memory, long offset) {
        return memory.get(Layouts.INT, offset + 12);
    }

    public static int destination(MemorySegment memory, long offset) {
        return memory.get(Layouts.INT, offset + 16);
    }

    /**
     * Writes a header of 20 bytes with its checksum.
     *
     * @param trafficClass DSCP and ECN, 8 bits
     * @param totalLength of the packet, 20..65,535 bytes
     * @param fragment flags and fragment offset, for TCP {@link #DONT_FRAGMENT} (RFC 1191 section 3)
     * @param source address, 32 bits
     */
    public static void write(MemorySegment memory, long offset, int trafficClass, int totalLength, int identification,
            int fragment, int timeToLive, int protocol, int source, int destination) {
        assert totalLength >= LENGTH && totalLength <= 0xffff;
        memory.set(Layouts.INT, offset, 0x4500_0000 | (trafficClass & 0xff) << 16 | totalLength);
        memory.set(Layouts.INT, offset + 4, identification << 16 | fragment & 0xffff);
        memory.set(Layouts.INT, offset + 8, timeToLive << 24 | (protocol & 0xff) << 16);
        memory.set(Layouts.INT, offset + 12, source);
        memory.set(Layouts.INT, offset + 16, destination);
        writeChecksum(memory, offset);
    }

    /** Computes the header checksum anew, whatever the header length. */
    public static void writeChecksum(MemorySegment memory, long offset) {
        memory.set(Layouts.SHORT, offset + 10, (short) 0);
        int sum = Checksum.sum(memory, offset, headerLength(memory, offset));
        memory.set(Layouts.SHORT, offset + 10, (short) Checksum.finish(sum));
    }

    /** What a router does (RFC 1812 section 5.3.1): one less, checksum adjusted (RFC 1624). Returns what is left. */
    public static int decrementTimeToLive(MemorySegment memory, long offset) {
        int word = Short.toUnsignedInt(memory.get(Layouts.SHORT, offset + 8));
        assert word >= 0x100;
        memory.set(Layouts.SHORT, offset + 8, (short) (word - 0x100));
        memory.set(Layouts.SHORT, offset + 10,
                (short) Checksum.update(checksum(memory, offset), word, word - 0x100));
        return (word >>> 8) - 1;
    }

    /** Sets the two ECN bits, checksum adjusted: a router's congestion mark (RFC 3168 section 5). */
    public static void setEcn(MemorySegment memory, long offset, int ecn) {
        assert ecn >= 0 && ecn <= 3;
        int word = Short.toUnsignedInt(memory.get(Layouts.SHORT, offset));
        int changed = word & ~3 | ecn;
        memory.set(Layouts.SHORT, offset, (short) changed);
        memory.set(Layouts.SHORT, offset + 10, (short) Checksum.update(checksum(memory, offset), word, changed));
    }
}
