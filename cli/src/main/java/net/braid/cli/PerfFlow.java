package net.braid.cli;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import net.braid.runtime.Stream;
import net.braid.runtime.StreamInfo;

/**
 * One connection of a measurement: sends and receives bytes that mean nothing, and counts them. One thread sends, one
 * receives, any other may look.
 */
final class PerfFlow {
    private static final int CHUNK = 64 * 1024;

    private final int number;
    private final Stream stream;
    private final long nanos;
    private final long bytes;
    private volatile long sent;
    private volatile long received;
    private volatile long firstReceived;
    private volatile long lastReceived;

    /**
     * @param number from 1, as the user sees it
     * @param nanos how long to send; 0: until {@code bytes} are sent
     * @param bytes how much to send; 0: until {@code nanos} are over
     */
    PerfFlow(int number, Stream stream, long nanos, long bytes) {
        this.number = number;
        this.stream = stream;
        this.nanos = nanos;
        this.bytes = bytes;
    }

    int number() {
        return number;
    }

    Stream stream() {
        return stream;
    }

    long sent() {
        return sent;
    }

    long received() {
        return received;
    }

    /** From the first byte received to the last. */
    long receivingNanos() {
        return lastReceived - firstReceived;
    }

    /** Sends until enough is sent, or time is over; does not end the stream. */
    void send() throws IOException {
        long end = System.nanoTime() + nanos;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment chunk = arena.allocate(CHUNK, 64);
            // No middlebox can compress it away; not random enough for more.
            for (int i = 0; i < CHUNK; i++) {
                chunk.set(ValueLayout.JAVA_BYTE, i, (byte) (i * 31 + (i >> 8) * 17));
            }
            while ((bytes == 0 || sent < bytes) && (nanos == 0 || System.nanoTime() < end)) {
                int length = bytes == 0 ? CHUNK : (int) Math.min(CHUNK, bytes - sent);
                stream.write(chunk, 0, length);
                sent += length;
            }
        }
    }

    /** Receives up to the end of the peer's stream. The last bytes, when there is a tail, are not data. */
    void receive(PerfReport.Tail tail) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment chunk = arena.allocate(CHUNK, 64);
            long total = 0;
            for (int read = stream.read(chunk, 0, CHUNK); read >= 0; read = stream.read(chunk, 0, CHUNK)) {
                long now = System.nanoTime();
                total += read;
                if (tail != null) {
                    tail.add(chunk, read);
                }
                if (firstReceived == 0) {
                    firstReceived = now;
                }
                lastReceived = now;
                received = tail == null ? total : Math.max(0, total - PerfReport.BYTES);
            }
        }
    }

    /** The subflows as they are now; none when the connection or the engine is over. */
    List<StreamInfo.Path> paths() {
        try {
            return stream.info().paths();
        } catch (IOException over) {
            return List.of();
        }
    }
}
