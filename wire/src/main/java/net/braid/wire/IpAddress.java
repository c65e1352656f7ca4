package net.braid.wire;

import java.lang.foreign.MemorySegment;

/**
 * An IPv4 or IPv6 address as two longs in network order. IPv4 lives in its mapped form ::ffff:a.b.c.d (RFC 4291
 * section 2.5.5.2): high 0, low 0x0000ffff_aabbccdd. So an IPv4-mapped IPv6 address and the IPv4 address are one value.
 */
public record IpAddress(long high, long low) implements Comparable<IpAddress> {
    public static final int V4_BYTES = 4;
    public static final int V6_BYTES = 16;

    private static final long MAPPED = 0x0000_ffff_0000_0000L;

    /** 0.0.0.0 */
    public static final IpAddress ANY_V4 = v4(0);
    /** :: */
    public static final IpAddress ANY_V6 = new IpAddress(0, 0);

    /** @param bits the four bytes in network order, for example 0x0a000001 for 10.0.0.1 */
    public static IpAddress v4(int bits) {
        return new IpAddress(0, mapped(bits));
    }

    /** The low half of the mapped form of an IPv4 address; the high half is 0. */
    public static long mapped(int bits) {
        return MAPPED | Integer.toUnsignedLong(bits);
    }

    /**
     * Reads an address in text: dotted quad, or any form of RFC 4291 section 2.2. Never asks a name server. Zones
     * (fe80::1%eth0), brackets, leading zeros in a quad and short forms such as 10.1 are refused.
     *
     * @throws IllegalArgumentException with a line that says what is wrong
     */
    public static IpAddress parse(String text) {
        return IpAddressParser.parse(text);
    }

    public static IpAddress readV4(MemorySegment memory, long offset) {
        return v4(memory.get(Layouts.INT, offset));
    }

    public static IpAddress readV6(MemorySegment memory, long offset) {
        return new IpAddress(memory.get(Layouts.LONG, offset), memory.get(Layouts.LONG, offset + 8));
    }

    /** Writes {@link #byteCount()} bytes. */
    public void write(MemorySegment memory, long offset) {
        if (isV4()) {
            memory.set(Layouts.INT, offset, v4Bits());
        } else {
            memory.set(Layouts.LONG, offset, high);
            memory.set(Layouts.LONG, offset + 8, low);
        }
    }

    public int byteCount() {
        return isV4() ? V4_BYTES : V6_BYTES;
    }

    public int v4Bits() {
        assert isV4();
        return (int) low;
    }

    public boolean isV4() {
        return isV4(high, low);
    }

    public boolean isUnspecified() {
        return isUnspecified(high, low);
    }

    public boolean isMulticast() {
        return isMulticast(high, low);
    }

    /** 255.255.255.255; a subnet's own broadcast address is known only to who knows the prefix. */
    public boolean isBroadcast() {
        return isBroadcast(high, low);
    }

    public boolean isLoopback() {
        return isLoopback(high, low);
    }

    /** fe80::/10 or 169.254/16. */
    public boolean isLinkLocal() {
        return isV4() ? (low & 0xffff_0000L) == 0xa9fe_0000L : high >>> 54 == 0x3fa;
    }

    public static boolean isV4(long high, long low) {
        return high == 0 && low >>> 32 == 0xffff;
    }

    public static boolean isUnspecified(long high, long low) {
        return high == 0 && (low == 0 || low == MAPPED);
    }

    public static boolean isMulticast(long high, long low) {
        return isV4(high, low) ? (low & 0xf000_0000L) == 0xe000_0000L : high >>> 56 == 0xff;
    }

    public static boolean isBroadcast(long high, long low) {
        return high == 0 && low == (MAPPED | 0xffff_ffffL);
    }

    public static boolean isLoopback(long high, long low) {
        return isV4(high, low) ? (low & 0xff00_0000L) == 0x7f00_0000L : high == 0 && low == 1;
    }

    /** True for what may be the source or the destination of a TCP segment (RFC 9293 section 3.9.2.3). */
    public static boolean isUnicast(long high, long low) {
        return !isUnspecified(high, low) && !isMulticast(high, low) && !isBroadcast(high, low);
    }

    /** True when the first {@code prefixLength} bits equal those of {@code prefix}: 0..32 for IPv4, 0..128 for IPv6. */
    public boolean matches(IpAddress prefix, int prefixLength) {
        if (isV4() != prefix.isV4()) {
            return false;
        }
        int bits = isV4() ? prefixLength + 96 : prefixLength;
        assert bits >= 0 && bits <= 128;
        long highMask = bits == 0 ? 0 : -1L << Math.max(0, 64 - bits);
        long lowMask = bits <= 64 ? 0 : -1L << (128 - bits);
        return ((high ^ prefix.high) & highMask) == 0 && ((low ^ prefix.low) & lowMask) == 0;
    }

    @Override
    public int compareTo(IpAddress other) {
        int order = Long.compareUnsigned(high, other.high);
        return order != 0 ? order : Long.compareUnsigned(low, other.low);
    }

    /** Dotted quad, or IPv6 in the form of RFC 5952. */
    @Override
    public String toString() {
        return toString(high, low);
    }

    /** As {@link #toString()}, without a record. */
    public static String toString(long high, long low) {
        if (isV4(high, low)) {
            int bits = (int) low;
            return (bits >>> 24) + "." + (bits >>> 16 & 0xff) + "." + (bits >>> 8 & 0xff) + "." + (bits & 0xff);
        }
        return v6Text(high, low);
    }

    /** RFC 5952 section 4.2: the longest run of zero groups, the first on a tie, never a run of one, becomes "::". */
    private static String v6Text(long high, long low) {
        int bestStart = -1;
        int bestLength = 1;
        int runStart = -1;
        for (int i = 0; i <= 8; i++) {
            if (i < 8 && group(high, low, i) == 0) {
                if (runStart < 0) {
                    runStart = i;
                }
            } else if (runStart >= 0) {
                if (i - runStart > bestLength) {
                    bestStart = runStart;
                    bestLength = i - runStart;
                }
                runStart = -1;
            }
        }
        StringBuilder text = new StringBuilder(39);
        for (int i = 0; i < 8; i++) {
            if (i == bestStart) {
                text.append("::");
                i += bestLength - 1;
                continue;
            }
            if (i > 0 && (bestStart < 0 || i != bestStart + bestLength)) {
                text.append(':');
            }
            text.append(Integer.toHexString(group(high, low, i)));
        }
        return text.toString();
    }

    private static int group(long high, long low, int index) {
        return (int) ((index < 4 ? high : low) >>> (48 - 16 * (index & 3))) & 0xffff;
    }
}
