package net.braid.linux;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.TreeMap;
import java.util.function.Consumer;
import net.braid.wire.IpAddress;

/** What {@link AddressWatcher} knows of interfaces and addresses; turns repeated news into events of changes. */
final class InterfaceTable {
    private static final class Interface {
        private String name;
        private boolean up;
        private boolean seen;
        private final List<Address> addresses = new ArrayList<>();
    }

    private static final class Address {
        private final IpAddress address;
        private final int prefixLength;
        private boolean seen = true;

        private Address(IpAddress address, int prefixLength) {
            this.address = address;
            this.prefixLength = prefixLength;
        }

        private boolean is(IpAddress other, int length) {
            return address.equals(other) && prefixLength == length;
        }
    }

    private final TreeMap<Integer, Interface> interfaces = new TreeMap<>();
    private final List<NetworkEvent> events = new ArrayList<>();

    /** Hands over the events since the last call. */
    int report(Consumer<? super NetworkEvent> listener) {
        int count = events.size();
        for (NetworkEvent event : events) {
            listener.accept(event);
        }
        events.clear();
        return count;
    }

    void addLink(int index, String name, boolean up) {
        Interface known = interfaces.computeIfAbsent(index, none -> new Interface());
        known.seen = true;
        known.name = name;
        setUp(index, known, up);
    }

    private void setUp(int index, Interface known, boolean up) {
        if (known.up != up) {
            known.up = up;
            events.add(up ? new NetworkEvent.LinkUp(index, known.name) : new NetworkEvent.LinkDown(index, known.name));
        }
    }

    void removeLink(int index) {
        Interface known = interfaces.remove(index);
        if (known != null) {
            for (Address address : known.addresses) {
                removed(index, known, address);
            }
            setUp(index, known, false);
        }
    }

    void addAddress(int index, IpAddress address, int prefixLength) {
        Interface known = interfaces.get(index);
        if (known == null) {
            // The interface went away while addresses were dumped.
            return;
        }
        for (Address present : known.addresses) {
            if (present.is(address, prefixLength)) {
                present.seen = true;
                return;
            }
        }
        known.addresses.add(new Address(address, prefixLength));
        events.add(new NetworkEvent.AddressAdded(address, prefixLength, index, known.name));
    }

    void removeAddress(int index, IpAddress address, int prefixLength) {
        Interface known = interfaces.get(index);
        if (known == null) {
            return;
        }
        Iterator<Address> all = known.addresses.iterator();
        while (all.hasNext()) {
            Address present = all.next();
            if (present.is(address, prefixLength)) {
                all.remove();
                removed(index, known, present);
                return;
            }
        }
    }

    private void removed(int index, Interface known, Address address) {
        events.add(new NetworkEvent.AddressRemoved(address.address, address.prefixLength, index, known.name));
    }

    /** Everything will be told anew: {@link #sweep} then removes what was not. */
    void mark() {
        for (Interface known : interfaces.values()) {
            known.seen = false;
            known.addresses.forEach(address -> address.seen = false);
        }
    }

    void sweep() {
        for (int index : List.copyOf(interfaces.keySet())) {
            Interface known = interfaces.get(index);
            if (!known.seen) {
                removeLink(index);
                continue;
            }
            for (Address address : List.copyOf(known.addresses)) {
                if (!address.seen) {
                    removeAddress(index, address.address, address.prefixLength);
                }
            }
        }
    }
}
