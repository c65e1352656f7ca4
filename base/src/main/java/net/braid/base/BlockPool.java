package net.braid.base;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Native memory in blocks of one size, cut from slabs of one arena. A block is named by a small number, its handle.
 *
 * <p>The free list is last in, first out: the block that was given back last, and is still in the cache, is the next
 * one out. Slabs are never returned to the arena; the arena's owner frees them all at once. One thread.
 */
public final class BlockPool {
    /** 16 KiB: eleven full segments of Ethernet; four of them and two ends hold the largest IP packet. */
    public static final int DEFAULT_BLOCK_BYTES = 16 * 1024;
    /** What {@link #allocate} answers when the limit is reached. */
    public static final int NONE = -1;

    private static final int FIRST_SLAB_BLOCKS = 8;
    private static final int LARGEST_SLAB_BYTES = 4 * 1024 * 1024;
    private static final int IN_USE = -2;
    private static final int END = -1;

    private final Arena arena;
    private final int blockBytes;
    private MemorySegment[] blocks = new MemorySegment[0];
    /** For a free block: the free block below it, or END. For one in use: IN_USE. */
    private int[] nextFree = new int[0];
    private int firstFree = END;
    private int created;
    private int limit;
    private int inUse;
    private int highWater;
    private long refused;

    /**
     * @param blockBytes size of each block, a power of two, 64 bytes to 1 GiB
     * @param limit most blocks in use at a time
     */
    public BlockPool(Arena arena, int blockBytes, int limit) {
        if (blockBytes < 64 || Integer.bitCount(blockBytes) != 1) {
            throw new IllegalArgumentException("block size must be a power of two, at least 64: " + blockBytes);
        }
        this.arena = arena;
        this.blockBytes = blockBytes;
        limit(limit);
    }

    public BlockPool(Arena arena, int limit) {
        this(arena, DEFAULT_BLOCK_BYTES, limit);
    }

    /** A handle, or {@link #NONE} when as many blocks as the limit allows are in use. The content is undefined. */
    public int allocate() {
        if (inUse >= limit) {
            refused++;
            return NONE;
        }
        if (firstFree == END) {
            addSlab();
        }
        int handle = firstFree;
        firstFree = nextFree[handle];
        nextFree[handle] = IN_USE;
        inUse++;
        if (inUse > highWater) {
            highWater = inUse;
        }
        return handle;
    }

    public void release(int handle) {
        assert isInUse(handle) : "block " + handle + " is not in use";
        nextFree[handle] = firstFree;
        firstFree = handle;
        inUse--;
    }

    /** The memory of a block: exactly {@link #blockBytes} long, so that no write can leave it. */
    public MemorySegment block(int handle) {
        assert isInUse(handle) : "block " + handle + " is not in use";
        return blocks[handle];
    }

    public boolean isInUse(int handle) {
        return handle >= 0 && handle < created && nextFree[handle] == IN_USE;
    }

    public int blockBytes() {
        return blockBytes;
    }

    public int limit() {
        return limit;
    }

    /** Sets the limit. Below what is in use, it takes nothing away but refuses until enough has come back. */
    public void limit(int blocks) {
        if (blocks < 0) {
            throw new IllegalArgumentException("limit must not be negative: " + blocks);
        }
        limit = blocks;
    }

    /** Blocks that can be had now. */
    public int available() {
        return Math.max(0, limit - inUse);
    }

    public int inUse() {
        return inUse;
    }

    /** Most blocks that were ever in use at a time. */
    public int highWater() {
        return highWater;
    }

    /** How often {@link #allocate} has answered {@link #NONE}. */
    public long refused() {
        return refused;
    }

    /** Blocks that exist, in use or free: native memory held is this times {@link #blockBytes}. */
    public int created() {
        return created;
    }

    private void addSlab() {
        int count = Math.max(FIRST_SLAB_BLOCKS, created);
        count = Math.min(count, Math.max(1, LARGEST_SLAB_BYTES / blockBytes));
        count = Math.min(count, limit - created);
        assert count > 0;
        MemorySegment slab = arena.allocate((long) count * blockBytes, 64);
        blocks = Arrays.copyOf(blocks, created + count);
        nextFree = Arrays.copyOf(nextFree, created + count);
        for (int i = count - 1; i >= 0; i--) {
            int handle = created + i;
            blocks[handle] = slab.asSlice((long) i * blockBytes, blockBytes);
            nextFree[handle] = firstFree;
            firstFree = handle;
        }
        created += count;
    }
}
