package net.braid.wire;

import java.lang.foreign.MemorySegment;

/** Writes whole packets with ICMP errors, as routers and hosts send them (RFC 792, RFC 1812 section 4.3, RFC 4443). */
public final class IcmpWriter {
    /** RFC 1812 section 4.3.2.3: quote as much as fits into 576 bytes. */
    public static final int V4_LIMIT = 576;
    /** RFC 4443 section 2.4 (c): quote as much as fits into the minimum IPv6 MTU. */
    public static final int V6_LIMIT = 1280;

    private static final int HOP_LIMIT = 64;
    /** DSCP CS6: RFC 1812 section 4.3.2.5 asks for precedence 6 or 7. */
    private static final int V4_TRAFFIC_CLASS = 0xc0;

    private IcmpWriter() {
    }

    /** Fragmentation needed, or packet too big. As {@link #write}. */
    public static int packetTooBig(MemorySegment target, long at, IpAddress sender, int mtu, MemorySegment packet,
            long offset, int length) {
        return sender.isV4()
                ? write(target, at, sender, IcmpHeader.V4_UNREACHABLE, IcmpHeader.V4_FRAGMENTATION_NEEDED,
                        mtu & 0xffff, packet, offset, length)
                : write(target, at, sender, IcmpHeader.V6_PACKET_TOO_BIG, 0, mtu, packet, offset, length);
    }

    /** Hop limit exceeded in transit. As {@link #write}. */
    public static int timeExceeded(MemorySegment target, long at, IpAddress sender, MemorySegment packet, long offset,
            int length) {
        int type = sender.isV4() ? IcmpHeader.V4_TIME_EXCEEDED : IcmpHeader.V6_TIME_EXCEEDED;
        return write(target, at, sender, type, 0, 0, packet, offset, length);
    }

    /** Destination unreachable with a code of the version of {@code sender}. As {@link #write}. */
    public static int unreachable(MemorySegment target, long at, IpAddress sender, int code, MemorySegment packet,
            long offset, int length) {
        int type = sender.isV4() ? IcmpHeader.V4_UNREACHABLE : IcmpHeader.V6_UNREACHABLE;
        return write(target, at, sender, type, code, 0, packet, offset, length);
    }

    /**
     * Writes an error about a packet, addressed to its source.
     *
     * @param target has room for {@link #V4_LIMIT} or {@link #V6_LIMIT} bytes at {@code at}
     * @param sender of the error, of the same IP version as the packet
     * @param rest the four bytes behind the checksum: MTU, pointer or 0
     * @param packet the offending IP packet, whole
     * @return bytes written, or 0 when such a packet must not be answered ({@link #mayAnswer})
     */
    public static int write(MemorySegment target, long at, IpAddress sender, int type, int code, int rest,
            MemorySegment packet, long offset, int length) {
        if (!mayAnswer(packet, offset, length)) {
            return 0;
        }
        boolean v4 = version(packet, offset) == Ipv4Header.VERSION;
        assert v4 == sender.isV4();
        int headerLength = v4 ? Ipv4Header.LENGTH : Ipv6Header.LENGTH;
        int quoted = Math.min(length, (v4 ? V4_LIMIT : V6_LIMIT) - headerLength - IcmpHeader.LENGTH);
        int messageLength = IcmpHeader.LENGTH + quoted;
        long message = at + headerLength;
        target.set(Layouts.INT, message, type << 24 | (code & 0xff) << 16);
        target.set(Layouts.INT, message + 4, rest);
        MemorySegment.copy(packet, offset, target, message + IcmpHeader.LENGTH, quoted);
        int sum = Checksum.sum(target, message, messageLength);
        if (v4) {
            Ipv4Header.write(target, at, V4_TRAFFIC_CLASS, headerLength + messageLength, 0, 0, HOP_LIMIT,
                    IcmpHeader.PROTOCOL_V4, sender.v4Bits(), Ipv4Header.source(packet, offset));
        } else {
            long destinationHigh = Ipv6Header.sourceHigh(packet, offset);
            long destinationLow = Ipv6Header.sourceLow(packet, offset);
            sum = Checksum.add(sum, Checksum.pseudoHeader(true, sender.high(), sender.low(), destinationHigh,
                    destinationLow, IcmpHeader.PROTOCOL_V6, messageLength));
            Ipv6Header.write(target, at, 0, 0, messageLength, IcmpHeader.PROTOCOL_V6, HOP_LIMIT, sender.high(),
                    sender.low(), destinationHigh, destinationLow);
        }
        target.set(Layouts.SHORT, message + 2, (short) Checksum.finish(sum));
        return headerLength + messageLength;
    }

    /**
     * False for a packet about which no error may be sent: another ICMP error, a later fragment, one to or from an
     * address that is not unicast, or one too short to quote (RFC 1122 section 3.2.2, RFC 4443 section 2.4 (e)).
     */
    public static boolean mayAnswer(MemorySegment packet, long offset, int length) {
        if (length < Ipv4Header.LENGTH) {
            return false;
        }
        if (version(packet, offset) == Ipv4Header.VERSION) {
            int headerLength = Ipv4Header.headerLength(packet, offset);
            if ((Ipv4Header.fragment(packet, offset) & Ipv4Header.FRAGMENT_OFFSET) != 0
                    || headerLength < Ipv4Header.LENGTH || headerLength > length
                    || !IpAddress.isUnicast(0, IpAddress.mapped(Ipv4Header.source(packet, offset)))
                    || !IpAddress.isUnicast(0, IpAddress.mapped(Ipv4Header.destination(packet, offset)))) {
                return false;
            }
            return Ipv4Header.protocol(packet, offset) != IcmpHeader.PROTOCOL_V4
                    || length > headerLength && !isV4Error(packet.get(Layouts.BYTE, offset + headerLength));
        }
        if (version(packet, offset) != Ipv6Header.VERSION || length < Ipv6Header.LENGTH
                || !IpAddress.isUnicast(Ipv6Header.sourceHigh(packet, offset), Ipv6Header.sourceLow(packet, offset))
                || !IpAddress.isUnicast(Ipv6Header.destinationHigh(packet, offset),
                        Ipv6Header.destinationLow(packet, offset))) {
            return false;
        }
        return Ipv6Header.nextHeader(packet, offset) != IcmpHeader.PROTOCOL_V6
                || length > Ipv6Header.LENGTH && packet.get(Layouts.BYTE, offset + Ipv6Header.LENGTH) < 0;
    }

    private static boolean isV4Error(int type) {
        return type == IcmpHeader.V4_UNREACHABLE || type == IcmpHeader.V4_SOURCE_QUENCH
                || type == IcmpHeader.V4_REDIRECT || type == IcmpHeader.V4_TIME_EXCEEDED
                || type == IcmpHeader.V4_PARAMETER_PROBLEM;
    }

    private static int version(MemorySegment packet, long offset) {
        return Byte.toUnsignedInt(packet.get(Layouts.BYTE, offset)) >>> 4;
    }
}
