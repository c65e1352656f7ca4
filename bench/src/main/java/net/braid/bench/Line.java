package net.braid.bench;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** A connection, as a {@link PeerProgram} uses it. One thread reads and writes. */
interface Line extends AutoCloseable {

    /** Waits for at least one byte. Returns how many came, or -1 at the end. */
    int read(MemorySegment target, long offset, int length) throws IOException;

    /** Waits until all bytes are taken. */
    void write(MemorySegment source, long offset, int length) throws IOException;

    /** An orderly end, in the background. */
    @Override
    void close();
}
