package net.braid.cli;

import java.util.List;
import net.braid.wire.IpAddress;

/**
 * What the user asks {@code braid up} for.
 *
 * @param uplinks   interfaces in the order of the paths
 * @param gateways  that the host's routes do not tell
 * @param addresses of the stack that are routed as they are; empty: addresses are chosen, and translated
 * @param prefixes  to choose from, at most one of each family
 * @param user      who may attach to the device, or empty
 * @param ports     forwarded from the uplinks' addresses to the stack
 * @param mtu       of the device, or 0 for the largest of the uplinks
 */
record UplinkRequest(String name, List<String> uplinks, List<UplinkRequest.Gateway> gateways,
        List<IpAddress> addresses, List<IpPrefix> prefixes, String user, List<String> ports, int mtu, boolean v4,
        boolean v6) {
    record Gateway(String uplink, IpAddress address) {
        /** Reads {@code wlan0=192.168.1.1}. @throws IllegalArgumentException when it is not of that form */
        static Gateway parse(String text) {
            int sign = text.lastIndexOf('=');
            if (sign <= 0) {
                throw new IllegalArgumentException("not of the form INTERFACE=ADDRESS");
            }
            return new Gateway(text.substring(0, sign), IpAddress.parse(text.substring(sign + 1)));
        }

        @Override
        public String toString() {
            return uplink + "=" + address;
        }
    }

    /** The request that has led to a state. */
    static UplinkRequest of(UplinkState state) {
        List<IpAddress> addresses = state.paths().stream().map(UplinkState.Path::address).toList();
        return new UplinkRequest(state.name(), state.uplinks(), state.gateways().stream().map(Gateway::parse).toList(),
                state.nat() ? List.of() : addresses, List.of(), state.user(), state.ports(), state.mtu(),
                addresses.stream().anyMatch(IpAddress::isV4), addresses.stream().anyMatch(each -> !each.isV4()));
    }

    UplinkRequest ownedBy(String owner) {
        return new UplinkRequest(name, uplinks, gateways, addresses, prefixes, owner, ports, mtu, v4, v6);
    }

    boolean translates() {
        return addresses.isEmpty();
    }
}
