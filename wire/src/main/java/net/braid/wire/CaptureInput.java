package net.braid.wire;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** A stream that knows how far it has come. */
final class CaptureInput {
    /** Longest packet or block that is believed; a broken length field shall not exhaust memory. */
    static final int LIMIT = 16 << 20;

    private final InputStream in;
    private long offset;

    CaptureInput(InputStream in) {
        this.in = in;
    }

    /** Bytes read so far. */
    long offset() {
        return offset;
    }

    /** Exactly {@code length} bytes. */
    byte[] read(int length, String what) throws IOException {
        byte[] bytes = in.readNBytes(length);
        if (bytes.length != length) {
            throw new CaptureFormatException(offset + bytes.length, "ends in the middle of " + what);
        }
        offset += length;
        return bytes;
    }

    /** Exactly {@code length} bytes, or null when the stream ends right here. */
    byte[] readOrEnd(int length, String what) throws IOException {
        byte[] bytes = in.readNBytes(length);
        if (bytes.length == 0) {
            return null;
        }
        if (bytes.length != length) {
            throw new CaptureFormatException(offset + bytes.length, "ends in the middle of " + what);
        }
        offset += length;
        return bytes;
    }

    static int bigEndianInt(byte[] bytes, int at) {
        return (bytes[at] & 0xff) << 24 | (bytes[at + 1] & 0xff) << 16 | (bytes[at + 2] & 0xff) << 8
                | bytes[at + 3] & 0xff;
    }

    static MemorySegment toNative(byte[] bytes, int from, int length) {
        MemorySegment memory = Arena.ofAuto().allocate(Math.max(1, length));
        MemorySegment.copy(bytes, from, memory, ValueLayout.JAVA_BYTE, 0, length);
        return memory.asSlice(0, length);
    }
}
