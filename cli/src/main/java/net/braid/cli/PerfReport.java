package net.braid.cli;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The last {@value #BYTES} bytes of a server's stream: what it has seen of the client's data. All numbers are
 * big-endian.
 *
 * <pre>
 *   8 bytes "BRAIDR1\n" | 8 bytes received | 8 nanoseconds | 8 payload bytes sent again
 * </pre>
 *
 * @param received bytes of data, without the request
 * @param nanos from the first of them to the last
 * @param sentAgain what the server's side has retransmitted
 */
record PerfReport(long received, long nanos, long sentAgain) {
    static final int BYTES = 32;

    private static final byte[] MAGIC = "BRAIDR1\n".getBytes(StandardCharsets.US_ASCII);

    byte[] toBytes() {
        return ByteBuffer.allocate(BYTES).put(MAGIC).putLong(received).putLong(nanos).putLong(sentAgain).array();
    }

    /** @throws IOException when this is no report */
    static PerfReport of(byte[] bytes) throws IOException {
        if (bytes.length != BYTES || !Arrays.equals(bytes, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
            throw new IOException("the peer has not reported what it received");
        }
        ByteBuffer numbers = ByteBuffer.wrap(bytes).position(MAGIC.length);
        return new PerfReport(numbers.getLong(), numbers.getLong(), numbers.getLong());
    }

    /** Remembers the last {@value PerfReport#BYTES} bytes of a stream. */
    static final class Tail {
        private final byte[] bytes = new byte[BYTES];
        private int length;

        void add(MemorySegment chunk, int count) {
            int kept = Math.min(length, Math.max(0, BYTES - count));
            System.arraycopy(bytes, length - kept, bytes, 0, kept);
            int fresh = Math.min(count, BYTES);
            MemorySegment.copy(chunk, ValueLayout.JAVA_BYTE, count - fresh, bytes, kept, fresh);
            length = kept + fresh;
        }

        int length() {
            return length;
        }

        PerfReport report() throws IOException {
            return PerfReport.of(Arrays.copyOf(bytes, length));
        }
    }
}
