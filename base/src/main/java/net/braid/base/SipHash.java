package net.braid.base;

/**
 * SipHash-2-4 (Aumasson and Bernstein, 2012) over 64-bit words: a keyed hash whose values nobody can foretell without
 * the key. For initial sequence numbers (RFC 6528) and for tables that a peer must not be able to flood.
 *
 * <p>The words are hashed as their little-endian bytes. No allocation.
 */
public final class SipHash {
    private final long k0;
    private final long k1;

    public SipHash(long k0, long k1) {
        this.k0 = k0;
        this.k1 = k1;
    }

    /** With a key drawn from {@code random}. */
    public SipHash(RandomSource random) {
        this(random.nextLong(), random.nextLong());
    }

    public long hash(long a) {
        return hash(1, a, 0, 0, 0, 0, 0);
    }

    public long hash(long a, long b) {
        return hash(2, a, b, 0, 0, 0, 0);
    }

    public long hash(long a, long b, long c) {
        return hash(3, a, b, c, 0, 0, 0);
    }

    public long hash(long a, long b, long c, long d) {
        return hash(4, a, b, c, d, 0, 0);
    }

    public long hash(long a, long b, long c, long d, long e) {
        return hash(5, a, b, c, d, e, 0);
    }

    public long hash(long a, long b, long c, long d, long e, long f) {
        return hash(6, a, b, c, d, e, f);
    }

    private long hash(int words, long a, long b, long c, long d, long e, long f) {
        long v0 = k0 ^ 0x736f_6d65_7073_6575L;
        long v1 = k1 ^ 0x646f_7261_6e64_6f6dL;
        long v2 = k0 ^ 0x6c79_6765_6e65_7261L;
        long v3 = k1 ^ 0x7465_6462_7974_6573L;
        for (int word = 0; word <= words; word++) {
            long m = word == words ? (long) words << 59 : switch (word) {
                case 0 -> a;
                case 1 -> b;
                case 2 -> c;
                case 3 -> d;
                case 4 -> e;
                default -> f;
            };
            v3 ^= m;
            for (int round = 0; round < 2; round++) {
                v0 += v1;
                v2 += v3;
                v1 = Long.rotateLeft(v1, 13) ^ v0;
                v3 = Long.rotateLeft(v3, 16) ^ v2;
                v0 = Long.rotateLeft(v0, 32);
                v2 += v1;
                v0 += v3;
                v1 = Long.rotateLeft(v1, 17) ^ v2;
                v3 = Long.rotateLeft(v3, 21) ^ v0;
                v2 = Long.rotateLeft(v2, 32);
            }
            v0 ^= m;
        }
        v2 ^= 0xff;
        for (int round = 0; round < 4; round++) {
            v0 += v1;
            v2 += v3;
            v1 = Long.rotateLeft(v1, 13) ^ v0;
            v3 = Long.rotateLeft(v3, 16) ^ v2;
            v0 = Long.rotateLeft(v0, 32);
            v2 += v1;
            v0 += v3;
            v1 = Long.rotateLeft(v1, 17) ^ v2;
            v3 = Long.rotateLeft(v3, 21) ^ v0;
            v2 = Long.rotateLeft(v2, 32);
        }
        return v0 ^ v1 ^ v2 ^ v3;
    }
}
