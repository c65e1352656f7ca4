package net.braid.base;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Bytes of a stream, addressed by 64-bit stream offset. The window [{@link #start}, {@link #limit}) is writable, in
 * any order.
 *
 * <p>A page table of blocks from a pool: a block is taken by the first put into it and given back as soon as start has
 * passed it. An empty ring holds none. The ring does not know which bytes have been put; its user does (a
 * {@link RangeSet}, or a write position).
 *
 * <pre>
 *   start                 end          limit
 *     |xxxxxxxx|xxxxxxxx|   |xxx|        |
 *   block      block      none  block
 * </pre>
 */
public final class StreamRing {
    private static final int NONE = BlockPool.NONE;
    private static final int[] EMPTY = new int[0];
    private static final int SMALLEST_TABLE = 4;

    private final BlockPool pool;
    private final int shift;
    private final long blockMask;
    /** Handle of the block that holds stream page p at index p & (length - 1), or NONE; length is a power of two. */
    private int[] pages = EMPTY;
    private int blocksHeld;
    private long start;
    private long end;
    private long capacity;

    /**
     * @param start offset of the first byte
     * @param capacity bytes that may lie between start and limit
     */
    public StreamRing(BlockPool pool, long start, long capacity) {
        assert capacity >= 0;
        this.pool = pool;
        this.shift = Integer.numberOfTrailingZeros(pool.blockBytes());
        this.blockMask = pool.blockBytes() - 1;
        this.start = start;
        this.end = start;
        this.capacity = capacity;
    }

    public long start() {
        return start;
    }

    /** Highest offset that has ever been put, plus one; at least {@link #start}. */
    public long end() {
        return end;
    }

    /** One past the highest offset that may be put now. */
    public long limit() {
        return start + capacity;
    }

    public long capacity() {
        return capacity;
    }

    /** Changes the capacity. A smaller one takes nothing away that is there; it only stops further puts. */
    public void capacity(long bytes) {
        assert bytes >= 0;
        capacity = bytes;
    }

    /** Blocks taken from the pool at present. */
    public int blocksHeld() {
        return blocksHeld;
    }

    /**
     * Copies {@code length} bytes to [offset, offset + length), anywhere in the window.
     *
     * @return false when the pool has not enough blocks; then nothing has changed
     */
    public boolean put(long offset, MemorySegment source, long at, int length) {
        assert length > 0 && offset >= start && offset + length <= limit() : "put outside of the window";
        long inBlock = offset & blockMask;
        long page = offset >> shift;
        if (inBlock + length <= blockMask + 1 && page - (start >> shift) < pages.length) {
            int handle = pages[(int) page & (pages.length - 1)];
            if (handle != NONE) {
                MemorySegment.copy(source, at, pool.block(handle), inBlock, length);
                if (offset + length > end) {
                    end = offset + length;
                }
                return true;
            }
        }
        return putPages(offset, source, at, length);
    }

    private boolean putPages(long offset, MemorySegment source, long at, int length) {
        long stop = offset + length;
        if (!claim(offset >> shift, (stop - 1) >> shift)) {
            return false;
        }
        if (stop > end) {
            end = stop;
        }
        while (offset < stop) {
            long inBlock = offset & blockMask;
            long bytes = Math.min(stop - offset, blockMask + 1 - inBlock);
            MemorySegment.copy(source, at, pool.block(handleOf(offset >> shift)), inBlock, bytes);
            offset += bytes;
            at += bytes;
        }
        return true;
    }

    /** Copies bytes that have been put out of the ring. */
    public void get(long offset, MemorySegment target, long at, int length) {
        assert length > 0 && offset >= start && offset + length <= end : "get outside of what was put";
        long stop = offset + length;
        while (offset < stop) {
            long inBlock = offset & blockMask;
            long bytes = Math.min(stop - offset, blockMask + 1 - inBlock);
            MemorySegment.copy(pool.block(handleOf(offset >> shift)), inBlock, target, at, bytes);
            offset += bytes;
            at += bytes;
        }
    }

    /** Adds the pieces of memory that hold [offset, offset + length) to {@code pieces}. */
    public void gather(long offset, int length, Pieces pieces) {
        assert length > 0 && offset >= start && offset + length <= end : "gather outside of what was put";
        long stop = offset + length;
        while (offset < stop) {
            long inBlock = offset & blockMask;
            int bytes = (int) Math.min(stop - offset, blockMask + 1 - inBlock);
            pieces.add(pool.block(handleOf(offset >> shift)), inBlock, bytes);
            offset += bytes;
        }
    }

    /** Forgets all bytes below {@code offset}: they are never read again. Going back is ignored. */
    public void releaseTo(long offset) {
        if (offset <= start) {
            return;
        }
        if (offset >= end) {
            releasePages(start >> shift, (end - 1) >> shift);
            end = offset;
        } else if ((start >> shift) != (offset >> shift)) {
            releasePages(start >> shift, (offset >> shift) - 1);
        }
        start = offset;
    }

    /** Gives all blocks back and begins anew at {@code offset}, which may lie below what was there. */
    public void restart(long offset) {
        releaseTo(end);
        assert blocksHeld == 0;
        start = offset;
        end = offset;
    }

    /** Gives up the page table of an empty ring, for a connection that has gone idle. The next put makes a new one. */
    public void trim() {
        if (blocksHeld == 0) {
            pages = EMPTY;
        }
    }

    /** Gives all blocks back, whatever they hold. The ring is empty and may be used on from {@link #end}. */
    public void close() {
        releaseTo(end);
        assert blocksHeld == 0;
        trim();
    }

    private int handleOf(long page) {
        int handle = pages[(int) page & (pages.length - 1)];
        assert handle != NONE : "nothing was put here";
        return handle;
    }

    /** Takes the blocks that pages first..last still lack: all of them, or none. */
    private boolean claim(long first, long last) {
        long firstHeld = start >> shift;
        long lastHeld = Math.max(last, (end - 1) >> shift);
        if (lastHeld - firstHeld >= pages.length) {
            grow(lastHeld - firstHeld + 1);
        }
        int mask = pages.length - 1;
        int missing = 0;
        for (long page = first; page <= last; page++) {
            if (pages[(int) page & mask] == NONE) {
                missing++;
            }
        }
        if (missing == 0) {
            return true;
        }
        if (missing > 1 && pool.available() < missing) {
            return false;
        }
        for (long page = first; page <= last; page++) {
            int index = (int) page & mask;
            if (pages[index] == NONE) {
                int handle = pool.allocate();
                if (handle == NONE) {
                    assert missing == 1;
                    return false;
                }
                pages[index] = handle;
                blocksHeld++;
            }
        }
        return true;
    }

    private void grow(long span) {
        assert span <= 1 << 28;
        int size = Math.max(SMALLEST_TABLE, Integer.highestOneBit((int) span * 2 - 1));
        int[] wider = new int[size];
        Arrays.fill(wider, NONE);
        if (blocksHeld > 0) {
            for (long page = start >> shift; page <= (end - 1) >> shift; page++) {
                wider[(int) page & (size - 1)] = pages[(int) page & (pages.length - 1)];
            }
        }
        pages = wider;
    }

    private void releasePages(long first, long last) {
        if (blocksHeld == 0) {
            return;
        }
        int mask = pages.length - 1;
        for (long page = first; page <= last; page++) {
            int index = (int) page & mask;
            if (pages[index] != NONE) {
                pool.release(pages[index]);
                pages[index] = NONE;
                blocksHeld--;
            }
        }
    }
}
