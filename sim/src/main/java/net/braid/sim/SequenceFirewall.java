package net.braid.sim;

import java.util.HashMap;
import java.util.Map;
import net.braid.wire.SegmentView;
import net.braid.wire.SequenceNumber;
import net.braid.wire.TcpFlags;
import net.braid.wire.TcpOptions;

/**
 * Drops what does not fit the state of a flow as it has seen it: data beyond the window that the receiver has offered
 * or far behind what it has acknowledged, and acknowledgments of what has not been sent.
 */
final class SequenceFirewall extends Middlebox {
    private static final int LARGEST_SHIFT = 14;
    /** Behind the acknowledgment, old data may still come. */
    private static final long LARGEST_WINDOW = 65_535L << LARGEST_SHIFT;

    /** One direction of a flow; offsets are sequence numbers, unwrapped. */
    private static final class Stream {
        boolean known;
        int shift = -1;
        long end;
        long acknowledged;
        long edge;
    }

    private final Map<FlowKey, Stream[]> flows = new HashMap<>();

    @Override
    void onSegment(Direction direction, int frame, SegmentView segment, long now) {
        FlowKey key = FlowKey.of(direction, segment);
        Stream[] streams = flows.get(key);
        if (streams == null || segment.has(TcpFlags.SYN) && !segment.has(TcpFlags.ACK)
                && !isRepeated(streams[direction.ordinal()], segment)) {
            streams = new Stream[] {new Stream(), new Stream()};
            flows.put(key, streams);
        }
        if (fits(streams[direction.ordinal()], streams[direction.other().ordinal()], segment)) {
            pass(direction, frame);
        } else {
            count();
            drop(frame);
        }
    }

    private static boolean isRepeated(Stream from, SegmentView segment) {
        return from.known && (int) from.end == segment.sequenceNumber + 1;
    }

    private static boolean fits(Stream from, Stream to, SegmentView segment) {
        boolean syn = segment.has(TcpFlags.SYN);
        int bytes = segment.payloadLength + (syn ? 1 : 0) + (segment.has(TcpFlags.FIN) ? 1 : 0);
        if (!from.known) {
            if (!syn) {
                return segment.has(TcpFlags.RST);
            }
            from.known = true;
            long start = Integer.toUnsignedLong(segment.sequenceNumber);
            from.end = start + 1;
            from.acknowledged = start;
            from.edge = from.end + 65_535;
            from.shift = segment.options.has(TcpOptions.WINDOW_SCALE)
                    ? Math.min(LARGEST_SHIFT, segment.options.windowScale) : -1;
        }
        long sequence = SequenceNumber.unwrap(segment.sequenceNumber, from.end);
        if (sequence + bytes > from.edge + 1 || sequence < from.acknowledged - LARGEST_WINDOW) {
            return false;
        }
        if (segment.has(TcpFlags.ACK) && to.known) {
            long ack = SequenceNumber.unwrap(segment.acknowledgmentNumber, to.end);
            if (ack > to.end) {
                return false;
            }
            boolean scaled = !syn && from.shift >= 0 && to.shift >= 0;
            to.acknowledged = Math.max(to.acknowledged, ack);
            to.edge = Math.max(to.edge, ack + ((long) segment.window << (scaled ? from.shift : 0)));
        }
        from.end = Math.max(from.end, sequence + bytes);
        return true;
    }
}
