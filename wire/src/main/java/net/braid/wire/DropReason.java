package net.braid.wire;

/** What was wrong with a packet that was dropped before it reached a connection. Counted by name. */
public enum DropReason {
    /** Nothing. */
    NONE,
    /** Too short for an IP header, or shorter than its IP header says. */
    TRUNCATED,
    /** IP version neither 4 nor 6. */
    IP_VERSION,
    /** IPv4 header length below 20 bytes, or beyond the packet. */
    IP_HEADER_LENGTH,
    /** IP total length below the header length, or no length at all (jumbogram). */
    IP_TOTAL_LENGTH,
    /** IPv4 header checksum. */
    IP_CHECKSUM,
    /** A fragment; fragments are not reassembled. */
    FRAGMENT,
    /** IPv6 extension header malformed, in the wrong place, one too many, or with an option that demands a discard. */
    EXTENSION_HEADER,
    /** Source address is multicast, broadcast, unspecified, or IPv4-mapped in an IPv6 header. */
    SOURCE_ADDRESS,
    /** Destination address is multicast, broadcast, unspecified, or IPv4-mapped in an IPv6 header. */
    DESTINATION_ADDRESS,
    /** Not TCP. For the caller that also takes ICMP: not a fault. */
    NOT_TCP,
    /** Too short for a TCP header. */
    TCP_TRUNCATED,
    /** TCP data offset below 20 bytes, or beyond the packet. */
    TCP_DATA_OFFSET,
    /** TCP checksum. */
    TCP_CHECKSUM,
    /** ICMP message too short. */
    ICMP_TRUNCATED,
    /** ICMP checksum. */
    ICMP_CHECKSUM,
    /** ICMP message that is not about a TCP segment, or of a type that means nothing to TCP. */
    ICMP_IRRELEVANT
}
