package net.braid.wire;

import java.io.IOException;

/** A capture file that is not what it should be; the message names the offset in the file. */
public final class CaptureFormatException extends IOException {
    private static final long serialVersionUID = 1;

    private final long offset;

    public CaptureFormatException(long offset, String what) {
        super("capture file, byte " + offset + ": " + what);
        this.offset = offset;
    }

    /** Where in the file, in bytes from its start. */
    public long offset() {
        return offset;
    }
}
