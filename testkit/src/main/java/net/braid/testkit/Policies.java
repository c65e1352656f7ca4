package net.braid.testkit;

import java.util.ServiceLoader;
import net.braid.tcp.CongestionController;

/** Finds policies as a program does: by name, among what the modules provide. */
public final class Policies {
    private Policies() {
    }

    /** @throws IllegalArgumentException when no module provides that name */
    public static CongestionController.Factory congestionController(String name) {
        for (CongestionController.Factory factory : ServiceLoader.load(CongestionController.Factory.class)) {
            if (factory.name().equals(name)) {
                return factory;
            }
        }
        throw new IllegalArgumentException("no congestion controller is named " + name);
    }
}
