package net.braid.base;

/**
 * xoshiro256** 1.0 of Blackman and Vigna (2018), seeded through SplitMix64: fast, seedable, not secret.
 */
public final class Xoshiro256 implements RandomSource {
    private static final long GOLDEN = 0x9e37_79b9_7f4a_7c15L;

    private final long seed;
    private long s0;
    private long s1;
    private long s2;
    private long s3;

    public Xoshiro256(long seed) {
        this.seed = seed;
        s0 = mix(seed + GOLDEN);
        s1 = mix(seed + 2 * GOLDEN);
        s2 = mix(seed + 3 * GOLDEN);
        s3 = mix(seed + 4 * GOLDEN);
    }

    /**
     * An independent source for component {@code stream}. It depends on the seed and on the stream's number only, not
     * on what has been drawn so far, so that one more component does not shift the others.
     */
    public Xoshiro256 split(long stream) {
        return new Xoshiro256(mix(mix(seed ^ 0x5851_f42d_4c95_7f2dL) + mix(stream + GOLDEN)));
    }

    public long seed() {
        return seed;
    }

    @Override
    public long nextLong() {
        long result = Long.rotateLeft(s1 * 5, 7) * 9;
        long t = s1 << 17;
        s2 ^= s0;
        s3 ^= s1;
        s1 ^= s2;
        s0 ^= s3;
        s2 ^= t;
        s3 = Long.rotateLeft(s3, 45);
        return result;
    }

    /** The finalizer of SplitMix64: a bijection of 64 bits in which each bit of the input moves all of the output. */
    static long mix(long z) {
        z = (z ^ (z >>> 30)) * 0xbf58_476d_1ce4_e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d0_49bb_1331_11ebL;
        return z ^ (z >>> 31);
    }
}
