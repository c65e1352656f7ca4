package net.braid.tcp;

import java.util.Arrays;
import java.util.StringJoiner;
import net.braid.wire.SegmentView;
import net.braid.wire.TcpFlags;
import net.braid.wire.TcpOptions;

/**
 * An emitted segment, decoded, with sequence numbers relative to the initial ones: the first byte of a stream is 0, SYN
 * is -1. {@link #toString} is what scripts compare: {@code "AP 0:1000 ack 0 sack 5:6"}.
 *
 * @param options bits of {@link TcpOptions#present}
 * @param sack edges, relative
 */
record Segment(long at, int flags, int sequence, int acknowledgment, int window, int options, int mss, int windowScale,
        int timestampValue, int timestampEcho, int[] sack, byte[] payload, int segmentSize, int ecn, int headerLength) {

    static Segment of(SegmentView view, int ourOrigin, int peerOrigin, long now) {
        TcpOptions o = view.options;
        int[] sack = Arrays.copyOf(o.sackEdges, 2 * o.sackCount);
        for (int i = 0; i < sack.length; i++) {
            sack[i] -= peerOrigin;
        }
        byte[] payload = view.memory.asSlice(view.payload, view.payloadLength)
                .toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
        return new Segment(now, view.flags, view.sequenceNumber - ourOrigin, view.acknowledgmentNumber - peerOrigin,
                view.window, o.present, o.maximumSegmentSize, o.windowScale, o.timestampValue, o.timestampEcho,
                sack, payload, view.segmentSize, view.ecn, view.headerLength());
    }

    boolean has(int flag) {
        return (flags & flag) != 0;
    }

    boolean hasOption(int option) {
        return (options & option) != 0;
    }

    int length() {
        return payload.length;
    }

    int end() {
        return sequence + payload.length;
    }

    /** Sequence space that it takes. */
    int sequenceLength() {
        return payload.length + (has(TcpFlags.SYN) ? 1 : 0) + (has(TcpFlags.FIN) ? 1 : 0);
    }

    @Override
    public String toString() {
        StringBuilder names = new StringBuilder();
        String letters = "FSRPAUEC";
        for (char c : "SRAPFUEC".toCharArray()) {
            if ((flags & 1 << letters.indexOf(c)) != 0) {
                names.append(c);
            }
        }
        StringJoiner text = new StringJoiner(" ");
        text.add(names).add(payload.length == 0 ? "" + sequence : sequence + ":" + end());
        if (has(TcpFlags.ACK)) {
            text.add("ack " + acknowledgment);
        }
        if (sack.length > 0) {
            text.add("sack");
            for (int i = 0; i < sack.length; i += 2) {
                text.add(sack[i] + ":" + sack[i + 1]);
            }
        }
        return text.toString();
    }
}
