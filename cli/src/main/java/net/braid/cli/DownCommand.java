package net.braid.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Removes what {@link UpCommand} has made. */
@Command(name = "down",
        description = "Remove everything that 'braid up' has made, also after it was killed.",
        mixinStandardHelpOptions = true,
        footer = {"", "Nothing to remove is no error."})
final class DownCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private UplinkOptions options;

    @Option(names = "--dry-run", description = "Print what would be done, as shell commands, and do nothing.")
    private boolean dryRun;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        String name = options.name();
        try (UplinkWork work = dryRun ? UplinkWork.look(name, options.folder())
                : UplinkWork.begin("down", name, options.folder())) {
            List<Step> steps = dryRun ? work.planDown() : work.down();
            if (dryRun) {
                steps.forEach(out::println);
            } else if (options.json) {
                out.println("{\"name\": " + UplinkState.quote(name) + ", \"changed\": " + !steps.isEmpty() + "}");
            } else {
                out.println(name + (steps.isEmpty() ? " was not up" : " is down"));
            }
            out.flush();
            return Braid.SUCCESS;
        } catch (IOException problem) {
            return Talk.failed(spec, problem);
        }
    }
}
