package net.braid.cli;

import java.io.IOException;
import java.util.concurrent.Callable;
import net.braid.runtime.Engine;
import net.braid.runtime.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Like nc: standard input to a server, and its answer to standard output. */
@Command(name = "connect",
        description = "Connect to a server: standard input goes there, its answer to standard output.",
        mixinStandardHelpOptions = true,
        footer = {"", "Exit code 1 when the connection fails."})
final class ConnectCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private WireOptions wire;

    @Mixin
    private ConnectionOptions connection;

    @Parameters(index = "0", paramLabel = "ADDRESS", description = "The server's address.")
    private String host;

    @Parameters(index = "1", paramLabel = "PORT", description = "The server's port.")
    private int port;

    @Option(names = "--timeout", paramLabel = "TIME", defaultValue = "30s", converter = Quantity.Time.class,
            description = "How long to wait for an answer, and for the end (default: ${DEFAULT-VALUE}).")
    private long timeout;

    @Option(names = {"-v", "--verbose"}, description = "Say on standard error what the connection is.")
    private boolean verbose;

    @Option(names = "--json", description = "As -v, but as JSON.")
    private boolean json;

    @Override
    public Integer call() {
        try (Engine engine = wire.open(connection.config());
                Stream stream = engine.connect(null, 0, WireOptions.address("ADDRESS", host), WireOptions.port(port),
                        connection.config(), timeout)) {
            return new Talk(spec, verbose, json).converse(stream, timeout);
        } catch (IOException problem) {
            return Talk.failed(spec, problem);
        }
    }
}
