package net.braid.sim;

import java.util.Arrays;

/** Sends a request, waits for the whole response, and so on; then ends. */
public final class RequestEndpoint extends Endpoint {
    private final long requestBytes;
    private final long responseBytes;
    private final int count;
    private final long pauseNanos;
    private long[] latencies = new long[16];
    private int done;
    private long askedAt;
    private boolean waiting;

    /** @param pauseNanos between a response and the next request */
    public RequestEndpoint(Host host, Pattern outgoing, Pattern incoming, long requestBytes, long responseBytes,
            int count, long pauseNanos) {
        super(host, outgoing, incoming);
        this.requestBytes = requestBytes;
        this.responseBytes = responseBytes;
        this.count = count;
        this.pauseNanos = pauseNanos;
    }

    /** Responses that have arrived in full. */
    public int done() {
        return done;
    }

    /** From the first byte of request {@code index} written to the last byte of its response read. */
    public long latencyNanos(int index) {
        return latencies[index];
    }

    @Override
    void onStart(long now) {
        ask(now);
    }

    private void ask(long now) {
        askedAt = now;
        waiting = true;
        onRoom(now);
    }

    @Override
    void onRoom(long now) {
        long due = requestBytes * (done + 1);
        if (waiting && written() < due) {
            writePattern(due - written(), now);
        }
    }

    @Override
    void onInput(long now) {
        readPattern(Long.MAX_VALUE, now);
        if (waiting && received() >= responseBytes * (done + 1)) {
            waiting = false;
            if (done == latencies.length) {
                latencies = Arrays.copyOf(latencies, done * 2);
            }
            latencies[done++] = now - askedAt;
            if (done == count) {
                shutdownOutput(now);
            } else if (pauseNanos == 0) {
                ask(now);
            } else {
                host.simulation().at(now + pauseNanos, this::askNow);
            }
        }
        if (ended()) {
            close(now);
        }
    }

    private void askNow() {
        ask(host.simulation().now());
        host.wake();
    }
}
