package net.braid.mptcp;

import java.lang.foreign.MemorySegment;
import net.braid.base.Pieces;
import net.braid.base.RangeSet;
import net.braid.base.StreamRing;

/**
 * Bytes of a subflow that have arrived and cannot be placed yet: their mapping has not come, or its checksum cannot be
 * verified before its last byte. Keyed by subflow offset. Normally it does not exist.
 */
final class ParkedBytes {
    private static final int RANGES = 256;

    private final MemoryBudget memory;
    private StreamRing ring;
    private RangeSet ranges;

    ParkedBytes(MemoryBudget memory) {
        this.memory = memory;
    }

    boolean isEmpty() {
        return ranges == null || ranges.isEmpty();
    }

    long bytes() {
        return ranges == null ? 0 : ranges.covered();
    }

    /** False: no room for them within {@code limit} bytes beyond {@code floor}. */
    boolean put(long floor, long offset, MemorySegment source, long at, int length, long limit) {
        if (offset + length - floor > limit || !memory.allowsOutOfOrder()) {
            return false;
        }
        if (ring == null) {
            ring = new StreamRing(memory.pool(), floor, limit);
            ranges = new RangeSet(RANGES);
        }
        ring.capacity(Math.max(ring.capacity(), limit));
        if (ranges.isEmpty()) {
            // The floor of what may arrive can go back.
            ring.restart(floor);
        }
        boolean within = offset >= ring.start() && offset + length <= ring.limit();
        if (!within || !ring.put(offset, source, at, length)) {
            return false;
        }
        return ranges.add(offset, offset + length);
    }

    /** First range that overlaps [from, to): its start within, or -1. */
    long firstIn(long from, long to) {
        if (ranges == null) {
            return -1;
        }
        int index = ranges.indexAfter(from);
        return index < ranges.size() && ranges.from(index) < to ? Math.max(from, ranges.from(index)) : -1;
    }

    /** End of the range that holds {@code offset}. */
    long endOf(long offset) {
        return ranges.to(ranges.indexOf(offset));
    }

    boolean holds(long from, long to) {
        return ranges != null && ranges.contains(from, to);
    }

    void gather(long offset, int length, Pieces pieces) {
        ring.gather(offset, length, pieces);
    }

    /** [from, to) has been placed or is worthless. Bytes from {@code floor} on may still arrive. */
    void remove(long from, long to, long floor) {
        ranges.remove(from, to);
        if (ranges.isEmpty()) {
            // Keeps the table of pages: with checksums this happens once a mapping.
            ring.releaseTo(ring.end());
        } else {
            ring.releaseTo(Math.max(ring.start(), Math.min(ranges.from(0), floor)));
        }
    }

    void discard() {
        if (ring != null) {
            ring.close();
            ranges.clear();
        }
    }
}
