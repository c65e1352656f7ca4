package net.braid.base;

import java.util.Arrays;

/**
 * Ordered set of disjoint, not even touching, half-open ranges [from, to) of 64-bit offsets, in two primitive arrays.
 *
 * <p>One structure serves many jobs: bytes received (hence the SACK blocks), bytes SACKed by the peer, data that waits
 * for reinjection. The arrays start empty, double up to the limit, and shrink again when the set stays small.
 */
public final class RangeSet {
    private static final long[] EMPTY = new long[0];
    private static final int SMALLEST = 4;
    /** Not less than this while in use: a burst of losses each second must not allocate each second. */
    private static final int KEPT = 256;
    /** Below this many ranges a walk from the near end beats a binary search. */
    private static final int LINEAR = 8;
    /** The set must have been this often emptied without having needed a quarter of its arrays before they shrink. */
    private static final int SMALL_CYCLES_BEFORE_SHRINKING = 64;

    private final int limit;
    private long[] from = EMPTY;
    private long[] to = EMPTY;
    private int size;
    private long covered;
    private int peak;
    private int smallCycles;

    /** @param limit most ranges: a peer that opens more holes than this is refused, not served with more memory */
    public RangeSet(int limit) {
        assert limit > 0;
        this.limit = limit;
    }

    public int size() {
        return size;
    }

    public boolean isEmpty() {
        return size == 0;
    }

    public int limit() {
        return limit;
    }

    /** First offset of range {@code index}, counted from the lowest. */
    public long from(int index) {
        assert index < size;
        return from[index];
    }

    /** One past the last offset of range {@code index}. */
    public long to(int index) {
        assert index < size;
        return to[index];
    }

    /** One past the highest offset in the set, which must not be empty. */
    public long last() {
        assert size > 0;
        return to[size - 1];
    }

    /** How many offsets are in the set. */
    public long covered() {
        return covered;
    }

    /** Adds [start, stop). False, and nothing changed, when that would need more ranges than the limit. */
    public boolean add(long start, long stop) {
        assert start < stop;
        if (size == 0) {
            return insert(0, start, stop);
        }
        int last = size - 1;
        if (start >= from[last]) {
            if (start > to[last]) {
                return insert(size, start, stop);
            }
            if (stop > to[last]) {
                covered += stop - to[last];
                to[last] = stop;
            }
            return true;
        }
        int low = start >= from[0] && start <= to[0] ? 0 : firstEndingAtOrAfter(start);
        if (from[low] > stop) {
            return insert(low, start, stop);
        }
        merge(low, start, stop);
        return true;
    }

    /** Removes [start, stop). False, and nothing changed, when splitting a range would need one more than the limit. */
    public boolean remove(long start, long stop) {
        assert start < stop;
        int low = firstEndingAtOrAfter(start + 1);
        if (low == size || from[low] >= stop) {
            return true;
        }
        if (from[low] < start) {
            if (stop < to[low]) {
                return split(low, start, stop);
            }
            covered -= to[low] - start;
            to[low] = start;
            low++;
        }
        int high = low;
        while (high < size && to[high] <= stop) {
            covered -= to[high] - from[high];
            high++;
        }
        if (high < size && from[high] < stop) {
            covered -= stop - from[high];
            from[high] = stop;
        }
        delete(low, high);
        return true;
    }

    /** Removes every offset below {@code offset}. */
    public void removeBelow(long offset) {
        int drop = 0;
        while (drop < size && to[drop] <= offset) {
            covered -= to[drop] - from[drop];
            drop++;
        }
        if (drop < size && from[drop] < offset) {
            covered -= offset - from[drop];
            from[drop] = offset;
        }
        delete(0, drop);
    }

    public void clear() {
        covered = 0;
        delete(0, size);
    }

    /** Gives up what the arrays hold beyond need. */
    public void trim() {
        if (size == 0) {
            from = EMPTY;
            to = EMPTY;
        } else if (from.length > SMALLEST && size <= from.length / 2) {
            resize(Math.max(SMALLEST, Integer.highestOneBit(size * 2 - 1)));
        }
    }

    /** Index of the range that holds {@code offset}, or -1. */
    public int indexOf(long offset) {
        int index = indexAfter(offset);
        return index < size && from[index] <= offset ? index : -1;
    }

    /** Index of the first range that ends above {@code offset}, or {@link #size}: it holds offset or lies behind it. */
    public int indexAfter(long offset) {
        return firstEndingAtOrAfter(offset + 1);
    }

    public boolean contains(long offset) {
        return indexOf(offset) >= 0;
    }

    /** Whether all of [start, stop) is in the set. */
    public boolean contains(long start, long stop) {
        assert start < stop;
        int index = indexOf(start);
        return index >= 0 && stop <= to[index];
    }

    /** Whether any of [start, stop) is in the set. */
    public boolean intersects(long start, long stop) {
        assert start < stop;
        int index = indexAfter(start);
        return index < size && from[index] < stop;
    }

    /** How many offsets of [start, stop) are in the set. */
    public long covered(long start, long stop) {
        long sum = 0;
        for (int i = indexAfter(start); i < size && from[i] < stop; i++) {
            sum += Math.min(to[i], stop) - Math.max(from[i], start);
        }
        return sum;
    }

    /** The first offset at or after {@code offset} that is not in the set. */
    public long firstGap(long offset) {
        int index = indexOf(offset);
        return index < 0 ? offset : to[index];
    }

    /** The next offset after {@code offset} at which membership changes, or Long.MAX_VALUE. */
    public long nextChange(long offset) {
        int index = indexAfter(offset);
        if (index == size) {
            return Long.MAX_VALUE;
        }
        return offset < from[index] ? from[index] : to[index];
    }

    private int firstEndingAtOrAfter(long offset) {
        int low = 0;
        int high = size;
        while (high - low > LINEAR) {
            int middle = (low + high) >>> 1;
            if (to[middle] < offset) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        while (low < high && to[low] < offset) {
            low++;
        }
        return low;
    }

    /** Range {@code low} touches [start, stop) and so may some behind it: all become one. */
    private void merge(int low, long start, long stop) {
        int high = low + 1;
        covered -= to[low] - from[low];
        while (high < size && from[high] <= stop) {
            covered -= to[high] - from[high];
            high++;
        }
        from[low] = Math.min(from[low], start);
        to[low] = Math.max(to[high - 1], stop);
        covered += to[low] - from[low];
        delete(low + 1, high);
    }

    private boolean split(int index, long start, long stop) {
        long oldStop = to[index];
        if (!insert(index + 1, stop, oldStop)) {
            return false;
        }
        to[index] = start;
        covered -= oldStop - start;
        return true;
    }

    private boolean insert(int index, long start, long stop) {
        if (size == limit) {
            return false;
        }
        if (size == from.length) {
            resize(Math.min(limit, Math.max(SMALLEST, size * 2)));
        }
        System.arraycopy(from, index, from, index + 1, size - index);
        System.arraycopy(to, index, to, index + 1, size - index);
        from[index] = start;
        to[index] = stop;
        size++;
        covered += stop - start;
        if (size > peak) {
            peak = size;
        }
        return true;
    }

    private void delete(int low, int high) {
        if (low == high) {
            return;
        }
        System.arraycopy(from, high, from, low, size - high);
        System.arraycopy(to, high, to, low, size - high);
        size -= high - low;
        if (size == 0) {
            onEmpty();
        }
    }

    private void onEmpty() {
        assert covered == 0;
        smallCycles = peak * 4 <= from.length ? smallCycles + 1 : 0;
        peak = 0;
        if (smallCycles >= SMALL_CYCLES_BEFORE_SHRINKING && from.length > KEPT) {
            smallCycles = 0;
            from = new long[Math.max(KEPT, from.length / 2)];
            to = new long[from.length];
        }
    }

    private void resize(int length) {
        from = Arrays.copyOf(from, length);
        to = Arrays.copyOf(to, length);
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("{");
        for (int i = 0; i < size; i++) {
            text.append(i == 0 ? "[" : " [").append(from[i]).append(',').append(to[i]).append(')');
        }
        return text.append('}').toString();
    }
}
