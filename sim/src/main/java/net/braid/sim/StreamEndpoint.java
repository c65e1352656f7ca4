package net.braid.sim;

/**
 * Sends so many bytes, ends its output, and reads until the peer has ended, at its pace. The bulk sender and the bulk
 * receiver are both this: the receiver sends 0 bytes.
 */
public final class StreamEndpoint extends Endpoint {
    /** Never ends its output by itself. */
    public static final long ENDLESS = Long.MAX_VALUE;

    private final long bytes;
    private final boolean waitForPeer;
    private ReadPace pace;
    private long nextRead;
    private boolean readScheduled;
    private boolean outputEnded;

    /**
     * @param bytes to send, or {@link #ENDLESS}
     * @param waitForPeer ends its output only after the peer has ended
     */
    public StreamEndpoint(Host host, Pattern outgoing, Pattern incoming, long bytes, boolean waitForPeer,
            ReadPace pace) {
        super(host, outgoing, incoming);
        this.bytes = bytes;
        this.waitForPeer = waitForPeer;
        this.pace = pace;
        this.nextRead = pace.startNanos();
    }

    /** How much this end sends in all. */
    public long bytes() {
        return bytes;
    }

    /** From now on reads at another pace. */
    public void pace(ReadPace changed) {
        pace = changed;
        nextRead = changed.startNanos();
        long now = host.simulation().now();
        onInput(now);
        host.wake();
    }

    @Override
    void onStart(long now) {
        onRoom(now);
    }

    @Override
    void onRoom(long now) {
        if (written() < bytes) {
            writePattern(bytes - written(), now);
        }
        endOutputIfDue(now);
    }

    private void endOutputIfDue(long now) {
        if (!outputEnded && written() == bytes && (!waitForPeer || ended()) && isOpen()) {
            outputEnded = true;
            shutdownOutput(now);
        }
        if (outputEnded && ended()) {
            close(now);
        }
    }

    @Override
    void onInput(long now) {
        if (pace.isEager()) {
            readPattern(Long.MAX_VALUE, now);
            endOutputIfDue(now);
            return;
        }
        if (now < nextRead) {
            scheduleRead();
            return;
        }
        long taken = readPattern(pace.bytes(), now);
        nextRead = now + pace.intervalNanos();
        if (taken > 0 && !ended()) {
            scheduleRead();
        }
        endOutputIfDue(now);
    }

    private void scheduleRead() {
        if (!readScheduled) {
            readScheduled = true;
            host.simulation().at(nextRead, this::readNow);
        }
    }

    private void readNow() {
        readScheduled = false;
        long now = host.simulation().now();
        onInput(now);
        host.wake();
    }
}
