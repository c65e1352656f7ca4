package net.braid.conformance;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The command {@code ./braid conformance}. Exit codes: 0 printed, 2 the arguments were wrong. */
public final class Conformance {
    private static final String HELP = """
            Usage: braid conformance [--missing | --json]
            Prints for each requirement of spec/checklist.tsv whether it is met: the tests that name it, the code that
            cites it, or the reason why it is departed from or missing. The totals come last.

              --missing   only what is due and not there
              --json      for programs: an array with one object for each requirement
            """;

    private Conformance() {
    }

    public static void main(String[] arguments) throws IOException {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        System.exit(run(out, System.err, List.of(arguments)));
    }

    static int run(PrintStream out, PrintStream err, List<String> arguments) throws IOException {
        String argument = arguments.isEmpty() ? "" : arguments.getFirst();
        if (arguments.size() > 1 || !List.of("", "--missing", "--json", "-h", "--help").contains(argument)) {
            err.println("braid: conformance takes --missing, --json or --help, not '" + String.join(" ", arguments)
                    + "'");
            return 2;
        }
        switch (argument) {
            case "--missing" -> RequirementReport.of(Reactor.find()).printMissing(out);
            case "--json" -> RequirementReport.of(Reactor.find()).printJson(out);
            case "" -> RequirementReport.of(Reactor.find()).print(out);
            default -> out.print(HELP);
        }
        return 0;
    }
}
