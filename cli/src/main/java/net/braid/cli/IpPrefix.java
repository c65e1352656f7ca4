package net.braid.cli;

import net.braid.wire.IpAddress;

/**
 * An address with the length of its network part.
 *
 * @param length in bits of the address's own family
 */
record IpPrefix(IpAddress address, int length) {
    private static final int V4_IN_V6 = 96;

    /** {@code 10.0.0.0/8}, or a single address. @throws IllegalArgumentException when it is neither */
    static IpPrefix parse(String text) {
        int slash = text.indexOf('/');
        IpAddress address = IpAddress.parse(slash < 0 ? text : text.substring(0, slash));
        int most = address.isV4() ? 32 : 128;
        int length = slash < 0 ? most : Integer.parseInt(text.substring(slash + 1));
        if (length < 0 || length > most) {
            throw new IllegalArgumentException("a prefix has 0 to " + most + " bits");
        }
        return new IpPrefix(address, length);
    }

    boolean isV4() {
        return address.isV4();
    }

    boolean contains(IpAddress other) {
        return other.matches(address, length);
    }

    boolean overlaps(IpPrefix other) {
        return other.isV4() == isV4() && other.address.matches(address, Math.min(length, other.length));
    }

    private int bits() {
        return isV4() ? length + V4_IN_V6 : length;
    }

    private static long mask(int bits) {
        return bits <= 0 ? 0 : bits >= 64 ? -1 : -1L << 64 - bits;
    }

    /** The host with a number in this prefix, counted from its first address. */
    IpAddress host(long number) {
        int bits = bits();
        return new IpAddress(address.high() & mask(bits), (address.low() & mask(bits - 64)) + number);
    }

    /** How many hosts it has, at most {@code Integer.MAX_VALUE}. */
    long hosts() {
        int free = 128 - bits();
        return free >= 31 ? Integer.MAX_VALUE : 1L << free;
    }

    @Override
    public String toString() {
        return address + "/" + length;
    }
}
