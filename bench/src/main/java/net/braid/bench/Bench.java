package net.braid.bench;

import java.io.IOException;
import org.openjdk.jmh.Main;
import org.openjdk.jmh.runner.BenchmarkList;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * {@code ./braid bench}: JMH with its own arguments, for example {@code WireBenchmark -f 1 -prof gc}; or
 * {@code kernel}, which compares Braid with the Multipath TCP of this machine's kernel.
 */
public final class Bench {
    private static final int USAGE = 2;

    private Bench() {
    }

    public static void main(String[] arguments) throws IOException {
        if (arguments.length > 0 && arguments[0].equals("kernel")) {
            System.exit(KernelComparison.run(arguments));
        }
        String wrong = whatIsWrong(arguments);
        if (wrong != null) {
            System.err.println("braid: " + wrong + "; try 'braid bench -h'");
            System.exit(USAGE);
        }
        Main.main(arguments);
    }

    /** JMH itself says it in many lines, and ends with 1. Null when nothing is wrong. */
    private static String whatIsWrong(String[] arguments) {
        try {
            CommandLineOptions options = new CommandLineOptions(arguments);
            boolean nothingFits = BenchmarkList.defaultList().find(
                    OutputFormatFactory.createFormatInstance(System.out, VerboseMode.SILENT), options.getIncludes(),
                    options.getExcludes()).isEmpty();
            return nothingFits ? "no benchmark is called " + String.join(" or ", options.getIncludes()) : null;
        } catch (CommandLineOptionException e) {
            return "wrong arguments: " + e.getMessage().lines().findFirst().orElse("");
        }
    }
}
