package net.braid.stack;

import java.util.Map;
import java.util.ServiceLoader;
import java.util.TreeMap;
import net.braid.mptcp.ConnectionConfig;
import net.braid.mptcp.MultipathConfig;
import net.braid.mptcp.PacketScheduler;
import net.braid.mptcp.PathManager;
import net.braid.tcp.CongestionController;

/** The policies that the program was started with, by name. */
final class Policies {
    private final Map<String, CongestionController.Factory> congestionControllers = new TreeMap<>();
    private final Map<String, PacketScheduler.Factory> schedulers = new TreeMap<>();
    private final Map<String, PathManager.Factory> pathManagers = new TreeMap<>();

    Policies() {
        for (CongestionController.Factory factory : ServiceLoader.load(CongestionController.Factory.class)) {
            congestionControllers.putIfAbsent(factory.name(), factory);
        }
        for (PacketScheduler.Factory factory : ServiceLoader.load(PacketScheduler.Factory.class)) {
            schedulers.putIfAbsent(factory.name(), factory);
        }
        for (PathManager.Factory factory : ServiceLoader.load(PathManager.Factory.class)) {
            pathManagers.putIfAbsent(factory.name(), factory);
        }
    }

    /** @throws IllegalArgumentException that lists the known names, for the first name that is unknown */
    void check(ConnectionConfig config) {
        congestionController(config.congestionControl());
        MultipathConfig multipath = config.multipath();
        if (multipath.enabled()) {
            find("scheduler", multipath.scheduler(), schedulers);
            find("path manager", multipath.pathManager(), pathManagers);
        }
    }

    CongestionController.Factory congestionController(String name) {
        return find("congestion control", name, congestionControllers);
    }

    PacketScheduler scheduler(String name) {
        return find("scheduler", name, schedulers).create();
    }

    PathManager pathManager(String name) {
        return find("path manager", name, pathManagers).create();
    }

    private static <F> F find(String what, String name, Map<String, F> byName) {
        F factory = byName.get(name);
        if (factory == null) {
            throw new IllegalArgumentException("unknown " + what + " \"" + name + "\"; known: "
                    + (byName.isEmpty() ? "none" : String.join(", ", byName.keySet())));
        }
        return factory;
    }
}
