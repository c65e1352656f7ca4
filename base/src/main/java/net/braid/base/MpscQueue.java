package net.braid.base;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Bounded queue from many threads to one, after Vyukov's array queue: each cell carries the number of the turn for
 * which it is ready. Lock-free for producers, wait-free for the consumer, no allocation. Its users come with the
 * threads of a host.
 */
public final class MpscQueue<E> {
    private static final VarHandle POSITION = MethodHandles.arrayElementVarHandle(long[].class);
    private static final int TAIL = 16;

    private final Object[] elements;
    /** Cell i is free for ticket t when turns[i] = t, and filled by it when turns[i] = t + 1. */
    private final long[] turns;
    private final int mask;
    private final long[] positions = new long[32];
    private long head;

    /** @param capacity rounded up to a power of two, at least 2 */
    public MpscQueue(int capacity) {
        assert capacity > 0 && capacity <= 1 << 30;
        int length = capacity <= 2 ? 2 : Integer.highestOneBit(capacity - 1) * 2;
        elements = new Object[length];
        turns = new long[length];
        for (int i = 0; i < length; i++) {
            turns[i] = i;
        }
        mask = length - 1;
        VarHandle.releaseFence();
    }

    public int capacity() {
        return elements.length;
    }

    /** Any thread. False when full. */
    public boolean offer(E element) {
        assert element != null;
        long tail = (long) POSITION.getAcquire(positions, TAIL);
        while (true) {
            int index = (int) tail & mask;
            long turn = (long) POSITION.getAcquire(turns, index);
            if (turn == tail) {
                if (POSITION.compareAndSet(positions, TAIL, tail, tail + 1)) {
                    elements[index] = element;
                    POSITION.setRelease(turns, index, tail + 1);
                    return true;
                }
                tail = (long) POSITION.getAcquire(positions, TAIL);
            } else if (turn < tail) {
                return false;
            } else {
                tail = (long) POSITION.getAcquire(positions, TAIL);
            }
        }
    }

    /** Consumer only. Null when empty, or when the next producer has its place but has not filled it yet. */
    public E poll() {
        int index = (int) head & mask;
        if ((long) POSITION.getAcquire(turns, index) != head + 1) {
            return null;
        }
        @SuppressWarnings("unchecked")
        E element = (E) elements[index];
        elements[index] = null;
        POSITION.setRelease(turns, index, head + elements.length);
        head++;
        return element;
    }

    /** Consumer only. */
    public boolean isEmpty() {
        return (long) POSITION.getAcquire(turns, (int) head & mask) != head + 1;
    }
}
