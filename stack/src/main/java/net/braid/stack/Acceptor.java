package net.braid.stack;

import net.braid.mptcp.Connection;
import net.braid.mptcp.ConnectionListener;

/** Takes what a listener has accepted. Called on the shard's thread. */
@FunctionalInterface
public interface Acceptor {

    /** A connection is established. Null refuses it: the peer gets a reset. */
    ConnectionListener onConnection(Connection connection, long now);

    /**
     * Whether another connection would be taken now. While false, new SYNs and the last segments of handshakes are
     * dropped, so that peers try again later, as a kernel does when its accept queue is full.
     */
    default boolean canAccept() {
        return true;
    }
}
