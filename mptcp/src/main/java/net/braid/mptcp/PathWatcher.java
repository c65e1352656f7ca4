package net.braid.mptcp;

import net.braid.tcp.CloseReason;

/**
 * Hears what becomes of Multipath TCP connections, their subflows and the peer's addresses, for monitoring: the events
 * of {@code ip mptcp monitor}. Called on the shard's thread; must not call back.
 */
public interface PathWatcher {
    /** The first subflow stands. */
    void onCreated(Connection connection, SubflowInfo first);

    void onSubflowEstablished(Connection connection, SubflowInfo subflow);

    /** It is gone, or has never come to stand. */
    void onSubflowClosed(Connection connection, SubflowInfo subflow, CloseReason reason);

    /** One of the ends has changed the priority of a subflow (MP_PRIO). */
    void onPriority(Connection connection, SubflowInfo subflow);

    /** The peer has announced an address (ADD_ADDR), perhaps not for the first time. */
    void onAnnounced(Connection connection, PeerAddress address);

    /** The peer has taken back an address (REMOVE_ADDR). */
    void onRemoved(Connection connection, int addressId);

    /** A connection is gone from the network, also one that was plain TCP. */
    void onClosed(Connection connection);
}
