package net.braid.sim;

import java.util.ServiceLoader;
import java.util.function.Function;
import net.braid.mptcp.PacketScheduler;
import net.braid.mptcp.PathManager;
import net.braid.tcp.CongestionController;

/** The policies that can be had, for whoever reads a name from a person. Each method answers the name. */
final class PolicyNames {
    private PolicyNames() {
    }

    static String congestion(String name) {
        return known("congestion control", name, ServiceLoader.load(CongestionController.Factory.class),
                CongestionController.Factory::name);
    }

    static String scheduler(String name) {
        return known("scheduler", name, ServiceLoader.load(PacketScheduler.Factory.class),
                PacketScheduler.Factory::name);
    }

    static String pathManager(String name) {
        return known("path manager", name, ServiceLoader.load(PathManager.Factory.class), PathManager.Factory::name);
    }

    private static <F> String known(String what, String name, ServiceLoader<F> factories, Function<F, String> nameOf) {
        var all = factories.stream().map(provider -> nameOf.apply(provider.get())).sorted().toList();
        if (!all.contains(name)) {
            throw new IllegalArgumentException("unknown " + what + " '" + name + "'; known are " + all);
        }
        return name;
    }
}
