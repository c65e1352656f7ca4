package net.braid.base;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/** Bounded queue from one thread to one other. Wait-free, no allocation. Its users come with the threads of a host. */
public final class SpscQueue<E> {
    private static final VarHandle ELEMENT = MethodHandles.arrayElementVarHandle(Object[].class);
    private static final VarHandle POSITION = MethodHandles.arrayElementVarHandle(long[].class);
    /** The two positions lie 128 bytes apart, so that the threads do not pull one cache line to and fro. */
    private static final int HEAD = 16;
    private static final int HEAD_CACHE_TAIL = 17;
    private static final int TAIL = 32;
    private static final int TAIL_CACHE_HEAD = 33;

    private final Object[] elements;
    private final int mask;
    private final long[] positions = new long[48];

    /** @param capacity rounded up to a power of two */
    public SpscQueue(int capacity) {
        assert capacity > 0 && capacity <= 1 << 30;
        int length = capacity == 1 ? 1 : Integer.highestOneBit(capacity - 1) * 2;
        elements = new Object[length];
        mask = length - 1;
    }

    public int capacity() {
        return elements.length;
    }

    /** Producer only. False when full. */
    public boolean offer(E element) {
        assert element != null;
        long tail = positions[TAIL];
        if (tail - positions[TAIL_CACHE_HEAD] == elements.length) {
            positions[TAIL_CACHE_HEAD] = (long) POSITION.getAcquire(positions, HEAD);
            if (tail - positions[TAIL_CACHE_HEAD] == elements.length) {
                return false;
            }
        }
        elements[(int) tail & mask] = element;
        POSITION.setRelease(positions, TAIL, tail + 1);
        return true;
    }

    /** Consumer only. Null when empty. */
    public E poll() {
        long head = positions[HEAD];
        if (head == positions[HEAD_CACHE_TAIL]) {
            positions[HEAD_CACHE_TAIL] = (long) POSITION.getAcquire(positions, TAIL);
            if (head == positions[HEAD_CACHE_TAIL]) {
                return null;
            }
        }
        int index = (int) head & mask;
        @SuppressWarnings("unchecked")
        E element = (E) elements[index];
        ELEMENT.set(elements, index, null);
        POSITION.setRelease(positions, HEAD, head + 1);
        return element;
    }

    /** From either thread; from others only a hint. */
    public boolean isEmpty() {
        return (long) POSITION.getAcquire(positions, HEAD) == (long) POSITION.getAcquire(positions, TAIL);
    }
}
