package net.braid.cli;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import net.braid.base.Xoshiro256;
import net.braid.mptcp.Connection;
import net.braid.mptcp.ConnectionConfig;
import net.braid.mptcp.ConnectionListener;
import net.braid.sim.Cable;
import net.braid.sim.Host;
import net.braid.sim.PipeProperties;
import net.braid.sim.Simulation;
import net.braid.sim.Topology;
import net.braid.tcp.CloseReason;
import net.braid.tcp.Counter;
import net.braid.tcp.FlowView;
import net.braid.wire.IpAddress;

/**
 * A world of two hosts and one cable, in which random bytes go from the first to the second. Each side keeps a SHA-256
 * of its own, so that the verdict does not depend on the engine under test.
 */
final class Transfer implements AutoCloseable {
    private static final int CHUNK = 64 * 1024;
    private static final int PORT = 5001;
    private static final IpAddress CLIENT = IpAddress.parse("10.0.0.1");
    private static final IpAddress SERVER = IpAddress.parse("10.0.0.2");

    private final Simulation simulation;
    private final Host client;
    private final Host server;
    private final Cable cable;
    private final Source source;
    private final Sink sink;
    private final Connection connection;

    Transfer(long seed, long bytes, PipeProperties pipe, String congestionControl) {
        simulation = new Simulation(seed);
        Topology topology = new Topology(simulation);
        client = topology.host("client");
        server = topology.host("server");
        cable = topology.cable("cable", Topology.AtHost.of(client, CLIENT.toString()),
                Topology.AtHost.of(server, SERVER.toString()), pipe);
        topology.computeRoutes();
        source = new Source(bytes);
        sink = new Sink();
        ConnectionConfig config = ConnectionConfig.builder().congestionControl(congestionControl).build();
        server.stack().listen(SERVER, PORT, 16, config, (accepted, now) -> sink);
        connection = client.stack().connect(CLIENT, 0, SERVER, PORT, config, source, simulation.now());
        client.wake();
    }

    Simulation simulation() {
        return simulation;
    }

    Cable cable() {
        return cable;
    }

    /** Of the sending side. */
    FlowView flow() {
        return connection.subflow(0);
    }

    /** Both sides are through, in whatever way. */
    boolean isOver() {
        return sink.ended && source.reason != null || source.reason != null && sink.reason != null
                || failed(source.reason) || failed(sink.reason);
    }

    boolean isComplete() {
        return sink.ended && sink.bytes == source.bytes && source.digest().equals(sink.digest());
    }

    private static boolean failed(CloseReason reason) {
        return reason != null && !(reason instanceof CloseReason.Finished);
    }

    /** Why it ended before its time, or null. */
    CloseReason failure() {
        return failed(source.reason) ? source.reason : failed(sink.reason) ? sink.reason : null;
    }

    long total() {
        return source.bytes;
    }

    long received() {
        return sink.bytes;
    }

    /** When the last byte and the end of the stream had been read; before that, now. */
    long time() {
        return sink.ended ? sink.endedAt : simulation.now();
    }

    long retransmissions() {
        return client.stack().counters().get(Counter.TCP_RETRANS_SEGS);
    }

    String sentDigest() {
        return source.digest();
    }

    String receivedDigest() {
        return sink.digest();
    }

    @Override
    public void close() {
        simulation.close();
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /** Writes random bytes while there is room. */
    private final class Source implements ConnectionListener {
        private final long bytes;
        private final Xoshiro256 random = simulation.random("payload");
        private final MemorySegment chunk = simulation.arena().allocate(CHUNK, 64);
        private final MessageDigest sha256 = sha256();
        private long written;
        private int chunkLength;
        private int chunkWritten;
        private CloseReason reason;
        private String digest;

        Source(long bytes) {
            this.bytes = bytes;
        }

        String digest() {
            if (digest == null) {
                digest = HexFormat.of().formatHex(sha256.digest());
            }
            return digest;
        }

        @Override
        public void onEstablished(Connection c, long now) {
            onWritable(c, now);
        }

        @Override
        public void onWritable(Connection c, long now) {
            while (written < bytes) {
                if (chunkWritten == chunkLength) {
                    nextChunk();
                }
                int taken = c.write(chunk, chunkWritten, chunkLength - chunkWritten, now);
                chunkWritten += taken;
                written += taken;
                if (chunkWritten < chunkLength) {
                    return;
                }
            }
            c.shutdownOutput(now);
        }

        private void nextChunk() {
            for (int i = 0; i < CHUNK; i += Long.BYTES) {
                chunk.set(ValueLayout.JAVA_LONG, i, random.nextLong());
            }
            chunkWritten = 0;
            chunkLength = (int) Math.min(CHUNK, bytes - written);
            sha256.update(chunk.asSlice(0, chunkLength).asByteBuffer());
        }

        @Override
        public void onReadable(Connection c, long now) {
            if (c.read(chunk, 0, 0, now) < 0) {
                c.close(now);
            }
        }

        @Override
        public void onClosed(Connection c, CloseReason why, long now) {
            reason = why;
        }
    }

    /** Reads whatever comes, and closes after the end. */
    private final class Sink implements ConnectionListener {
        private final MemorySegment buffer = simulation.arena().allocate(CHUNK, 64);
        private final MessageDigest sha256 = sha256();
        private long bytes;
        private boolean ended;
        private long endedAt;
        private CloseReason reason;
        private String digest;

        String digest() {
            if (digest == null) {
                digest = HexFormat.of().formatHex(sha256.digest());
            }
            return digest;
        }

        @Override
        public void onReadable(Connection c, long now) {
            int count;
            while ((count = c.read(buffer, 0, CHUNK, now)) > 0) {
                sha256.update(buffer.asSlice(0, count).asByteBuffer());
                bytes += count;
            }
            if (count < 0 && !ended) {
                ended = true;
                endedAt = now;
                c.close(now);
            }
        }

        @Override
        public void onClosed(Connection c, CloseReason why, long now) {
            reason = why;
        }
    }
}
