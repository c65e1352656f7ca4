package net.braid.sim;

import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;
import net.braid.base.RandomSource;
import net.braid.wire.SegmentView;
import net.braid.wire.TcpFlags;

/**
 * Gives both streams of each flow other initial sequence numbers, as firewalls do that mistrust those of the hosts; ACK
 * and SACK are turned back.
 */
final class SequenceRewriter extends Middlebox {
    /** What is added to sequence numbers of each direction. */
    private record Shifts(int forward, int backward) {
        int of(Direction direction) {
            return direction == Direction.FORWARD ? forward : backward;
        }
    }

    private final Map<FlowKey, Shifts> flows = new HashMap<>();
    private RandomSource numbers;

    @Override
    void onAttached() {
        numbers = random();
    }

    @Override
    void onSegment(Direction direction, int frame, SegmentView segment, long now) {
        FlowKey key = FlowKey.of(direction, segment);
        Shifts shifts = flows.get(key);
        if (shifts == null && segment.has(TcpFlags.SYN)) {
            shifts = new Shifts(numbers.nextInt(), numbers.nextInt());
            flows.put(key, shifts);
            count();
        }
        if (shifts == null) {
            pass(direction, frame);
            return;
        }
        MemorySegment memory = frames().memory(frame);
        SegmentEdit.sequenceNumber(memory, segment.tcp, segment.sequenceNumber + shifts.of(direction));
        if (segment.has(TcpFlags.ACK)) {
            int back = -shifts.of(direction.other());
            SegmentEdit.acknowledgmentNumber(memory, segment.tcp, segment.acknowledgmentNumber + back);
            SegmentEdit.shiftSackBlocks(memory, segment.tcp, back);
        }
        passChanged(direction, frame);
    }
}
