package net.braid.base;

import java.lang.foreign.MemorySegment;

/**
 * A gather list: the pieces of memory, in order, that make up one payload. Reused, never kept beyond the call that it
 * is passed to.
 *
 * <p>Six pieces carry the largest IP packet (64 KiB) out of rings with 16 KiB blocks: four whole blocks and two ends.
 */
public final class Pieces {
    public static final int CAPACITY = 6;

    private final MemorySegment[] memory = new MemorySegment[CAPACITY];
    private final long[] offset = new long[CAPACITY];
    private final int[] length = new int[CAPACITY];
    private int count;
    private int totalLength;

    public void clear() {
        count = 0;
        totalLength = 0;
    }

    public void add(MemorySegment segment, long at, int bytes) {
        assert bytes > 0 && at >= 0 && at + bytes <= segment.byteSize();
        memory[count] = segment;
        offset[count] = at;
        length[count] = bytes;
        count++;
        totalLength += bytes;
    }

    public int count() {
        return count;
    }

    /** Sum of all lengths, in bytes. */
    public int totalLength() {
        return totalLength;
    }

    public MemorySegment memory(int index) {
        assert index < count;
        return memory[index];
    }

    public long offset(int index) {
        assert index < count;
        return offset[index];
    }

    public int length(int index) {
        assert index < count;
        return length[index];
    }

    /** Copies all pieces, one behind the other, to {@code target}. */
    public void copyTo(MemorySegment target, long at) {
        for (int i = 0; i < count; i++) {
            MemorySegment.copy(memory[i], offset[i], target, at, length[i]);
            at += length[i];
        }
    }
}
