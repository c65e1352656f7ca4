package net.braid.wire;

import java.lang.foreign.MemorySegment;

/**
 * The decoded form of one received TCP segment, or of several that the link has coalesced. One instance per shard,
 * overwritten by each decode; nobody may keep it, or {@link #memory}, beyond the call that it is passed to.
 *
 * <p>An address is two longs: IPv6 as it stands, IPv4 in its mapped form (high 0, low 0x0000ffff_aabbccdd).
 */
public final class SegmentView {
    /** Where the packet lies. Native memory, always: see ARCHITECTURE.md, hot path. */
    public MemorySegment memory = MemorySegment.NULL;
    /** Offset of the IP header in {@link #memory}, and length of the whole IP packet in bytes. */
    public long packet;
    public int packetLength;

    public boolean ipv6;
    public long sourceHigh;
    public long sourceLow;
    public long destinationHigh;
    public long destinationLow;
    /** The two ECN bits of the IP header: 0 not-ECT, 1 ECT(1), 2 ECT(0), 3 CE (RFC 3168). */
    public int ecn;
    /** TTL or hop limit as received, 0..255. */
    public int hopLimit;
    /** IP protocol number of the upper layer, behind any IPv6 extension headers: 6 for TCP. */
    public int protocol;

    /** Offset of the TCP header in {@link #memory}. */
    public long tcp;
    public int sourcePort;
    public int destinationPort;
    /** Wire numbers, 32 bits. */
    public int sequenceNumber;
    public int acknowledgmentNumber;
    /** The eight low flag bits, see {@link TcpFlags}. */
    public int flags;
    /** Window field as it stands, unscaled, 0..65535. */
    public int window;
    public int urgentPointer;

    public long payload;
    public int payloadLength;
    /**
     * Payload bytes per wire segment when the link coalesced several into this packet, else 0. The decoder sets 0; who
     * knows better sets it afterwards.
     */
    public int segmentSize;

    public final TcpOptions options = new TcpOptions();

    public boolean has(int flag) {
        return (flags & flag) != 0;
    }

    /** Bytes of the TCP header with its options, 20..60. */
    public int headerLength() {
        return (int) (payload - tcp);
    }

    /** How many segments on the wire this one stands for; at least 1. */
    public int wireSegments() {
        return segmentSize <= 0 || payloadLength <= segmentSize ? 1 : (payloadLength + segmentSize - 1) / segmentSize;
    }
}
