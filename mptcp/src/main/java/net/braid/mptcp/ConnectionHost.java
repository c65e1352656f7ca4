package net.braid.mptcp;

import java.util.List;
import net.braid.base.RandomSource;
import net.braid.tcp.Subflow;
import net.braid.wire.IpAddress;
import net.braid.wire.MptcpCrypto;

/** What a connection needs of the shard it lives in. Implemented by the stack, one object per connection. */
public interface ConnectionHost {
    /** What {@link Connection#judgeJoin} answers in version 0, where a reset gives no reason. */
    int NO_REASON = 256;

    /** The connection may have something to send, or a deadline has moved: call {@code transmit} soon. */
    void onWork(Connection connection);

    /** The handshake is complete; for a connection from a listener, this is where it gets its application. */
    void onEstablished(Connection connection, long now);

    /** Nothing is left to do for {@code flow} but what a small table entry can do (RFC 9293 TIME-WAIT). */
    void onSubflowTimeWait(Connection connection, Subflow flow, long now);

    /** The subflow is gone from the network: no segment shall find it any more. */
    void onSubflowClosed(Connection connection, Subflow flow, long now);

    /**
     * The same, after MP_FASTCLOSE has left on it: the host says it again to a peer that has not heard it (RFC 8684
     * section 3.5).
     *
     * @param peerKey what MP_FASTCLOSE carries
     * @param version of Multipath TCP, 0 or 1
     */
    void onSubflowFastClosed(Connection connection, Subflow flow, long peerKey, int version, long now);

    /** The connection is gone from the network. A reset may still wait to be sent by {@code transmit}. */
    void onClosed(Connection connection, long now);

    /** A write was refused for want of memory of the shard: call {@code onMemory} when there is some again. */
    void onMemoryWanted(Connection connection);

    // ---- Multipath TCP

    RandomSource random();

    /** Hashes, shared by the shard. */
    MptcpCrypto crypto();

    /**
     * An unguessable key whose token no living connection has; the token leads MP_JOIN to this connection from now on
     * (RFC 8684 section 3.1).
     */
    long drawKey(Connection connection, int version);

    /** The token leads nowhere any more: the connection has fallen back, or ended. */
    void releaseToken(Connection connection);

    /** SYNs with MP_CAPABLE got no answer from this peer, the first one without did. */
    void onMultipathRefused(Connection connection, long now);

    /** Whether connections to this peer shall start as plain TCP for that reason. */
    boolean isMultipathRefused(Connection connection, long now);

    /** A new path manager by name, which the configuration has checked. */
    PathManager pathManager(String name);

    /** A new scheduler by name, which the configuration has checked. */
    PacketScheduler scheduler(String name);

    /** Addresses of ours, in a fixed order. */
    List<IpAddress> localAddresses(Connection connection);

    /** What addresses are for, as far as somebody has said. */
    List<Endpoint> endpoints(Connection connection);

    PathLimits limits(Connection connection, MultipathConfig config);

    /** Who wants to know of paths; null: nobody. */
    PathWatcher watcher(Connection connection);

    /**
     * Makes a subflow with place {@code index} that has not sent anything yet.
     *
     * @param localPort 0: any
     * @return null when there is no route, no port, or the four-tuple is in use
     */
    Subflow openSubflow(Connection connection, int index, IpAddress local, int localPort, IpAddress remote,
            int remotePort, long now);

    /** Local port of a subflow of this connection. */
    int localPort(Connection connection, Subflow flow);
}
