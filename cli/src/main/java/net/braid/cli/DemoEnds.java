package net.braid.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import net.braid.base.Xoshiro256;
import net.braid.mptcp.Connection;
import net.braid.mptcp.ConnectionListener;
import net.braid.tcp.CloseReason;

/**
 * The applications at both ends. Each keeps a SHA-256 of its own, so that the verdict does not depend on the engine
 * that is on trial.
 */
final class DemoEnds {
    private static final int CHUNK = 64 * 1024;

    private DemoEnds() {
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /** Common to both: memory, digest, and how it ended. */
    private abstract static class End implements ConnectionListener {
        final MemorySegment chunk;
        private final MessageDigest sha256 = sha256();
        private CloseReason reason;
        private String digest;
        long bytes;

        End(Arena arena) {
            chunk = arena.allocate(CHUNK, 64);
        }

        final void digest(int length) {
            sha256.update(chunk.asSlice(0, length).asByteBuffer());
        }

        /** Of all bytes that have passed. Nothing may pass afterwards. */
        final String digest() {
            if (digest == null) {
                digest = HexFormat.of().formatHex(sha256.digest());
            }
            return digest;
        }

        final CloseReason reason() {
            return reason;
        }

        @Override
        public void onClosed(Connection c, CloseReason why, long now) {
            reason = why;
        }
    }

    /** Writes a file, or random bytes, while there is room. */
    static final class Source extends End {
        private final long total;
        private final Xoshiro256 random;
        private final InputStream file;
        private final byte[] buffer = new byte[CHUNK];
        private boolean ended;
        private boolean established;
        private int chunkLength;
        private int chunkWritten;

        /** Of {@code file}, or, when that is null, {@code total} bytes of {@code random}. */
        Source(Arena arena, long total, Xoshiro256 random, InputStream file) {
            super(arena);
            this.total = total;
            this.random = random;
            this.file = file;
        }

        boolean isEstablished() {
            return established;
        }

        @Override
        public void onEstablished(Connection c, long now) {
            established = true;
            onWritable(c, now);
        }

        @Override
        public void onWritable(Connection c, long now) {
            while (!ended) {
                if (chunkWritten == chunkLength && !nextChunk()) {
                    ended = true;
                    c.shutdownOutput(now);
                    return;
                }
                int taken = c.write(chunk, chunkWritten, chunkLength - chunkWritten, now);
                chunkWritten += taken;
                bytes += taken;
                if (chunkWritten < chunkLength) {
                    return;
                }
            }
        }

        private boolean nextChunk() {
            chunkWritten = 0;
            chunkLength = (int) Math.min(CHUNK, total - bytes);
            if (file != null) {
                chunkLength = readFile();
            } else {
                for (int i = 0; i < chunkLength; i += Long.BYTES) {
                    chunk.set(ValueLayout.JAVA_LONG, i, random.nextLong());
                }
            }
            digest(chunkLength);
            return chunkLength > 0;
        }

        private int readFile() {
            try {
                int length = file.readNBytes(buffer, 0, CHUNK);
                MemorySegment.copy(buffer, 0, chunk, ValueLayout.JAVA_BYTE, 0, length);
                return length;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void onReadable(Connection c, long now) {
            if (c.read(chunk, 0, 0, now) < 0) {
                c.close(now);
            }
        }
    }

    /** Reads whatever comes, and closes after the end. */
    static final class Sink extends End {
        private final OutputStream file;
        private final byte[] buffer = new byte[CHUNK];
        private boolean ended;
        private long endedAt;
        private long firstAt = -1;
        private long lastAt;
        private long longestStall;
        private long longestStallAt;

        /** {@code file} may be null. */
        Sink(Arena arena, OutputStream file) {
            super(arena);
            this.file = file;
        }

        /** The end of the stream has been read. */
        boolean isEnded() {
            return ended;
        }

        long endedAt() {
            return endedAt;
        }

        long firstAt() {
            return firstAt;
        }

        /** The longest time between two reads, in nanoseconds; the time before the first does not count. */
        long longestStall() {
            return longestStall;
        }

        /** When it began. */
        long longestStallAt() {
            return longestStallAt;
        }

        @Override
        public void onReadable(Connection c, long now) {
            int count;
            while ((count = c.read(chunk, 0, CHUNK, now)) > 0) {
                progress(now);
                digest(count);
                bytes += count;
                if (file != null) {
                    write(count);
                }
            }
            if (count < 0 && !ended) {
                progress(now);
                ended = true;
                endedAt = now;
                c.close(now);
            }
        }

        private void progress(long now) {
            if (firstAt < 0) {
                firstAt = now;
            } else if (now - lastAt > longestStall) {
                longestStall = now - lastAt;
                longestStallAt = lastAt;
            }
            lastAt = now;
        }

        private void write(int count) {
            MemorySegment.copy(chunk, ValueLayout.JAVA_BYTE, 0, buffer, 0, count);
            try {
                file.write(buffer, 0, count);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
