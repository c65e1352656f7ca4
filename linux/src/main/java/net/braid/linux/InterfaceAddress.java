package net.braid.linux;

import net.braid.wire.IpAddress;

/**
 * An address of ours on an Ethernet, which the kernel must not have.
 *
 * @param prefixLength of the subnet whose hosts are reached without a gateway, in bits
 * @param gateway the way to everything else, or null: there is none
 */
public record InterfaceAddress(IpAddress address, int prefixLength, IpAddress gateway) {
    /** @throws IllegalArgumentException with a line that says what is wrong */
    public InterfaceAddress {
        int most = address.isV4() ? 32 : 128;
        if (prefixLength < 0 || prefixLength > most) {
            throw new IllegalArgumentException("a prefix of " + address + " has 0 to " + most + " bits");
        }
        if (!IpAddress.isUnicast(address.high(), address.low())) {
            throw new IllegalArgumentException(address + " cannot be the address of a host");
        }
        if (gateway != null && gateway.isV4() != address.isV4()) {
            throw new IllegalArgumentException(gateway + " cannot be the gateway of " + address);
        }
    }
}
