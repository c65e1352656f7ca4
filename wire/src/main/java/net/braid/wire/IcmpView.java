package net.braid.wire;

/**
 * The decoded form of one ICMP error about a TCP segment that this host has sent. One instance per shard, overwritten
 * by each decode. Addresses are two longs as in {@link SegmentView}.
 */
public final class IcmpView {

    /** What happened to the segment, the same for both versions of IP. */
    public enum Kind {
        /** RFC 792 type 3 but for code 4, RFC 4443 type 1. */
        UNREACHABLE,
        /** RFC 792 type 3 code 4 (RFC 1191), RFC 4443 type 2: {@link #mtu}. */
        PACKET_TOO_BIG,
        /** RFC 792 type 11, RFC 4443 type 3. */
        TIME_EXCEEDED,
        /** RFC 792 type 12, RFC 4443 type 4. */
        PARAMETER_PROBLEM
    }

    public Kind kind;
    public boolean ipv6;
    public int type;
    public int code;
    /** For PACKET_TOO_BIG: bytes of IP packet that the next link takes, as received; 0 from routers before RFC 1191. */
    public long mtu;

    /** Who says so: a router on the path, or the peer. */
    public long senderHigh;
    public long senderLow;

    /** Of the segment that was sent: source is this host. */
    public long sourceHigh;
    public long sourceLow;
    public long destinationHigh;
    public long destinationLow;
    public int sourcePort;
    public int destinationPort;
    public int sequenceNumber;
    /** IP packet length that the quoted header names, bytes. */
    public int packetLength;
}
