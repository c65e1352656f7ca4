package net.braid.sim;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import net.braid.stack.StackConfig;
import net.braid.wire.IpAddress;

/**
 * Hosts, routers and cables. {@link #computeRoutes} fills the routers' tables with the shortest paths to every address;
 * a host sends from each address by the link that has it.
 */
public final class Topology {
    /** One end of a cable to be. */
    public sealed interface Attachment {
    }

    /** A new link of a host, with its addresses. */
    public record AtHost(Host host, LinkOffload offload, List<IpAddress> addresses) implements Attachment {
        public static AtHost of(Host host, String... addresses) {
            return of(host, LinkOffload.NONE, addresses);
        }

        public static AtHost of(Host host, LinkOffload offload, String... addresses) {
            List<IpAddress> parsed = new ArrayList<>();
            for (String address : addresses) {
                parsed.add(IpAddress.parse(address));
            }
            return new AtHost(host, offload, parsed);
        }
    }

    /** A new port of a router. */
    public record AtRouter(Router router) implements Attachment {
    }

    private record Plugged(Cable cable, CableEnd first, CableEnd second) {
        CableEnd other(CableEnd end) {
            return end == first ? second : first;
        }
    }

    private final Simulation simulation;
    private final List<Host> hosts = new ArrayList<>();
    private final List<Router> routers = new ArrayList<>();
    private final List<Plugged> cables = new ArrayList<>();
    private final List<AtLink> addresses = new ArrayList<>();

    private record AtLink(IpAddress address, SimLink link) {
    }

    public Topology(Simulation simulation) {
        this.simulation = simulation;
    }

    public Simulation simulation() {
        return simulation;
    }

    public Host host(String name) {
        return host(name, StackConfig.DEFAULT);
    }

    public Host host(String name, StackConfig config) {
        Host host = new Host(simulation, name, config);
        hosts.add(host);
        return host;
    }

    /** A router; its own addresses are 192.0.2.n and 2001:db8::n, for n counted from 1. */
    public Router router(String name) {
        int number = routers.size() + 1;
        if (number > 254) {
            throw new IllegalArgumentException("more than 254 routers");
        }
        Router router = new Router(simulation, name, IpAddress.v4(0xc000_0200 | number),
                new IpAddress(0x2001_0db8_0000_0000L, number));
        routers.add(router);
        return router;
    }

    public Cable cable(String name, Attachment first, Attachment second, PipeProperties forward,
            PipeProperties backward) {
        CableEnd one = plug(name, first, forward.mtu());
        CableEnd two = plug(name, second, backward.mtu());
        Cable cable = new Cable(simulation, name, one, two, forward, backward);
        cables.add(new Plugged(cable, one, two));
        return cable;
    }

    public Cable cable(String name, Attachment first, Attachment second, PipeProperties both) {
        return cable(name, first, second, both, both);
    }

    private CableEnd plug(String name, Attachment attachment, int mtu) {
        return switch (attachment) {
            case AtHost at -> {
                SimLink link = at.host().link(name, mtu, at.offload(), at.addresses().toArray(IpAddress[]::new));
                for (IpAddress address : at.addresses()) {
                    addresses.add(new AtLink(address, link));
                }
                yield link;
            }
            case AtRouter at -> at.router().port();
        };
    }

    /**
     * Gives every router a route to every address, by the path with the fewest cables. Once, when all is plugged in.
     */
    public void computeRoutes() {
        for (AtLink target : addresses) {
            Set<Router> seen = new HashSet<>();
            Deque<RouterPort> reached = new ArrayDeque<>();
            reach(target.link(), seen, reached);
            while (!reached.isEmpty()) {
                RouterPort port = reached.poll();
                IpAddress address = target.address();
                port.router().route(address, address.isV4() ? 32 : 128, port);
                for (RouterPort other : port.router().ports()) {
                    if (other != port) {
                        reach(other, seen, reached);
                    }
                }
            }
        }
    }

    private void reach(CableEnd end, Set<Router> seen, Deque<RouterPort> reached) {
        for (Plugged plugged : cables) {
            if ((plugged.first() == end || plugged.second() == end)
                    && plugged.other(end) instanceof RouterPort port && seen.add(port.router())) {
                reached.add(port);
            }
        }
    }

    public List<Host> hosts() {
        return List.copyOf(hosts);
    }

    public List<Router> routers() {
        return List.copyOf(routers);
    }

    public List<Cable> cables() {
        return cables.stream().map(Plugged::cable).toList();
    }
}
