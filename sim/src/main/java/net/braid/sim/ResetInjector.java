package net.braid.sim;

import java.lang.foreign.MemorySegment;
import net.braid.wire.SegmentView;
import net.braid.wire.TcpFlags;

/** Ends a flow by resets to both ends, in each other's name, in place of a data segment. */
final class ResetInjector extends Middlebox {
    private final Direction only;
    private final long after;
    private final long times;
    private long seen;

    /**
     * @param only data segments of this direction count; null: of both
     * @param after so many data segments pass first
     * @param times how often it happens
     */
    ResetInjector(Direction only, long after, long times) {
        this.only = only;
        this.after = after;
        this.times = times;
    }

    @Override
    void onSegment(Direction direction, int frame, SegmentView segment, long now) {
        boolean counts = segment.payloadLength > 0 && (only == null || direction == only);
        if (!counts || seen++ < after || applied() >= times) {
            pass(direction, frame);
            return;
        }
        count();
        int sequence = segment.sequenceNumber;
        int acknowledgment = segment.acknowledgmentNumber;
        int back = frames().copy(frame);
        MemorySegment memory = frames().memory(back);
        int length = frames().length(back);
        SegmentEdit.turnRound(memory, length, segment.tcp);
        reset(direction.other(), back, segment.tcp, acknowledgment, sequence);
        reset(direction, frame, segment.tcp, sequence, acknowledgment);
    }

    private void reset(Direction direction, int frame, long tcp, int sequence, int acknowledgment) {
        MemorySegment memory = frames().memory(frame);
        int total = SegmentEdit.bare(memory, frames().length(frame), tcp, sequence, acknowledgment,
                TcpFlags.RST | TcpFlags.ACK, 0);
        frames().length(frame, total);
        passChanged(direction, frame);
    }
}
