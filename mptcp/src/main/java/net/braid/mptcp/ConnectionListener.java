package net.braid.mptcp;

import net.braid.tcp.CloseReason;

/**
 * What an application hears of its connection. Called on the shard's thread, after the input that caused the event has
 * been worked off, so every method of the connection may be called from here.
 */
public interface ConnectionListener {
    /** Hears nothing. */
    ConnectionListener NONE = new ConnectionListener() {
    };

    /** The handshake is complete. */
    default void onEstablished(Connection connection, long now) {
    }

    /**
     * There is something to read: data, or the end of the stream. Comes once; again only after {@code read} has taken
     * everything that was there.
     */
    default void onReadable(Connection connection, long now) {
    }

    /** A {@code write} had taken less than it was given; now there is room again. */
    default void onWritable(Connection connection, long now) {
    }

    /**
     * Trouble on the way, not yet the end: {@code retransmissions} have gone unanswered in a row, as many as R1 allows
     * (RFC 9293 section 3.8.3, {@code SubflowConfig.retries1}); or a router has sent an ICMP error that need not last,
     * and {@code retransmissions} says how many there were before, often 0. With Multipath TCP, on one of the paths.
     * Whoever has waited long enough aborts.
     */
    default void onTrouble(Connection connection, int retransmissions, long now) {
    }

    /**
     * The connection is over on the network. The last call. After {@link CloseReason.Finished} what has arrived can
     * still be read; after any other reason both buffers are gone.
     */
    default void onClosed(Connection connection, CloseReason reason, long now) {
    }
}
