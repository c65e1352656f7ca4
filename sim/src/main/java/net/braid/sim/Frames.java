package net.braid.sim;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import net.braid.base.BlockPool;

/**
 * Packets on their way, in pooled native memory. A frame is a number; it begins at offset 0 of its memory. Whoever is
 * handed a frame owns it and must pass it on or release it.
 */
final class Frames {
    /** Small for acknowledgments, so that they share few cache lines; 2 KiB for Ethernet; large for jumbo frames. */
    private static final int[] BLOCK_BYTES = {256, 2048, 16 * 1024, 64 * 1024};

    private final BlockPool[] pools = new BlockPool[BLOCK_BYTES.length];
    private final int[][] lengths = new int[BLOCK_BYTES.length][64];

    Frames(Arena arena) {
        for (int i = 0; i < pools.length; i++) {
            pools[i] = new BlockPool(arena, BLOCK_BYTES[i], 1 << 24);
        }
    }

    int allocate(int length) {
        assert length > 0 && length <= 0xffff;
        int kind = length <= 256 ? 0 : length <= 2048 ? 1 : length <= 16 * 1024 ? 2 : 3;
        int block = pools[kind].allocate();
        assert block >= 0;
        if (block >= lengths[kind].length) {
            lengths[kind] = Arrays.copyOf(lengths[kind], Math.max(block + 1, lengths[kind].length * 2));
        }
        lengths[kind][block] = length;
        return block << 2 | kind;
    }

    MemorySegment memory(int frame) {
        return pools[frame & 3].block(frame >>> 2);
    }

    int length(int frame) {
        return lengths[frame & 3][frame >>> 2];
    }

    /** Makes a frame shorter. */
    void length(int frame, int length) {
        assert length > 0 && length <= length(frame);
        lengths[frame & 3][frame >>> 2] = length;
    }

    int copy(int frame) {
        int length = length(frame);
        int copy = allocate(length);
        MemorySegment.copy(memory(frame), 0, memory(copy), 0, length);
        return copy;
    }

    void release(int frame) {
        pools[frame & 3].release(frame >>> 2);
    }

    int inUse() {
        int sum = 0;
        for (BlockPool pool : pools) {
            sum += pool.inUse();
        }
        return sum;
    }
}
