package net.braid.sim;

import java.lang.foreign.MemorySegment;
import net.braid.wire.SegmentView;
import net.braid.wire.TcpFlags;

/** Cuts data segments into smaller ones, each with a copy of all options (RFC 8684 section 6). */
final class SegmentSplitter extends Middlebox {
    private final int largest;

    /** @param largest payload bytes of what leaves */
    SegmentSplitter(int largest) {
        this.largest = largest;
    }

    @Override
    void onSegment(Direction direction, int frame, SegmentView segment, long now) {
        if (segment.payloadLength <= largest || segment.has(TcpFlags.SYN)) {
            pass(direction, frame);
            return;
        }
        count();
        MemorySegment whole = frames().memory(frame);
        int length = frames().length(frame);
        int header = (int) segment.payload;
        long tcp = segment.tcp;
        int bytes = segment.payloadLength;
        int flags = segment.flags;
        int sequence = segment.sequenceNumber;
        for (int done = 0; done < bytes; done += largest) {
            int part = Math.min(largest, bytes - done);
            int piece = frames().allocate(header + part);
            MemorySegment memory = frames().memory(piece);
            MemorySegment.copy(whole, 0, memory, 0, header);
            MemorySegment.copy(whole, header + done, memory, header, part);
            SegmentEdit.length(memory, length, header + part);
            SegmentEdit.sequenceNumber(memory, tcp, sequence + done);
            int kept = done + part < bytes ? SegmentEdit.withoutEnds(flags) : flags;
            SegmentEdit.flags(memory, tcp, done > 0 ? kept & ~TcpFlags.CWR : kept);
            passChanged(direction, piece);
        }
        drop(frame);
    }
}
