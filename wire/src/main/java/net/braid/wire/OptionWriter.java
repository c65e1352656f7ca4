package net.braid.wire;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Cursor over the option space of a segment under construction: at most 40 bytes (RFC 9293 section 3.1). Each method
 * writes one option with the padding that users expect around it; the caller checks {@link #remaining()} first.
 */
public final class OptionWriter {
    public static final int CAPACITY = 40;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private MemorySegment memory = MemorySegment.NULL;
    private long start;
    private int length;

    public void begin(MemorySegment target, long at) {
        memory = target;
        start = at;
        length = 0;
    }

    /** Bytes that are still free, of 40. */
    public int remaining() {
        return CAPACITY - length;
    }

    public int length() {
        return length;
    }

    /** MSS (RFC 9293 section 3.7.1), 4 bytes. */
    public void maximumSegmentSize(int bytes) {
        putInt(0x0204_0000 | bytes);
    }

    /** NOP and window scale (RFC 7323 section 2.2), 4 bytes. */
    public void windowScale(int shift) {
        putInt(0x0103_0300 | shift);
    }

    /** Two NOPs and SACK-permitted (RFC 2018 section 2), 4 bytes. */
    public void sackPermitted() {
        putInt(0x0101_0402);
    }

    /** Two NOPs and timestamps (RFC 7323 section 3.2), 12 bytes. */
    public void timestamps(int value, int echo) {
        putInt(0x0101_080a);
        putInt(value);
        putInt(echo);
    }

    /** SACK-permitted and timestamps as one run without padding, 12 bytes; for SYN segments. */
    public void sackPermittedAndTimestamps(int value, int echo) {
        putInt(0x0402_080a);
        putInt(value);
        putInt(echo);
    }

    /** Two NOPs and the head of a SACK option with {@code count} blocks (RFC 2018 section 3): 4 bytes, 8 a block. */
    public void sack(int count) {
        assert count > 0 && 4 + 8 * count <= remaining();
        putInt(0x0101_0500 | (2 + 8 * count));
    }

    public void sackBlock(int left, int right) {
        putInt(left);
        putInt(right);
    }

    private void putInt(int value) {
        memory.set(INT, start + length, value);
        length += Integer.BYTES;
    }
}
