package net.braid.cli;

import java.io.IOException;
import java.util.concurrent.Callable;
import net.braid.mptcp.ConnectionConfig;
import net.braid.runtime.Engine;
import net.braid.wire.IpAddress;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Opens connections to a {@code braid perf server}, or to anything with {@code --raw}, and measures. */
@Command(name = "client",
        description = "Open connections to a 'braid perf server', or to an iperf3 server, and measure.",
        mixinStandardHelpOptions = true,
        footer = {"", "Exit code 1 when a connection fails."})
final class PerfClientCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private WireOptions wire;

    @Mixin
    private ConnectionOptions connection;

    @Mixin
    private PerfOptions perf;

    @Parameters(index = "0", paramLabel = "ADDRESS", description = "The server's address.")
    private String host;

    @Parameters(index = "1", paramLabel = "PORT", arity = "0..1", defaultValue = "5201",
            description = "The server's port (default: ${DEFAULT-VALUE}).")
    private int port;

    @Option(names = {"-P", "--parallel"}, paramLabel = "N", defaultValue = "1",
            description = "How many connections at once, 1 to 128 (default: ${DEFAULT-VALUE}).")
    private int parallel;

    @Option(names = "--iperf3", description = "The server is an iperf3 -s.")
    private boolean iperf3;

    @Option(names = "--timeout", paramLabel = "TIME", defaultValue = "30s", converter = Quantity.Time.class,
            description = "How long to wait for an answer, and for the end (default: ${DEFAULT-VALUE}).")
    private long timeout;

    @Override
    public Integer call() {
        PerfRequest request = perf.request(parallel);
        long interval = perf.intervalNanos();
        IpAddress address = WireOptions.address("ADDRESS", host);
        int at = WireOptions.port(port);
        ConnectionConfig config = connection.config();
        PerfClient.Peer peer = peer(request);
        try (Engine engine = wire.open(config)) {
            new PerfClient(engine, address, at, config, request, peer, interval, timeout)
                    .run(new PerfPrinter(spec.commandLine().getOut(), perf.json()));
            return Braid.SUCCESS;
        } catch (IOException problem) {
            return Talk.failed(spec, problem);
        }
    }

    private PerfClient.Peer peer(PerfRequest request) {
        if (iperf3 && perf.raw()) {
            throw new UserError("--iperf3 and --raw contradict each other");
        }
        if (iperf3 && request.direction() == PerfDirection.BOTH) {
            throw new UserError("--bidirectional does not go with --iperf3");
        }
        return iperf3 ? PerfClient.Peer.IPERF3 : perf.raw() ? PerfClient.Peer.RAW : PerfClient.Peer.BRAID;
    }
}
