package net.braid.sim;

import java.util.Arrays;

/**
 * How much waits in front of a transmitter, when the instants at which frames leave the queue are known in advance:
 * lengths and times in a ring. No event is needed to let a frame leave.
 */
final class Backlog {
    private long[] leaves = new long[16];
    private int[] lengths = new int[16];
    private int head;
    private int packets;
    private long bytes;
    private long emptySince;

    /** Forgets what has left the queue until {@code now}. */
    void advance(long now) {
        while (packets > 0 && leaves[head] <= now) {
            bytes -= lengths[head];
            emptySince = leaves[head];
            head = (head + 1) & (lengths.length - 1);
            packets--;
        }
    }

    void add(int length, long leavesAt) {
        if (packets == lengths.length) {
            int old = packets;
            long[] widerLeaves = Arrays.copyOfRange(leaves, head, head + 2 * old);
            System.arraycopy(leaves, 0, widerLeaves, old - head, head);
            int[] widerLengths = Arrays.copyOfRange(lengths, head, head + 2 * old);
            System.arraycopy(lengths, 0, widerLengths, old - head, head);
            leaves = widerLeaves;
            lengths = widerLengths;
            head = 0;
        }
        int tail = (head + packets) & (lengths.length - 1);
        leaves[tail] = leavesAt;
        lengths[tail] = length;
        packets++;
        bytes += length;
    }

    void clear(long now) {
        packets = 0;
        bytes = 0;
        emptySince = now;
    }

    int packets() {
        return packets;
    }

    long bytes() {
        return bytes;
    }

    /** When the next frame leaves; only if there is one. */
    long nextLeaves() {
        assert packets > 0;
        return leaves[head];
    }

    /** Since when nothing has waited; only if nothing waits. */
    long emptySince() {
        return emptySince;
    }
}
