package net.braid.sim;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import net.braid.link.ChecksumState;
import net.braid.link.Link;
import net.braid.wire.Ipv4Header;
import net.braid.wire.Ipv6Header;
import net.braid.wire.TcpFlags;
import net.braid.wire.TcpHeader;

/**
 * Joins received segments that follow each other, as a device or driver with receive offload does: same flow, same
 * acknowledgment, window, options, traffic class and hop limit, all of one payload size but the last. PSH and FIN end a
 * run; anything else that is unusual is handed on alone.
 */
final class SegmentMerger {
    private static final int LARGEST_PACKET = 65_535;
    private static final int LONE_FLAGS = ~(TcpFlags.ACK | TcpFlags.PSH | TcpFlags.ECE) & 0xff;
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private final Frames frames;
    private final MemorySegment merged;

    SegmentMerger(Frames frames, Arena arena) {
        this.frames = frames;
        merged = arena.allocate(LARGEST_PACKET + 1, 64);
    }

    /** Hands one packet, made of one or more frames at the head of {@code inbox}, to {@code handler}. */
    void receive(Link link, FrameQueue inbox, Link.PacketHandler handler) {
        int first = inbox.headFrame();
        inbox.removeHead();
        MemorySegment memory = frames.memory(first);
        int length = frames.length(first);
        boolean valid = TcpChecksums.isValid(memory, length);
        int header = valid ? mergeableHeader(memory, length) : 0;
        if (header == 0 || inbox.isEmpty() || endsRun(memory) || !follows(memory, header, length, length - header,
                length - header, inbox.headFrame())) {
            handler.onPacket(link, memory, 0, length, 0, valid ? ChecksumState.VALID : ChecksumState.UNVERIFIED);
            frames.release(first);
            return;
        }
        int segmentSize = length - header;
        MemorySegment.copy(memory, 0, merged, 0, length);
        int total = length;
        boolean more = true;
        while (more) {
            int next = inbox.headFrame();
            inbox.removeHead();
            MemorySegment nextMemory = frames.memory(next);
            int bytes = frames.length(next) - header;
            MemorySegment.copy(nextMemory, header, merged, total, bytes);
            total += bytes;
            boolean ends = bytes < segmentSize || endsRun(nextMemory);
            if (endsRun(nextMemory)) {
                int tcp = ipHeader(merged);
                merged.set(ValueLayout.JAVA_BYTE, tcp + 13,
                        (byte) (TcpHeader.flags(merged, tcp) | TcpHeader.flags(nextMemory, tcp)));
            }
            frames.release(next);
            more = !ends && !inbox.isEmpty()
                    && follows(memory, header, total, total - header, segmentSize, inbox.headFrame());
        }
        frames.release(first);
        setLength(total);
        handler.onPacket(link, merged, 0, total, segmentSize, ChecksumState.VALID);
    }

    private void setLength(int total) {
        if (ipHeader(merged) == Ipv6Header.LENGTH && Packets.version(merged, total) == Ipv6Header.VERSION) {
            merged.set(SHORT, 4, (short) (total - Ipv6Header.LENGTH));
        } else {
            merged.set(SHORT, 2, (short) total);
            Ipv4Header.writeChecksum(merged, 0);
        }
    }

    /**
     * Whether {@code frame} continues the run that begins with {@code memory} and has {@code bytes} of payload so far.
     */
    private boolean follows(MemorySegment memory, int header, int total, int bytes, int segmentSize, int frame) {
        MemorySegment next = frames.memory(frame);
        int length = frames.length(frame);
        int payload = length - header;
        if (payload <= 0 || payload > segmentSize || total + payload > LARGEST_PACKET
                || !TcpChecksums.isValid(next, length) || mergeableHeader(next, length) != header) {
            return false;
        }
        int tcp = ipHeader(memory);
        int differing = TcpHeader.flags(memory, tcp) ^ TcpHeader.flags(next, tcp);
        return TcpHeader.sequenceNumber(next, tcp) == TcpHeader.sequenceNumber(memory, tcp) + bytes
                && (differing & ~TcpFlags.PSH) == 0
                && sameIpHeader(memory, next, tcp)
                && same(memory, next, tcp, tcp + 4)
                && same(memory, next, tcp + 8, tcp + 13)
                && same(memory, next, tcp + 14, tcp + 16)
                && same(memory, next, tcp + 18, header);
    }

    /** Length of both headers if segments like this one may be joined, else 0. */
    private static int mergeableHeader(MemorySegment memory, int length) {
        int tcp = TcpChecksums.ipHeaderOfTcp(memory, length);
        if (tcp == 0 || Packets.version(memory, length) == Ipv4Header.VERSION && tcp != Ipv4Header.LENGTH
                || (TcpHeader.flags(memory, tcp) & LONE_FLAGS) != 0
                || (TcpHeader.flags(memory, tcp) & TcpFlags.ACK) == 0) {
            return 0;
        }
        int header = tcp + TcpHeader.headerLength(memory, tcp);
        return header < length ? header : 0;
    }

    private static boolean endsRun(MemorySegment memory) {
        return (TcpHeader.flags(memory, ipHeader(memory)) & TcpFlags.PSH) != 0;
    }

    private static int ipHeader(MemorySegment memory) {
        return (memory.get(ValueLayout.JAVA_BYTE, 0) & 0xf0) == 0x60
                ? Ipv6Header.LENGTH : Ipv4Header.headerLength(memory, 0);
    }

    private static boolean sameIpHeader(MemorySegment a, MemorySegment b, int tcp) {
        if (tcp == Ipv6Header.LENGTH) {
            return same(a, b, 0, 4) && same(a, b, 6, Ipv6Header.LENGTH);
        }
        return same(a, b, 0, 2) && same(a, b, 6, 10) && same(a, b, 12, Ipv4Header.LENGTH);
    }

    private static boolean same(MemorySegment a, MemorySegment b, int from, int to) {
        for (int i = from; i < to; i++) {
            if (a.get(ValueLayout.JAVA_BYTE, i) != b.get(ValueLayout.JAVA_BYTE, i)) {
                return false;
            }
        }
        return true;
    }
}
