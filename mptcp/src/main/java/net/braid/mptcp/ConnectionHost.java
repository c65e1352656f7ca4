package net.braid.mptcp;

import net.braid.tcp.Subflow;

/** What a connection needs of the shard it lives in. Implemented by the stack, one object per connection. */
public interface ConnectionHost {

    /** The connection may have something to send, or a deadline has moved: call {@code transmit} soon. */
    void onWork(Connection connection);

    /** The handshake is complete; for a connection from a listener, this is where it gets its application. */
    void onEstablished(Connection connection, long now);

    /** Nothing is left to do for {@code flow} but what a small table entry can do (RFC 9293 TIME-WAIT). */
    void onTimeWait(Connection connection, Subflow flow, long now);

    /** The connection is gone from the network. A reset may still wait to be sent by {@code transmit}. */
    void onClosed(Connection connection, long now);

    /** A write was refused for want of memory of the shard: call {@code onMemory} when there is some again. */
    void onMemoryWanted(Connection connection);
}
