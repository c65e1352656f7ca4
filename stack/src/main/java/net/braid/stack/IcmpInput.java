package net.braid.stack;

import net.braid.mptcp.Connection;
import net.braid.tcp.Counter;
import net.braid.tcp.Counters;
import net.braid.wire.DropReason;
import net.braid.wire.IcmpDecoder;
import net.braid.wire.IcmpView;
import net.braid.wire.SegmentView;

/**
 * ICMP errors about segments of ours. Anybody can send one, so it must quote the four-tuple of a connection and, as the
 * subflow checks, a sequence number that is outstanding (RFC 5927 section 4.1). Time exceeded and parameter problem are
 * soft errors (RFC 9293 section 3.9.2.2): the application hears of trouble.
 */
final class IcmpInput {
    private static final int LARGEST_PACKET = 65_535;

    private final Demultiplexer flows;
    private final Counters counters;
    private final IcmpView view = new IcmpView();

    IcmpInput(Demultiplexer flows, Counters counters) {
        this.flows = flows;
        this.counters = counters;
    }

    /** Takes a packet that is not TCP. The flow that it told of something, which now may have work; or null. */
    FlowSlot onPacket(SegmentView packet, long now) {
        DropReason reason = IcmpDecoder.decode(packet, view);
        if (reason == DropReason.ICMP_IRRELEVANT) {
            counters.increment(Counter.IP_IN_UNKNOWN_PROTOS);
            return null;
        }
        counters.increment(Counter.ICMP_IN_MSGS);
        if (reason != DropReason.NONE) {
            counters.increment(Counter.ICMP_IN_ERRORS);
            return null;
        }
        FlowSlot flow = flows.find(view.sourceHigh, view.sourceLow, view.destinationHigh, view.destinationLow,
                Demultiplexer.ports(view.sourcePort, view.destinationPort));
        if (flow == null) {
            counters.increment(Counter.ICMP_IN_ERRORS);
            return null;
        }
        Connection connection = flow.owner.connection;
        switch (view.kind) {
            case PACKET_TOO_BIG -> connection.onPacketTooBig(flow.subflow, (int) Math.min(view.mtu, LARGEST_PACKET),
                    view.sequenceNumber, now);
            case UNREACHABLE, TIME_EXCEEDED, PARAMETER_PROBLEM ->
                connection.onUnreachable(flow.subflow, view.type, view.code, view.sequenceNumber, now);
        }
        return flow;
    }
}
