package net.braid.runtime;

import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import net.braid.linux.NetworkEvent;
import net.braid.wire.IpAddress;

/** Interfaces of this host and their addresses, as far as events have told. */
final class InterfaceView {
    private static final class Interface {
        private String name;
        private boolean up;
        private final Set<IpAddress> addresses = new TreeSet<>();
    }

    private final TreeMap<Integer, Interface> interfaces = new TreeMap<>();

    void accept(NetworkEvent event) {
        Interface known = interfaces.computeIfAbsent(event.interfaceIndex(), none -> new Interface());
        known.name = event.interfaceName();
        switch (event) {
            case NetworkEvent.LinkUp up -> known.up = true;
            case NetworkEvent.LinkDown down -> known.up = false;
            case NetworkEvent.AddressAdded added -> known.addresses.add(added.address());
            case NetworkEvent.AddressRemoved removed -> known.addresses.remove(removed.address());
        }
    }

    /** Addresses of one family that hosts far away can answer to; null when no such interface is up. */
    Set<IpAddress> addresses(String name, boolean v4) {
        for (Interface known : interfaces.values()) {
            if (known.up && known.name.equals(name)) {
                Set<IpAddress> found = new TreeSet<>(known.addresses);
                found.removeIf(address -> address.isV4() != v4 || !v4 && address.isLinkLocal());
                return found;
            }
        }
        return null;
    }
}
