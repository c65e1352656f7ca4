package net.braid.sim;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.braid.wire.SegmentView;
import net.braid.wire.TcpFlags;
import net.braid.wire.TcpOptions;

/**
 * A performance-enhancing proxy (RFC 3135) that acknowledges data to its sender at once, without MPTCP options, keeps a
 * copy, and repeats it until the receiver has acknowledged it. It may also be a bad one, which loses what it has
 * acknowledged (RFC 8684 section 3.3.6).
 */
final class ProactiveAcker extends Middlebox {
    private static final long REPEAT_NANOS = 300_000_000L;
    /** A receiver that has not acknowledged anything for so many repeats is gone. */
    private static final int MOST_REPEATS = 400;
    private static final int MOST_KEPT = 1024;
    private static final int TIMESTAMPS_BYTES = 12;
    private static final int NOP_NOP_TIMESTAMPS = 0x0101_080a;

    private record Kept(int frame, int end) {
    }

    private static final class Stream {
        boolean known;
        int next;
        boolean receiverKnown;
        int acknowledged;
        int window;
        boolean timestamps;
        int receiverClock;
        final List<Kept> kept = new ArrayList<>();
        boolean ticking;
        int repeats;
    }

    private final Direction only;
    private final long loseEvery;
    private final Map<FlowKey, Stream> flows = new HashMap<>();
    private long acknowledgedSegments;

    /** @param loseEvery of so many data segments that it acknowledges it loses one; 0: none */
    ProactiveAcker(Direction only, long loseEvery) {
        this.only = only;
        this.loseEvery = loseEvery;
    }

    @Override
    void onSegment(Direction direction, int frame, SegmentView segment, long now) {
        Stream stream = flows.computeIfAbsent(FlowKey.of(direction, segment), key -> new Stream());
        if (direction == only) {
            onSender(direction, stream, frame, segment, now);
        } else {
            onReceiver(stream, segment);
            pass(direction, frame);
        }
    }

    private void onReceiver(Stream stream, SegmentView segment) {
        if (segment.has(TcpFlags.RST)) {
            forget(stream);
            stream.known = false;
            return;
        }
        stream.receiverKnown = true;
        stream.acknowledged = segment.acknowledgmentNumber;
        stream.window = segment.has(TcpFlags.SYN) ? 0 : segment.window;
        stream.timestamps = segment.options.has(TcpOptions.TIMESTAMPS);
        stream.receiverClock = segment.options.timestampValue;
        for (int i = stream.kept.size() - 1; i >= 0; i--) {
            if (stream.kept.get(i).end() - stream.acknowledged <= 0) {
                drop(stream.kept.remove(i).frame());
                stream.repeats = 0;
            }
        }
    }

    private void onSender(Direction direction, Stream stream, int frame, SegmentView segment, long now) {
        if (segment.has(TcpFlags.SYN)) {
            stream.known = true;
            stream.next = segment.sequenceNumber + 1;
        }
        if (segment.has(TcpFlags.RST)) {
            forget(stream);
            stream.known = false;
        }
        boolean inOrder = stream.known && segment.payloadLength > 0 && !segment.has(TcpFlags.SYN)
                && segment.sequenceNumber == stream.next;
        if (inOrder) {
            stream.next += segment.payloadLength;
        }
        if (!inOrder || !stream.receiverKnown || stream.window == 0 || stream.kept.size() == MOST_KEPT) {
            pass(direction, frame);
            return;
        }
        count();
        acknowledge(direction.other(), stream, frame, segment);
        if (loseEvery > 0 && ++acknowledgedSegments % loseEvery == 0) {
            drop(frame);
            return;
        }
        stream.kept.add(new Kept(frames().copy(frame), stream.next));
        tick(direction, stream, now);
        pass(direction, frame);
    }

    private void acknowledge(Direction back, Stream stream, int frame, SegmentView segment) {
        int header = (int) segment.tcp + 20 + TIMESTAMPS_BYTES;
        int answer = frames().allocate(Math.max(header, (int) segment.tcp + 20));
        MemorySegment memory = frames().memory(answer);
        MemorySegment.copy(frames().memory(frame), 0, memory, 0, segment.tcp + 20);
        SegmentEdit.turnRound(memory, frames().length(frame), segment.tcp);
        SegmentEdit.acknowledgment(memory, segment.tcp, segment.acknowledgmentNumber, stream.next, stream.window);
        int total = header - TIMESTAMPS_BYTES;
        if (stream.timestamps) {
            SegmentEdit.appendOption(memory, segment.tcp, NOP_NOP_TIMESTAMPS, stream.receiverClock,
                    segment.options.timestampValue);
            total = header;
        }
        SegmentEdit.length(memory, total, total);
        frames().length(answer, total);
        passChanged(back, answer);
    }

    private void tick(Direction direction, Stream stream, long now) {
        if (!stream.ticking) {
            stream.ticking = true;
            simulation().at(now + REPEAT_NANOS, () -> repeat(direction, stream));
        }
    }

    private void repeat(Direction direction, Stream stream) {
        stream.ticking = false;
        if (++stream.repeats > MOST_REPEATS) {
            forget(stream);
        }
        if (!stream.kept.isEmpty()) {
            pass(direction, frames().copy(stream.kept.getFirst().frame()));
            tick(direction, stream, simulation().now());
        }
    }

    private void forget(Stream stream) {
        for (Kept kept : stream.kept) {
            drop(kept.frame());
        }
        stream.kept.clear();
    }
}
