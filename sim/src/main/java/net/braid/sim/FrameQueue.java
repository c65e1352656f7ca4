package net.braid.sim;

import java.util.Arrays;

/** Frames, each with two times; a ring that doubles. Ordered by the first time when {@link #insert} is used. */
final class FrameQueue {
    private long[] times = new long[16];
    private long[] otherTimes = new long[16];
    private int[] frames = new int[16];
    private int head;
    private int size;

    boolean isEmpty() {
        return size == 0;
    }

    int size() {
        return size;
    }

    long headTime() {
        assert size > 0;
        return times[head];
    }

    long headOtherTime() {
        assert size > 0;
        return otherTimes[head];
    }

    int headFrame() {
        assert size > 0;
        return frames[head];
    }

    void removeHead() {
        assert size > 0;
        head = (head + 1) & (frames.length - 1);
        size--;
    }

    void addLast(int frame, long time, long otherTime) {
        if (size == frames.length) {
            grow();
        }
        put((head + size) & (frames.length - 1), frame, time, otherTime);
        size++;
    }

    /** Behind all frames with the same or an earlier time; the place is nearly always the last. */
    void insert(int frame, long time, long otherTime) {
        addLast(frame, time, otherTime);
        int mask = frames.length - 1;
        int at = (head + size - 1) & mask;
        while (at != head) {
            int before = (at - 1) & mask;
            if (times[before] <= time) {
                break;
            }
            put(at, frames[before], times[before], otherTimes[before]);
            at = before;
        }
        put(at, frame, time, otherTime);
    }

    /** Moves the frames whose other time is after {@code limit} to {@code target}, in order. */
    void moveLater(long limit, FrameQueue target) {
        int mask = frames.length - 1;
        int kept = 0;
        for (int i = 0; i < size; i++) {
            int from = (head + i) & mask;
            if (otherTimes[from] > limit) {
                target.addLast(frames[from], times[from], otherTimes[from]);
            } else {
                put((head + kept++) & mask, frames[from], times[from], otherTimes[from]);
            }
        }
        size = kept;
    }

    private void put(int index, int frame, long time, long otherTime) {
        frames[index] = frame;
        times[index] = time;
        otherTimes[index] = otherTime;
    }

    private void grow() {
        int length = frames.length;
        times = unroll(times, length);
        otherTimes = unroll(otherTimes, length);
        int[] wider = Arrays.copyOfRange(frames, head, head + 2 * length);
        System.arraycopy(frames, 0, wider, length - head, head);
        frames = wider;
        head = 0;
    }

    private long[] unroll(long[] ring, int length) {
        long[] wider = Arrays.copyOfRange(ring, head, head + 2 * length);
        System.arraycopy(ring, 0, wider, length - head, head);
        return wider;
    }
}
