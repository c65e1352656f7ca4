package net.braid.base;

import java.util.Arrays;

/**
 * The deadlines of many slots (connections), the earliest first: an indexed 4-ary heap with lazy updates.
 *
 * <p>Timers of TCP are nearly always moved to a later time or switched off before they fire. Such a move only writes
 * the slot's wanted deadline; the heap catches up when the slot reaches the top. Order is exact all the same, and
 * deterministic: by deadline, then by slot. No allocation but to grow.
 */
public final class DeadlineHeap {
    /** No deadline. */
    public static final long NEVER = Long.MAX_VALUE;
    /** What {@link #poll} answers when nothing is due. */
    public static final int NONE = -1;

    /** By slot: what was asked for; NEVER when nothing. */
    private long[] wanted = new long[0];
    /** By slot: its index in the heap, or -1. */
    private int[] position = new int[0];
    /** By heap index. A key is never later than what its slot wants. */
    private long[] keys = new long[0];
    private int[] slots = new int[0];
    private int size;

    /** The deadline of {@code slot} is now {@code deadline}, or {@link #NEVER}. */
    public void set(int slot, long deadline) {
        assert slot >= 0;
        if (slot >= wanted.length) {
            if (deadline == NEVER) {
                return;
            }
            growSlots(slot);
        }
        wanted[slot] = deadline;
        int index = position[slot];
        if (index < 0) {
            if (deadline != NEVER) {
                push(slot, deadline);
            }
        } else if (deadline < keys[index]) {
            keys[index] = deadline;
            siftUp(index);
        }
    }

    public long get(int slot) {
        return slot < wanted.length ? wanted[slot] : NEVER;
    }

    /** The earliest deadline of all slots, or {@link #NEVER}. */
    public long next() {
        settleTop();
        return size == 0 ? NEVER : keys[0];
    }

    /** The slot with the earliest deadline, if that is not after {@code now}; its deadline becomes NEVER. Else NONE. */
    public int poll(long now) {
        if (size == 0 || keys[0] > now) {
            return NONE;
        }
        settleTop();
        if (size == 0 || keys[0] > now) {
            return NONE;
        }
        int slot = slots[0];
        wanted[slot] = NEVER;
        removeTop();
        return slot;
    }

    /** Forgets the slot; the same as setting NEVER, but leaves nothing in the heap. */
    public void remove(int slot) {
        if (slot >= wanted.length || position[slot] < 0) {
            return;
        }
        wanted[slot] = NEVER;
        int index = position[slot];
        keys[index] = Long.MIN_VALUE;
        siftUp(index);
        removeTop();
    }

    /** Entries in the heap, those that have been switched off but not yet met included. */
    public int size() {
        return size;
    }

    private void settleTop() {
        while (size > 0) {
            long deadline = wanted[slots[0]];
            if (deadline == keys[0]) {
                return;
            }
            assert deadline > keys[0];
            if (deadline == NEVER) {
                removeTop();
            } else {
                keys[0] = deadline;
                siftDown(0);
            }
        }
    }

    private void push(int slot, long deadline) {
        if (size == keys.length) {
            int length = Math.max(16, size * 2);
            keys = Arrays.copyOf(keys, length);
            slots = Arrays.copyOf(slots, length);
        }
        place(size, slot, deadline);
        siftUp(size++);
    }

    private void removeTop() {
        position[slots[0]] = -1;
        size--;
        if (size > 0) {
            place(0, slots[size], keys[size]);
            siftDown(0);
        }
    }

    private void siftUp(int index) {
        long key = keys[index];
        int slot = slots[index];
        while (index > 0) {
            int parent = (index - 1) >> 2;
            if (!before(key, slot, keys[parent], slots[parent])) {
                break;
            }
            place(index, slots[parent], keys[parent]);
            index = parent;
        }
        place(index, slot, key);
    }

    private void siftDown(int index) {
        long key = keys[index];
        int slot = slots[index];
        while (true) {
            int first = 4 * index + 1;
            if (first >= size) {
                break;
            }
            int stop = Math.min(first + 4, size);
            int best = first;
            for (int child = first + 1; child < stop; child++) {
                if (before(keys[child], slots[child], keys[best], slots[best])) {
                    best = child;
                }
            }
            if (!before(keys[best], slots[best], key, slot)) {
                break;
            }
            place(index, slots[best], keys[best]);
            index = best;
        }
        place(index, slot, key);
    }

    private void place(int index, int slot, long key) {
        keys[index] = key;
        slots[index] = slot;
        position[slot] = index;
    }

    private static boolean before(long key, int slot, long otherKey, int otherSlot) {
        return key < otherKey || key == otherKey && slot < otherSlot;
    }

    private void growSlots(int slot) {
        int old = wanted.length;
        int length = Math.max(16, Integer.highestOneBit(slot) * 2);
        wanted = Arrays.copyOf(wanted, length);
        position = Arrays.copyOf(position, length);
        Arrays.fill(wanted, old, length, NEVER);
        Arrays.fill(position, old, length, -1);
    }
}
