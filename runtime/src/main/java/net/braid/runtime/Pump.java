package net.braid.runtime;

import java.lang.foreign.MemorySegment;
import net.braid.mptcp.Connection;
import net.braid.mptcp.ConnectionListener;
import net.braid.mptcp.DirectReader;
import net.braid.stack.Stack;
import net.braid.tcp.CloseReason;

/**
 * The shard's end of a {@link Stream}: carries bytes between the connection and the rings, and wishes and news between
 * both threads. Everything here runs on the shard's thread.
 */
final class Pump implements ConnectionListener, DirectReader, ShardTask {
    /**
     * Unsent bytes that a connection is given at most: enough for a turn, and few enough to be in the processor's cache
     * still when they are sent. The rest waits in the outbox.
     */
    private static final long UNSENT_LIMIT = 512 * 1024;

    private final Shard shard;
    private final Exchange exchange;
    private final Runnable onLeft;
    private Connection connection;
    private boolean shut;
    private boolean left;
    private boolean over;
    private boolean gone;
    /** Onward flow from the connection rests until the connection has news. */
    private boolean drained;
    /** The shard will wake the reader at the end of its turn. */
    private boolean wakeDue;
    /** The outbox rests until the connection has sent what it has. */
    private boolean held;
    private final ConnectionEvent event = new ConnectionEvent();

    /** @param onLeft what to do when the connection is over and the application has closed it, both */
    Pump(Shard shard, Exchange exchange, Runnable onLeft) {
        this.shard = shard;
        this.exchange = exchange;
        this.onLeft = onLeft;
    }

    void connection(Connection value) {
        connection = value;
        value.receiveStream().directReader(this);
    }

    /** A connection that is established already. */
    void adopt(Connection value) {
        connection(value);
        exchange.established = true;
        event.begin();
    }

    Connection connection() {
        return connection;
    }

    /** The application has kicked us: it has written, made room, or wants something. */
    @Override
    public void run(Stack stack, long now) {
        if (connection == null || gone) {
            return;
        }
        if (exchange.abortWanted && !over) {
            left = true;
            connection.abort(now);
        } else if (!over) {
            pumpOut(now);
        }
        if (over && exchange.closeWanted) {
            leave(now);
        } else {
            pumpIn(now);
        }
    }

    /** Both sides are done: from here on the rings may belong to somebody else. */
    private void leave(long now) {
        if (!gone) {
            gone = true;
            // What arrived and was never read is given back.
            connection.close(now);
            onLeft.run();
        }
    }

    @Override
    public void onEstablished(Connection established, long now) {
        adopt(established);
        exchange.wakeAll();
        pumpOut(now);
    }

    @Override
    public void onReadable(Connection readable, long now) {
        drained = false;
        pumpIn(now);
    }

    @Override
    public void onWritable(Connection writable, long now) {
        pumpOut(now);
    }

    @Override
    public void onClosed(Connection closed, CloseReason reason, long now) {
        over = true;
        record(reason);
        if (reason instanceof CloseReason.Finished && !left) {
            drained = false;
            pumpIn(now);
        }
        exchange.closeReason = reason;
        exchange.wakeAll();
        if (exchange.closeWanted) {
            leave(now);
        }
    }

    /** The shard ends: whoever waits must not wait for ever. */
    void orphan() {
        exchange.orphaned = true;
        exchange.wakeAll();
    }

    private void pumpOut(long now) {
        ByteRing outbox = exchange.outbox;
        while (!over && !shut) {
            int length = outbox.contiguousReadable();
            if (length == 0) {
                // Looked at before the ring for the last time: the application writes first, then wishes.
                boolean end = exchange.shutdownWanted || exchange.closeWanted;
                if (outbox.readable() > 0) {
                    continue;
                }
                if (end) {
                    shut = true;
                    connection.shutdownOutput(now);
                } else if (!exchange.restOutbox()) {
                    continue;
                }
                break;
            }
            long unsent = connection.sendStream().pending();
            if (unsent >= UNSENT_LIMIT) {
                hold();
                break;
            }
            length = (int) Math.min(length, UNSENT_LIMIT - unsent);
            int taken = connection.write(outbox.memory(), outbox.headIndex(), length, now);
            if (taken > 0) {
                outbox.consumed(taken);
                if (outbox.room() >= outbox.capacity() / 4) {
                    exchange.wakeWriter();
                }
            }
            if (taken < length) {
                break;
            }
        }
        leaveWhenDone(now);
    }

    private void hold() {
        if (!held) {
            held = true;
            shard.afterOutput(this);
        }
    }

    /** The shard has sent what it could. False: the connection still has plenty; ask again. */
    boolean onOutputDone(long now) {
        if (!over && connection.sendStream().pending() > UNSENT_LIMIT / 2) {
            return false;
        }
        held = false;
        pumpOut(now);
        return true;
    }

    /** Closes once everything the application wrote is in the connection's hands. */
    private void leaveWhenDone(long now) {
        if (exchange.closeWanted && !left && !over && (shut || exchange.outbox.readable() == 0)) {
            left = true;
            // Unread bytes in our hands are unread by the application: the peer must learn of it (RFC 9293 SHLD-3).
            if (exchange.inbox.readable() > 0) {
                connection.abort(now);
            } else {
                connection.close(now);
            }
        }
    }

    /** Past the connection's buffer into the inbox, while there is room. */
    @Override
    public int take(MemorySegment memory, long offset, int length) {
        if (left || over) {
            return 0;
        }
        int taken = exchange.inbox.write(memory, offset, length);
        if (taken > 0) {
            wakeReader();
        }
        return taken;
    }

    /** A wake-up costs as much as a packet: one for all that came together, unless there is a lot already. */
    private void wakeReader() {
        if (exchange.inbox.readable() >= exchange.inbox.capacity() / 2) {
            exchange.wakeReader();
        } else if (!wakeDue) {
            wakeDue = true;
            shard.afterInput(this);
        }
    }

    /** All packets that were there have been taken in. */
    void onInputDone() {
        wakeDue = false;
        exchange.wakeReader();
    }

    private void pumpIn(long now) {
        ByteRing inbox = exchange.inbox;
        boolean moved = false;
        while (!drained && !left) {
            int room = inbox.contiguousRoom();
            if (room == 0) {
                if (exchange.restInbox()) {
                    break;
                }
                continue;
            }
            int taken = connection.read(inbox.memory(), inbox.tailIndex(), room, now);
            if (taken > 0) {
                inbox.produced(taken);
                moved = true;
            } else {
                drained = true;
                if (taken < 0) {
                    exchange.ended = true;
                    moved = true;
                }
            }
        }
        if (moved) {
            wakeReader();
        }
    }

    private void record(CloseReason reason) {
        event.end();
        if (event.shouldCommit()) {
            event.local = connection.localAddress() + " " + connection.localPort();
            event.remote = connection.remoteAddress() + " " + connection.remotePort();
            event.multipath = connection.isMultipath();
            event.sent = exchange.outbox.read();
            event.received = exchange.inbox.written();
            event.end = reason.toString();
            event.commit();
        }
    }
}
