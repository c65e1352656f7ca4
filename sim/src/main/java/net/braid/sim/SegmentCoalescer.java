package net.braid.sim;

import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;
import net.braid.wire.SegmentView;
import net.braid.wire.TcpFlags;

/**
 * Joins data segments that follow each other. The joint segment has the options of the first; so the mapping of the
 * second is lost where it has another one (RFC 8684 section 6 on coalescing).
 */
final class SegmentCoalescer extends Middlebox {
    private static final int PLAIN = TcpFlags.ACK | TcpFlags.PSH;

    /** The segment that waits for one to follow it. */
    private static final class Held {
        int frame;
        int header;
        long tcp;
        int nextSequence;
        long serial;
    }

    private final int largest;
    private final long holdNanos;
    private final boolean sameOptions;
    private final Map<FlowKey, Held[]> flows = new HashMap<>();
    private long serial;

    /**
     * @param largest payload of what leaves, in bytes
     * @param holdNanos how long a segment waits for the next
     * @param sameOptions joins only segments whose options are the same, byte for byte
     */
    SegmentCoalescer(int largest, long holdNanos, boolean sameOptions) {
        this.largest = largest;
        this.holdNanos = holdNanos;
        this.sameOptions = sameOptions;
    }

    @Override
    void onSegment(Direction direction, int frame, SegmentView segment, long now) {
        Held[] places = flows.computeIfAbsent(FlowKey.of(direction, segment), key -> new Held[2]);
        Held held = places[direction.ordinal()];
        boolean plain = segment.payloadLength > 0 && (segment.flags & ~PLAIN) == 0;
        if (held != null) {
            places[direction.ordinal()] = null;
            if (plain && segment.sequenceNumber == held.nextSequence && fits(held, frame, segment)) {
                count();
                join(direction, held, frame, segment);
                return;
            }
            pass(direction, held.frame);
        }
        if (!plain || segment.payloadLength >= largest) {
            pass(direction, frame);
            return;
        }
        Held waiting = new Held();
        waiting.frame = frame;
        waiting.header = (int) segment.payload;
        waiting.tcp = segment.tcp;
        waiting.nextSequence = segment.sequenceNumber + segment.payloadLength;
        waiting.serial = ++serial;
        places[direction.ordinal()] = waiting;
        long number = serial;
        simulation().at(now + holdNanos, () -> release(places, direction, number));
    }

    private void release(Held[] places, Direction direction, long number) {
        Held held = places[direction.ordinal()];
        if (held != null && held.serial == number) {
            places[direction.ordinal()] = null;
            pass(direction, held.frame);
        }
    }

    private boolean fits(Held held, int frame, SegmentView segment) {
        int waiting = frames().length(held.frame) - held.header;
        if (waiting + segment.payloadLength > largest) {
            return false;
        }
        if (!sameOptions) {
            return true;
        }
        long options = held.tcp + 20;
        return segment.payload == held.header && MemorySegment.mismatch(frames().memory(held.frame), options,
                held.header, frames().memory(frame), options, held.header) < 0;
    }

    private void join(Direction direction, Held held, int frame, SegmentView segment) {
        int waiting = frames().length(held.frame);
        int total = waiting + segment.payloadLength;
        int joint = frames().allocate(total);
        MemorySegment memory = frames().memory(joint);
        MemorySegment.copy(frames().memory(held.frame), 0, memory, 0, waiting);
        MemorySegment.copy(frames().memory(frame), segment.payload, memory, waiting, segment.payloadLength);
        SegmentEdit.length(memory, waiting, total);
        SegmentEdit.flags(memory, held.tcp, segment.flags);
        SegmentEdit.acknowledgmentNumber(memory, held.tcp, segment.acknowledgmentNumber);
        SegmentEdit.window(memory, held.tcp, segment.window);
        drop(held.frame);
        drop(frame);
        passChanged(direction, joint);
    }
}
