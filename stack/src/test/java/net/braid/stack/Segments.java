package net.braid.stack;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import net.braid.link.ChecksumState;
import net.braid.wire.Checksum;
import net.braid.wire.IpAddress;
import net.braid.wire.Ipv4Header;
import net.braid.wire.Ipv6Header;
import net.braid.wire.OptionWriter;
import net.braid.wire.TcpHeader;

/** Hand-made segments from a peer. */
final class Segments {
    final IpAddress from;
    final int fromPort;
    final IpAddress to;
    final int toPort;
    private int sequence;
    private int acknowledgment;
    private int flags;
    private int window = 65_535;
    private int payload;
    private boolean timestamps;
    private int timestampValue;
    private int timestampEcho;

    private Segments(IpAddress from, int fromPort, IpAddress to, int toPort) {
        this.from = from;
        this.fromPort = fromPort;
        this.to = to;
        this.toPort = toPort;
    }

    static Segments from(IpAddress from, int fromPort, IpAddress to, int toPort) {
        return new Segments(from, fromPort, to, toPort);
    }

    Segments seq(int value) {
        sequence = value;
        return this;
    }

    Segments ack(int value) {
        acknowledgment = value;
        flags |= 0x10;
        return this;
    }

    Segments flags(int value) {
        flags |= value;
        return this;
    }

    Segments window(int value) {
        window = value;
        return this;
    }

    Segments payload(int bytes) {
        payload = bytes;
        return this;
    }

    Segments timestamps(int value, int echo) {
        timestamps = true;
        timestampValue = value;
        timestampEcho = echo;
        return this;
    }

    FakeLink.Packet build() {
        int tcpHeader = TcpHeader.LENGTH + (timestamps ? 12 : 0);
        int ipHeader = to.isV4() ? Ipv4Header.LENGTH : Ipv6Header.LENGTH;
        int tcpLength = tcpHeader + payload;
        MemorySegment packet = Arena.ofAuto().allocate(ipHeader + tcpLength);
        TcpHeader.write(packet, ipHeader, fromPort, toPort, sequence, acknowledgment, tcpHeader, flags, window, 0);
        if (timestamps) {
            OptionWriter options = new OptionWriter();
            options.begin(packet, ipHeader + TcpHeader.LENGTH);
            options.timestamps(timestampValue, timestampEcho);
        }
        if (to.isV4()) {
            Ipv4Header.write(packet, 0, 0, ipHeader + tcpLength, 1, Ipv4Header.DONT_FRAGMENT, 64, TcpHeader.PROTOCOL,
                    (int) from.low(), (int) to.low());
        } else {
            Ipv6Header.write(packet, 0, 0, 0, tcpLength, TcpHeader.PROTOCOL, 64, from.high(), from.low(), to.high(),
                    to.low());
        }
        TcpHeader.writeChecksum(packet, ipHeader, tcpLength, Checksum.pseudoHeader(!to.isV4(), from.high(), from.low(),
                to.high(), to.low(), TcpHeader.PROTOCOL, tcpLength));
        return new FakeLink.Packet(packet, 0, ChecksumState.UNVERIFIED);
    }
}
