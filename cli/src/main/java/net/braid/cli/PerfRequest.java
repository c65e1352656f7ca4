package net.braid.cli;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * What a {@code braid perf client} says first on each of its connections. All numbers are big-endian.
 *
 * <pre>
 *   client:  8 bytes "BRAIDP1\n" | 1 direction | 1 zero | 2 connections | 8 run | 8 nanoseconds | 8 bytes | data, FIN
 *   server:                                                            data | the 32 bytes of {@link PerfReport}, FIN
 * </pre>
 *
 * The data may be anything. The server sends data when the direction says so, and its report when it has sent its data
 * and has read the end of the client's. A client that sends nothing ends its stream when the report is there.
 *
 * @param connections of the whole run, 1 to {@value #MOST_CONNECTIONS}
 * @param run drawn by the client; the connections of one run have the same
 * @param nanos how long to send; 0: until {@code bytes} are sent
 * @param bytes how much to send, on each connection and in each direction; 0: until {@code nanos} are over
 */
record PerfRequest(PerfDirection direction, int connections, long run, long nanos, long bytes) {
    static final int MOST_CONNECTIONS = 128;

    private static final byte[] MAGIC = "BRAIDP1\n".getBytes(StandardCharsets.US_ASCII);

    PerfRequest {
        if (connections < 1 || connections > MOST_CONNECTIONS || nanos < 0 || bytes < 0 || nanos == 0 && bytes == 0) {
            throw new IllegalArgumentException("no such run: " + connections + " connections, " + nanos + " ns, "
                    + bytes + " bytes");
        }
    }

    boolean clientSends() {
        return direction != PerfDirection.REVERSE;
    }

    boolean serverSends() {
        return direction != PerfDirection.FORWARD;
    }

    void write(DataOutputStream out) throws IOException {
        out.write(MAGIC);
        out.writeByte(direction.ordinal() + 1);
        out.writeByte(0);
        out.writeShort(connections);
        out.writeLong(run);
        out.writeLong(nanos);
        out.writeLong(bytes);
        out.flush();
    }

    /** @throws IOException when this is not what a client says, with a line that says so */
    static PerfRequest read(DataInputStream in) throws IOException {
        try {
            if (!Arrays.equals(in.readNBytes(MAGIC.length), MAGIC)) {
                throw new IOException("the peer is no 'braid perf client'; for other programs there is --raw");
            }
            int direction = in.readUnsignedByte();
            in.readByte();
            int connections = in.readUnsignedShort();
            long run = in.readLong();
            long nanos = in.readLong();
            long bytes = in.readLong();
            if (direction < 1 || direction > PerfDirection.values().length) {
                throw new IOException("the peer asks for direction " + direction + ", which does not exist");
            }
            return new PerfRequest(PerfDirection.values()[direction - 1], connections, run, nanos, bytes);
        } catch (EOFException e) {
            throw new IOException("the peer has ended before it said what to measure");
        } catch (IllegalArgumentException wrong) {
            throw new IOException("the peer asks for a run that cannot be: " + wrong.getMessage());
        }
    }
}
