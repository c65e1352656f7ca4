package net.braid.tcp;

/** The states of RFC 9293 section 3.3.2. LISTEN belongs to the listener, TIME_WAIT to a small table entry. */
public enum TcpState {
    CLOSED, SYN_SENT, SYN_RECEIVED, ESTABLISHED, FIN_WAIT_1, FIN_WAIT_2, CLOSE_WAIT, CLOSING, LAST_ACK, TIME_WAIT;

    /** Both sides' SYN has been acknowledged, or FIN has been seen since. */
    public boolean isSynchronized() {
        return ordinal() >= ESTABLISHED.ordinal();
    }

    public boolean canSendData() {
        return this == ESTABLISHED || this == CLOSE_WAIT;
    }

    /** The peer has ended its output, and all of it has arrived. */
    public boolean hasReceivedFin() {
        return this == CLOSE_WAIT || this == CLOSING || this == LAST_ACK || this == TIME_WAIT;
    }

    public boolean canReceiveData() {
        return this == ESTABLISHED || this == FIN_WAIT_1 || this == FIN_WAIT_2;
    }
}
