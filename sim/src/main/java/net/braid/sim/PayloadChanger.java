package net.braid.sim;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.Map;
import net.braid.wire.SegmentView;
import net.braid.wire.TcpFlags;

/**
 * An application gateway that changes bytes in flight and mends the checksum (RFC 8684 section 3.3.1): one byte of each
 * flow, or one in each period, always the same, in retransmissions too.
 */
final class PayloadChanger extends Middlebox {
    /** What is added, without carry, to the byte. */
    static final int MASK = 0x20;

    private final Direction only;
    private final long at;
    private final long period;
    private final Map<FlowKey, Integer> starts = new HashMap<>();

    /**
     * @param at offset in the stream of a flow, from 0
     * @param period distance to the next byte; 0: only one
     */
    PayloadChanger(Direction only, long at, long period) {
        this.only = only;
        this.at = at;
        this.period = period;
    }

    @Override
    void onSegment(Direction direction, int frame, SegmentView segment, long now) {
        if (direction != only) {
            pass(direction, frame);
            return;
        }
        FlowKey key = FlowKey.of(direction, segment);
        if (segment.has(TcpFlags.SYN)) {
            starts.put(key, segment.sequenceNumber + 1);
        }
        Integer start = starts.get(key);
        if (start == null || segment.payloadLength == 0 || segment.has(TcpFlags.SYN)) {
            pass(direction, frame);
            return;
        }
        long from = Integer.toUnsignedLong(segment.sequenceNumber - start);
        long to = from + segment.payloadLength;
        long next = at;
        if (period > 0 && next < from) {
            next += (from - next + period - 1) / period * period;
        }
        if (next < from || next >= to) {
            pass(direction, frame);
            return;
        }
        MemorySegment memory = frames().memory(frame);
        while (next < to) {
            long place = segment.payload + (next - from);
            memory.set(ValueLayout.JAVA_BYTE, place, (byte) (memory.get(ValueLayout.JAVA_BYTE, place) ^ MASK));
            next = period > 0 ? next + period : to;
        }
        count();
        passChanged(direction, frame);
    }
}
