package net.braid.sim;

/** Answers each request of a fixed size with a response of a fixed size. */
public final class ResponseEndpoint extends Endpoint {
    private final long requestBytes;
    private final long responseBytes;

    public ResponseEndpoint(Host host, Pattern outgoing, Pattern incoming, long requestBytes, long responseBytes) {
        super(host, outgoing, incoming);
        this.requestBytes = requestBytes;
        this.responseBytes = responseBytes;
    }

    @Override
    void onStart(long now) {
        onInput(now);
    }

    @Override
    void onInput(long now) {
        readPattern(Long.MAX_VALUE, now);
        onRoom(now);
    }

    @Override
    void onRoom(long now) {
        long due = received() / requestBytes * responseBytes;
        if (written() < due) {
            writePattern(due - written(), now);
        }
        if (ended() && written() == due) {
            shutdownOutput(now);
            close(now);
        }
    }
}
