package net.braid.bench;

import java.io.IOException;

/** Where a {@link PeerProgram} opens connections: the kernel's sockets, or Braid's streams. */
interface Host extends AutoCloseable {

    /**
     * Opens a Multipath TCP connection to the server. From any thread.
     *
     * @param subflows how many it may have; with the kernel its endpoints decide
     */
    Line connect(int subflows) throws IOException;

    /** Waits for the next connection, at the end that is the server. One thread only. */
    Line accept() throws IOException;

    @Override
    void close();
}
