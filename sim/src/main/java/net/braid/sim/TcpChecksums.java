package net.braid.sim;

import java.lang.foreign.MemorySegment;
import net.braid.wire.Checksum;
import net.braid.wire.Ipv4Header;
import net.braid.wire.Ipv6Header;
import net.braid.wire.TcpHeader;

/** What a device with checksum offload does to packets that begin at offset 0: TCP directly behind the IP header. */
public final class TcpChecksums {
    private TcpChecksums() {
    }

    /** Length of the IP header if this is an unfragmented TCP packet of exactly {@code length} bytes, else 0. */
    static int ipHeaderOfTcp(MemorySegment memory, int length) {
        int version = Packets.version(memory, length);
        if (version == Ipv4Header.VERSION) {
            int header = Ipv4Header.headerLength(memory, 0);
            boolean fragment = (Ipv4Header.fragment(memory, 0)
                    & (Ipv4Header.MORE_FRAGMENTS | Ipv4Header.FRAGMENT_OFFSET)) != 0;
            return Ipv4Header.protocol(memory, 0) == TcpHeader.PROTOCOL && !fragment
                    && Ipv4Header.totalLength(memory, 0) == length && hasTcpHeader(memory, header, length) ? header : 0;
        }
        return version == Ipv6Header.VERSION && Ipv6Header.nextHeader(memory, 0) == TcpHeader.PROTOCOL
                && Ipv6Header.payloadLength(memory, 0) == length - Ipv6Header.LENGTH
                && hasTcpHeader(memory, Ipv6Header.LENGTH, length) ? Ipv6Header.LENGTH : 0;
    }

    private static boolean hasTcpHeader(MemorySegment memory, int at, int length) {
        if (length < at + TcpHeader.LENGTH) {
            return false;
        }
        int header = TcpHeader.headerLength(memory, at);
        return header >= TcpHeader.LENGTH && at + header <= length;
    }

    static int pseudoHeader(MemorySegment memory, int ipHeader, int length) {
        int tcpLength = length - ipHeader;
        if (ipHeader == Ipv6Header.LENGTH && Packets.version(memory, length) == Ipv6Header.VERSION) {
            return Checksum.pseudoHeader(true, Ipv6Header.sourceHigh(memory, 0), Ipv6Header.sourceLow(memory, 0),
                    Ipv6Header.destinationHigh(memory, 0), Ipv6Header.destinationLow(memory, 0), TcpHeader.PROTOCOL,
                    tcpLength);
        }
        return Checksum.pseudoHeader(false, 0, Integer.toUnsignedLong(Ipv4Header.source(memory, 0)), 0,
                Integer.toUnsignedLong(Ipv4Header.destination(memory, 0)), TcpHeader.PROTOCOL, tcpLength);
    }

    /** Writes the checksum of a TCP packet; others are left alone. */
    public static void complete(MemorySegment memory, int length) {
        int ipHeader = ipHeaderOfTcp(memory, length);
        if (ipHeader != 0) {
            TcpHeader.writeChecksum(memory, ipHeader, length - ipHeader, pseudoHeader(memory, ipHeader, length));
        }
    }

    /** Whether this is a TCP packet with a correct checksum. */
    static boolean isValid(MemorySegment memory, int length) {
        int ipHeader = ipHeaderOfTcp(memory, length);
        return ipHeader != 0 && Checksum.add(pseudoHeader(memory, ipHeader, length),
                Checksum.sum(memory, ipHeader, length - ipHeader)) == Checksum.VALID;
    }
}
