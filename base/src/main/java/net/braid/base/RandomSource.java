package net.braid.base;

/** Every random choice of the engine comes from here: seeded in the simulator, a DRBG in production. */
public interface RandomSource {

    long nextLong();

    default int nextInt() {
        return (int) (nextLong() >>> 32);
    }

    /** Uniform in [0, bound). The bias of the multiplication is below 2^-32 for every bound that the engine uses. */
    default int nextInt(int bound) {
        assert bound > 0;
        return (int) ((Integer.toUnsignedLong(nextInt()) * bound) >>> 32);
    }

    /** Uniform in [0, 1), with 53 bits. */
    default double nextDouble() {
        return (nextLong() >>> 11) * 0x1.0p-53;
    }
}
