package net.braid.stack;

import java.util.Map;
import java.util.ServiceLoader;
import java.util.TreeMap;
import net.braid.tcp.CongestionController;

/** The congestion controllers that the program was started with, by name. */
final class CongestionControllers {
    private final Map<String, CongestionController.Factory> byName = new TreeMap<>();

    CongestionControllers() {
        for (CongestionController.Factory factory : ServiceLoader.load(CongestionController.Factory.class)) {
            byName.putIfAbsent(factory.name(), factory);
        }
    }

    /** @throws IllegalArgumentException that lists the known names */
    CongestionController.Factory find(String name) {
        CongestionController.Factory factory = byName.get(name);
        if (factory == null) {
            throw new IllegalArgumentException("unknown congestion control \"" + name + "\"; known: "
                    + (byName.isEmpty() ? "none" : String.join(", ", byName.keySet())));
        }
        return factory;
    }
}
