package net.braid.wire;

import java.lang.foreign.MemorySegment;

/** Fields of an IPv6 header (RFC 8200 section 3) that lies at {@code offset} of native memory. */
public final class Ipv6Header {
    public static final int VERSION = 6;
    /** Bytes of the fixed header. */
    public static final int LENGTH = 40;

    private Ipv6Header() {
    }

    /** DSCP and ECN, 8 bits. */
    public static int trafficClass(MemorySegment memory, long offset) {
        return memory.get(Layouts.INT, offset) >>> 20 & 0xff;
    }

    /** 20 bits. */
    public static int flowLabel(MemorySegment memory, long offset) {
        return memory.get(Layouts.INT, offset) & 0xf_ffff;
    }

    /** Bytes behind the fixed header, extension headers included. */
    public static int payloadLength(MemorySegment memory, long offset) {
        return Short.toUnsignedInt(memory.get(Layouts.SHORT, offset + 4));
    }

    public static int nextHeader(MemorySegment memory, long offset) {
        return Byte.toUnsignedInt(memory.get(Layouts.BYTE, offset + 6));
    }

    public static int hopLimit(MemorySegment memory, long offset) {
        return Byte.toUnsignedInt(memory.get(Layouts.BYTE, offset + 7));
    }

    public static long sourceHigh(MemorySegment memory, long offset) {
        return memory.get(Layouts.LONG, offset + 8);
    }

    public static long sourceLow(MemorySegment memory, long offset) {
        return memory.get(Layouts.LONG, offset + 16);
    }

    public static long destinationHigh(MemorySegment memory, long offset) {
        return memory.get(Layouts.LONG, offset + 24);
    }

    public static long destinationLow(MemorySegment memory, long offset) {
        return memory.get(Layouts.LONG, offset + 32);
    }

    /**
     * Writes the fixed header.
     *
     * @param trafficClass DSCP and ECN, 8 bits
     * @param flowLabel 20 bits; one value for all packets of a flow (RFC 6437)
     * @param payloadLength bytes behind the fixed header, 0..65,535
     */
    public static void write(MemorySegment memory, long offset, int trafficClass, int flowLabel, int payloadLength,
            int nextHeader, int hopLimit, long sourceHigh, long sourceLow, long destinationHigh, long destinationLow) {
        assert payloadLength >= 0 && payloadLength <= 0xffff;
        memory.set(Layouts.INT, offset, 0x6000_0000 | (trafficClass & 0xff) << 20 | flowLabel & 0xf_ffff);
        memory.set(Layouts.INT, offset + 4, payloadLength << 16 | (nextHeader & 0xff) << 8 | hopLimit & 0xff);
        memory.set(Layouts.LONG, offset + 8, sourceHigh);
        memory.set(Layouts.LONG, offset + 16, sourceLow);
        memory.set(Layouts.LONG, offset + 24, destinationHigh);
        memory.set(Layouts.LONG, offset + 32, destinationLow);
    }

    /** What a router does: one less. Returns what is left. */
    public static int decrementHopLimit(MemorySegment memory, long offset) {
        int left = hopLimit(memory, offset) - 1;
        assert left >= 0;
        memory.set(Layouts.BYTE, offset + 7, (byte) left);
        return left;
    }

    /** Sets the two ECN bits: a router's congestion mark (RFC 3168 section 5). */
    public static void setEcn(MemorySegment memory, long offset, int ecn) {
        assert ecn >= 0 && ecn <= 3;
        int word = memory.get(Layouts.INT, offset);
        memory.set(Layouts.INT, offset, word & ~(3 << 20) | ecn << 20);
    }
}
