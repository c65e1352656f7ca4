package net.braid.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import net.braid.base.Pieces;
import net.braid.wire.Checksum;
import net.braid.wire.Ipv4Header;
import net.braid.wire.Ipv6Header;
import net.braid.wire.TcpHeader;

/**
 * Cuts a packet as {@link net.braid.link.Link#send} gets it into packets for the wire: each gets a header of its own
 * with length, sequence number, flags and checksums; the payload stays where it is. A packet that is not TCP is taken
 * as it is.
 */
final class SegmentCutter {
    /** The longest header: IPv6, and TCP with all its options. */
    private static final int STRIDE = 128;
    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final int FLAGS = 13;
    private static final int FIN_PSH = 1 | 8;
    private static final int CWR = 0x80;

    private final MemorySegment headers;
    private final int most;
    private MemorySegment header;
    private long headerOffset;
    private int headerLength;
    private Pieces payload;
    private int segmentSize;
    private int count;
    private boolean ipv6;
    private boolean tcp;
    private int transport;
    /** Where the next segment's payload begins: piece and bytes into it. */
    private int piece;
    private int intoPiece;
    private int next;

    /** @param most segments that are written before their headers may be overwritten */
    SegmentCutter(Arena arena, int most) {
        this.most = most;
        headers = arena.allocate((long) most * STRIDE, 64);
    }

    /** The next packet to cut. Its memory must stay until {@link #hasNext} is false. */
    void begin(MemorySegment header, long headerOffset, int headerLength, Pieces payload, int segmentSize) {
        assert headerLength <= STRIDE;
        this.header = header;
        this.headerOffset = headerOffset;
        this.headerLength = headerLength;
        this.payload = payload;
        int total = payload.totalLength();
        boolean cut = segmentSize > 0 && total > segmentSize;
        this.segmentSize = cut ? segmentSize : total;
        count = cut ? (total + segmentSize - 1) / segmentSize : 1;
        ipv6 = (header.get(BYTE, headerOffset) & 0xf0) == 0x60;
        transport = ipv6 ? Ipv6Header.LENGTH : Ipv4Header.LENGTH;
        tcp = header.get(BYTE, headerOffset + (ipv6 ? 6 : 9)) == TcpHeader.PROTOCOL;
        seek(0);
    }

    /** The next segment to write is number {@code segment}, from 0. */
    void seek(int segment) {
        next = segment;
        piece = 0;
        intoPiece = segment * segmentSize;
        while (piece < payload.count() && intoPiece >= payload.length(piece)) {
            intoPiece -= payload.length(piece);
            piece++;
        }
    }

    boolean hasNext() {
        return next < count;
    }

    /** Number of the next segment. */
    int next() {
        return next;
    }

    /** Segments that the packet is cut into, at least 1. */
    int count() {
        return count;
    }

    /** Bytes of each IP packet but the last. */
    int packetBytes() {
        return headerLength + segmentSize;
    }

    /** Adds header and payload of the next segment to {@code vectors}. */
    void write(Vectors vectors) {
        long at = (long) (next % most) * STRIDE;
        vectors.add(headers.address() + at, headerLength);
        next(at, vectors, null, 0);
    }

    /** Copies header and payload of the next segment to {@code target}; returns their bytes. */
    int write(MemorySegment target, long targetAt) {
        int length = next(0, null, target, targetAt + headerLength);
        MemorySegment.copy(headers, 0, target, targetAt, headerLength);
        return headerLength + length;
    }

    private int next(long at, Vectors vectors, MemorySegment target, long targetAt) {
        int length = Math.min(segmentSize, payload.totalLength() - next * segmentSize);
        MemorySegment.copy(header, headerOffset, headers, at, headerLength);
        int sum = takePayload(length, vectors, target, targetAt);
        if (tcp) {
            writeLengths(at, headerLength + length);
            writeTcp(at + transport, at, length, sum);
        }
        next++;
        return length;
    }

    private int takePayload(int length, Vectors vectors, MemorySegment target, long targetAt) {
        int sum = 0;
        int done = 0;
        while (done < length) {
            int bytes = Math.min(length - done, payload.length(piece) - intoPiece);
            MemorySegment memory = payload.memory(piece);
            long offset = payload.offset(piece) + intoPiece;
            if (vectors != null) {
                vectors.add(memory.address() + offset, bytes);
            } else {
                MemorySegment.copy(memory, offset, target, targetAt + done, bytes);
            }
            if (tcp) {
                sum = Checksum.append(sum, done, Checksum.sum(memory, offset, bytes));
            }
            done += bytes;
            intoPiece += bytes;
            if (intoPiece == payload.length(piece)) {
                piece++;
                intoPiece = 0;
            }
        }
        return sum;
    }

    private void writeLengths(long at, int packetLength) {
        if (ipv6) {
            headers.set(SHORT, at + 4, (short) (packetLength - Ipv6Header.LENGTH));
        } else {
            headers.set(SHORT, at + 2, (short) packetLength);
            headers.set(SHORT, at + 4, (short) (headers.get(SHORT, at + 4) + next));
            Ipv4Header.writeChecksum(headers, at);
        }
    }

    private void writeTcp(long at, long ip, int length, int payloadSum) {
        headers.set(INT, at + 4, headers.get(INT, at + 4) + next * segmentSize);
        int flags = headers.get(BYTE, at + FLAGS);
        if (next < count - 1) {
            flags &= ~FIN_PSH;
        }
        if (next > 0) {
            flags &= ~CWR;
        }
        headers.set(BYTE, at + FLAGS, (byte) flags);
        int tcpHeader = headerLength - transport;
        int pseudo = ipv6
                ? Checksum.pseudoHeader(true, Ipv6Header.sourceHigh(headers, ip), Ipv6Header.sourceLow(headers, ip),
                        Ipv6Header.destinationHigh(headers, ip), Ipv6Header.destinationLow(headers, ip),
                        TcpHeader.PROTOCOL, tcpHeader + length)
                : Checksum.pseudoHeader(false, 0, Ipv4Header.source(headers, ip), 0,
                        Ipv4Header.destination(headers, ip), TcpHeader.PROTOCOL, tcpHeader + length);
        TcpHeader.setChecksum(headers, at, 0);
        int sum = Checksum.add(pseudo, Checksum.sum(headers, at, tcpHeader));
        TcpHeader.setChecksum(headers, at, Checksum.finish(Checksum.add(sum, payloadSum)));
    }
}
