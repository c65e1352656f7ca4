package net.braid.mptcp;

import java.util.List;
import net.braid.wire.IpAddress;

/**
 * An address that the peer has announced and not taken back (ADD_ADDR, REMOVE_ADDR).
 *
 * @param id 0..255
 * @param port 1..65,535
 */
public record PeerAddress(int id, IpAddress address, int port) {
    /** Those of a connection, in the order in which they came. For monitoring. */
    public static List<PeerAddress> of(Connection connection) {
        return connection.multipath() == null ? List.of() : connection.multipath().paths().peerAddresses();
    }
}
