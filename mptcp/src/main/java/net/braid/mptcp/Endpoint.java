package net.braid.mptcp;

import net.braid.wire.IpAddress;

/**
 * What an address of ours is for, as {@code ip mptcp endpoint} says it. It may be named before the address is there,
 * and stays when the address goes.
 *
 * @param id 1..255; on the wire too, where it is free when the address is first spoken of
 * @param port of the announcement; 0: that of the first subflow
 * @param signal announced to the peer (ADD_ADDR)
 * @param subflow the side that opened the connection opens a subflow from it to where the peer was first
 * @param backup subflows from it are backups (B of MP_JOIN, MP_PRIO)
 * @param fullmesh with {@code subflow}: one to each further address of the peer too
 * @param implicit nobody has said what it is for: the path manager decides
 */
public record Endpoint(int id, IpAddress address, int port, boolean signal, boolean subflow, boolean backup,
        boolean fullmesh, boolean implicit) {

    /** @throws IllegalArgumentException with a line that says what is wrong */
    public Endpoint {
        if (id < 1 || id > 255) {
            throw new IllegalArgumentException("an id is a number, 1 to 255, not " + id);
        }
        if (port < 0 || port > 65_535) {
            throw new IllegalArgumentException("a port is a number, 1 to 65535, not " + port);
        }
        if (port > 0 && !signal) {
            throw new IllegalArgumentException("'port' is for addresses that are announced: it needs 'signal'");
        }
        if (signal && fullmesh) {
            throw new IllegalArgumentException("'signal' and 'fullmesh' exclude each other");
        }
    }

    public static Endpoint implicit(int id, IpAddress address) {
        return new Endpoint(id, address, 0, false, false, false, false, true);
    }

    public Endpoint withBackup(boolean value) {
        return new Endpoint(id, address, port, signal, subflow, value, fullmesh, implicit);
    }

    public Endpoint withFullmesh(boolean value) {
        return new Endpoint(id, address, port, signal, subflow, backup, value, implicit);
    }
}
