package net.braid.runtime;

import java.lang.foreign.Arena;
import java.util.concurrent.ArrayBlockingQueue;

/** Rings for reuse: fresh native memory is zeroed, which costs more than a short connection does otherwise. */
final class RingPool {
    private static final int MOST_KEPT = 256;

    private final int capacity;
    private final ArrayBlockingQueue<ByteRing> free = new ArrayBlockingQueue<>(MOST_KEPT);

    RingPool(int capacity) {
        this.capacity = capacity;
    }

    ByteRing take() {
        ByteRing ring = free.poll();
        // The collector frees what the pool does not want back: no ring outlives its last user.
        return ring != null ? ring : new ByteRing(Arena.ofAuto(), capacity);
    }

    /** No thread may be inside any more. */
    void giveBack(ByteRing ring) {
        ring.clear();
        free.offer(ring);
    }
}
