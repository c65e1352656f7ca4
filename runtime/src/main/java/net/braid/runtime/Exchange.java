package net.braid.runtime;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;
import net.braid.tcp.CloseReason;

/**
 * What the application's threads and the shard share of one connection: two rings, and words that each side sets for
 * the other. Every wait follows one rule: say that you wait, full fence, look once more, only then sleep; and the other
 * side: publish, full fence, see whether somebody waits.
 */
final class Exchange {
    private static final VarHandle OUTBOX_IDLE;
    private static final VarHandle INBOX_FULL;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            OUTBOX_IDLE = lookup.findVarHandle(Exchange.class, "outboxIdle", boolean.class);
            INBOX_FULL = lookup.findVarHandle(Exchange.class, "inboxFull", boolean.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** From the shard to the application. */
    final ByteRing inbox;
    /** From the application to the shard. */
    final ByteRing outbox;

    /** The shard has taken everything from the outbox: the next write must kick it. */
    private volatile boolean outboxIdle = true;
    /** The shard has more than the inbox holds: the reader must kick it when there is room. */
    private volatile boolean inboxFull;

    // ---- wishes of the application
    volatile boolean shutdownWanted;
    volatile boolean closeWanted;
    volatile boolean abortWanted;

    // ---- news of the shard
    volatile boolean established;
    /** The peer has ended its stream, and all of it is in the inbox. */
    volatile boolean ended;
    /** The connection is over on the network. */
    volatile CloseReason closeReason;
    /** The shard has ended, and will not answer any more. */
    volatile boolean orphaned;

    private volatile Thread reader;
    private volatile Thread writer;
    private static final long LOOK_NANOS = 50_000_000L;
    private volatile Thread observer;

    Exchange(ByteRing inbox, ByteRing outbox) {
        this.inbox = inbox;
        this.outbox = outbox;
    }

    // ---- the shard's side

    /** The outbox is empty. False when it is not, after all: then go on taking. */
    boolean restOutbox() {
        outboxIdle = true;
        VarHandle.fullFence();
        return outbox.readable() == 0 || !OUTBOX_IDLE.compareAndSet(this, true, false);
    }

    /** The inbox is full. False when it is not, after all: then go on filling. */
    boolean restInbox() {
        inboxFull = true;
        VarHandle.fullFence();
        return !hasWorthwhileRoom() || !INBOX_FULL.compareAndSet(this, true, false);
    }

    private boolean hasWorthwhileRoom() {
        return inbox.room() >= inbox.capacity() / 4;
    }

    void wakeReader() {
        VarHandle.fullFence();
        Thread sleeper = reader;
        if (sleeper != null) {
            // Once is enough until it says again that it waits. First this, then the call: if it has said so meanwhile,
            // the call ends that wait too early, which is allowed.
            reader = null;
            LockSupport.unpark(sleeper);
        }
    }

    void wakeWriter() {
        VarHandle.fullFence();
        Thread sleeper = writer;
        if (sleeper != null) {
            writer = null;
            LockSupport.unpark(sleeper);
        }
    }

    void wakeAll() {
        wakeReader();
        wakeWriter();
        LockSupport.unpark(observer);
    }

    // ---- the application's side

    /** After a write: true when the shard must be kicked. */
    boolean takeOutboxIdle() {
        VarHandle.fullFence();
        return outboxIdle && OUTBOX_IDLE.compareAndSet(this, true, false);
    }

    /** After a read: true when the shard must be kicked. */
    boolean takeInboxFull() {
        VarHandle.fullFence();
        return inboxFull && hasWorthwhileRoom() && INBOX_FULL.compareAndSet(this, true, false);
    }

    boolean isOver() {
        return closeReason != null || orphaned;
    }

    /** Nothing more will come into the inbox. After an orderly end the rest of the stream still does. */
    boolean isBroken() {
        return orphaned || closeReason != null && !(closeReason instanceof CloseReason.Finished);
    }

    /** Sleeps until there may be something to read. Spurious returns are allowed. */
    void awaitReadable() {
        reader = Thread.currentThread();
        VarHandle.fullFence();
        if (inbox.readable() == 0 && !ended && !isBroken() && !closeWanted) {
            LockSupport.park(this);
        }
        reader = null;
    }

    /** Sleeps until there may be room to write. */
    void awaitWritable() {
        writer = Thread.currentThread();
        VarHandle.fullFence();
        if (outbox.room() == 0 && !isOver() && !closeWanted && !shutdownWanted) {
            LockSupport.park(this);
        }
        writer = null;
    }

    /** Sleeps until the connection is established (or over), or over, but at most {@code nanos}. */
    void awaitState(boolean untilEstablished, long nanos) {
        observer = Thread.currentThread();
        VarHandle.fullFence();
        if (!isOver() && !(untilEstablished && established)) {
            // Of several that wait only one is woken; the others look again soon.
            LockSupport.parkNanos(this, Math.min(nanos, LOOK_NANOS));
        }
        observer = null;
    }
}
