package net.braid.cli;

import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Prints a completion script made from the commands themselves. */
@Command(name = "completion",
        description = "Print a completion script for bash or zsh: source <(braid completion)",
        mixinStandardHelpOptions = true)
final class Completion implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        spec.commandLine().getOut().print(AutoComplete.bash("braid", spec.root().commandLine()));
        spec.commandLine().getOut().flush();
        return Braid.SUCCESS;
    }
}
