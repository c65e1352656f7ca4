package net.braid.stack;

import net.braid.mptcp.ConnectionConfig;
import net.braid.wire.IpAddress;

/** Waits for connections on a local port, at one local address or at all of one family. */
public final class Listener {
    private final Stack stack;
    private final IpAddress local;
    private final int port;
    private final int backlog;
    private final ConnectionConfig config;
    private final Acceptor acceptor;
    /** Other listeners on the same port. */
    Listener next;
    private ConnectionSlot oldest;
    private ConnectionSlot newest;
    private int halfOpen;
    private boolean closed;

    Listener(Stack stack, IpAddress local, int port, int backlog, ConnectionConfig config, Acceptor acceptor) {
        this.stack = stack;
        this.local = local;
        this.port = port;
        this.backlog = backlog;
        this.config = config;
        this.acceptor = acceptor;
    }

    /** No new connections; handshakes under way are dropped, established connections are not touched. */
    public void close() {
        if (!closed) {
            closed = true;
            stack.remove(this);
        }
    }

    public boolean isClosed() {
        return closed;
    }

    public IpAddress localAddress() {
        return local;
    }

    public int port() {
        return port;
    }

    /** Most handshakes under way at a time. */
    public int backlog() {
        return backlog;
    }

    /** Handshakes under way. */
    public int halfOpen() {
        return halfOpen;
    }

    ConnectionConfig config() {
        return config;
    }

    Acceptor acceptor() {
        return acceptor;
    }

    /** Bound to this address, or to all of its family. */
    boolean matches(long high, long low) {
        return local.high() == high && local.low() == low
                || local.isUnspecified() && local.isV4() == IpAddress.isV4(high, low);
    }

    ConnectionSlot oldestHalfOpen() {
        return oldest;
    }

    void addHalfOpen(ConnectionSlot slot) {
        assert slot.listener == null;
        slot.listener = this;
        slot.olderHalfOpen = newest;
        slot.newerHalfOpen = null;
        if (newest == null) {
            oldest = slot;
        } else {
            newest.newerHalfOpen = slot;
        }
        newest = slot;
        halfOpen++;
    }

    void removeHalfOpen(ConnectionSlot slot) {
        assert slot.listener == this;
        if (slot.olderHalfOpen == null) {
            oldest = slot.newerHalfOpen;
        } else {
            slot.olderHalfOpen.newerHalfOpen = slot.newerHalfOpen;
        }
        if (slot.newerHalfOpen == null) {
            newest = slot.olderHalfOpen;
        } else {
            slot.newerHalfOpen.olderHalfOpen = slot.olderHalfOpen;
        }
        slot.olderHalfOpen = null;
        slot.newerHalfOpen = null;
        slot.listener = null;
        halfOpen--;
    }
}
