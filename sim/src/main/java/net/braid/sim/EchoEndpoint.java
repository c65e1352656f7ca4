package net.braid.sim;

/** Sends back what it receives, and ends when the peer has ended. */
public final class EchoEndpoint extends Endpoint {
    /** @param pattern what the peer sends, hence what goes back */
    public EchoEndpoint(Host host, Pattern pattern) {
        super(host, pattern, pattern);
    }

    @Override
    void onStart(long now) {
        onInput(now);
    }

    /**
     * Reads one byte more than there is room to send back: then the write falls short, the engine says when there is
     * room again, and a peer that does not read is not read from either.
     */
    @Override
    void onInput(long now) {
        long taken = 1;
        while (taken > 0 && received() == written() && !ended()) {
            taken = readPattern(connection().writableBytes() + 1, now);
            writePattern(received() - written(), now);
        }
        if (ended() && written() == received()) {
            shutdownOutput(now);
            close(now);
        }
    }

    @Override
    void onRoom(long now) {
        writePattern(received() - written(), now);
        onInput(now);
    }
}
