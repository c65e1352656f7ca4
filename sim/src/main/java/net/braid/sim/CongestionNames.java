package net.braid.sim;

import java.util.List;
import java.util.ServiceLoader;
import net.braid.tcp.CongestionController;

/** The congestion controls that can be had. */
final class CongestionNames {
    private CongestionNames() {
    }

    static List<String> all() {
        return ServiceLoader.load(CongestionController.Factory.class).stream().map(provider -> provider.get().name())
                .sorted().toList();
    }

    static boolean isKnown(String name) {
        return all().contains(name);
    }
}
