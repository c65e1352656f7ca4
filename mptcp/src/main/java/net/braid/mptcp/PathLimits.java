package net.braid.mptcp;

/**
 * Limits of connections, as {@code ip mptcp limits}.
 *
 * @param subflows most subflows besides the first, 0 to 7
 * @param addAddressAccepted most addresses that are taken from the peer, 0 to 32
 */
public record PathLimits(int subflows, int addAddressAccepted) {
    /** @throws IllegalArgumentException with a line that says what is wrong */
    public PathLimits {
        ConnectionConfig.inRange("subflows", subflows, 0, 7);
        ConnectionConfig.inRange("add_addr_accepted", addAddressAccepted, 0, 32);
    }

    public static PathLimits of(MultipathConfig config) {
        return new PathLimits(config.subflows(), config.addAddressAccepted());
    }
}
