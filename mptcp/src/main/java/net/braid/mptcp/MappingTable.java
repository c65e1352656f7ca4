package net.braid.mptcp;

import java.util.Arrays;

/**
 * Receive-side data sequence mappings of one subflow: subflow offset to data offset (RFC 8684 section 3.3.1), in order
 * of subflow offset. A mapping is forgotten once all its bytes have been delivered.
 */
final class MappingTable {
    static final int NONE = -1;
    /** What became of a mapping that was declared. */
    enum Answer {
        ADDED, KNOWN, CONTRADICTS, TOO_MANY
    }

    private static final int INITIAL = 8;

    private static final long[] NO_LONGS = new long[0];
    private static final int[] NO_INTS = new int[0];

    private final int limit;
    private long[] from = NO_LONGS;
    private long[] data = NO_LONGS;
    private int[] length = NO_INTS;
    private int[] checksum = NO_INTS;
    private int size;

    /** @param limit most mappings at a time; a peer that declares more has the rest ignored */
    MappingTable(int limit) {
        this.limit = limit;
    }

    int size() {
        return size;
    }

    long from(int index) {
        return from[index];
    }

    long to(int index) {
        return from[index] + length[index];
    }

    long data(int index) {
        return data[index];
    }

    int length(int index) {
        return length[index];
    }

    int checksum(int index) {
        return checksum[index];
    }

    /** Declares [subflow, subflow + bytes) to be [dataOffset, dataOffset + bytes). Repeats are welcome. */
    Answer add(long subflow, long dataOffset, int bytes, int mappingChecksum) {
        int at = size;
        while (at > 0 && from[at - 1] > subflow) {
            at--;
        }
        //= rfc6824#3.3.1 E13
        //# Implementations MAY hold onto such unmapped data for a
        //# short while in the expectation that a mapping will arrive shortly.
        if (at > 0 && from[at - 1] + length[at - 1] > subflow) {
            boolean same = data[at - 1] - from[at - 1] == dataOffset - subflow;
            boolean within = subflow + bytes <= from[at - 1] + length[at - 1];
            //= rfc8684#3.3.1 C05
            //# It does not need to be included in every MPTCP packet, as
            //# long as the subflow sequence space in that packet is covered by a
            //# mapping known at the receiver.
            return same && within ? Answer.KNOWN : Answer.CONTRADICTS;
        }
        if (at < size && subflow + bytes > from[at]) {
            return Answer.CONTRADICTS;
        }
        if (size == limit) {
            return Answer.TOO_MANY;
        }
        insert(at, subflow, dataOffset, bytes, mappingChecksum);
        return Answer.ADDED;
    }

    private void insert(int at, long subflow, long dataOffset, int bytes, int mappingChecksum) {
        if (size == from.length) {
            int capacity = Math.max(INITIAL, 2 * size);
            from = Arrays.copyOf(from, capacity);
            data = Arrays.copyOf(data, capacity);
            length = Arrays.copyOf(length, capacity);
            checksum = Arrays.copyOf(checksum, capacity);
        }
        System.arraycopy(from, at, from, at + 1, size - at);
        System.arraycopy(data, at, data, at + 1, size - at);
        System.arraycopy(length, at, length, at + 1, size - at);
        System.arraycopy(checksum, at, checksum, at + 1, size - at);
        from[at] = subflow;
        data[at] = dataOffset;
        length[at] = bytes;
        checksum[at] = mappingChecksum;
        size++;
    }

    /** Gives the arrays back when they hold nothing, for a flow that has gone idle. */
    void trim() {
        if (size == 0) {
            from = NO_LONGS;
            data = NO_LONGS;
            length = NO_INTS;
            checksum = NO_INTS;
        }
    }

    /** Index of the mapping that covers {@code subflow}, or {@link #NONE}. */
    int find(long subflow) {
        for (int i = 0; i < size; i++) {
            if (subflow < from[i]) {
                return NONE;
            }
            if (subflow - from[i] < length[i]) {
                return i;
            }
        }
        return NONE;
    }

    /** Whether all that is mapped from {@code subflow} on lies {@code shift} further in the data stream. */
    boolean areShiftedBy(long shift, long subflow) {
        for (int i = 0; i < size; i++) {
            if (to(i) > subflow && data[i] - from[i] != shift) {
                return false;
            }
        }
        return true;
    }

    /** Forgets the first {@code count} mappings. */
    void removeFirst(int count) {
        size -= count;
        if (size == 0) {
            return;
        }
        System.arraycopy(from, count, from, 0, size);
        System.arraycopy(data, count, data, 0, size);
        System.arraycopy(length, count, length, 0, size);
        System.arraycopy(checksum, count, checksum, 0, size);
    }
}
