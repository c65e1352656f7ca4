package net.braid.runtime;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/** The reading side of a {@link Stream} for code that knows java.io. */
final class StreamInput extends InputStream {
    private final Stream stream;

    StreamInput(Stream stream) {
        this.stream = stream;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, bytes.length);
        return stream.read(MemorySegment.ofArray(bytes), offset, length);
    }

    @Override
    public int available() {
        return stream.available();
    }

    @Override
    public void close() {
        stream.close();
    }
}
