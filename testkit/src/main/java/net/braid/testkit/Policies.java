package net.braid.testkit;

import java.util.ServiceLoader;
import net.braid.mptcp.PacketScheduler;
import net.braid.mptcp.PathManager;
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

    /** @throws IllegalArgumentException when no module provides that name */
    public static PacketScheduler.Factory scheduler(String name) {
        for (PacketScheduler.Factory factory : ServiceLoader.load(PacketScheduler.Factory.class)) {
            if (factory.name().equals(name)) {
                return factory;
            }
        }
        throw new IllegalArgumentException("no scheduler is named " + name);
    }

    /** @throws IllegalArgumentException when no module provides that name */
    public static PathManager.Factory pathManager(String name) {
        for (PathManager.Factory factory : ServiceLoader.load(PathManager.Factory.class)) {
            if (factory.name().equals(name)) {
                return factory;
            }
        }
        throw new IllegalArgumentException("no path manager is named " + name);
    }
}
