package net.braid.linux;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import net.braid.wire.Checksum;
import net.braid.wire.Ipv4Header;
import net.braid.wire.Ipv6Header;
import net.braid.wire.TcpFlags;
import net.braid.wire.TcpHeader;

/**
 * The reverse of {@link SegmentCutter}: makes one packet of TCP segments that lie one behind the other in memory, where
 * each continues the one before and all headers say the same, options too. Checksums are verified first; what is wrong
 * or different stays as it is. The memory is changed.
 */
final class SegmentJoiner {
    private static final int LARGEST_PACKET = 65_535;
    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final int FLAGS = 13;
    private static final int FIN_PSH = TcpFlags.FIN | TcpFlags.PSH;
    private static final int IPV4_WITHOUT_OPTIONS = 0x45;
    private static final int FRAGMENT = 0x3fff;

    private int consumed;
    private int segmentSize;
    private boolean ipv6;
    private int transport;
    private int headerLength;

    /** Bytes of memory that the last packet was made of. */
    int consumed() {
        return consumed;
    }

    /** Payload bytes of each segment in the last packet; 0 when it is one alone, and nothing was verified. */
    int segmentSize() {
        return segmentSize;
    }

    /**
     * Joins what can be joined to the packet at {@code from}.
     *
     * @param step bytes of each packet but the last, which may be shorter
     * @param end where they end
     * @return length of the packet that is at {@code from} now
     */
    int join(MemorySegment memory, int from, int step, int end) {
        int first = Math.min(step, end - from);
        consumed = first;
        segmentSize = 0;
        if (from + first == end || !begins(memory, from, first) || !verified(memory, from, first)) {
            return first;
        }
        int length = first;
        int flags = 0;
        while (from + consumed < end && flags == 0) {
            int next = from + consumed;
            int bytes = Math.min(step, end - next);
            if (length + bytes - headerLength > LARGEST_PACKET
                    || !continues(memory, from, next, bytes, length - headerLength) || !verified(memory, next, bytes)) {
                break;
            }
            flags = memory.get(BYTE, next + transport + FLAGS) & FIN_PSH;
            MemorySegment.copy(memory, next + headerLength, memory, from + length, bytes - headerLength);
            length += bytes - headerLength;
            consumed += bytes;
        }
        if (consumed > first) {
            segmentSize = first - headerLength;
            memory.set(BYTE, from + transport + FLAGS, (byte) (TcpFlags.ACK | flags));
            writeLength(memory, from, length);
        }
        return length;
    }

    /** Whether this is a whole data segment with no flag but ACK. */
    private boolean begins(MemorySegment memory, int at, int length) {
        ipv6 = VirtioHeader.isIpv6(memory, at);
        transport = ipv6 ? Ipv6Header.LENGTH : Ipv4Header.LENGTH;
        if (length <= transport + TcpHeader.LENGTH) {
            return false;
        }
        boolean whole = ipv6
                ? Ipv6Header.nextHeader(memory, at) == TcpHeader.PROTOCOL
                        && Ipv6Header.payloadLength(memory, at) == length - Ipv6Header.LENGTH
                : memory.get(BYTE, at) == IPV4_WITHOUT_OPTIONS && Ipv4Header.protocol(memory, at) == TcpHeader.PROTOCOL
                        && Ipv4Header.totalLength(memory, at) == length
                        && (memory.get(SHORT, at + 6) & FRAGMENT) == 0;
        int tcpHeader = TcpHeader.headerLength(memory, at + transport);
        headerLength = transport + tcpHeader;
        return whole && tcpHeader >= TcpHeader.LENGTH && headerLength < length
                && TcpHeader.flags(memory, at + transport) == TcpFlags.ACK;
    }

    /** Whether the packet at {@code next} says what the first does, and goes on {@code payload} bytes later. */
    private boolean continues(MemorySegment memory, int first, int next, int length, int payload) {
        if (length <= headerLength) {
            return false;
        }
        boolean same = ipv6 ? sameV6(memory, first, next, length) : sameV4(memory, first, next, length);
        int a = first + transport;
        int b = next + transport;
        same &= memory.get(INT, a) == memory.get(INT, b);
        same &= memory.get(INT, a + 4) + payload == memory.get(INT, b + 4);
        same &= memory.get(INT, a + 8) == memory.get(INT, b + 8);
        same &= ((memory.get(INT, a + 12) ^ memory.get(INT, b + 12)) & ~(FIN_PSH << 16)) == 0;
        same &= memory.get(SHORT, a + 18) == memory.get(SHORT, b + 18);
        for (int i = TcpHeader.LENGTH; i < headerLength - transport; i += 4) {
            same &= memory.get(INT, a + i) == memory.get(INT, b + i);
        }
        return same;
    }

    /** But for length, identification and checksum. */
    private static boolean sameV4(MemorySegment memory, int first, int next, int length) {
        return memory.get(SHORT, first) == memory.get(SHORT, next)
                && Ipv4Header.totalLength(memory, next) == length
                && memory.get(SHORT, first + 6) == memory.get(SHORT, next + 6)
                && memory.get(SHORT, first + 8) == memory.get(SHORT, next + 8)
                && Ipv4Header.source(memory, first) == Ipv4Header.source(memory, next)
                && Ipv4Header.destination(memory, first) == Ipv4Header.destination(memory, next);
    }

    private static boolean sameV6(MemorySegment memory, int first, int next, int length) {
        return memory.get(INT, first) == memory.get(INT, next)
                && Ipv6Header.payloadLength(memory, next) == length - Ipv6Header.LENGTH
                && memory.get(SHORT, first + 6) == memory.get(SHORT, next + 6)
                && Ipv6Header.sourceHigh(memory, first) == Ipv6Header.sourceHigh(memory, next)
                && Ipv6Header.sourceLow(memory, first) == Ipv6Header.sourceLow(memory, next)
                && Ipv6Header.destinationHigh(memory, first) == Ipv6Header.destinationHigh(memory, next)
                && Ipv6Header.destinationLow(memory, first) == Ipv6Header.destinationLow(memory, next);
    }

    private boolean verified(MemorySegment memory, int at, int length) {
        int bytes = length - transport;
        int pseudo = ipv6
                ? Checksum.pseudoHeader(true, Ipv6Header.sourceHigh(memory, at), Ipv6Header.sourceLow(memory, at),
                        Ipv6Header.destinationHigh(memory, at), Ipv6Header.destinationLow(memory, at),
                        TcpHeader.PROTOCOL, bytes)
                : Checksum.pseudoHeader(false, 0, Ipv4Header.source(memory, at), 0,
                        Ipv4Header.destination(memory, at), TcpHeader.PROTOCOL, bytes);
        return Checksum.add(pseudo, Checksum.sum(memory, at + transport, bytes)) == Checksum.VALID
                && (ipv6 || Checksum.sum(memory, at, Ipv4Header.LENGTH) == Checksum.VALID);
    }

    private void writeLength(MemorySegment memory, int at, int length) {
        if (ipv6) {
            memory.set(SHORT, at + 4, (short) (length - Ipv6Header.LENGTH));
        } else {
            memory.set(SHORT, at + 2, (short) length);
            Ipv4Header.writeChecksum(memory, at);
        }
    }
}
