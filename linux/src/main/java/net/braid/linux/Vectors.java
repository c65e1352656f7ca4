package net.braid.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import net.braid.base.Pieces;

/** An array of {@code struct iovec}, filled for one gather write at a time. */
final class Vectors {
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
    private static final int BYTES = 16;

    private final MemorySegment memory;
    private int count;
    private long total;

    /** @param most vectors at a time */
    Vectors(Arena arena, int most) {
        memory = arena.allocate((long) most * BYTES, 8);
    }

    void clear() {
        count = 0;
        total = 0;
    }

    void add(long address, long length) {
        memory.set(LONG, (long) count * BYTES, address);
        memory.set(LONG, (long) count * BYTES + 8, length);
        count++;
        total += length;
    }

    void add(Pieces pieces) {
        for (int i = 0; i < pieces.count(); i++) {
            add(pieces.memory(i).address() + pieces.offset(i), pieces.length(i));
        }
    }

    long address() {
        return memory.address();
    }

    int count() {
        return count;
    }

    /** Bytes in all vectors. */
    long total() {
        return total;
    }
}
