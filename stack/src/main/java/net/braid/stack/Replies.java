package net.braid.stack;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import net.braid.base.Pieces;
import net.braid.base.RandomSource;
import net.braid.link.Link;
import net.braid.mptcp.ConnectionHost;
import net.braid.tcp.Counter;
import net.braid.tcp.Counters;
import net.braid.wire.Checksum;
import net.braid.wire.Ipv4Header;
import net.braid.wire.Ipv6Header;
import net.braid.wire.MptcpOption;
import net.braid.wire.OptionWriter;
import net.braid.wire.SegmentView;
import net.braid.wire.TcpFlags;
import net.braid.wire.TcpHeader;

/** Segments that the stack sends without a connection: resets, and acknowledgments out of TIME-WAIT. */
final class Replies {
    private static final int TCP = 64;
    private static final int TIME_TO_LIVE = 64;
    private static final long NANOS_PER_MILLI = 1_000_000L;
    private static final int TIMESTAMPS_LENGTH = 12;

    private final MemorySegment header;
    private final Pieces nothing = new Pieces();
    private final OptionWriter options = new OptionWriter();
    private final Counters counters;
    private final RandomSource random;
    private final RateLimit resets;
    /** Addresses of a segment that nobody has sent. */
    private final SegmentView place = new SegmentView();

    Replies(Arena arena, Counters counters, int resetsPerSecond, RandomSource random) {
        this.header = arena.allocate(TCP + TcpHeader.MAXIMUM_LENGTH + 4, 64);
        this.counters = counters;
        this.random = random;
        this.resets = new RateLimit(resetsPerSecond, random);
    }

    /** The answer to a segment that belongs to no connection. */
    void reset(Link link, SegmentView segment, long now) {
        //= rfc9293#3.5.2
        //# If the connection does not exist (CLOSED), then a reset is sent
        //#     in response to any incoming segment except another reset.  A SYN
        //#     segment that does not match an existing connection is rejected by
        //#     this means.
        if (segment.has(TcpFlags.RST) || !mayReset(now)) {
            return;
        }
        if (segment.has(TcpFlags.ACK)) {
            //= rfc9293#3.10.7.1
            //# If the ACK bit is on,
            //#
            //#       <SEQ=SEG.ACK><CTL=RST>
            sendReset(link, segment, segment.acknowledgmentNumber, 0, TcpFlags.RST, 0);
        } else {
            //= rfc9293#3.10.7.1
            //# If the ACK bit is off, sequence number zero is used,
            //#
            //#       <SEQ=0><ACK=SEG.SEQ+SEG.LEN><CTL=RST,ACK>
            int length = segment.payloadLength + (segment.has(TcpFlags.SYN) ? 1 : 0)
                    + (segment.has(TcpFlags.FIN) ? 1 : 0);
            sendReset(link, segment, 0, segment.sequenceNumber + length, TcpFlags.RST | TcpFlags.ACK, 0);
        }
    }

    private boolean mayReset(long now) {
        if (resets.allows(now)) {
            return true;
        }
        counters.increment(Counter.TCP_RST_SKIPPED);
        return false;
    }

    private boolean sendReset(Link link, SegmentView to, int sequence, int acknowledgment, int flags,
            int optionLength) {
        if (!send(link, to, sequence, acknowledgment, flags, 0, optionLength)) {
            return false;
        }
        counters.increment(Counter.TCP_OUT_RSTS);
        return true;
    }

    /** The answer to a SYN with MP_JOIN that leads nowhere (RFC 8684 section 3.2), with the reason (section 3.6). */
    void refuseJoin(Link link, SegmentView syn, int reason, long now) {
        if (!mayReset(now)) {
            return;
        }
        options.begin(header, TCP + TcpHeader.LENGTH);
        if (reason != ConnectionHost.NO_REASON) {
            new MptcpOption.ResetReason(false, reason).encode(options);
        }
        if (sendReset(link, syn, 0, syn.sequenceNumber + syn.payloadLength + 1, TcpFlags.RST | TcpFlags.ACK,
                options.finish()) && reason != ConnectionHost.NO_REASON) {
            counters.increment(Counter.MPTCP_MP_RST_TX);
        }
    }

    /** MP_FASTCLOSE again, on a reset with exactly the number that the peer expects. */
    void fastCloseOnReset(Link link, SegmentView segment, long key, long now) {
        if (!mayReset(now)) {
            return;
        }
        options.begin(header, TCP + TcpHeader.LENGTH);
        new MptcpOption.FastClose(key).encode(options);
        sendReset(link, segment, segment.acknowledgmentNumber, 0, TcpFlags.RST, options.finish());
    }

    /** MP_FASTCLOSE again, on an acknowledgment. */
    void fastCloseOnAcknowledgment(FastClosed flow, long now) {
        if (!mayReset(now)) {
            return;
        }
        options.begin(header, TCP + TcpHeader.LENGTH);
        if (flow.timestamps) {
            options.timestamps((int) (now / NANOS_PER_MILLI) + flow.tsOffset, flow.tsRecent);
        }
        new MptcpOption.FastClose(flow.key).encode(options);
        send(flow, TcpFlags.ACK, options.finish());
    }

    /** The end of a fast close that nobody has answered. */
    void lastReset(FastClosed flow, long now) {
        if (mayReset(now) && send(flow, TcpFlags.RST | TcpFlags.ACK, 0)) {
            counters.increment(Counter.TCP_OUT_RSTS);
        }
    }

    private boolean send(FastClosed flow, int flags, int optionLength) {
        place.ipv6 = flow.ipv6;
        place.destinationHigh = flow.localHigh;
        place.destinationLow = flow.localLow;
        place.sourceHigh = flow.remoteHigh;
        place.sourceLow = flow.remoteLow;
        place.destinationPort = flow.ports >>> 16;
        place.sourcePort = flow.ports & 0xffff;
        return send(flow.link, place, flow.next, flow.expected, flags, 0, optionLength);
    }

    /** The answer out of TIME-WAIT: what we sent last, what we expect next. */
    void acknowledge(Link link, SegmentView segment, TimeWaitTable table, int row, long now) {
        int optionLength = 0;
        if (table.timestamps(row)) {
            options.begin(header, TCP + TcpHeader.LENGTH);
            options.timestamps((int) (now / NANOS_PER_MILLI) + table.tsOffset(row), table.tsRecent(row));
            optionLength = TIMESTAMPS_LENGTH;
        }
        // Nothing more may come, but a window of 0 would have an odd peer probe it.
        send(link, segment, table.sndNxt(row), table.rcvNxt(row), TcpFlags.ACK, 0xffff, optionLength);
    }

    /** False: the link has not taken it. Nobody sends it again; the peer's next segment asks again. */
    private boolean send(Link link, SegmentView to, int sequence, int acknowledgment, int flags, int window,
            int optionLength) {
        if (!link.ready()) {
            return false;
        }
        int length = TcpHeader.LENGTH + optionLength;
        TcpHeader.write(header, TCP, to.destinationPort, to.sourcePort, sequence, acknowledgment, length, flags, window,
                0);
        int pseudoHeader = Checksum.pseudoHeader(to.ipv6, to.destinationHigh, to.destinationLow, to.sourceHigh,
                to.sourceLow, TcpHeader.PROTOCOL, length);
        if (link.properties().checksumOffload()) {
            TcpHeader.setChecksum(header, TCP, pseudoHeader);
        } else {
            TcpHeader.writeChecksum(header, TCP, length, pseudoHeader);
        }
        int ipLength;
        if (to.ipv6) {
            ipLength = Ipv6Header.LENGTH;
            Ipv6Header.write(header, TCP - ipLength, 0, 0, length, TcpHeader.PROTOCOL, TIME_TO_LIVE,
                    to.destinationHigh, to.destinationLow, to.sourceHigh, to.sourceLow);
        } else {
            ipLength = Ipv4Header.LENGTH;
            Ipv4Header.write(header, TCP - ipLength, 0, ipLength + length, random.nextInt() & 0xffff,
                    Ipv4Header.DONT_FRAGMENT, TIME_TO_LIVE, TcpHeader.PROTOCOL, (int) to.destinationLow,
                    (int) to.sourceLow);
        }
        nothing.clear();
        if (!link.send(header, TCP - ipLength, ipLength + length, nothing, 0)) {
            return false;
        }
        counters.increment(Counter.TCP_OUT_SEGS);
        return true;
    }
}
