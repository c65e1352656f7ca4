package net.braid.sim;

import java.util.ArrayList;
import java.util.List;
import net.braid.base.RandomSource;
import net.braid.stack.Route;
import net.braid.stack.Stack;
import net.braid.stack.StackConfig;
import net.braid.wire.IpAddress;

/**
 * A machine that runs the real engine. Its duty cycle runs when packets have arrived, when a deadline has come, when a
 * full link has room again, and when somebody called {@link #wake}; in between it costs nothing.
 */
public final class Host implements LinkOwner, Actor {
    private static final int RECEIVE_LIMIT = 64;
    private static final int TRANSMIT_BUDGET = 256;
    /** A duty cycle that finds this much to send at one instant is a loop, not a host. */
    private static final int MOST_TURNS = 20_000;

    private final Simulation simulation;
    private final String name;
    private final Stack stack;
    private final int actor;
    private final List<SimLink> links = new ArrayList<>();
    private final List<IpAddress> addresses = new ArrayList<>();
    private long scheduled = Simulation.NEVER;
    private boolean running;

    public Host(Simulation simulation, String name, StackConfig config) {
        this.simulation = simulation;
        this.name = name;
        RandomSource random = simulation.random("host " + name);
        this.stack = new Stack(config, random, simulation.arena());
        this.actor = simulation.register(this);
    }

    public Host(Simulation simulation, String name) {
        this(simulation, name, StackConfig.DEFAULT);
    }

    /**
     * A network interface with its addresses. Everything that is sent from one of them leaves by this link.
     *
     * @param mtu largest IP packet in bytes
     */
    public SimLink link(String linkName, int mtu, LinkOffload offload, IpAddress... linkAddresses) {
        SimLink link = new SimLink(simulation, name + "." + linkName, links.size(), mtu, offload);
        link.owner(this);
        link.addresses(List.of(linkAddresses));
        links.add(link);
        stack.addLink(link);
        for (IpAddress address : linkAddresses) {
            stack.routes().add(address, address.isV4() ? IpAddress.ANY_V4 : IpAddress.ANY_V6, 0, link);
            addresses.add(address);
        }
        return link;
    }

    /** An interface loses an address, and the connections hear of it. What still comes for it is dropped. */
    public void removeAddress(IpAddress address) {
        for (Route route : stack.routes().all()) {
            if (route.local().equals(address)) {
                stack.routes().remove(route);
            }
        }
        stack.onLocalAddress(address, false, simulation.now());
        wake();
    }

    /** An address of {@link #link} comes back. */
    public void addAddress(SimLink link, IpAddress address) {
        stack.routes().add(address, address.isV4() ? IpAddress.ANY_V4 : IpAddress.ANY_V6, 0, link);
        stack.onLocalAddress(address, true, simulation.now());
        wake();
    }

    public String name() {
        return name;
    }

    public Stack stack() {
        return stack;
    }

    public Simulation simulation() {
        return simulation;
    }

    public List<SimLink> links() {
        return List.copyOf(links);
    }

    public List<IpAddress> addresses() {
        return List.copyOf(addresses);
    }

    /** An application has called the engine from outside: lets a duty cycle run at this instant. */
    public void wake() {
        if (!running && scheduled > simulation.now()) {
            scheduled = simulation.now();
            simulation.schedule(actor, scheduled);
        }
    }

    @Override
    public void onReadable(SimLink link, long now) {
        run(now);
    }

    @Override
    public void onEvent(long now) {
        scheduled = Simulation.NEVER;
        run(now);
    }

    private void run(long now) {
        assert !running : "a duty cycle inside a duty cycle";
        running = true;
        int received;
        do {
            received = stack.receive(RECEIVE_LIMIT, now);
        } while (received >= RECEIVE_LIMIT);
        if (stack.deadline() <= now) {
            stack.onDeadline(now);
        }
        int turns = 0;
        while (stack.transmit(TRANSMIT_BUDGET, now)) {
            if (++turns == MOST_TURNS) {
                throw new IllegalStateException("host " + name + " never stops sending at " + now + " ns");
            }
        }
        long next = stack.deadline();
        for (int i = 0; i < links.size(); i++) {
            SimLink link = links.get(i);
            link.flush();
            if (link.takeRefused()) {
                next = Math.min(next, Math.max(now + 1, link.out().nextDeparture()));
            }
        }
        running = false;
        if (next != scheduled) {
            scheduled = next;
            simulation.schedule(actor, Math.max(next, now));
        }
    }

    @Override
    public String toString() {
        return name;
    }
}
