package net.braid.tcp;

import java.lang.foreign.MemorySegment;
import net.braid.wire.OptionWriter;
import net.braid.wire.TcpFlags;
import net.braid.wire.TcpHeader;

/** Writes TCP headers and options of outgoing segments. Ports and checksum are the sink's. */
final class SegmentBuilder {
    private final Subflow flow;
    private final OptionWriter options = new OptionWriter();

    SegmentBuilder(Subflow flow) {
        this.flow = flow;
    }

    /**
     * A segment with data or FIN, or both, into a claimed sink.
     *
     * @param offset subflow offset of the first byte
     * @param segmentSize payload of each wire segment when {@code length} is more than that
     * @param newData never sent before: may be ECN-capable
     */
    void data(SegmentSink sink, long offset, long tag, int length, int segmentSize, int flags, boolean newData,
            long now) {
        boolean many = length > segmentSize;
        begin(sink, now);
        SegmentKind kind = length > 0 ? SegmentKind.DATA : SegmentKind.FIN;
        flow.owner().writeOptions(flow, kind, options, offset, tag, length);
        if (length > 0) {
            flow.owner().gather(flow, tag, length, sink.payload());
        }
        Ecn ecn = flow.ecn();
        int allFlags = flags | ecn.flags(newData && !many && length > 0);
        finish(sink, flow.sender().wire(offset), allFlags, many ? segmentSize : 0,
                ecn.codepoint(newData && length > 0));
        flow.onAcknowledgmentSent(true, now);
    }

    /** A pure acknowledgment. SACK blocks take what room the owner's options leave. */
    void acknowledgment(SegmentSink sink, long now) {
        begin(sink, now);
        flow.owner().writeOptions(flow, SegmentKind.ACK, options, flow.sendNext(), 0, 0);
        if (flow.handshake().sack()) {
            flow.receiver().writeSack(options);
        }
        finish(sink, flow.sendNextWire(), TcpFlags.ACK | flow.ecn().flags(false), 0, Ecn.NOT_ECT);
        flow.onAcknowledgmentSent(false, now);
    }

    /** A segment without data one byte left of SND.UNA: whatever the state of the peer, it must answer with an ACK. */
    void probe(SegmentSink sink, long now) {
        begin(sink, now);
        flow.owner().writeOptions(flow, SegmentKind.ACK, options, flow.sendNext(), 0, 0);
        int sequence = flow.sender().wire(flow.sendUnacknowledged() - 1);
        finish(sink, sequence, TcpFlags.ACK | flow.ecn().flags(false), 0, Ecn.NOT_ECT);
        // It does not count as an acknowledgment: the peer drops it as unacceptable before it looks at the ACK field.
    }

    void syn(SegmentSink sink, boolean withAck, long now) {
        MemorySegment header = sink.header();
        long at = sink.tcpHeader();
        options.begin(header, at + TcpHeader.LENGTH);
        flow.handshake().writeOptions(options, now);
        flow.owner().writeOptions(flow, withAck ? SegmentKind.SYN_ACK : SegmentKind.SYN, options, -1, 0, 0);
        //= rfc7323#2.2
        //# The window field in a segment where the SYN bit is set (i.e., a <SYN>
        //# or <SYN,ACK>) MUST NOT be scaled.
        int window = flow.receiver().windowField(flow.owner().receiveWindow(flow), 0);
        int length = TcpHeader.LENGTH + options.finish();
        int acknowledgment = withAck ? flow.receiver().acknowledgmentNumber() : 0;
        TcpHeader.write(header, at, 0, 0, flow.sender().wire(-1), acknowledgment, length, flow.handshake().flags(),
                window, 0);
        sink.commit(flow, length, 0, Ecn.NOT_ECT);
    }

    /** RST, with ACK unless it answers a segment that had one (RFC 9293 section 3.5.2). */
    void reset(SegmentSink sink, int sequence, boolean withAck) {
        MemorySegment header = sink.header();
        long at = sink.tcpHeader();
        options.begin(header, at + TcpHeader.LENGTH);
        flow.owner().writeOptions(flow, SegmentKind.RESET, options, flow.sendNext(), 0, 0);
        int length = TcpHeader.LENGTH + options.finish();
        int acknowledgment = withAck ? flow.receiver().acknowledgmentNumber() : 0;
        int flags = TcpFlags.RST | (withAck ? TcpFlags.ACK : 0);
        TcpHeader.write(header, at, 0, 0, sequence, acknowledgment, length, flags, 0, 0);
        sink.commit(flow, length, 0, Ecn.NOT_ECT);
    }

    private void begin(SegmentSink sink, long now) {
        options.begin(sink.header(), sink.tcpHeader() + TcpHeader.LENGTH);
        //= rfc7323#3.2
        //# Once TSopt has been successfully negotiated, that is both <SYN> and
        //# <SYN,ACK> contain TSopt, the TSopt MUST be sent in every non-<RST>
        //# segment for the duration of the connection
        if (flow.handshake().timestamps()) {
            options.timestamps(flow.timestamp(now), flow.recentTimestamp());
        }
    }

    private void finish(SegmentSink sink, int sequence, int flags, int segmentSize, int codepoint) {
        int length = TcpHeader.LENGTH + options.finish();
        int window = flow.receiver().windowField(flow.owner().receiveWindow(flow), flow.handshake().receiveScale());
        TcpHeader.write(sink.header(), sink.tcpHeader(), 0, 0, sequence, flow.receiver().acknowledgmentNumber(), length,
                flags, window, 0);
        sink.commit(flow, length, segmentSize, codepoint);
    }
}
