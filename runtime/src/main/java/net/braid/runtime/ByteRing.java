package net.braid.runtime;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Bytes on their way from one thread to one other, in native memory. Wait-free; the two threads share nothing but two
 * positions, which only grow.
 *
 * <pre>
 *      head            tail         head + capacity
 *       |  readable     |   room          |
 * </pre>
 */
final class ByteRing {
    private static final VarHandle POSITION = MethodHandles.arrayElementVarHandle(long[].class);
    /** 128 bytes apart, so that the threads do not pull one cache line to and fro. */
    private static final int HEAD = 16;
    private static final int TAIL = 32;

    private final MemorySegment memory;
    private final int mask;
    private final long[] positions = new long[48];

    /** @param capacity bytes, a power of two */
    ByteRing(Arena arena, int capacity) {
        assert Integer.bitCount(capacity) == 1;
        memory = arena.allocate(capacity, 64);
        mask = capacity - 1;
    }

    int capacity() {
        return mask + 1;
    }

    /** Exact for the consumer; the producer may see more than there is. */
    int readable() {
        return (int) ((long) POSITION.getAcquire(positions, TAIL) - (long) POSITION.getAcquire(positions, HEAD));
    }

    /** Exact for the producer; the consumer may see more than there is. */
    int room() {
        return capacity() - readable();
    }

    /** Bytes ever written. */
    long written() {
        return (long) POSITION.getAcquire(positions, TAIL);
    }

    /** Bytes ever read. */
    long read() {
        return (long) POSITION.getAcquire(positions, HEAD);
    }

    // ---- copying in and out: the application's side

    /** Producer. Copies as much of {@code length} as there is room for, and returns how much. */
    int write(MemorySegment source, long at, int length) {
        int bytes = Math.min(length, room());
        long tail = positions[TAIL];
        int done = 0;
        while (done < bytes) {
            int index = (int) (tail + done) & mask;
            int part = Math.min(bytes - done, capacity() - index);
            MemorySegment.copy(source, at + done, memory, index, part);
            done += part;
        }
        POSITION.setRelease(positions, TAIL, tail + bytes);
        return bytes;
    }

    /** Consumer. Copies as much as there is, at most {@code length}, and returns how much. */
    int read(MemorySegment target, long at, int length) {
        int bytes = Math.min(length, readable());
        long head = positions[HEAD];
        int done = 0;
        while (done < bytes) {
            int index = (int) (head + done) & mask;
            int part = Math.min(bytes - done, capacity() - index);
            MemorySegment.copy(memory, index, target, at + done, part);
            done += part;
        }
        POSITION.setRelease(positions, HEAD, head + bytes);
        return bytes;
    }

    // ---- in place: the shard's side

    MemorySegment memory() {
        return memory;
    }

    /** Consumer. Where the readable bytes begin. */
    int headIndex() {
        return (int) positions[HEAD] & mask;
    }

    /** Consumer. Readable bytes up to the end of the memory. */
    int contiguousReadable() {
        return Math.min(readable(), capacity() - headIndex());
    }

    void consumed(int bytes) {
        POSITION.setRelease(positions, HEAD, positions[HEAD] + bytes);
    }

    /** Producer. Where the next byte goes. */
    int tailIndex() {
        return (int) positions[TAIL] & mask;
    }

    /** Producer. Room up to the end of the memory. */
    int contiguousRoom() {
        return Math.min(room(), capacity() - tailIndex());
    }

    void produced(int bytes) {
        POSITION.setRelease(positions, TAIL, positions[TAIL] + bytes);
    }

    /** Forgets what it holds, for its next user; no thread may be inside. */
    void clear() {
        positions[HEAD] = 0;
        positions[TAIL] = 0;
        VarHandle.fullFence();
    }
}
