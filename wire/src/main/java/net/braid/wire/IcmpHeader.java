package net.braid.wire;

/** Numbers of ICMP (RFC 792) and ICMPv6 (RFC 4443), as far as TCP meets them. */
public final class IcmpHeader {
    /** IP protocol numbers. */
    public static final int PROTOCOL_V4 = 1;
    public static final int PROTOCOL_V6 = 58;
    /** Type, code, checksum and four bytes whose meaning depends on the type. */
    public static final int LENGTH = 8;

    public static final int V4_UNREACHABLE = 3;
    public static final int V4_SOURCE_QUENCH = 4;
    public static final int V4_REDIRECT = 5;
    public static final int V4_TIME_EXCEEDED = 11;
    public static final int V4_PARAMETER_PROBLEM = 12;
    /** Codes of {@link #V4_UNREACHABLE}. */
    public static final int V4_NET = 0;
    public static final int V4_HOST = 1;
    public static final int V4_PROTOCOL = 2;
    public static final int V4_PORT = 3;
    public static final int V4_FRAGMENTATION_NEEDED = 4;
    public static final int V4_SOURCE_ROUTE_FAILED = 5;
    public static final int V4_PROHIBITED = 13;

    public static final int V6_UNREACHABLE = 1;
    public static final int V6_PACKET_TOO_BIG = 2;
    public static final int V6_TIME_EXCEEDED = 3;
    public static final int V6_PARAMETER_PROBLEM = 4;
    /** Codes of {@link #V6_UNREACHABLE}. */
    public static final int V6_NO_ROUTE = 0;
    public static final int V6_PROHIBITED = 1;
    public static final int V6_ADDRESS = 3;
    public static final int V6_PORT = 4;
    /** Types from here on are no errors (RFC 4443 section 2.1). */
    public static final int V6_FIRST_INFORMATIONAL = 128;

    private IcmpHeader() {
    }
}
