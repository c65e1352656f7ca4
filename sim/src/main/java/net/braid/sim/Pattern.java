package net.braid.sim;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import net.braid.base.Xoshiro256;

/**
 * The bytes of a test stream: random, repeated with a period that is a prime number, so that a shift by any size that
 * a protocol likes is noticed. Laid out twice, so that any stretch of up to one period is contiguous.
 */
public final class Pattern {
    /** Bytes; the largest prime below 2^16. */
    public static final int PERIOD = 65_521;

    private final MemorySegment memory;

    public Pattern(Arena arena, long seed) {
        memory = arena.allocate(2L * PERIOD + Long.BYTES, 64);
        Xoshiro256 random = new Xoshiro256(seed);
        for (long at = 0; at < PERIOD; at += Long.BYTES) {
            memory.set(ValueLayout.JAVA_LONG_UNALIGNED, at, random.nextLong());
        }
        MemorySegment.copy(memory, 0, memory, PERIOD, PERIOD);
    }

    public MemorySegment memory() {
        return memory;
    }

    /**
     * Where in {@link #memory} the stream from {@code offset} on lies; the next {@link #PERIOD} bytes are contiguous.
     */
    public long at(long offset) {
        return offset % PERIOD;
    }

    /**
     * The first of {@code length} bytes, at most one period, that is not the stream's from {@code offset} on; or -1.
     */
    public long mismatch(MemorySegment bytes, long from, int length, long offset) {
        assert length <= PERIOD;
        long start = at(offset);
        return MemorySegment.mismatch(bytes, from, from + length, memory, start, start + length);
    }
}
