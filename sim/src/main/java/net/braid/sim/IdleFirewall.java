package net.braid.sim;

import java.util.HashMap;
import java.util.Map;
import net.braid.wire.SegmentView;
import net.braid.wire.TcpFlags;

/** A stateful firewall: a flow begins with SYN, and is forgotten when it was idle. Strangers are dropped silently. */
final class IdleFirewall extends Middlebox {
    private final long timeoutNanos;
    private final Map<FlowKey, Long> usedAt = new HashMap<>();

    IdleFirewall(long timeoutNanos) {
        this.timeoutNanos = timeoutNanos;
    }

    @Override
    void onSegment(Direction direction, int frame, SegmentView segment, long now) {
        FlowKey key = FlowKey.of(direction, segment);
        Long last = usedAt.get(key);
        boolean opens = segment.has(TcpFlags.SYN) && !segment.has(TcpFlags.ACK);
        if (!opens && (last == null || now - last > timeoutNanos)) {
            count();
            drop(frame);
            return;
        }
        usedAt.put(key, now);
        pass(direction, frame);
    }
}
