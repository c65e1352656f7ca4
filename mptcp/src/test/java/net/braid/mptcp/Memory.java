package net.braid.mptcp;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import net.braid.base.BlockPool;

/** Native memory for tests: a small pool, and streams of bytes that can be told from each other. */
final class Memory {
    static final int BLOCK = 16 * 1024;

    private Memory() {
    }

    static MemoryBudget budget(int blocks) {
        return new MemoryBudget(new BlockPool(Arena.ofAuto(), BLOCK, blocks));
    }

    /** Bytes [from, from + length) of a stream in which the byte at p is a mix of p. */
    static MemorySegment stream(long from, int length) {
        MemorySegment memory = Arena.ofAuto().allocate(Math.max(1, length));
        for (int i = 0; i < length; i++) {
            memory.set(ValueLayout.JAVA_BYTE, i, at(from + i));
        }
        return memory;
    }

    static byte at(long position) {
        return (byte) (position * 0x9e37_79b9_7f4a_7c15L >>> 56);
    }

    /** The first of {@code length} bytes that is not that of the stream from {@code from} on, or -1. */
    static int mismatch(MemorySegment memory, long from, int length) {
        for (int i = 0; i < length; i++) {
            if (memory.get(ValueLayout.JAVA_BYTE, i) != at(from + i)) {
                return i;
            }
        }
        return -1;
    }
}
