package net.braid.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.MalformedInputException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import net.braid.sim.Scenario;
import net.braid.sim.ScenarioException;
import net.braid.sim.ScenarioParser;
import net.braid.sim.ScenarioResult;
import net.braid.sim.ScenarioRun;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Runs a scenario file. */
@Command(name = "sim",
        description = "Run a scenario: hosts, links and flows described in a text file.",
        mixinStandardHelpOptions = true,
        footer = {"", "Exit code 0 when all expectations were met and nothing was violated, 1 when not."})
final class SimCommand implements Callable<Integer> {
    private static final long FRAME_NANOS = 20_000_000;

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "FILE", description = "The scenario; docs/scenario.md describes its language.")
    private Path file;

    @Option(names = "--seed", paramLabel = "N", description = "Use this seed instead of the scenario's.")
    private Long seed;

    @Option(names = "--output", paramLabel = "DIR",
            description = "Where captures and traces go (default: the folder of the scenario).")
    private Path output;

    @Option(names = "--real-time", description = "Let the world's clock follow ours.")
    private boolean realTime;

    @Option(names = "--check", description = "Read the file and say whether it is right; do not run it.")
    private boolean check;

    @Option(names = "--json", description = "Print the result as JSON.")
    private boolean json;

    @Override
    public Integer call() throws InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        if (output == null) {
            output = file.toAbsolutePath().getParent();
        } else if (!Files.isDirectory(output)) {
            throw new UserError("--output " + output + ": there is no such directory");
        }
        try {
            Scenario scenario = withSeed(ScenarioParser.parse(file.toString(), read()));
            if (check) {
                out.println(file + ": " + scenario.hosts().size() + " hosts, " + scenario.links().size() + " links, "
                        + scenario.flows().size() + " flows");
                return Braid.SUCCESS;
            }
            ScenarioResult result = run(scenario);
            out.print(json ? ScenarioJson.of(result) + System.lineSeparator() : result.toText());
            out.flush();
            return result.isGood() ? Braid.SUCCESS : Braid.FAILED;
        } catch (ScenarioException wrong) {
            throw new UserError(wrong.getMessage());
        }
    }

    private String read() {
        try {
            return Files.readString(file);
        } catch (NoSuchFileException e) {
            throw new UserError("there is no file " + file);
        } catch (AccessDeniedException e) {
            throw new UserError(file + " may not be read");
        } catch (MalformedInputException e) {
            throw new UserError(file + " is not text in UTF-8");
        } catch (IOException e) {
            throw new UserError(file + " cannot be read: " + e.getMessage());
        }
    }

    private Scenario withSeed(Scenario s) {
        return seed == null ? s : new Scenario(seed, s.durationNanos(), s.hosts(), s.routers(), s.links(),
                s.middleboxes(), s.flows(), s.events(), s.captures(), s.traces(), s.expectations());
    }

    private ScenarioResult run(Scenario scenario) throws ScenarioException, InterruptedException {
        try (ScenarioRun run = new ScenarioRun(scenario, output)) {
            long began = System.nanoTime();
            while (realTime && System.nanoTime() - began < scenario.durationNanos()) {
                run.advanceTo(System.nanoTime() - began);
                Thread.sleep(FRAME_NANOS / 1_000_000);
            }
            run.advanceTo(scenario.durationNanos());
            return run.result();
        }
    }
}
