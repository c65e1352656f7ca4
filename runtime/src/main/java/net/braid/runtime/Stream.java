package net.braid.runtime;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import net.braid.mptcp.Connection;
import net.braid.tcp.CloseReason;
import net.braid.wire.IpAddress;

/**
 * A connection as an application sees it, from any thread: one may read while another writes. Several readers, or
 * several writers, take turns. Virtual threads park as others do.
 *
 * <p>An interrupt ends a wait with InterruptedIOException; the connection lives on, and nothing that was counted as
 * read or written is lost.
 */
public final class Stream implements AutoCloseable {
    private static final AtomicLong SERIALS = new AtomicLong();

    private final Engine engine;
    private final Shard shard;
    private final Exchange exchange;
    private final Pump pump;
    private final ReentrantLock reading = new ReentrantLock();
    private final ReentrantLock writing = new ReentrantLock();
    private final AtomicBoolean ringsReturned = new AtomicBoolean();
    private final long serial = SERIALS.incrementAndGet();

    Stream(Engine engine, Shard shard) {
        this.engine = engine;
        this.shard = shard;
        this.exchange = new Exchange(engine.rings().take(), engine.rings().take());
        this.pump = new Pump(shard, exchange, this::recycle);
    }

    Pump pump() {
        return pump;
    }

    // ---- reading

    /**
     * Waits for at least one byte, unless {@code length} is 0.
     *
     * @return how many bytes were copied, 1 to {@code length}; -1 when the peer has ended its stream
     * @throws IOException when the connection was reset or timed out, with the reason
     */
    public int read(MemorySegment target, long offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        reading.lock();
        try {
            while (true) {
                int taken = take(target, offset, length);
                if (taken != 0) {
                    return taken;
                }
                exchange.awaitReadable();
                checkInterrupt("reading");
            }
        } finally {
            reading.unlock();
        }
    }

    public int read(ByteBuffer target) throws IOException {
        int taken = read(MemorySegment.ofBuffer(target), 0, target.remaining());
        if (taken > 0) {
            target.position(target.position() + taken);
        }
        return taken;
    }

    private int take(MemorySegment target, long offset, int length) throws IOException {
        if (exchange.closeWanted || exchange.abortWanted) {
            throw new ClosedChannelException();
        }
        // Both before the ring: bytes come first, then the news of the end.
        boolean ended = exchange.ended;
        boolean broken = exchange.isBroken();
        int taken = exchange.inbox.read(target, offset, length);
        if (taken > 0) {
            if (exchange.takeInboxFull()) {
                kick();
            }
            return taken;
        }
        if (ended) {
            return -1;
        }
        if (broken) {
            throw failure();
        }
        return 0;
    }

    // ---- writing

    /**
     * Waits until all of {@code length} bytes are taken. They are on their way, no more: only the peer's answer, or
     * {@link #awaitClosed}, says that they have arrived.
     *
     * @throws IOException when the connection was reset or timed out, with the reason
     */
    public void write(MemorySegment source, long offset, int length) throws IOException {
        writing.lock();
        try {
            int done = 0;
            while (done < length) {
                done += put(source, offset + done, length - done);
                if (done < length) {
                    exchange.awaitWritable();
                    checkInterrupt("writing");
                }
            }
        } finally {
            writing.unlock();
        }
    }

    public void write(ByteBuffer source) throws IOException {
        write(MemorySegment.ofBuffer(source), 0, source.remaining());
        source.position(source.limit());
    }

    private int put(MemorySegment source, long offset, int length) throws IOException {
        if (exchange.closeWanted || exchange.abortWanted || exchange.shutdownWanted) {
            throw new ClosedChannelException();
        }
        if (exchange.isOver()) {
            throw failure();
        }
        int taken = exchange.outbox.write(source, offset, length);
        if (taken > 0 && exchange.takeOutboxIdle()) {
            kick();
        }
        return taken;
    }

    // ---- the end

    /** Half-close: what was written goes out, then the end of our stream. Reading goes on. */
    public void shutdownOutput() {
        exchange.shutdownWanted = true;
        exchange.wakeWriter();
        kick();
    }

    /**
     * Ends both directions in the background: what was written still goes out, as long as the engine lives; unread
     * bytes make it a reset. See {@link #awaitClosed}. A second call does nothing.
     */
    @Override
    public void close() {
        if (!exchange.closeWanted) {
            exchange.closeWanted = true;
            exchange.wakeAll();
            kick();
        }
    }

    /** Resets the connection and forgets what waits: MP_FASTCLOSE, or RST on plain TCP. */
    public void abort() {
        exchange.abortWanted = true;
        exchange.closeWanted = true;
        exchange.wakeAll();
        kick();
    }

    /**
     * Waits until the connection is over on the network: after {@link #close}, everything has then been acknowledged,
     * unless the reason says otherwise.
     *
     * @return null when {@code nanos} went by before
     */
    public CloseReason awaitClosed(long nanos) throws InterruptedIOException {
        long end = System.nanoTime() + nanos;
        while (!exchange.isOver()) {
            long left = end - System.nanoTime();
            if (left <= 0) {
                return null;
            }
            exchange.awaitState(false, left);
            checkInterrupt("closing");
        }
        CloseReason reason = exchange.closeReason;
        return reason != null ? reason : new CloseReason.Aborted("the engine has ended");
    }

    /** Why the connection is over, or null while it lives. */
    public CloseReason closeReason() {
        return exchange.closeReason;
    }

    boolean isClosing() {
        return exchange.closeWanted;
    }

    // ---- set-up

    void awaitEstablished(long nanos) throws IOException {
        long end = System.nanoTime() + nanos;
        while (!exchange.established) {
            if (exchange.isOver()) {
                throw failure();
            }
            long left = end - System.nanoTime();
            if (left <= 0) {
                abort();
                throw new SocketTimeoutException("no answer in " + nanos / 1_000_000 + " ms");
            }
            exchange.awaitState(true, left);
            if (Thread.currentThread().isInterrupted()) {
                abort();
            }
            checkInterrupt("connecting");
        }
    }

    // ---- what it is

    /** A look at the connection, taken on the shard's thread. */
    public StreamInfo info() throws IOException {
        return engine.ask(shard, (stack, now) -> look(now));
    }

    /** As {@link #info}, for who is on the shard's thread already. */
    StreamInfo look(long now) {
        return StreamInfo.of(pump.connection(), exchange, now);
    }

    /** Streams in the order in which they were made. */
    long serial() {
        return serial;
    }

    public IpAddress localAddress() {
        return pump.connection().localAddress();
    }

    public int localPort() {
        return pump.connection().localPort();
    }

    public IpAddress remoteAddress() {
        return pump.connection().remoteAddress();
    }

    public int remotePort() {
        return pump.connection().remotePort();
    }

    /** Bytes that can be read without waiting. */
    public int available() {
        return exchange.inbox.readable();
    }

    /** {@link #read} as a stream of java.io; closing it closes the connection. */
    public InputStream inputStream() {
        return new StreamInput(this);
    }

    /** {@link #write} as a stream of java.io; closing it ends our direction only. */
    public OutputStream outputStream() {
        return new StreamOutput(this);
    }

    private void kick() {
        if (!shard.submit(pump)) {
            exchange.orphaned = true;
        }
    }

    private static void checkInterrupt(String doing) throws InterruptedIOException {
        if (Thread.interrupted()) {
            throw new InterruptedIOException("interrupted while " + doing);
        }
    }

    /** On the shard's thread, when both sides have left: the rings are used again, unless a thread is inside. */
    void recycle() {
        engine.forget(this);
        if (reading.tryLock()) {
            try {
                if (writing.tryLock()) {
                    try {
                        returnRings();
                    } finally {
                        writing.unlock();
                    }
                }
            } finally {
                reading.unlock();
            }
        }
    }

    private void returnRings() {
        if (ringsReturned.compareAndSet(false, true)) {
            engine.rings().giveBack(exchange.inbox);
            engine.rings().giveBack(exchange.outbox);
        }
    }

    private IOException failure() {
        if (exchange.closeWanted) {
            return new AsynchronousCloseException();
        }
        Throwable cause = shard.failure();
        if (cause != null) {
            return new IOException("the engine has failed: " + cause, cause);
        }
        return switch (exchange.closeReason) {
            case null -> new SocketException("the engine was closed");
            case CloseReason.Finished f -> new SocketException("connection closed");
            case CloseReason.ResetByPeer r -> new SocketException(
                    "connection reset by peer" + (r.mptcpReason() == 0 ? "" : ", MP_TCPRST reason " + r.mptcpReason()));
            case CloseReason.Refused r -> new ConnectException("connection refused");
            case CloseReason.TimedOut t -> exchange.established ? new SocketException("connection timed out")
                    : new SocketTimeoutException("no answer to " + (t.retransmissions() + 1) + " SYNs");
            case CloseReason.Unreachable u -> new NoRouteToHostException(
                    "unreachable: ICMP type " + u.icmpType() + " code " + u.icmpCode());
            case CloseReason.Aborted a -> new SocketException("connection aborted: " + a.why());
        };
    }
}
