package net.braid.stack;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import net.braid.base.Pieces;
import net.braid.mptcp.Connection;
import net.braid.tcp.Counter;
import net.braid.tcp.Counters;
import net.braid.tcp.SegmentSink;
import net.braid.tcp.Subflow;
import net.braid.wire.Checksum;
import net.braid.wire.Ipv4Header;
import net.braid.wire.Ipv6Header;
import net.braid.wire.TcpHeader;

/**
 * Puts IP header, ports and checksum around what a subflow builds, and hands it to the link of that flow.
 *
 * <p>One buffer serves all flows: the TCP header always begins at {@link #TCP}, the IP header ends there.
 */
final class Transmitter implements SegmentSink {
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final int TCP = 64;
    private static final int DONT_FRAGMENT = Ipv4Header.DONT_FRAGMENT;

    private final MemorySegment header;
    private final Pieces payload = new Pieces();
    private final Counters counters;
    private ConnectionSlot current;
    private FlowSlot flow;
    private boolean blocked;
    private int committed;
    private long refused;

    Transmitter(Arena arena, Counters counters) {
        this.counters = counters;
        header = arena.allocate(TCP + TcpHeader.MAXIMUM_LENGTH + 4, 64);
    }

    /** The segments to come are those of {@code slot}. */
    void begin(ConnectionSlot slot) {
        current = slot;
        blocked = false;
        committed = 0;
    }

    /** Whether a claim has failed since {@link #begin}. */
    boolean isBlocked() {
        return blocked;
    }

    /** Segments and super-segments sent since {@link #begin}. */
    int committed() {
        return committed;
    }

    /** Packets that a link has refused after it had said that it was ready. */
    long refused() {
        return refused;
    }

    @Override
    public boolean claim(Subflow subflow) {
        flow = current.flow(subflow.index());
        if (!flow.link.ready()) {
            blocked = true;
            return false;
        }
        payload.clear();
        return true;
    }

    @Override
    public MemorySegment header() {
        return header;
    }

    @Override
    public long tcpHeader() {
        return TCP;
    }

    @Override
    public Pieces payload() {
        return payload;
    }

    @Override
    public void commit(Subflow subflow, int tcpHeaderLength, int segmentSize, int ecn) {
        assert flow == current.flow(subflow.index()) : "commit without claim";
        Connection connection = current.connection;
        int tcpLength = tcpHeaderLength + payload.totalLength();
        //= rfc9293#3.9.1.9
        //# The application layer MUST be able to specify the Differentiated
        //# Services field for segments that are sent on a connection (MUST-48).
        int trafficClass = connection.dscp() << 2 | ecn;
        int ipLength = flow.ipv6 ? writeV6(trafficClass, connection.timeToLive(), tcpLength)
                : writeV4(trafficClass, connection.timeToLive(), tcpLength);
        header.set(INT, TCP, flow.ports);
        int pseudoHeader = Checksum.fold(flow.pseudoHeaderSum + tcpLength);
        if (flow.checksumOffload) {
            TcpHeader.setChecksum(header, TCP, pseudoHeader);
        } else {
            TcpHeader.writeChecksum(header, TCP, tcpHeaderLength, payload, pseudoHeader);
        }
        assert ipLength + tcpLength <= (segmentSize == 0 ? flow.link.properties().mtu()
                : flow.link.properties().maximumPacketBytes()) : "packet of " + (ipLength + tcpLength) + " bytes";
        if (!flow.link.send(header, TCP - ipLength, ipLength + tcpHeaderLength, payload, segmentSize)) {
            refused++;
        } else {
            counters.add(Counter.TCP_OUT_SEGS, wireSegments(segmentSize));
        }
        committed++;
    }

    private int wireSegments(int segmentSize) {
        return segmentSize == 0 ? 1 : (payload.totalLength() + segmentSize - 1) / segmentSize;
    }

    private int writeV4(int trafficClass, int timeToLive, int tcpLength) {
        int totalLength = Ipv4Header.LENGTH + tcpLength;
        int identification = flow.identification++ & 0xffff;
        // The sum of what never changes was taken when the flow was made.
        int fragment = flow.subflow.isFragmentable() ? 0 : DONT_FRAGMENT;
        int sum = Checksum.fold(flow.headerSum + fragment + trafficClass + totalLength + identification
                + (timeToLive << 8));
        header.set(INT, TCP - 20, 0x4500_0000 | trafficClass << 16 | totalLength);
        header.set(INT, TCP - 16, identification << 16 | fragment);
        header.set(INT, TCP - 12, timeToLive << 24 | TcpHeader.PROTOCOL << 16 | Checksum.finish(sum));
        header.set(INT, TCP - 8, (int) flow.localLow);
        header.set(INT, TCP - 4, (int) flow.remoteLow);
        return Ipv4Header.LENGTH;
    }

    private int writeV6(int trafficClass, int hopLimit, int tcpLength) {
        header.set(INT, TCP - 40, 0x6000_0000 | trafficClass << 20 | flow.flowLabel);
        header.set(INT, TCP - 36, tcpLength << 16 | TcpHeader.PROTOCOL << 8 | hopLimit);
        header.set(LONG, TCP - 32, flow.localHigh);
        header.set(LONG, TCP - 24, flow.localLow);
        header.set(LONG, TCP - 16, flow.remoteHigh);
        header.set(LONG, TCP - 8, flow.remoteLow);
        return Ipv6Header.LENGTH;
    }
}
