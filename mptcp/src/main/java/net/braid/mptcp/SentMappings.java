package net.braid.mptcp;

/**
 * Send-side mappings of one subflow, oldest first: what its outstanding bytes are in the data stream. Immutable once
 * made, because a retransmission must repeat the identical mapping (RFC 8684 section 3.3.1), and kept until the
 * subflow's acknowledgment has passed them. A ring of parallel arrays.
 */
final class SentMappings {
    static final int NONE = -1;
    private static final int INITIAL = 16;

    private static final long[] NO_LONGS = new long[0];
    private static final int[] NO_INTS = new int[0];

    private long[] from = NO_LONGS;
    private long[] data = NO_LONGS;
    private int[] length = NO_INTS;
    private int[] checksum = NO_INTS;
    private int head;
    private int size;
    /** Subflow offset of the last mapping whose data lies before that of its predecessor: a reinjection. */
    private long disorderAt = -1;
    /** Where {@link #find} found something last, counted from the head. */
    private int hint;

    boolean isEmpty() {
        return size == 0;
    }

    int size() {
        return size;
    }

    /** Mappings are numbered from the oldest. */
    long from(int index) {
        return from[slot(index)];
    }

    long data(int index) {
        return data[slot(index)];
    }

    int length(int index) {
        return length[slot(index)];
    }

    int checksum(int index) {
        return checksum[slot(index)];
    }

    /** One past the last subflow offset that is mapped; 0 when there is none. */
    long end() {
        return size == 0 ? 0 : from(size - 1) + length(size - 1);
    }

    void add(long subflow, long dataOffset, int bytes, int mappingChecksum) {
        assert size == 0 || subflow >= end() : "mappings are made in order";
        if (size == from.length) {
            grow();
        }
        if (size > 0 && dataOffset < data(size - 1)) {
            disorderAt = subflow;
        }
        int slot = slot(size++);
        from[slot] = subflow;
        data[slot] = dataOffset;
        length[slot] = bytes;
        checksum[slot] = mappingChecksum;
    }

    /** Index of the mapping that covers {@code subflow}, or {@link #NONE}. */
    int find(long subflow) {
        if (size == 0) {
            return NONE;
        }
        int index = Math.min(hint, size - 1);
        if (subflow >= from(size - 1)) {
            index = size - 1;
        }
        while (index > 0 && from(index) > subflow) {
            index--;
        }
        while (index < size - 1 && from(index) + length(index) <= subflow) {
            index++;
        }
        hint = index;
        return subflow >= from(index) && subflow - from(index) < length(index) ? index : NONE;
    }

    /** Forgets what lies wholly below {@code sndUna}. */
    void releaseTo(long sndUna) {
        while (size > 0 && from[head] + length[head] <= sndUna) {
            head = head + 1 & from.length - 1;
            size--;
            hint = Math.max(0, hint - 1);
        }
    }

    /** Lowest data offset that is outstanding, or Long.MAX_VALUE. Walks only while a reinjection is outstanding. */
    long lowestData() {
        if (size == 0) {
            return Long.MAX_VALUE;
        }
        long lowest = data(0);
        if (disorderAt > from(0)) {
            for (int i = 1; i < size; i++) {
                lowest = Math.min(lowest, data(i));
            }
        }
        return lowest;
    }

    /** Whether all that is outstanding here lies {@code shift} further in the data stream: no reinjection does. */
    boolean areShiftedBy(long shift) {
        for (int i = 0; i < size; i++) {
            if (data(i) - from(i) != shift) {
                return false;
            }
        }
        return true;
    }

    /** Whether data offset {@code offset} is outstanding here. Walks the mappings: for reinjection only. */
    boolean carries(long offset) {
        for (int i = 0; i < size; i++) {
            if (offset >= data(i) && offset - data(i) < length(i)) {
                return true;
            }
        }
        return false;
    }

    void clear() {
        size = 0;
        head = 0;
        hint = 0;
    }

    /** Gives the arrays back when nothing is outstanding, for a flow that has gone idle. */
    void trim() {
        if (size == 0) {
            from = NO_LONGS;
            data = NO_LONGS;
            length = NO_INTS;
            checksum = NO_INTS;
            clear();
        }
    }

    private int slot(int index) {
        return head + index & from.length - 1;
    }

    private void grow() {
        int capacity = Math.max(INITIAL, 2 * from.length);
        long[] newFrom = new long[capacity];
        long[] newData = new long[capacity];
        int[] newLength = new int[capacity];
        int[] newChecksum = new int[capacity];
        for (int i = 0; i < size; i++) {
            int slot = slot(i);
            newFrom[i] = from[slot];
            newData[i] = data[slot];
            newLength[i] = length[slot];
            newChecksum[i] = checksum[slot];
        }
        from = newFrom;
        data = newData;
        length = newLength;
        checksum = newChecksum;
        head = 0;
    }
}
