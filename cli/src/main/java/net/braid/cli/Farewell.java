package net.braid.cli;

import java.io.IOException;
import java.util.List;
import net.braid.runtime.Engine;
import net.braid.runtime.Stream;

/** A command that is terminated resets its connections, as the kernel does for a program that it ends. */
final class Farewell {
    private static final long PATIENCE_NANOS = 300_000_000L;

    private Farewell() {
    }

    /** @return {@code engine}, whose connections will not be left behind */
    static Engine onExit(Engine engine) {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> abort(engine.streams()), "farewell"));
        return engine;
    }

    private static void abort(List<Stream> streams) {
        streams.forEach(Stream::abort);
        try {
            for (Stream stream : streams) {
                stream.awaitClosed(PATIENCE_NANOS);
            }
        } catch (IOException interrupted) {
            // Then the peers must find out by themselves.
        }
    }
}
