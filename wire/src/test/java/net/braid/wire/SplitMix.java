package net.braid.wire;

import net.braid.base.RandomSource;

/** SplitMix64: a small generator for tests; the seed says everything. */
final class SplitMix implements RandomSource {
    private long state;

    SplitMix(long seed) {
        state = seed;
    }

    @Override
    public long nextLong() {
        long z = state += 0x9e3779b97f4a7c15L;
        z = (z ^ z >>> 30) * 0xbf58476d1ce4e5b9L;
        z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
        return z ^ z >>> 31;
    }
}
