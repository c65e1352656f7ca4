package net.braid.sim;

import java.lang.foreign.MemorySegment;
import net.braid.mptcp.Connection;
import net.braid.mptcp.ConnectionListener;
import net.braid.tcp.CloseReason;

/**
 * The application at one end of a connection: what it writes and reads, and a check of every byte that it reads. The
 * subclasses say when.
 */
public abstract sealed class Endpoint implements ConnectionListener
        permits StreamEndpoint, EchoEndpoint, RequestEndpoint, ResponseEndpoint {
    /** Bytes asked for in one read. */
    private static final int READ_BYTES = 64 * 1024 - 512;

    protected final Host host;
    private final Pattern incoming;
    private final Pattern outgoing;
    private final MemorySegment buffer;
    private Connection connection;
    private long written;
    private long received;
    private boolean ended;
    private boolean gone;
    private CloseReason closeReason;
    private String violation;
    private long openedAt = Simulation.NEVER;
    private long establishedAt = Simulation.NEVER;
    private long firstByteAt = Simulation.NEVER;
    private long lastByteAt = Simulation.NEVER;
    private long endedAt = Simulation.NEVER;
    private long closedAt = Simulation.NEVER;

    /**
     * @param outgoing what this end sends
     * @param incoming what it must receive
     */
    Endpoint(Host host, Pattern outgoing, Pattern incoming) {
        this.host = host;
        this.outgoing = outgoing;
        this.incoming = incoming;
        this.buffer = host.simulation().arena().allocate(READ_BYTES, 64);
    }

    /** The connection has been opened, or accepted. */
    public final void attach(Connection opened, long now) {
        connection = opened;
        openedAt = now;
        if (opened.isEstablished()) {
            establishedAt = now;
            onStart(now);
        }
    }

    /** Established: the first chance to write. */
    abstract void onStart(long now);

    /** There may be something to read. */
    abstract void onInput(long now);

    /** There may be room to write. */
    abstract void onRoom(long now);

    @Override
    public final void onEstablished(Connection c, long now) {
        if (connection == null || establishedAt != Simulation.NEVER) {
            return;
        }
        establishedAt = now;
        onStart(now);
    }

    @Override
    public final void onReadable(Connection c, long now) {
        if (connection != null) {
            onInput(now);
        }
    }

    @Override
    public final void onWritable(Connection c, long now) {
        if (connection != null) {
            onRoom(now);
        }
    }

    @Override
    public final void onClosed(Connection c, CloseReason reason, long now) {
        if (connection != null && reason instanceof CloseReason.Finished && !gone) {
            // What had arrived before the end may still be read.
            onInput(now);
        }
        closeReason = reason;
        closedAt = now;
    }

    // ---- for subclasses

    final boolean isOpen() {
        return connection != null && !gone && connection.closeReason() == null;
    }

    /** Writes at most {@code length} bytes of the pattern; answers how many. */
    final long writePattern(long length, long now) {
        long done = 0;
        while (done < length && isOpen()) {
            int bytes = (int) Math.min(Pattern.PERIOD, length - done);
            int taken = connection.write(outgoing.memory(), outgoing.at(written), bytes, now);
            written += taken;
            done += taken;
            if (taken < bytes) {
                break;
            }
        }
        return done;
    }

    /** Reads and checks at most {@code length} bytes; answers how many. */
    final long readPattern(long length, long now) {
        long done = 0;
        while (done < length && connection != null && !gone) {
            int bytes = connection.read(buffer, 0, (int) Math.min(READ_BYTES, length - done), now);
            if (bytes < 0) {
                if (!ended) {
                    ended = true;
                    endedAt = now;
                }
                break;
            }
            if (bytes == 0) {
                break;
            }
            check(bytes, now);
            done += bytes;
        }
        return done;
    }

    private void check(int bytes, long now) {
        if (received == 0) {
            firstByteAt = now;
        }
        lastByteAt = now;
        if (violation == null) {
            long wrong = incoming.mismatch(buffer, 0, bytes, received);
            if (wrong >= 0) {
                violation = host.name() + ": wrong byte at offset " + (received + wrong) + " of the stream, read at "
                        + now + " ns";
            }
        }
        received += bytes;
    }

    final void shutdownOutput(long now) {
        if (isOpen()) {
            connection.shutdownOutput(now);
        }
    }

    final void close(long now) {
        if (!gone && connection != null) {
            gone = true;
            connection.close(now);
        }
    }

    // ---- for scripts and results

    /** Resets the connection. False: there was nothing left to reset. */
    public final boolean abort(long now) {
        if (gone || connection == null) {
            return false;
        }
        boolean alive = connection.closeReason() == null;
        gone = true;
        connection.abort(now);
        host.wake();
        return alive;
    }

    /** What this end sends. */
    final Pattern outgoing() {
        return outgoing;
    }

    /** Null before {@link #attach}. */
    public final Connection connection() {
        return connection;
    }

    /** Bytes that the engine has taken from this end. */
    public final long written() {
        return written;
    }

    /** Bytes read, all of them checked. */
    public final long received() {
        return received;
    }

    /** The peer's end of stream has been read. */
    public final boolean ended() {
        return ended;
    }

    /** The connection is gone, and what arrived before its orderly end has been read. */
    public final boolean isAtItsEnd() {
        return closeReason != null && (ended || gone || !(closeReason instanceof CloseReason.Finished));
    }

    /** The connection is gone, and not in an orderly way. */
    public final boolean hasFailed() {
        return closeReason != null && !(closeReason instanceof CloseReason.Finished);
    }

    /** Null while the connection lives. */
    public final CloseReason closeReason() {
        return closeReason;
    }

    /** What was wrong with the bytes, or null. */
    public final String violation() {
        return violation;
    }

    /** Times in nanoseconds, or {@link Simulation#NEVER}. */
    public final long openedAt() {
        return openedAt;
    }

    public final long establishedAt() {
        return establishedAt;
    }

    public final long firstByteAt() {
        return firstByteAt;
    }

    public final long lastByteAt() {
        return lastByteAt;
    }

    /** When the end of the peer's stream was read. */
    public final long endedAt() {
        return endedAt;
    }

    public final long closedAt() {
        return closedAt;
    }
}
