package net.braid.sim;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.braid.wire.SegmentView;
import net.braid.wire.TcpFlags;

/** Lets data through only in order: what comes behind a hole waits in the box until the hole is filled. */
final class HoleHolder extends Middlebox {
    private static final class Waiting {
        final int frame;
        final int sequence;
        final int bytes;

        Waiting(int frame, int sequence, int bytes) {
            this.frame = frame;
            this.sequence = sequence;
            this.bytes = bytes;
        }
    }

    private static final class Stream {
        boolean known;
        int start;
        int next;
        final List<Waiting> waiting = new ArrayList<>();
    }

    private final int most;
    private final Map<FlowKey, Stream[]> flows = new HashMap<>();

    private int held;

    /** @param most segments that wait, per flow and direction; more are dropped */
    HoleHolder(int most) {
        this.most = most;
    }

    @Override
    void onSegment(Direction direction, int frame, SegmentView segment, long now) {
        Stream[] streams = flows.computeIfAbsent(FlowKey.of(direction, segment),
                key -> new Stream[] {new Stream(), new Stream()});
        Stream stream = streams[direction.ordinal()];
        int bytes = segment.payloadLength + (segment.has(TcpFlags.FIN) ? 1 : 0);
        int sequence = segment.sequenceNumber;
        if (segment.has(TcpFlags.SYN)) {
            if (!stream.known || stream.start != sequence + 1) {
                // Not a late copy.
                stream.known = true;
                stream.start = sequence + 1;
                stream.next = stream.start;
            }
            pass(direction, frame);
        } else if (!stream.known || bytes == 0 || segment.has(TcpFlags.RST) || sequence - stream.next <= 0) {
            if (stream.known && bytes > 0 && !segment.has(TcpFlags.RST)) {
                stream.next += Math.max(0, sequence + bytes - stream.next);
            }
            pass(direction, frame);
            release(direction, stream);
        } else if (stream.waiting.size() < most) {
            count();
            held++;
            stream.waiting.add(new Waiting(frame, sequence, bytes));
        } else {
            drop(frame);
        }
    }

    @Override
    int held() {
        return held;
    }

    private void release(Direction direction, Stream stream) {
        boolean again = true;
        while (again) {
            again = false;
            for (int i = 0; i < stream.waiting.size(); i++) {
                Waiting w = stream.waiting.get(i);
                if (w.sequence - stream.next <= 0) {
                    stream.waiting.remove(i);
                    held--;
                    stream.next += Math.max(0, w.sequence + w.bytes - stream.next);
                    pass(direction, w.frame);
                    again = true;
                    break;
                }
            }
        }
    }
}
