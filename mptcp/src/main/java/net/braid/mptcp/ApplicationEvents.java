package net.braid.mptcp;

import net.braid.tcp.CloseReason;

/** What the application of a connection has still to be told. It is told at the end of an input, never inside. */
final class ApplicationEvents {
    static final int ESTABLISHED = 1;
    static final int READABLE = 2;
    static final int WRITABLE = 4;
    static final int CLOSED = 8;
    static final int TROUBLE = 16;

    private ConnectionListener listener = ConnectionListener.NONE;
    private int due;
    private boolean telling;
    /** Raise READABLE with the next byte or the end of the stream. */
    private boolean readerWaits = true;
    private boolean gone;
    private int troubleRetransmissions;

    void listener(ConnectionListener value) {
        listener = value == null ? ConnectionListener.NONE : value;
    }

    void raise(int event) {
        due |= event;
    }

    void raiseReadable() {
        if (readerWaits && !gone) {
            readerWaits = false;
            due |= READABLE;
        }
    }

    void raiseTrouble(int retransmissions) {
        troubleRetransmissions = retransmissions;
        due |= TROUBLE;
    }

    /** The reader has taken all there was. */
    void readerWaits() {
        readerWaits = true;
    }

    void nothingToReadOrWrite() {
        due &= ~(READABLE | WRITABLE);
    }

    /** The application has closed or aborted: it wants to hear of the end only. */
    void leave() {
        gone = true;
    }

    boolean isGone() {
        return gone;
    }

    /** False: the application is being told already, further up the stack of calls. */
    boolean beginTelling() {
        if (telling) {
            return false;
        }
        telling = true;
        return true;
    }

    void endTelling() {
        telling = false;
    }

    int take() {
        int events = due;
        due = 0;
        return events;
    }

    boolean hasNews() {
        return due != 0;
    }

    void tellBeforeClose(Connection connection, int events, long now) {
        if ((events & ESTABLISHED) != 0) {
            listener.onEstablished(connection, now);
        }
        if ((events & TROUBLE) != 0 && !gone) {
            listener.onTrouble(connection, troubleRetransmissions, now);
        }
        if ((events & READABLE) != 0 && !gone) {
            listener.onReadable(connection, now);
        }
        if ((events & WRITABLE) != 0 && !gone) {
            listener.onWritable(connection, now);
        }
    }

    void tellClosed(Connection connection, CloseReason reason, long now) {
        listener.onClosed(connection, reason, now);
    }
}
