package net.braid.sim;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import net.braid.base.Pieces;
import net.braid.wire.Ipv4Header;
import net.braid.wire.Ipv6Header;
import net.braid.wire.TcpFlags;
import net.braid.wire.TcpHeader;

/**
 * Cuts a super-segment into segments for the wire, as a device with segmentation offload does: headers and options are
 * repeated, sequence number and IPv4 identification count up, FIN and PSH stay on the last segment, CWR on the first.
 */
final class SegmentCutter {
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private final Frames frames;

    SegmentCutter(Frames frames) {
        this.frames = frames;
    }

    void cut(MemorySegment header, long headerOffset, int headerLength, Pieces payload, int segmentSize, Pipe out) {
        boolean ipv6 = (header.get(ValueLayout.JAVA_BYTE, headerOffset) & 0xf0) == 0x60;
        int ipHeader = ipv6 ? Ipv6Header.LENGTH : Ipv4Header.headerLength(header, headerOffset);
        int total = payload.totalLength();
        int piece = 0;
        int pieceAt = 0;
        for (int done = 0; done < total;) {
            int bytes = Math.min(segmentSize, total - done);
            int length = headerLength + bytes;
            int frame = frames.allocate(length);
            MemorySegment memory = frames.memory(frame);
            MemorySegment.copy(header, headerOffset, memory, 0, headerLength);
            for (int copied = 0; copied < bytes;) {
                int run = Math.min(bytes - copied, payload.length(piece) - pieceAt);
                MemorySegment.copy(payload.memory(piece), payload.offset(piece) + pieceAt, memory,
                        headerLength + copied, run);
                copied += run;
                pieceAt += run;
                if (pieceAt == payload.length(piece)) {
                    piece++;
                    pieceAt = 0;
                }
            }
            finish(memory, length, ipv6, ipHeader, done, done / segmentSize, done + bytes == total);
            out.offer(frame);
            done += bytes;
        }
    }

    private static void finish(MemorySegment memory, int length, boolean ipv6, int ipHeader, int done, int index,
            boolean last) {
        if (ipv6) {
            memory.set(SHORT, 4, (short) (length - Ipv6Header.LENGTH));
        } else {
            memory.set(SHORT, 2, (short) length);
            memory.set(SHORT, 4, (short) (Ipv4Header.identification(memory, 0) + index));
            Ipv4Header.writeChecksum(memory, 0);
        }
        int flags = TcpHeader.flags(memory, ipHeader);
        if (!last) {
            flags &= ~(TcpFlags.FIN | TcpFlags.PSH);
        }
        if (index > 0) {
            flags &= ~TcpFlags.CWR;
        }
        memory.set(ValueLayout.JAVA_BYTE, ipHeader + 13, (byte) flags);
        memory.set(INT, ipHeader + 4, TcpHeader.sequenceNumber(memory, ipHeader) + done);
        TcpHeader.writeChecksum(memory, ipHeader, length - ipHeader,
                TcpChecksums.pseudoHeader(memory, ipHeader, length));
    }
}
