package net.braid.sim;

import java.util.HashMap;
import java.util.Map;
import net.braid.wire.SegmentView;
import net.braid.wire.TcpFlags;
import net.braid.wire.TcpOptions;

/** Offers each end no more window than it is willing to see in flight. */
final class WindowClamp extends Middlebox {
    private static final int LARGEST_SHIFT = 14;

    /** Window scale of each direction's sender, or -1. */
    private static final class Scales {
        final int[] shift = {-1, -1};

        int shift(Direction direction) {
            return shift[0] < 0 || shift[1] < 0 ? 0 : shift[direction.ordinal()];
        }
    }

    private final long bytes;
    private final Map<FlowKey, Scales> flows = new HashMap<>();

    WindowClamp(long bytes) {
        this.bytes = bytes;
    }

    @Override
    void onSegment(Direction direction, int frame, SegmentView segment, long now) {
        Scales scales = flows.computeIfAbsent(FlowKey.of(direction, segment), key -> new Scales());
        boolean syn = segment.has(TcpFlags.SYN);
        if (syn) {
            scales.shift[direction.ordinal()] = segment.options.has(TcpOptions.WINDOW_SCALE)
                    ? Math.min(LARGEST_SHIFT, segment.options.windowScale) : -1;
        }
        long largest = bytes >> (syn ? 0 : scales.shift(direction));
        if (segment.window <= largest) {
            pass(direction, frame);
            return;
        }
        count();
        SegmentEdit.window(frames().memory(frame), segment.tcp, (int) largest);
        passChanged(direction, frame);
    }
}
