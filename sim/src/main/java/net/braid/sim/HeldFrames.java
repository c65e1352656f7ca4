package net.braid.sim;

import java.util.Arrays;

/** Frames that are held back until a number of later ones has overtaken them. Few at a time. */
final class HeldFrames {
    private int[] frames = new int[8];
    private int[] toWait = new int[8];
    private long[] giveUp = new long[8];
    private int size;

    boolean isEmpty() {
        return size == 0;
    }

    /** When the first frame is let go though not overtaken often enough, or NEVER. */
    long nextGiveUp() {
        long first = Simulation.NEVER;
        for (int i = 0; i < size; i++) {
            first = Math.min(first, giveUp[i]);
        }
        return first;
    }

    void add(int frame, int packets, long giveUpAt) {
        if (size == frames.length) {
            frames = Arrays.copyOf(frames, size * 2);
            toWait = Arrays.copyOf(toWait, size * 2);
            giveUp = Arrays.copyOf(giveUp, size * 2);
        }
        frames[size] = frame;
        toWait[size] = packets;
        giveUp[size++] = giveUpAt;
    }

    /** A later frame has been put into {@code flight}; those that have waited long enough follow it. */
    void onOvertaken(FrameQueue flight, long arrival, long sent) {
        int kept = 0;
        for (int i = 0; i < size; i++) {
            if (--toWait[i] == 0) {
                flight.insert(frames[i], arrival, sent);
            } else {
                keep(i, kept++);
            }
        }
        size = kept;
    }

    /** Lets go those whose time has come. */
    void releaseAll(FrameQueue flight, long now) {
        int kept = 0;
        for (int i = 0; i < size; i++) {
            if (giveUp[i] <= now) {
                flight.insert(frames[i], now, now);
            } else {
                keep(i, kept++);
            }
        }
        size = kept;
    }

    private void keep(int from, int to) {
        frames[to] = frames[from];
        toWait[to] = toWait[from];
        giveUp[to] = giveUp[from];
    }
}
