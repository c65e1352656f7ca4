package net.braid.runtime;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/** The writing side of a {@link Stream} for code that knows java.io. */
final class StreamOutput extends OutputStream {
    private final Stream stream;

    StreamOutput(Stream stream) {
        this.stream = stream;
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, bytes.length);
        stream.write(MemorySegment.ofArray(bytes), offset, length);
    }

    @Override
    public void close() {
        stream.shutdownOutput();
    }
}
