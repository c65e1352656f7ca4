package net.braid.sim;

import net.braid.wire.SegmentView;
import net.braid.wire.TcpFlags;
import net.braid.wire.TcpOptions;

/** Drops SYN segments that carry an MPTCP option, as firewalls do that know no kind 30. */
final class SynDropper extends Middlebox {
    private final int options;

    /** @param options bits of {@link TcpOptions} */
    SynDropper(int options) {
        this.options = options;
    }

    @Override
    void onSegment(Direction direction, int frame, SegmentView segment, long now) {
        if (segment.has(TcpFlags.SYN) && !segment.has(TcpFlags.ACK) && (segment.options.present & options) != 0) {
            count();
            drop(frame);
        } else {
            pass(direction, frame);
        }
    }
}
