package net.braid.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** A {@code struct msghdr} for sendmsg(2) and recvmsg(2), with its name and control buffers. Reused for every call. */
final class MessageHeader {
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
    private static final int BYTES = 56;
    private static final int NAME_BYTES = 32;
    private static final int CONTROL_BYTES = 64;
    private static final int CONTROL_HEADER = 16;
    private static final int TRUNCATED = 0x20;

    private final MemorySegment memory;
    private final MemorySegment name;
    private final MemorySegment control;

    MessageHeader(Arena arena) {
        memory = arena.allocate(BYTES, 8);
        name = arena.allocate(NAME_BYTES, 8);
        control = arena.allocate(CONTROL_BYTES, 8);
    }

    long address() {
        return memory.address();
    }

    /** Where the other end's address stands. */
    MemorySegment name() {
        return name;
    }

    /** The address of the other end lies elsewhere, or nowhere: 0 bytes. */
    void name(long address, int length) {
        memory.set(LONG, 0, length == 0 ? 0 : address);
        memory.set(INT, 8, length);
    }

    void vectors(long address, int count) {
        memory.set(LONG, 16, address);
        memory.set(LONG, 24, count);
    }

    /** Before a recvmsg: the buffers for name and control are empty again. */
    void prepareToReceive() {
        memory.set(LONG, 0, name.address());
        memory.set(INT, 8, NAME_BYTES);
        memory.set(LONG, 32, control.address());
        memory.set(LONG, 40, CONTROL_BYTES);
        memory.set(INT, 48, 0);
    }

    int nameLength() {
        return memory.get(INT, 8);
    }

    /** Whether the last message was longer than the room for it. */
    boolean truncated() {
        return (memory.get(INT, 48) & TRUNCATED) != 0;
    }

    void noControl() {
        memory.set(LONG, 32, 0);
        memory.set(LONG, 40, 0);
    }

    /** One control message with a 16-bit value goes along. */
    void controlShort(int level, int type, int value) {
        control.set(LONG, 0, CONTROL_HEADER + 2);
        control.set(INT, 8, level);
        control.set(INT, 12, type);
        control.set(SHORT, CONTROL_HEADER, (short) value);
        memory.set(LONG, 32, control.address());
        memory.set(LONG, 40, CONTROL_HEADER + 8);
    }

    /** The 32-bit value of a control message that has come along, or {@code otherwise}. */
    int controlInt(int level, int type, int otherwise) {
        long end = Math.min(memory.get(LONG, 40), CONTROL_BYTES);
        long at = 0;
        while (at + CONTROL_HEADER + 4 <= end) {
            long length = control.get(LONG, at);
            if (length < CONTROL_HEADER) {
                break;
            }
            if (control.get(INT, at + 8) == level && control.get(INT, at + 12) == type) {
                return control.get(INT, at + CONTROL_HEADER);
            }
            at += length + 7 & ~7L;
        }
        return otherwise;
    }
}
