package net.braid.sim;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** A running 64-bit digest of frames with their time and place. Not cryptographic: it finds accidents, not attacks. */
final class WireDigest {
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final long PRIME = 0x9e37_79b9_7f4a_7c15L;

    private long value = 1;

    void add(long now, int pipe, MemorySegment memory, int length) {
        mix(now);
        mix((long) pipe << 32 | length);
        int at = 0;
        for (; at + 8 <= length; at += 8) {
            mix(memory.get(LONG, at));
        }
        long tail = 0;
        for (; at < length; at++) {
            tail = tail << 8 | memory.get(ValueLayout.JAVA_BYTE, at) & 0xff;
        }
        mix(tail);
    }

    long value() {
        return value;
    }

    private void mix(long word) {
        value = Long.rotateLeft((value ^ word) * PRIME, 29);
    }
}
