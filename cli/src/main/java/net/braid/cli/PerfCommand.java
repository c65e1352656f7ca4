package net.braid.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** How fast is it? */
@Command(name = "perf",
        description = "Measure throughput over all paths between two ends, like iperf3.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "server|client",
        subcommands = {PerfServerCommand.class, PerfClientCommand.class},
        footer = {"", "With --raw the other end may be any program of any host: nc, socat, a web server."})
final class PerfCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "say 'server' or 'client'");
    }
}
