package net.braid.sim;

import java.util.ArrayList;
import java.util.List;

/** What a host still holds when it should hold nothing. */
public final class Leaks {
    private Leaks() {
    }

    /** One line for each kind of thing that {@code host} has not given back; empty when it is clean. */
    public static List<String> of(Host host) {
        List<String> leaks = new ArrayList<>();
        note(leaks, host, host.stack().connectionCount(), "connections");
        note(leaks, host, host.stack().timeWaitCount(), "TIME-WAIT entries");
        note(leaks, host, host.stack().pool().inUse(), "buffer blocks");
        note(leaks, host, host.stack().tokenCount(), "tokens");
        if (host.stack().deadline() != Simulation.NEVER) {
            leaks.add(host.name() + " still has a deadline, at " + host.stack().deadline() + " ns");
        }
        return leaks;
    }

    private static void note(List<String> leaks, Host host, long count, String what) {
        if (count != 0) {
            leaks.add(host.name() + " still holds " + count + " " + what);
        }
    }
}
