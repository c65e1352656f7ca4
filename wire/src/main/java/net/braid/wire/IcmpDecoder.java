package net.braid.wire;

import java.lang.foreign.MemorySegment;

/**
 * Reads ICMP errors that quote a TCP segment. Whether the quoted segment is one of ours, and whether its sequence
 * number is one in flight (RFC 5927 section 4), is for the connection to say.
 */
public final class IcmpDecoder {
    /** Ports and sequence number: what RFC 792 promises of the transport header. */
    private static final int QUOTED_TCP = 8;

    private IcmpDecoder() {
    }

    /**
     * Decodes the ICMP message of a packet.
     *
     * @param packet after {@link SegmentDecoder#decode} has answered {@link DropReason#NOT_TCP}
     * @return {@link DropReason#NONE} when {@code view} is filled
     */
    public static DropReason decode(SegmentView packet, IcmpView view) {
        if (packet.protocol != (packet.ipv6 ? IcmpHeader.PROTOCOL_V6 : IcmpHeader.PROTOCOL_V4)) {
            return DropReason.ICMP_IRRELEVANT;
        }
        MemorySegment memory = packet.memory;
        long message = packet.payload;
        int length = packet.payloadLength;
        if (length < IcmpHeader.LENGTH) {
            return DropReason.ICMP_TRUNCATED;
        }
        int sum = Checksum.sum(memory, message, length);
        if (packet.ipv6) {
            sum = Checksum.add(sum, Checksum.pseudoHeader(true, packet.sourceHigh, packet.sourceLow,
                    packet.destinationHigh, packet.destinationLow, IcmpHeader.PROTOCOL_V6, length));
        }
        if (sum != Checksum.VALID) {
            return DropReason.ICMP_CHECKSUM;
        }
        view.ipv6 = packet.ipv6;
        view.type = Byte.toUnsignedInt(memory.get(Layouts.BYTE, message));
        view.code = Byte.toUnsignedInt(memory.get(Layouts.BYTE, message + 1));
        view.senderHigh = packet.sourceHigh;
        view.senderLow = packet.sourceLow;
        view.mtu = 0;
        view.kind = packet.ipv6 ? kindV6(view.type) : kindV4(view.type, view.code);
        if (view.kind == null) {
            return DropReason.ICMP_IRRELEVANT;
        }
        if (view.kind == IcmpView.Kind.PACKET_TOO_BIG) {
            view.mtu = packet.ipv6 ? Integer.toUnsignedLong(memory.get(Layouts.INT, message + 4))
                    : Short.toUnsignedLong(memory.get(Layouts.SHORT, message + 6));
        }
        long quote = message + IcmpHeader.LENGTH;
        int quoteLength = length - IcmpHeader.LENGTH;
        return packet.ipv6 ? quoteV6(memory, quote, quoteLength, view) : quoteV4(memory, quote, quoteLength, view);
    }

    private static IcmpView.Kind kindV4(int type, int code) {
        return switch (type) {
            case IcmpHeader.V4_UNREACHABLE -> code == IcmpHeader.V4_FRAGMENTATION_NEEDED
                    ? IcmpView.Kind.PACKET_TOO_BIG : IcmpView.Kind.UNREACHABLE;
            case IcmpHeader.V4_TIME_EXCEEDED -> IcmpView.Kind.TIME_EXCEEDED;
            case IcmpHeader.V4_PARAMETER_PROBLEM -> IcmpView.Kind.PARAMETER_PROBLEM;
            // Source quench among them: a TCP must ignore it (RFC 6633 section 3).
            default -> null;
        };
    }

    private static IcmpView.Kind kindV6(int type) {
        return switch (type) {
            case IcmpHeader.V6_UNREACHABLE -> IcmpView.Kind.UNREACHABLE;
            case IcmpHeader.V6_PACKET_TOO_BIG -> IcmpView.Kind.PACKET_TOO_BIG;
            case IcmpHeader.V6_TIME_EXCEEDED -> IcmpView.Kind.TIME_EXCEEDED;
            case IcmpHeader.V6_PARAMETER_PROBLEM -> IcmpView.Kind.PARAMETER_PROBLEM;
            default -> null;
        };
    }

    private static DropReason quoteV4(MemorySegment memory, long quote, int length, IcmpView view) {
        if (length < Ipv4Header.LENGTH) {
            return DropReason.ICMP_TRUNCATED;
        }
        int headerLength = Ipv4Header.headerLength(memory, quote);
        boolean version4 = Byte.toUnsignedInt(memory.get(Layouts.BYTE, quote)) >>> 4 == Ipv4Header.VERSION;
        if (!version4 || headerLength < Ipv4Header.LENGTH
                || Ipv4Header.protocol(memory, quote) != TcpHeader.PROTOCOL
                || (Ipv4Header.fragment(memory, quote) & Ipv4Header.FRAGMENT_OFFSET) != 0) {
            return DropReason.ICMP_IRRELEVANT;
        }
        if (length < headerLength + QUOTED_TCP) {
            return DropReason.ICMP_TRUNCATED;
        }
        view.sourceHigh = 0;
        view.sourceLow = IpAddress.mapped(Ipv4Header.source(memory, quote));
        view.destinationHigh = 0;
        view.destinationLow = IpAddress.mapped(Ipv4Header.destination(memory, quote));
        view.packetLength = Ipv4Header.totalLength(memory, quote);
        tcp(memory, quote + headerLength, view);
        return DropReason.NONE;
    }

    private static DropReason quoteV6(MemorySegment memory, long quote, int length, IcmpView view) {
        if (length < Ipv6Header.LENGTH) {
            return DropReason.ICMP_TRUNCATED;
        }
        if (Byte.toUnsignedInt(memory.get(Layouts.BYTE, quote)) >>> 4 != Ipv6Header.VERSION) {
            return DropReason.ICMP_IRRELEVANT;
        }
        int next = Ipv6Header.nextHeader(memory, quote);
        int at = Ipv6Header.LENGTH;
        // We send no extension headers, but a NAT64 or a tunnel may have put a fragment header there.
        for (int walked = 0; next != TcpHeader.PROTOCOL; walked++) {
            if (!SegmentDecoder.isExtensionHeader(next) || walked == SegmentDecoder.EXTENSION_HEADER_LIMIT) {
                return DropReason.ICMP_IRRELEVANT;
            }
            if (length < at + 8) {
                return DropReason.ICMP_TRUNCATED;
            }
            int size = SegmentDecoder.extensionHeaderLength(memory, quote + at, next);
            if (SegmentDecoder.isLaterFragment(memory, quote + at, next)) {
                return DropReason.ICMP_IRRELEVANT;
            }
            next = Byte.toUnsignedInt(memory.get(Layouts.BYTE, quote + at));
            at += size;
        }
        if (length < at + QUOTED_TCP) {
            return DropReason.ICMP_TRUNCATED;
        }
        view.sourceHigh = Ipv6Header.sourceHigh(memory, quote);
        view.sourceLow = Ipv6Header.sourceLow(memory, quote);
        view.destinationHigh = Ipv6Header.destinationHigh(memory, quote);
        view.destinationLow = Ipv6Header.destinationLow(memory, quote);
        view.packetLength = Ipv6Header.LENGTH + Ipv6Header.payloadLength(memory, quote);
        tcp(memory, quote + at, view);
        return DropReason.NONE;
    }

    private static void tcp(MemorySegment memory, long offset, IcmpView view) {
        view.sourcePort = TcpHeader.sourcePort(memory, offset);
        view.destinationPort = TcpHeader.destinationPort(memory, offset);
        view.sequenceNumber = TcpHeader.sequenceNumber(memory, offset);
    }
}
