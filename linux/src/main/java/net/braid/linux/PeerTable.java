package net.braid.linux;

import java.util.Arrays;

/**
 * Behind which outer address an inner address is found, learned from packets that arrive. A slot is a number; who
 * keeps the outer addresses stores them under it. Fixed size: what a peer can enlarge has a limit.
 */
final class PeerTable {
    /** Inner addresses at most. */
    static final int LIMIT = 1024;
    static final int NONE = -1;
    /** An inner address moves to another outer address only when the old one has been silent for so long. */
    static final long MOVE_NANOS = 5_000_000_000L;
    /** When the table is full, one that has been silent for so long gives way. */
    static final long FORGET_NANOS = 60_000_000_000L;

    private static final int BUCKETS = 2 * LIMIT;

    private final long[] high = new long[LIMIT];
    private final long[] low = new long[LIMIT];
    private final long[] heard = new long[LIMIT];
    private final int[] buckets = new int[BUCKETS];
    private int size;

    private static int bucket(long high, long low) {
        long mixed = (high * 0x9e37_79b9_7f4a_7c15L ^ low) * 0xd6e8_feb8_6659_fd93L;
        return (int) (mixed >>> 40) & BUCKETS - 1;
    }

    int size() {
        return size;
    }

    /** The slot of an inner address, or {@link #NONE}. */
    int find(long addressHigh, long addressLow) {
        int at = bucket(addressHigh, addressLow);
        while (buckets[at] != 0) {
            int slot = buckets[at] - 1;
            if (low[slot] == addressLow && high[slot] == addressHigh) {
                return slot;
            }
            at = at + 1 & BUCKETS - 1;
        }
        return NONE;
    }

    /** A slot for a new inner address, or {@link #NONE} when all are in use. */
    int add(long addressHigh, long addressLow, long now) {
        int slot = size < LIMIT ? size++ : silent(now);
        if (slot != NONE) {
            high[slot] = addressHigh;
            low[slot] = addressLow;
            heard[slot] = now;
            rebuild();
        }
        return slot;
    }

    private int silent(long now) {
        int oldest = 0;
        for (int i = 1; i < size; i++) {
            if (heard[i] - heard[oldest] < 0) {
                oldest = i;
            }
        }
        return now - heard[oldest] >= FORGET_NANOS ? oldest : NONE;
    }

    private void rebuild() {
        Arrays.fill(buckets, 0);
        for (int i = 0; i < size; i++) {
            int at = bucket(high[i], low[i]);
            while (buckets[at] != 0) {
                at = at + 1 & BUCKETS - 1;
            }
            buckets[at] = i + 1;
        }
    }

    void heard(int slot, long now) {
        heard[slot] = now;
    }

    /** Nanoseconds since something was heard. */
    long silentFor(int slot, long now) {
        return now - heard[slot];
    }

    /** Whether another outer address may take over the slot. */
    boolean mayMove(int slot, long now) {
        return now - heard[slot] >= MOVE_NANOS;
    }
}
