package net.braid.linux;

import net.braid.wire.IpAddress;

/** What changes at the interfaces of this machine, as {@link AddressWatcher} tells it. */
public sealed interface NetworkEvent {
    /** Number of the interface in the kernel, from 1. It keeps the number when it is given another name. */
    int interfaceIndex();

    String interfaceName();

    /**
     * An address can be used from now on. An IPv6 address that the kernel still looks for duplicates of comes later.
     *
     * @param prefixLength of the subnet, in bits
     */
    record AddressAdded(IpAddress address, int prefixLength, int interfaceIndex, String interfaceName)
            implements NetworkEvent {
    }

    /** An address that was added is gone. */
    record AddressRemoved(IpAddress address, int prefixLength, int interfaceIndex, String interfaceName)
            implements NetworkEvent {
    }

    /** The interface is up and has a carrier. */
    record LinkUp(int interfaceIndex, String interfaceName) implements NetworkEvent {
    }

    /** The interface that was up is down, without a carrier, or gone. Its addresses may stay. */
    record LinkDown(int interfaceIndex, String interfaceName) implements NetworkEvent {
    }
}
