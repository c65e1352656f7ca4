package net.braid.linux;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import net.braid.link.ChecksumState;
import net.braid.wire.Ipv4Header;
import net.braid.wire.Ipv6Header;
import net.braid.wire.TcpHeader;

/**
 * The 10 bytes of {@code struct virtio_net_hdr} before each packet of a TUN device or packet socket: what is left to do
 * for checksum and segmentation. All fields are in the machine's byte order.
 */
final class VirtioHeader {
    static final int BYTES = 10;

    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;
    private static final int NEEDS_CHECKSUM = 1;
    private static final int DATA_VALID = 2;
    private static final int GSO_NONE = 0;
    private static final int GSO_TCPV4 = 1;
    private static final int GSO_TCPV6 = 4;
    private static final int TCP_CHECKSUM_OFFSET = 16;

    private VirtioHeader() {
    }

    /**
     * For an IP packet as {@link net.braid.link.Link#send} is given it. Our stack sends no IP options and no extension
     * headers.
     *
     * @param linkHeader bytes between this header and the packet's
     * @param offset of the IP header in {@code header}
     * @param payload bytes behind {@code headerLength}
     */
    static void write(MemorySegment memory, long at, int linkHeader, MemorySegment header, long offset,
            int headerLength, int payload, int segmentSize) {
        boolean ipv6 = isIpv6(header, offset);
        int protocol = header.get(BYTE, offset + (ipv6 ? 6 : 9));
        if (protocol == TcpHeader.PROTOCOL) {
            writeTcp(memory, at, ipv6, linkHeader + (ipv6 ? Ipv6Header.LENGTH : Ipv4Header.LENGTH),
                    linkHeader + headerLength, payload > segmentSize ? segmentSize : 0);
        } else {
            writeNone(memory, at);
        }
    }

    static boolean isIpv6(MemorySegment packet, long offset) {
        return (packet.get(BYTE, offset) & 0xf0) == 0x60;
    }

    /**
     * For a TCP packet whose checksum field holds the sum of the pseudo header.
     *
     * @param transport offset of the TCP header from the start of the packet
     * @param headerLength bytes up to the payload
     * @param segmentSize payload bytes of each segment to cut, or 0
     */
    private static void writeTcp(MemorySegment memory, long at, boolean ipv6, int transport, int headerLength,
            int segmentSize) {
        memory.set(BYTE, at, (byte) NEEDS_CHECKSUM);
        memory.set(BYTE, at + 1, (byte) (segmentSize == 0 ? GSO_NONE : ipv6 ? GSO_TCPV6 : GSO_TCPV4));
        memory.set(SHORT, at + 2, (short) headerLength);
        memory.set(SHORT, at + 4, (short) segmentSize);
        memory.set(SHORT, at + 6, (short) transport);
        memory.set(SHORT, at + 8, (short) TCP_CHECKSUM_OFFSET);
    }

    /** For a packet that is complete. */
    static void writeNone(MemorySegment memory, long at) {
        memory.set(SHORT, at, (short) 0);
        memory.set(SHORT, at + 2, (short) 0);
        memory.set(SHORT, at + 4, (short) 0);
        memory.set(SHORT, at + 6, (short) 0);
        memory.set(SHORT, at + 8, (short) 0);
    }

    static ChecksumState checksumState(MemorySegment memory, long at) {
        int flags = memory.get(BYTE, at);
        return (flags & NEEDS_CHECKSUM) != 0 ? ChecksumState.PARTIAL
                : (flags & DATA_VALID) != 0 ? ChecksumState.VALID : ChecksumState.UNVERIFIED;
    }

    /** Payload bytes of each segment that was coalesced into this packet, or 0. */
    static int segmentSize(MemorySegment memory, long at) {
        return memory.get(BYTE, at + 1) == GSO_NONE ? 0 : Short.toUnsignedInt(memory.get(SHORT, at + 4));
    }
}
