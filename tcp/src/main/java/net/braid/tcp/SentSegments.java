package net.braid.tcp;

import java.util.Arrays;

/**
 * What was sent and is not yet acknowledged, in two orders: by sequence, for acknowledgments, and by time of last
 * transmission, for RACK (RFC 8985 section 5.1). Slots of parallel primitive arrays, linked by index; the arrays start
 * empty, double, and shrink when everything is acknowledged.
 *
 * <p>A segment is [start, end) in subflow offsets; SYN is [-1, 0), FIN takes one offset behind the data. It is in
 * exactly one of three states: in flight, SACKed, or lost (waiting to be sent again).
 */
final class SentSegments {
    static final int NONE = -1;
    static final byte IN_FLIGHT = 0;
    static final byte SACKED = 1;
    static final byte LOST = 2;

    /** Flag bits. */
    static final byte RETRANSMITTED = 1;
    static final byte FIN = 2;
    static final byte APPLICATION_LIMITED = 4;
    static final byte MTU_PROBE = 8;

    private static final int INITIAL_CAPACITY = 16;
    private static final long[] NO_LONGS = new long[0];
    private static final int[] NO_INTS = new int[0];
    private static final byte[] NO_BYTES = new byte[0];
    /** Above this many slots, arrays are given back when the flow has nothing outstanding. */
    private static final int SHRINK_ABOVE = 256;

    private long[] start = NO_LONGS;
    private long[] end = NO_LONGS;
    private long[] tag = NO_LONGS;
    private long[] sentAt = NO_LONGS;
    private long[] delivered = NO_LONGS;
    private long[] deliveredAt = NO_LONGS;
    private long[] firstSentAt = NO_LONGS;
    private byte[] state = NO_BYTES;
    private byte[] flags = NO_BYTES;
    private int[] next = NO_INTS;
    private int[] previous = NO_INTS;
    private int[] later = NO_INTS;
    private int[] earlier = NO_INTS;

    private int head = NONE;
    private int tail = NONE;
    private int oldest = NONE;
    private int newest = NONE;
    private int free = NONE;
    private int count;
    private long inFlightBytes;
    private long lostBytes;
    private long sackedBytes;
    private int sackedCount;
    private long repairsLost;
    /** No lost segment lies before this one in sequence order; NONE: no hint. */
    private int lostHint = NONE;
    private int findHint = NONE;

    // ---- queries

    boolean isEmpty() {
        return count == 0;
    }

    int count() {
        return count;
    }

    int head() {
        return head;
    }

    int tail() {
        return tail;
    }

    int next(int slot) {
        return next[slot];
    }

    int previous(int slot) {
        return previous[slot];
    }

    /** Oldest transmission still in flight; SACKed and lost segments are not in this order. */
    int oldest() {
        return oldest;
    }

    int later(int slot) {
        return later[slot];
    }

    long start(int slot) {
        return start[slot];
    }

    long end(int slot) {
        return end[slot];
    }

    long tag(int slot) {
        return tag[slot];
    }

    /** Payload bytes: a FIN takes an offset, but is none. */
    int dataLength(int slot) {
        return (int) (end[slot] - start[slot]) - (has(slot, FIN) ? 1 : 0);
    }

    long sentAt(int slot) {
        return sentAt[slot];
    }

    byte state(int slot) {
        return state[slot];
    }

    boolean has(int slot, byte flag) {
        return (flags[slot] & flag) != 0;
    }

    long deliveredWhenSent(int slot) {
        return delivered[slot];
    }

    long deliveredTimeWhenSent(int slot) {
        return deliveredAt[slot];
    }

    long firstSentAt(int slot) {
        return firstSentAt[slot];
    }

    long inFlightBytes() {
        return inFlightBytes;
    }

    long lostBytes() {
        return lostBytes;
    }

    long sackedBytes() {
        return sackedBytes;
    }

    /** Entries that are SACKed; a super-segment that arrived in one piece is one. */
    int sackedCount() {
        return sackedCount;
    }

    /** How often so far a retransmission was marked lost. */
    long repairsLost() {
        return repairsLost;
    }

    /** The lowest segment that waits to be sent again, or NONE. */
    int firstLost() {
        if (lostBytes == 0) {
            return NONE;
        }
        int slot = lostHint == NONE ? head : lostHint;
        while (state[slot] != LOST) {
            slot = next[slot];
        }
        lostHint = slot;
        return slot;
    }

    /**
     * The segment that holds {@code offset}, which must be outstanding. Searches from where it last found something.
     */
    int find(long offset) {
        assert offset >= start[head] && offset < end[tail];
        int slot = findHint == NONE ? tail : findHint;
        while (start[slot] > offset) {
            slot = previous[slot];
        }
        while (end[slot] <= offset) {
            slot = next[slot];
        }
        findHint = slot;
        return slot;
    }

    // ---- changes

    int append(long from, long to, long dataTag, byte flagBits, long now) {
        assert from < to && (tail == NONE || end[tail] == from) : "sent segments must be contiguous";
        int slot = allocate();
        start[slot] = from;
        end[slot] = to;
        tag[slot] = dataTag;
        sentAt[slot] = now;
        state[slot] = IN_FLIGHT;
        flags[slot] = flagBits;
        previous[slot] = tail;
        next[slot] = NONE;
        if (tail == NONE) {
            head = slot;
        } else {
            next[tail] = slot;
        }
        tail = slot;
        linkNewest(slot);
        inFlightBytes += to - from;
        return slot;
    }

    void stampDelivery(int slot, long deliveredBytes, long deliveredTime, long firstSent, boolean applicationLimited) {
        delivered[slot] = deliveredBytes;
        deliveredAt[slot] = deliveredTime;
        firstSentAt[slot] = firstSent;
        flags[slot] =
                (byte) (applicationLimited ? flags[slot] | APPLICATION_LIMITED : flags[slot] & ~APPLICATION_LIMITED);
    }

    /** Cuts a segment at {@code at}; the slot keeps the front, the answer is the slot of the rest. */
    int split(int slot, long at) {
        assert start[slot] < at && at < end[slot];
        int rest = allocate();
        start[rest] = at;
        end[rest] = end[slot];
        tag[rest] = tag[slot] + (at - start[slot]);
        sentAt[rest] = sentAt[slot];
        state[rest] = state[slot];
        flags[rest] = flags[slot];
        delivered[rest] = delivered[slot];
        deliveredAt[rest] = deliveredAt[slot];
        firstSentAt[rest] = firstSentAt[slot];
        end[slot] = at;
        flags[slot] &= ~FIN;
        if (state[slot] == SACKED) {
            sackedCount++;
        }
        next[rest] = next[slot];
        previous[rest] = slot;
        if (next[slot] == NONE) {
            tail = rest;
        } else {
            previous[next[slot]] = rest;
        }
        next[slot] = rest;
        if (state[slot] == IN_FLIGHT) {
            earlier[rest] = slot;
            later[rest] = later[slot];
            if (later[slot] == NONE) {
                newest = rest;
            } else {
                earlier[later[slot]] = rest;
            }
            later[slot] = rest;
        }
        return rest;
    }

    /** The head has been acknowledged whole. */
    void removeHead() {
        int slot = head;
        forget(slot);
        head = next[slot];
        if (head == NONE) {
            tail = NONE;
        } else {
            previous[head] = NONE;
        }
        if (lostHint == slot) {
            lostHint = NONE;
        }
        if (findHint == slot) {
            findHint = head;
        }
        next[slot] = free;
        free = slot;
        count--;
        if (count == 0 && start.length > SHRINK_ABOVE) {
            resize(INITIAL_CAPACITY);
            linkFree(0);
        }
    }

    void markSacked(int slot) {
        assert state[slot] != SACKED;
        forget(slot);
        state[slot] = SACKED;
        sackedBytes += end[slot] - start[slot];
        sackedCount++;
    }

    void markLost(int slot) {
        assert state[slot] != LOST;
        forget(slot);
        state[slot] = LOST;
        lostBytes += end[slot] - start[slot];
        if (has(slot, RETRANSMITTED)) {
            repairsLost++;
        }
        if (lostBytes == end[slot] - start[slot] || lostHint != NONE && start[slot] < start[lostHint]) {
            lostHint = slot;
        }
    }

    /** Loss was declared in error: the segment is in flight after all, as old as it was. */
    void markInFlightAgain(int slot) {
        assert state[slot] == LOST;
        forget(slot);
        state[slot] = IN_FLIGHT;
        inFlightBytes += end[slot] - start[slot];
        linkByAge(slot);
    }

    /** A lost segment leaves again, or one in flight is sent once more as a probe. */
    void markRetransmitted(int slot, long now) {
        forget(slot);
        state[slot] = IN_FLIGHT;
        flags[slot] = (byte) (flags[slot] & ~MTU_PROBE | RETRANSMITTED);
        sentAt[slot] = now;
        inFlightBytes += end[slot] - start[slot];
        linkNewest(slot);
    }

    private void forget(int slot) {
        long bytes = end[slot] - start[slot];
        switch (state[slot]) {
            case IN_FLIGHT -> {
                inFlightBytes -= bytes;
                unlinkTime(slot);
            }
            case SACKED -> {
                sackedBytes -= bytes;
                sackedCount--;
            }
            default -> {
                lostBytes -= bytes;
                if (lostHint == slot) {
                    lostHint = lostBytes == 0 ? NONE : next[slot];
                }
            }
        }
    }

    private void linkNewest(int slot) {
        earlier[slot] = newest;
        later[slot] = NONE;
        if (newest == NONE) {
            oldest = slot;
        } else {
            later[newest] = slot;
        }
        newest = slot;
    }

    private void linkByAge(int slot) {
        int after = newest;
        while (after != NONE && sentAt[after] > sentAt[slot]) {
            after = earlier[after];
        }
        int before = after == NONE ? oldest : later[after];
        earlier[slot] = after;
        later[slot] = before;
        if (after == NONE) {
            oldest = slot;
        } else {
            later[after] = slot;
        }
        if (before == NONE) {
            newest = slot;
        } else {
            earlier[before] = slot;
        }
    }

    private void unlinkTime(int slot) {
        if (earlier[slot] == NONE) {
            oldest = later[slot];
        } else {
            later[earlier[slot]] = later[slot];
        }
        if (later[slot] == NONE) {
            newest = earlier[slot];
        } else {
            earlier[later[slot]] = earlier[slot];
        }
    }

    /** For tests: every list and sum against a walk over all. */
    void checkInvariants() {
        long[] sums = new long[3];
        int walked = 0;
        int sacked = 0;
        int firstLost = NONE;
        for (int slot = head; slot != NONE; slot = next[slot]) {
            walked++;
            sums[state[slot]] += end[slot] - start[slot];
            sacked += state[slot] == SACKED ? 1 : 0;
            firstLost = firstLost == NONE && state[slot] == LOST ? slot : firstLost;
            assert next[slot] == NONE ? tail == slot : previous[next[slot]] == slot && start[next[slot]] == end[slot];
        }
        assert walked == count && sacked == sackedCount;
        assert sums[IN_FLIGHT] == inFlightBytes && sums[SACKED] == sackedBytes && sums[LOST] == lostBytes;
        assert firstLost() == firstLost;
        long inTimeOrder = 0;
        for (int slot = oldest; slot != NONE; slot = later[slot]) {
            assert state[slot] == IN_FLIGHT;
            int following = later[slot];
            assert following == NONE ? newest == slot
                    : earlier[following] == slot && sentAt[slot] <= sentAt[following];
            inTimeOrder += end[slot] - start[slot];
        }
        assert inTimeOrder == inFlightBytes;
    }

    /** Gives all arrays back when nothing is outstanding, for a flow that has gone idle. */
    void trim() {
        if (count == 0 && start.length > 0) {
            resize(0);
            free = NONE;
            lostHint = NONE;
            findHint = NONE;
        }
    }

    // ---- slots

    private int allocate() {
        if (free == NONE) {
            int old = start.length;
            resize(Math.max(INITIAL_CAPACITY, 2 * old));
            linkFree(old);
        }
        int slot = free;
        free = next[slot];
        count++;
        return slot;
    }

    private void linkFree(int from) {
        for (int i = from; i < next.length; i++) {
            next[i] = i + 1;
        }
        next[next.length - 1] = NONE;
        free = from;
    }

    private void resize(int capacity) {
        start = Arrays.copyOf(start, capacity);
        end = Arrays.copyOf(end, capacity);
        tag = Arrays.copyOf(tag, capacity);
        sentAt = Arrays.copyOf(sentAt, capacity);
        delivered = Arrays.copyOf(delivered, capacity);
        deliveredAt = Arrays.copyOf(deliveredAt, capacity);
        firstSentAt = Arrays.copyOf(firstSentAt, capacity);
        state = Arrays.copyOf(state, capacity);
        flags = Arrays.copyOf(flags, capacity);
        next = Arrays.copyOf(next, capacity);
        previous = Arrays.copyOf(previous, capacity);
        later = Arrays.copyOf(later, capacity);
        earlier = Arrays.copyOf(earlier, capacity);
    }
}
