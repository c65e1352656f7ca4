package net.braid.stack;

import java.util.HashMap;
import java.util.Map;
import net.braid.wire.IpAddress;

/** Listeners by port; several on one port differ in their local address. */
final class ListenerTable {
    private final Map<Integer, Listener> firstOnPort = new HashMap<>();

    /** @throws IllegalStateException when address and port are taken */
    void add(Listener listener) {
        Listener first = firstOnPort.get(listener.port());
        //= rfc9293#3.9.1.1
        //# Every passive OPEN call either creates a new connection record in
        //# LISTEN state, or it returns an error; it MUST NOT affect any
        //# previously created connection record (MUST-41).
        for (Listener other = first; other != null; other = other.next) {
            if (other.localAddress().equals(listener.localAddress())) {
                throw new IllegalStateException(
                        "already listening on " + listener.localAddress() + " port " + listener.port());
            }
        }
        listener.next = first;
        firstOnPort.put(listener.port(), listener);
    }

    void remove(Listener listener) {
        Listener previous = null;
        for (Listener other = firstOnPort.get(listener.port()); other != null; other = other.next) {
            if (other == listener) {
                if (previous != null) {
                    previous.next = other.next;
                } else if (other.next != null) {
                    firstOnPort.put(listener.port(), other.next);
                } else {
                    firstOnPort.remove(listener.port());
                }
                other.next = null;
                return;
            }
            previous = other;
        }
    }

    /** The listener for a local address and port: one bound to that very address goes before one bound to all. */
    Listener find(long high, long low, int port) {
        //= rfc9293#3.9.1.1
        //# A passive OPEN call with a specified "local IP address" parameter
        //# will await an incoming connection request to that address.
        Listener general = null;
        for (Listener listener = firstOnPort.get(port); listener != null; listener = listener.next) {
            if (listener.matches(high, low)) {
                if (!listener.localAddress().isUnspecified()) {
                    return listener;
                }
                general = listener;
            }
        }
        return general;
    }

    boolean isTaken(IpAddress local, int port) {
        return find(local.high(), local.low(), port) != null;
    }
}
