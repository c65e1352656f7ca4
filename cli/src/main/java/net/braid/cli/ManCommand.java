package net.braid.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Prints or writes manual pages made from the commands themselves. */
@Command(name = "man",
        description = "Print the manual page of a command, or write all of them: braid man connect | man -l -",
        mixinStandardHelpOptions = true)
final class ManCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(names = "--output", paramLabel = "FOLDER",
            description = "Write all pages to this folder, as braid.1, braid-connect.1 and so on.")
    private Path folder;

    @Parameters(arity = "0..*", paramLabel = "COMMAND", description = "The command, as 'connect' or 'perf client'.")
    private List<String> words = new ArrayList<>();

    @Override
    public Integer call() {
        CommandSpec wanted = spec.root();
        for (String word : words) {
            CommandLine below = wanted.subcommands().get(word);
            if (below == null) {
                throw new UserError("'" + word + "' is no command of " + wanted.qualifiedName());
            }
            wanted = below.getCommandSpec();
        }
        PrintWriter out = spec.commandLine().getOut();
        if (folder == null) {
            out.print(ManPage.of(wanted));
        } else if (!words.isEmpty()) {
            throw new UserError("--output writes the pages of all commands: name none");
        } else {
            write(ManPage.all(wanted));
        }
        out.flush();
        return Braid.SUCCESS;
    }

    private void write(Map<String, String> pages) {
        try {
            Files.createDirectories(folder);
            for (Map.Entry<String, String> page : pages.entrySet()) {
                Files.writeString(folder.resolve(page.getKey() + ".1"), page.getValue());
            }
        } catch (IOException problem) {
            throw new UserError("--output " + folder + ": " + Reason.of(problem));
        }
    }
}
