package net.braid.cli;

import net.braid.runtime.Engine;
import net.braid.runtime.Stream;

/** A command that is terminated resets its connections, as the kernel does for a program that it ends. */
final class Farewell {
    private Farewell() {
    }

    /** @return {@code engine}, whose connections will not be left behind */
    static Engine onExit(Engine engine) {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> end(engine), "farewell"));
        return engine;
    }

    private static void end(Engine engine) {
        engine.streams().forEach(Stream::abort);
        // The resets have left when it is closed.
        engine.close();
    }
}
