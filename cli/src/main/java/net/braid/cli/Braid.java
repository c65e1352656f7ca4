package net.braid.cli;

import java.io.PrintWriter;
import java.lang.module.ModuleDescriptor;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/**
 * The front door. Exit codes: 0 success, 1 the run failed, 2 the arguments or a file were wrong (one line on standard
 * error).
 */
@Command(name = "braid",
        description = "Multipath TCP outside the kernel, and a laboratory for it.",
        mixinStandardHelpOptions = true,
        versionProvider = Braid.Version.class,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            Demo.class, UpCommand.class, DownCommand.class, StatusCommand.class, ConnectCommand.class,
            ListenCommand.class, SendCommand.class, ReceiveCommand.class, PerfCommand.class,
            ControlCommand.Endpoint.class, ControlCommand.Limits.class, ControlCommand.Monitor.class,
            ControlCommand.Connections.class, ControlCommand.CounterList.class,
            SimCommand.class, SwarmCommand.class, EmulateCommand.class,
            CommandLine.HelpCommand.class, ManCommand.class, Completion.class
        },
        footer = {
            "",
            "The script ./braid also knows:",
            "  test        Run the tests (braid test --help).",
            "  bench       Run the benchmarks with JMH's arguments.",
            "  conformance Print which requirements are met (braid conformance --help).",
            "  jdk         Print the folder of the JDK that is used."})
public final class Braid implements Runnable {
    static final int SUCCESS = 0;
    static final int FAILED = 1;
    static final int USAGE = 2;

    @Spec
    private CommandSpec spec;

    public static void main(String[] arguments) {
        System.exit(run(new PrintWriter(System.out, true), new PrintWriter(System.err, true), arguments));
    }

    /** Runs one command line and returns its exit code. */
    static int run(PrintWriter out, PrintWriter err, String... arguments) {
        return commandLine().setOut(out).setErr(err).execute(arguments);
    }

    static CommandLine commandLine() {
        return new CommandLine(new Braid())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setUsageHelpAutoWidth(true)
                .setUnmatchedOptionsAllowedAsOptionParameters(false)
                .setParameterExceptionHandler(Braid::onBadArguments)
                .setExecutionExceptionHandler(Braid::onException);
    }

    private static int onBadArguments(CommandLine.ParameterException wrong, String[] arguments) {
        CommandLine command = wrong.getCommandLine();
        String message = wrong.getMessage().lines().findFirst().orElse("wrong arguments");
        complain(command, message + "; try '" + command.getCommandSpec().qualifiedName() + " --help'");
        return USAGE;
    }

    private static int onException(Exception exception, CommandLine command, CommandLine.ParseResult parsed)
            throws Exception {
        if (exception instanceof UserError wrong) {
            complain(command, wrong.getMessage());
            return USAGE;
        }
        throw exception;
    }

    private static void complain(CommandLine command, String message) {
        command.getErr().println("braid: " + message);
        command.getErr().flush();
    }

    /** {@code braid} alone shows what there is. */
    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }

    static String version() {
        ModuleDescriptor module = Braid.class.getModule().getDescriptor();
        return "braid " + (module == null ? "unknown" : module.rawVersion().orElse("unknown"));
    }

    /** The module carries the version that Maven built. */
    static final class Version implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {version() + " (Java " + Runtime.version().feature() + ")"};
        }
    }
}
