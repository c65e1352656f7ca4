package net.braid.cli;

import java.io.IOException;
import java.util.concurrent.Callable;
import net.braid.runtime.Acceptance;
import net.braid.runtime.Engine;
import net.braid.runtime.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Like nc -l: waits for one connection, then as {@link ConnectCommand}. */
@Command(name = "listen",
        description = "Wait for a connection: standard input goes there, what it says to standard output.",
        mixinStandardHelpOptions = true,
        footer = {"", "Exit code 1 when the connection fails."})
final class ListenCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private WireOptions wire;

    @Mixin
    private ConnectionOptions connection;

    @Parameters(index = "0", paramLabel = "PORT", description = "The port to listen on, on all addresses.")
    private int port;

    @Option(names = "--timeout", paramLabel = "TIME", defaultValue = "30s", converter = Quantity.Time.class,
            description = "How long to wait for the confirmation of the end (default: ${DEFAULT-VALUE}).")
    private long timeout;

    @Option(names = {"-v", "--verbose"}, description = "Say on standard error what the connection is.")
    private boolean verbose;

    @Option(names = "--json", description = "As -v, but as JSON.")
    private boolean json;

    @Override
    public Integer call() {
        try (Engine engine = wire.open(connection.config());
                Acceptance acceptance = engine.listen(WireOptions.EVERYWHERE, WireOptions.port(port), 16,
                        connection.config());
                Stream stream = acceptance.accept()) {
            return new Talk(spec, verbose, json).converse(stream, timeout);
        } catch (IOException problem) {
            return Talk.failed(spec, problem);
        }
    }
}
