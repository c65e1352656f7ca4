package net.braid.wire;

import java.lang.foreign.MemorySegment;
import net.braid.base.Pieces;

/** Fields of a TCP header (RFC 9293 section 3.1) that lies at {@code offset} of native memory. */
public final class TcpHeader {
    /** IP protocol number. */
    public static final int PROTOCOL = 6;
    /** Bytes of a header without options. */
    public static final int LENGTH = 20;
    /** Bytes of a header with 40 bytes of options. */
    public static final int MAXIMUM_LENGTH = 60;
    /** Place of the checksum in the header; offload devices want to know. */
    public static final int CHECKSUM_OFFSET = 16;

    private TcpHeader() {
    }

    public static int sourcePort(MemorySegment memory, long offset) {
        return Short.toUnsignedInt(memory.get(Layouts.SHORT, offset));
    }

    public static int destinationPort(MemorySegment memory, long offset) {
        return Short.toUnsignedInt(memory.get(Layouts.SHORT, offset + 2));
    }

    public static int sequenceNumber(MemorySegment memory, long offset) {
        return memory.get(Layouts.INT, offset + 4);
    }

    public static int acknowledgmentNumber(MemorySegment memory, long offset) {
        return memory.get(Layouts.INT, offset + 8);
    }

    /** Bytes, 0..60. */
    public static int headerLength(MemorySegment memory, long offset) {
        return (memory.get(Layouts.BYTE, offset + 12) & 0xf0) >>> 2;
    }

    /** The eight low flag bits, see {@link TcpFlags}. */
    public static int flags(MemorySegment memory, long offset) {
        return Byte.toUnsignedInt(memory.get(Layouts.BYTE, offset + 13));
    }

    /** Unscaled, 0..65,535. */
    public static int window(MemorySegment memory, long offset) {
        return Short.toUnsignedInt(memory.get(Layouts.SHORT, offset + 14));
    }

    public static int checksum(MemorySegment memory, long offset) {
        return Short.toUnsignedInt(memory.get(Layouts.SHORT, offset + CHECKSUM_OFFSET));
    }

    public static int urgentPointer(MemorySegment memory, long offset) {
        return Short.toUnsignedInt(memory.get(Layouts.SHORT, offset + 18));
    }

    public static void setChecksum(MemorySegment memory, long offset, int checksum) {
        memory.set(Layouts.SHORT, offset + CHECKSUM_OFFSET, (short) checksum);
    }

    public static void setPorts(MemorySegment memory, long offset, int sourcePort, int destinationPort) {
        memory.set(Layouts.INT, offset, sourcePort << 16 | destinationPort & 0xffff);
    }

    /**
     * Writes the 20 bytes in front of the options, checksum 0.
     *
     * @param headerLength with options, 20..60, a multiple of 4
     * @param window unscaled field, 0..65,535
     */
    public static void write(MemorySegment memory, long offset, int sourcePort, int destinationPort,
            int sequenceNumber, int acknowledgmentNumber, int headerLength, int flags, int window, int urgentPointer) {
        assert headerLength >= LENGTH && headerLength <= MAXIMUM_LENGTH && (headerLength & 3) == 0;
        assert window >= 0 && window <= 0xffff;
        setPorts(memory, offset, sourcePort, destinationPort);
        memory.set(Layouts.INT, offset + 4, sequenceNumber);
        memory.set(Layouts.INT, offset + 8, acknowledgmentNumber);
        memory.set(Layouts.INT, offset + 12, headerLength << 26 | (flags & 0xff) << 16 | window);
        memory.set(Layouts.INT, offset + CHECKSUM_OFFSET, urgentPointer & 0xffff);
    }

    /**
     * Computes and writes the checksum over header and payload.
     *
     * @param headerLength with options
     * @param pseudoHeader from {@link Checksum#pseudoHeader}, for the length of header and payload
     */
    public static void writeChecksum(MemorySegment memory, long offset, int headerLength, Pieces payload,
            int pseudoHeader) {
        setChecksum(memory, offset, 0);
        int sum = Checksum.add(pseudoHeader, Checksum.sum(memory, offset, headerLength));
        // A header is a multiple of 4 bytes, so the payload begins at an even place.
        setChecksum(memory, offset, Checksum.finish(Checksum.add(sum, Checksum.sum(payload))));
    }

    /** As above, for a payload that follows its header; {@code length} covers both. */
    public static void writeChecksum(MemorySegment memory, long offset, int length, int pseudoHeader) {
        setChecksum(memory, offset, 0);
        int sum = Checksum.add(pseudoHeader, Checksum.sum(memory, offset, length));
        setChecksum(memory, offset, Checksum.finish(sum));
    }
}
