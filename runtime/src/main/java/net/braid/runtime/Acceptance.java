package net.braid.runtime;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.TimeUnit;
import net.braid.mptcp.Connection;
import net.braid.mptcp.ConnectionListener;
import net.braid.stack.Acceptor;
import net.braid.stack.Listener;

/**
 * A listening port: connections that were accepted wait here for the application. While as many wait as the backlog
 * allows, new SYNs are dropped, so that peers try again later.
 */
public final class Acceptance implements AutoCloseable {
    private static final long LOOK_NANOS = 100_000_000L;

    private final Engine engine;
    private final Shard shard;
    private final ArrayBlockingQueue<Stream> waiting;
    private final List<Listener> listeners = new ArrayList<>();
    private volatile boolean closed;

    Acceptance(Engine engine, Shard shard, int backlog) {
        this.engine = engine;
        this.shard = shard;
        this.waiting = new ArrayBlockingQueue<>(backlog);
    }

    /** On the shard's thread. */
    void add(Listener listener) {
        listeners.add(listener);
    }

    Acceptor acceptor() {
        return new Acceptor() {
            @Override
            public ConnectionListener onConnection(Connection connection, long now) {
                return take(connection);
            }

            @Override
            public boolean canAccept() {
                return !closed && waiting.remainingCapacity() > 0;
            }
        };
    }

    private ConnectionListener take(Connection connection) {
        Stream stream = engine.adopt(shard, connection);
        if (waiting.offer(stream)) {
            return stream.pump();
        }
        engine.forget(stream);
        return null;
    }

    /**
     * Waits for a connection.
     *
     * @throws ClosedChannelException after {@link #close}
     * @throws IOException when the engine has ended
     */
    public Stream accept() throws IOException {
        while (true) {
            Stream stream = accept(LOOK_NANOS);
            if (stream != null) {
                return stream;
            }
        }
    }

    /** As {@link #accept()}, but returns null after {@code nanos}. */
    public Stream accept(long nanos) throws IOException {
        try {
            Stream stream = waiting.poll(nanos, TimeUnit.NANOSECONDS);
            if (stream == null && closed) {
                throw new ClosedChannelException();
            }
            if (stream == null && shard.hasEnded()) {
                throw engine.ended(shard);
            }
            return stream;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while accepting");
        }
    }

    /** Stops listening; what waits here is reset, what was accepted lives on. */
    @Override
    public void close() {
        closed = true;
        shard.submit((stack, now) -> {
            for (Listener listener : listeners) {
                if (!listener.isClosed()) {
                    listener.close();
                }
            }
            // Nobody comes after this.
            drain();
        });
        drain();
    }

    private void drain() {
        for (Stream stream = waiting.poll(); stream != null; stream = waiting.poll()) {
            stream.abort();
        }
    }
}
