package net.braid.sim;

import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;
import net.braid.wire.IpAddress;
import net.braid.wire.SegmentView;

/**
 * Network address and port translation (RFC 5382): the first end is inside. A mapping that has been idle for too long
 * is forgotten; what then comes from outside is dropped, what comes from inside gets another port. IPv6 passes.
 */
final class Nat extends Middlebox {
    private static final int FIRST_PORT = 1024;
    private static final int PORTS = 64_000;

    private static final class Mapping {
        final FlowKey inside;
        final int port;
        long usedAt;

        Mapping(FlowKey inside, int port) {
            this.inside = inside;
            this.port = port;
        }
    }

    private final IpAddress outside;
    private final long timeoutNanos;
    private final Map<FlowKey, Mapping> byInside = new HashMap<>();
    private final Map<Integer, Mapping> byPort = new HashMap<>();
    private int nextPort;

    /** @param outside IPv4 address that the other side sees */
    Nat(IpAddress outside, long timeoutNanos) {
        this.outside = outside;
        this.timeoutNanos = timeoutNanos;
    }

    @Override
    void onAttached() {
        nextPort = random().nextInt(PORTS);
    }

    @Override
    void onSegment(Direction direction, int frame, SegmentView segment, long now) {
        if (segment.ipv6) {
            pass(direction, frame);
        } else if (direction == Direction.FORWARD) {
            outward(frame, segment, now);
        } else {
            inward(frame, segment, now);
        }
    }

    private void outward(int frame, SegmentView segment, long now) {
        FlowKey key = FlowKey.of(Direction.FORWARD, segment);
        Mapping mapping = byInside.get(key);
        if (mapping != null && now - mapping.usedAt > timeoutNanos) {
            byPort.remove(mapping.port);
            mapping = null;
        }
        if (mapping == null) {
            mapping = new Mapping(key, freePort());
            byInside.put(key, mapping);
            byPort.put(mapping.port, mapping);
            count();
        }
        mapping.usedAt = now;
        MemorySegment memory = frames().memory(frame);
        SegmentEdit.sourceV4(memory, outside.v4Bits());
        SegmentEdit.ports(memory, segment.tcp, mapping.port, segment.destinationPort);
        passChanged(Direction.FORWARD, frame);
    }

    private void inward(int frame, SegmentView segment, long now) {
        Mapping mapping = byPort.get(segment.destinationPort);
        if (mapping == null || now - mapping.usedAt > timeoutNanos || segment.destinationLow != outside.low()
                || segment.sourceLow != mapping.inside.secondLow()
                || segment.sourcePort != mapping.inside.secondPort()) {
            drop(frame);
            return;
        }
        mapping.usedAt = now;
        MemorySegment memory = frames().memory(frame);
        SegmentEdit.destinationV4(memory, (int) mapping.inside.firstLow());
        SegmentEdit.ports(memory, segment.tcp, segment.sourcePort, mapping.inside.firstPort());
        passChanged(Direction.BACKWARD, frame);
    }

    private int freePort() {
        int port;
        do {
            port = FIRST_PORT + nextPort;
            nextPort = (nextPort + 1) % PORTS;
        } while (byPort.containsKey(port));
        return port;
    }
}
