package net.braid.wire;

import java.lang.foreign.MemorySegment;

/**
 * From an IP packet to a {@link SegmentView}: checks, and no allocation. What comes from the network never throws; the
 * answer is {@link DropReason#NONE}, or why the packet must be dropped. Then the view holds nothing that may be used,
 * except after {@link DropReason#NOT_TCP}.
 */
public final class SegmentDecoder {
    /** More extension headers than any honest packet has: RFC 8200 section 4.1 lists six. */
    public static final int EXTENSION_HEADER_LIMIT = 8;

    private static final int HOP_BY_HOP = 0;
    private static final int ROUTING = 43;
    private static final int FRAGMENT = 44;
    private static final int DESTINATION_OPTIONS = 60;

    private SegmentDecoder() {
    }

    /**
     * Decodes a packet of IPv4 or IPv6 with TCP in it. Bytes behind the end that the IP header names (the padding of
     * short Ethernet frames) are ignored.
     *
     * <p>After {@link DropReason#NOT_TCP}, IP fields of {@code view} and {@link SegmentView#protocol} are valid,
     * {@link SegmentView#payload} and {@link SegmentView#payloadLength} are the whole message of the upper layer.
     *
     * @param memory native
     * @param offset of the IP header
     * @param length of the packet in bytes, as the link tells it
     * @param verifyChecksum false when the link has verified the TCP checksum, or knows that it is only a partial sum
     */
    public static DropReason decode(MemorySegment memory, long offset, int length, boolean verifyChecksum,
            SegmentView view) {
        assert memory.isNative() && offset >= 0 && offset + length <= memory.byteSize();
        view.memory = memory;
        view.packet = offset;
        view.segmentSize = 0;
        if (length < Ipv4Header.LENGTH) {
            return DropReason.TRUNCATED;
        }
        int version = Byte.toUnsignedInt(memory.get(Layouts.BYTE, offset)) >>> 4;
        DropReason reason = switch (version) {
            case Ipv4Header.VERSION -> v4(memory, offset, length, view);
            case Ipv6Header.VERSION -> v6(memory, offset, length, view);
            default -> DropReason.IP_VERSION;
        };
        if (reason != DropReason.NONE) {
            return reason;
        }
        reason = addresses(view);
        if (reason != DropReason.NONE) {
            return reason;
        }
        return view.protocol == TcpHeader.PROTOCOL ? tcp(memory, verifyChecksum, view) : DropReason.NOT_TCP;
    }

    private static DropReason v4(MemorySegment memory, long offset, int length, SegmentView view) {
        int headerLength = Ipv4Header.headerLength(memory, offset);
        if (headerLength < Ipv4Header.LENGTH || headerLength > length) {
            return DropReason.IP_HEADER_LENGTH;
        }
        int totalLength = Ipv4Header.totalLength(memory, offset);
        if (totalLength < headerLength) {
            return DropReason.IP_TOTAL_LENGTH;
        }
        if (totalLength > length) {
            return DropReason.TRUNCATED;
        }
        //= rfc1122#3.2.1.2
        //# A host MUST verify the IP header checksum on every received
        //# datagram and silently discard every datagram that has a bad
        //# checksum.
        if (Checksum.sum(memory, offset, headerLength) != Checksum.VALID) {
            return DropReason.IP_CHECKSUM;
        }
        if ((Ipv4Header.fragment(memory, offset) & (Ipv4Header.MORE_FRAGMENTS | Ipv4Header.FRAGMENT_OFFSET)) != 0) {
            return DropReason.FRAGMENT;
        }
        view.ipv6 = false;
        view.packetLength = totalLength;
        view.sourceHigh = 0;
        view.sourceLow = IpAddress.mapped(Ipv4Header.source(memory, offset));
        view.destinationHigh = 0;
        view.destinationLow = IpAddress.mapped(Ipv4Header.destination(memory, offset));
        view.ecn = Ipv4Header.trafficClass(memory, offset) & 3;
        view.hopLimit = Ipv4Header.timeToLive(memory, offset);
        view.protocol = Ipv4Header.protocol(memory, offset);
        view.payload = offset + headerLength;
        view.payloadLength = totalLength - headerLength;
        return DropReason.NONE;
    }

    private static DropReason v6(MemorySegment memory, long offset, int length, SegmentView view) {
        if (length < Ipv6Header.LENGTH) {
            return DropReason.TRUNCATED;
        }
        int payloadLength = Ipv6Header.payloadLength(memory, offset);
        if (payloadLength > length - Ipv6Header.LENGTH) {
            return DropReason.TRUNCATED;
        }
        if (payloadLength == 0) {
            return DropReason.IP_TOTAL_LENGTH;
        }
        view.ipv6 = true;
        view.packetLength = Ipv6Header.LENGTH + payloadLength;
        view.sourceHigh = Ipv6Header.sourceHigh(memory, offset);
        view.sourceLow = Ipv6Header.sourceLow(memory, offset);
        view.destinationHigh = Ipv6Header.destinationHigh(memory, offset);
        view.destinationLow = Ipv6Header.destinationLow(memory, offset);
        view.ecn = Ipv6Header.trafficClass(memory, offset) & 3;
        view.hopLimit = Ipv6Header.hopLimit(memory, offset);
        view.protocol = Ipv6Header.nextHeader(memory, offset);
        view.payload = offset + Ipv6Header.LENGTH;
        view.payloadLength = payloadLength;
        return view.protocol == TcpHeader.PROTOCOL ? DropReason.NONE : extensionHeaders(memory, view);
    }

    /** Walks the extension headers of RFC 8200 section 4 up to the upper layer. */
    private static DropReason extensionHeaders(MemorySegment memory, SegmentView view) {
        int next = view.protocol;
        long at = view.payload;
        int left = view.payloadLength;
        for (int walked = 0; ; walked++) {
            if (!isExtensionHeader(next)) {
                view.protocol = next;
                view.payload = at;
                view.payloadLength = left;
                return DropReason.NONE;
            }
            if (walked == EXTENSION_HEADER_LIMIT || left < 8) {
                return DropReason.EXTENSION_HEADER;
            }
            int size = extensionHeaderLength(memory, at, next);
            if (size > left) {
                return DropReason.EXTENSION_HEADER;
            }
            switch (next) {
                case HOP_BY_HOP:
                    //= rfc8200#4.1
                    //# IPv6 nodes must accept and attempt to process extension headers in
                    //# any order and occurring any number of times in the same packet,
                    //# except for the Hop-by-Hop Options header, which is restricted to
                    //# appear immediately after an IPv6 header only.
                    if (walked != 0 || !optionsMayBeSkipped(memory, at, size)) {
                        return DropReason.EXTENSION_HEADER;
                    }
                    break;
                case DESTINATION_OPTIONS:
                    if (!optionsMayBeSkipped(memory, at, size)) {
                        return DropReason.EXTENSION_HEADER;
                    }
                    break;
                case ROUTING:
                    //= rfc8200#4.4
                    //# If Segments Left is zero, the node must ignore the Routing header
                    //# and proceed to process the next header in the packet
                    if (memory.get(Layouts.BYTE, at + 3) != 0) {
                        return DropReason.EXTENSION_HEADER;
                    }
                    break;
                default:
                    //= rfc8200#4.5
                    //# If the fragment is a whole datagram (that is, both the Fragment
                    //# Offset field and the M flag are zero), then it does not need
                    //# any further reassembly and should be processed as a fully
                    //# reassembled packet
                    if ((memory.get(Layouts.SHORT, at + 2) & 0xfff9) != 0) {
                        return DropReason.FRAGMENT;
                    }
                    break;
            }
            next = Byte.toUnsignedInt(memory.get(Layouts.BYTE, at));
            at += size;
            left -= size;
        }
    }

    static boolean isExtensionHeader(int protocol) {
        return protocol == HOP_BY_HOP || protocol == ROUTING || protocol == FRAGMENT
                || protocol == DESTINATION_OPTIONS;
    }

    /** Bytes of the extension header at {@code offset}, 8..2,048; its first two bytes must be there. */
    static int extensionHeaderLength(MemorySegment memory, long offset, int protocol) {
        return protocol == FRAGMENT ? 8 : (Byte.toUnsignedInt(memory.get(Layouts.BYTE, offset + 1)) + 1) * 8;
    }

    /** A fragment header that says that what follows is not the beginning of the packet. */
    static boolean isLaterFragment(MemorySegment memory, long offset, int protocol) {
        return protocol == FRAGMENT && (memory.get(Layouts.SHORT, offset + 2) & 0xfff8) != 0;
    }

    /** False when an option is malformed, or is of a type whose two top bits demand to discard (RFC 8200 4.2). */
    private static boolean optionsMayBeSkipped(MemorySegment memory, long header, int size) {
        int at = 2;
        while (at < size) {
            int type = Byte.toUnsignedInt(memory.get(Layouts.BYTE, header + at));
            if (type == 0) {
                at++;
                continue;
            }
            if (at + 1 >= size || type >>> 6 != 0) {
                return false;
            }
            at += 2 + Byte.toUnsignedInt(memory.get(Layouts.BYTE, header + at + 1));
        }
        return at == size;
    }

    private static DropReason addresses(SegmentView view) {
        //= rfc9293#3.9.2.3
        //# This prevents connection state and replies from being erroneously
        //# generated, and implementers should note that this guidance is
        //# applicable to all incoming segments, not just SYNs, as specifically
        //# indicated in RFC 1122.
        // MUST-57 and MUST-63. A mapped address on the wire would pass for IPv4.
        if (!IpAddress.isUnicast(view.sourceHigh, view.sourceLow)
                || view.ipv6 && IpAddress.isV4(view.sourceHigh, view.sourceLow)) {
            return DropReason.SOURCE_ADDRESS;
        }
        if (!IpAddress.isUnicast(view.destinationHigh, view.destinationLow)
                || view.ipv6 && IpAddress.isV4(view.destinationHigh, view.destinationLow)) {
            return DropReason.DESTINATION_ADDRESS;
        }
        return DropReason.NONE;
    }

    private static DropReason tcp(MemorySegment memory, boolean verifyChecksum, SegmentView view) {
        long tcp = view.payload;
        int length = view.payloadLength;
        if (length < TcpHeader.LENGTH) {
            return DropReason.TCP_TRUNCATED;
        }
        int headerLength = TcpHeader.headerLength(memory, tcp);
        if (headerLength < TcpHeader.LENGTH || headerLength > length) {
            return DropReason.TCP_DATA_OFFSET;
        }
        //= rfc9293#3.1
        //# The sender MUST generate it
        //# (MUST-2) and the receiver MUST check it (MUST-3).
        if (verifyChecksum) {
            int pseudoHeader = Checksum.pseudoHeader(view.ipv6, view.sourceHigh, view.sourceLow,
                    view.destinationHigh, view.destinationLow, TcpHeader.PROTOCOL, length);
            if (Checksum.add(pseudoHeader, Checksum.sum(memory, tcp, length)) != Checksum.VALID) {
                return DropReason.TCP_CHECKSUM;
            }
        }
        view.tcp = tcp;
        view.sourcePort = TcpHeader.sourcePort(memory, tcp);
        view.destinationPort = TcpHeader.destinationPort(memory, tcp);
        view.sequenceNumber = TcpHeader.sequenceNumber(memory, tcp);
        view.acknowledgmentNumber = TcpHeader.acknowledgmentNumber(memory, tcp);
        view.flags = TcpHeader.flags(memory, tcp);
        view.window = TcpHeader.window(memory, tcp);
        view.urgentPointer = TcpHeader.urgentPointer(memory, tcp);
        view.payload = tcp + headerLength;
        view.payloadLength = length - headerLength;
        OptionDecoder.decode(memory, tcp + TcpHeader.LENGTH, headerLength - TcpHeader.LENGTH, view.flags, view.options);
        return DropReason.NONE;
    }
}
