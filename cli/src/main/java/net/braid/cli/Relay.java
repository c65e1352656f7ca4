package net.braid.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import net.braid.runtime.Stream;
import net.braid.tcp.CloseReason;

/** Standard input to the peer, and what the peer says to standard output, both at once, to the end of both. */
final class Relay {
    private static final int CHUNK = 128 * 1024;

    private final Stream stream;
    private final InputStream in;
    private final OutputStream out;
    private volatile IOException writeProblem;

    Relay(Stream stream, InputStream in, OutputStream out) {
        this.stream = stream;
        this.in = in;
        this.out = out;
    }

    /**
     * Returns when both directions have ended.
     *
     * @return why the connection is over; null when the peer does not confirm the end in time
     * @throws IOException when the connection failed before
     */
    CloseReason run(long patienceNanos) throws IOException {
        Thread sender = Thread.ofPlatform().daemon(true).name("stdin").start(this::send);
        try {
            receive();
        } catch (IOException problem) {
            throw writeProblem != null ? writeProblem : problem;
        }
        // The peer has ended. What we still have to say it may want to hear.
        try {
            sender.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (writeProblem != null) {
            throw writeProblem;
        }
        stream.close();
        return stream.awaitClosed(patienceNanos);
    }

    private void send() {
        try (Arena arena = Arena.ofConfined()) {
            ByteBuffer buffer = arena.allocate(CHUNK, 64).asByteBuffer();
            ReadableByteChannel channel = Channels.newChannel(in);
            while (channel.read(buffer.clear()) >= 0) {
                stream.write(MemorySegment.ofBuffer(buffer.flip()), 0, buffer.remaining());
            }
            stream.shutdownOutput();
        } catch (IOException problem) {
            // Before the abort: what failed here is the cause, what fails there is the effect.
            writeProblem = problem;
            stream.abort();
        }
    }

    private void receive() throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(CHUNK, 64);
            WritableByteChannel channel = Channels.newChannel(out);
            for (int read = stream.read(memory, 0, CHUNK); read >= 0; read = stream.read(memory, 0, CHUNK)) {
                ByteBuffer bytes = memory.asByteBuffer().limit(read);
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
                out.flush();
            }
        }
    }
}
