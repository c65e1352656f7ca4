package net.braid.cli;

import java.io.IOException;
import java.util.concurrent.Callable;
import net.braid.runtime.Acceptance;
import net.braid.runtime.Engine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Waits for {@code braid perf client}, or for anything with {@code --raw}. */
@Command(name = "server",
        description = "Wait for connections of a 'braid perf client' and measure.",
        mixinStandardHelpOptions = true,
        footer = {"", "The client says what to do. With --raw the server reads what comes, or sends with --reverse.",
            "With --json: one line for each connection, at its end."})
final class PerfServerCommand implements Callable<Integer> {
    private static final int BACKLOG = 256;

    @Spec
    private CommandSpec spec;

    @Mixin
    private WireOptions wire;

    @Mixin
    private ConnectionOptions connection;

    @Mixin
    private PerfOptions perf;

    @Parameters(index = "0", paramLabel = "PORT", arity = "0..1", defaultValue = "5201",
            description = "The port to listen on, on all addresses (default: ${DEFAULT-VALUE}).")
    private int port;

    @Option(names = {"-1", "--once"}, description = "End after the first run.")
    private boolean once;

    @Override
    public Integer call() {
        PerfRequest request = perf.request(1);
        long interval = perf.intervalNanos();
        int at = WireOptions.port(port);
        if (!perf.raw() && perf.saysWhat()) {
            throw new UserError("the client says what to measure; --reverse, --bidirectional, --time and --bytes of a "
                    + "server need --raw");
        }
        try (Engine engine = wire.open(connection.config());
                Acceptance acceptance = engine.listen(WireOptions.EVERYWHERE, at, BACKLOG, connection.config())) {
            PerfServer server = new PerfServer(acceptance, perf.raw() ? request : null, interval, perf.json(),
                    spec.commandLine().getOut(), spec.commandLine().getErr());
            return server.run(once) ? Braid.SUCCESS : Braid.FAILED;
        } catch (IOException problem) {
            return Talk.failed(spec, problem);
        }
    }
}
