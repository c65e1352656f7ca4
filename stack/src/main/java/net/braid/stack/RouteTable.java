package net.braid.stack;

import java.util.ArrayList;
import java.util.List;
import net.braid.link.Link;
import net.braid.wire.IpAddress;

/**
 * Which link leads from a local address to a remote one. The longest prefix wins; among equals, the route that was
 * added first. Consulted when a flow is made, not per packet.
 */
public final class RouteTable {
    private final List<Route> routes = new ArrayList<>();
    private IpAddress[] locals = new IpAddress[0];

    /** A route with the MTU of the link. */
    public Route add(IpAddress local, IpAddress prefix, int prefixLength, Link link) {
        return add(local, prefix, prefixLength, link, link.properties().mtu());
    }

    /**
     * @throws IllegalArgumentException when the addresses are of two families, {@code local} is not a unicast address,
     *     or a number is out of its range
     */
    public Route add(IpAddress local, IpAddress prefix, int prefixLength, Link link, int mtu) {
        if (local.isV4() != prefix.isV4()) {
            throw new IllegalArgumentException("address and prefix of two families: " + local + ", " + prefix);
        }
        if (!IpAddress.isUnicast(local.high(), local.low())) {
            throw new IllegalArgumentException("not a unicast address: " + local);
        }
        int bits = local.isV4() ? 32 : 128;
        if (prefixLength < 0 || prefixLength > bits) {
            throw new IllegalArgumentException("prefix length must be in 0.." + bits + ": " + prefixLength);
        }
        int smallest = local.isV4() ? 68 : 1280;
        if (mtu < smallest || mtu > link.properties().mtu()) {
            throw new IllegalArgumentException(
                    "mtu must be in " + smallest + ".." + link.properties().mtu() + ": " + mtu);
        }
        Route route = new Route(local, prefix, prefixLength, link, mtu);
        int at = 0;
        while (at < routes.size() && routes.get(at).prefixLength() >= prefixLength) {
            at++;
        }
        routes.add(at, route);
        collectLocals();
        return route;
    }

    /** Removes a route; flows that use it keep their link. */
    public boolean remove(Route route) {
        boolean removed = routes.remove(route);
        collectLocals();
        return removed;
    }

    /** The best route to {@code remote}, from {@code local} or, when that is null, from any address; null if none. */
    public Route find(IpAddress local, IpAddress remote) {
        for (Route route : routes) {
            if ((local == null || local.equals(route.local())) && route.covers(remote)) {
                return route;
            }
        }
        return null;
    }

    /** Addresses of ours, in the order of their routes. */
    public List<IpAddress> locals() {
        return List.of(locals);
    }

    /** Whether an address is one of ours. */
    public boolean isLocal(long high, long low) {
        for (IpAddress local : locals) {
            if (local.low() == low && local.high() == high) {
                return true;
            }
        }
        return false;
    }

    /** All routes, the longest prefix first. */
    public List<Route> all() {
        return List.copyOf(routes);
    }

    private void collectLocals() {
        locals = routes.stream().map(Route::local).distinct().toArray(IpAddress[]::new);
    }
}
