package net.braid.stack;

import net.braid.link.Link;
import net.braid.wire.IpAddress;

/**
 * Packets from {@code local} to addresses under {@code prefix} leave by {@code link}.
 *
 * @param local an address of ours; also the source of connections that do not name one
 * @param prefixLength 0 to 32 for IPv4, 0 to 128 for IPv6
 * @param mtu bytes of the largest IP packet on this route, at most the link's
 */
public record Route(IpAddress local, IpAddress prefix, int prefixLength, Link link, int mtu) {

    boolean covers(IpAddress remote) {
        return remote.matches(prefix, prefixLength);
    }

    @Override
    public String toString() {
        return prefix + "/" + prefixLength + " from " + local + " by " + link.properties().name() + " mtu " + mtu;
    }
}
