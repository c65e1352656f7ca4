package net.braid.mptcp;

import java.lang.foreign.MemorySegment;

/**
 * A reader that takes bytes where they have arrived, while nothing older waits: they need not be kept first. What it
 * does not take is kept, and {@link Connection#read} gives it.
 */
@FunctionalInterface
public interface DirectReader {
    /**
     * The next bytes of the stream. Called in the midst of an input: no method of the connection may be called from
     * here; the news that something is readable comes afterwards, as always, and then {@link Connection#read} is to be
     * called as always, even if it gives nothing.
     *
     * @return how many it took, 0 to {@code length}: they count as read
     */
    int take(MemorySegment memory, long offset, int length);
}
