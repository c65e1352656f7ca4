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

    @Override
    void onInput(long now) {
        // Reads only what there is room for, so that a peer that does not read is not read from either.
        boolean moved = true;
        while (moved) {
            long room = isOpen() ? connection().writableBytes() : 0;
            long taken = readPattern(Math.max(room, ended() || connection().readableBytes() > 0 ? 0 : 1), now);
            writePattern(received() - written(), now);
            moved = taken > 0;
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
