package net.braid.mptcp;

import net.braid.base.RangeSet;

/**
 * The data level of a connection: what the peer has acknowledged by DATA_ACK, how far its window reaches, what must be
 * sent again on another subflow, and DATA_FIN in both directions (RFC 8684 sections 3.3.2 to 3.3.6). Positions are data
 * offsets.
 */
final class DataLevel {
    static final long NONE = -1;
    private static final int REINJECTION_RANGES = 4096;
    private static final long OFF = Long.MAX_VALUE;

    private final SendStream send;
    private final ReceiveStream receive;
    private final RangeSet reinjection = new RangeSet(REINJECTION_RANGES);

    private long dataUna;
    private long edge;
    /** The peer's window at its last update, in bytes. */
    private long window;
    private long localFin = NONE;
    private boolean localFinAcknowledged;
    private long remoteFin = NONE;
    private boolean remoteFinReached;
    /** When the data level itself repeats something: the oldest data, or DATA_FIN. */
    private long timer = OFF;
    private int repeats;
    private long stallStart = OFF;
    private boolean finDue;

    DataLevel(SendStream send, ReceiveStream receive) {
        this.send = send;
        this.receive = receive;
    }

    // ---- sending

    /** First data offset that the peer has not acknowledged. */
    long dataUna() {
        return dataUna;
    }

    /** One past the last data offset that the peer's window allows. It never moves left (RFC 8684 section 3.3.4). */
    long edge() {
        return edge;
    }

    long window() {
        return window;
    }

    /** Bytes that are out at the data level. */
    boolean hasOutstanding() {
        return dataUna < send.assigned();
    }

    /**
     * DATA_ACK {@code ack} came with a window of {@code bytes}. False: it acknowledges what was never sent.
     */
    boolean onDataAck(long ack, long bytes) {
        long highest = send.assigned() + (localFin != NONE ? 1 : 0);
        if (ack > highest) {
            return false;
        }
        //= rfc8684#3.3.5 C25
        //# Therefore, if receive window sizes differ on multiple
        //# subflows, when sending data MPTCP SHOULD take the largest of the most
        //# recent window sizes as the one to use in calculations.
        window = bytes;
        edge = Math.max(edge, ack + bytes);
        if (ack > dataUna) {
            repeats = 0;
            timer = OFF;
            stallStart = OFF;
            if (localFin != NONE && ack > localFin) {
                localFinAcknowledged = true;
                finDue = false;
            }
            dataUna = Math.min(ack, send.assigned());
            reinjection.removeBelow(dataUna);
        }
        return true;
    }

    /** The window of the handshake, before there is a DATA_ACK. */
    void initialWindow(long bytes) {
        window = Math.max(window, bytes);
        edge = Math.max(edge, bytes);
    }

    /** [from, to) shall be sent once more, on a subflow that does not carry it. */
    void reinject(long from, long to) {
        long start = Math.max(from, dataUna);
        if (start < to) {
            reinjection.add(start, to);
        }
    }

    RangeSet reinjection() {
        return reinjection;
    }

    // ---- DATA_FIN

    /** The stream ends at {@code offset}: everything before it has been given to subflows. */
    void finish(long offset) {
        if (localFin == NONE) {
            localFin = offset;
            finDue = true;
        }
    }

    boolean isFinishing() {
        return localFin != NONE;
    }

    long localFin() {
        return localFin;
    }

    boolean localFinAcknowledged() {
        return localFinAcknowledged;
    }

    /** DATA_FIN must ride on the next acknowledgments. */
    boolean finDue() {
        return finDue;
    }

    void finSent() {
        finDue = false;
    }

    /** DATA_FIN declared at {@code offset}. False: it contradicts an earlier one. */
    boolean onRemoteFin(long offset) {
        if (remoteFin != NONE) {
            return remoteFin == offset;
        }
        if (offset < receive.received()) {
            return false;
        }
        remoteFin = offset;
        receive.endAt(offset);
        return true;
    }

    /** True once: all data before the peer's DATA_FIN is here. */
    boolean takeRemoteFinReached() {
        if (remoteFinReached || remoteFin == NONE || receive.received() < remoteFin) {
            return false;
        }
        remoteFinReached = true;
        return true;
    }

    boolean remoteFinReached() {
        return remoteFinReached;
    }

    long remoteFin() {
        return remoteFin;
    }

    /** What we acknowledge: the next data offset that we expect, DATA_FIN included. */
    long dataAck() {
        return receive.received() + (remoteFinReached ? 1 : 0);
    }

    // ---- timer

    long deadline() {
        return timer;
    }

    boolean isTimerSet() {
        return timer != OFF;
    }

    /** Starts the timer if something is outstanding and it does not run. */
    void watch(long timeoutNanos, long now) {
        boolean something = hasOutstanding() || localFin != NONE && !localFinAcknowledged;
        if (!something) {
            timer = OFF;
            stallStart = OFF;
        } else if (timer == OFF) {
            stallStart = Math.min(stallStart, now);
            timer = now + (timeoutNanos << Math.min(repeats, 8));
        }
    }

    /** The timer came due: the next one is twice as long. */
    void onTimer() {
        timer = OFF;
        repeats++;
        if (localFin != NONE && !localFinAcknowledged) {
            finDue = true;
        }
    }

    /** There is no subflow that could bring an acknowledgment: the time without one does not count. */
    void pause() {
        timer = OFF;
        repeats = 0;
        stallStart = OFF;
        finDue = localFin != NONE && !localFinAcknowledged;
    }

    /** How long nothing has been acknowledged at the data level although something is outstanding. */
    long stalledSince(long now) {
        return stallStart == OFF ? 0 : now - stallStart;
    }

    int repeats() {
        return repeats;
    }

    void stop() {
        timer = OFF;
        reinjection.clear();
        finDue = false;
    }
}
