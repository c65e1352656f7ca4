package net.braid.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** The pages in docs, against what the commands know of themselves. */
class DocumentationTest {
    private static final Path ROOT = Path.of("..");
    private static final Pattern OPTION = 
            Pattern.compile("(?<![-\\w])(--[a-z][a-z0-9-]*[a-z0-9]|-[a-zA-Z0-9](?![\\w-]))");
    /** Of ./braid bench and ./braid conformance, which are not commands of this module. */
    private static final Set<String> ELSEWHERE = Set.of("--missing", "--rounds", "--seconds");
    /** What commands that run an engine have in common is on the page of connect. */
    private static final Map<String, String> PAGES = new TreeMap<>(Map.ofEntries(
            Map.entry("connect", "connect"), Map.entry("listen", "connect"), Map.entry("send", "files"),
            Map.entry("receive", "files"), Map.entry("perf client", "perf"), Map.entry("perf server", "perf"),
            Map.entry("up", "up"), Map.entry("down", "up"), Map.entry("status", "up"), Map.entry("demo", "demo"),
            Map.entry("sim", "sim"), Map.entry("swarm", "swarm"), Map.entry("emulate", "emulate"),
            Map.entry("endpoint", "control"), Map.entry("limits", "control"), Map.entry("monitor", "control"),
            Map.entry("connections", "control"), Map.entry("counters", "control"), Map.entry("man", "shell"),
            Map.entry("completion", "shell")));

    private static Map<String, List<OptionSpec>> commands(CommandLine command, String name) {
        Map<String, List<OptionSpec>> found = new TreeMap<>();
        found.put(name, command.getCommandSpec().options());
        command.getSubcommands().forEach((word, below) -> found.putAll(commands(below, (name + " " + word).strip())));
        return found;
    }

    private static final Map<String, List<OptionSpec>> COMMANDS = commands(Braid.commandLine(), "");

    private static Set<String> named(Path page) throws IOException {
        Set<String> names = new TreeSet<>();
        Matcher matcher = OPTION.matcher(Files.readString(page));
        while (matcher.find()) {
            names.add(matcher.group());
        }
        return names;
    }

    @Test
    void everyOptionThatAPageNamesIsThere() throws IOException {
        Set<String> known = new TreeSet<>(ELSEWHERE);
        COMMANDS.values().forEach(options -> options.forEach(option -> known.addAll(List.of(option.names()))));
        List<String> unknown = new ArrayList<>();
        List<Path> pages = new ArrayList<>(List.of(ROOT.resolve("README.md")));
        try (var docs = Files.list(ROOT.resolve("docs"))) {
            docs.filter(page -> page.toString().endsWith(".md")).sorted().forEach(pages::add);
        }
        for (Path page : pages) {
            named(page).stream().filter(name -> name.startsWith("--") && !known.contains(name))
                    .forEach(name -> unknown.add(page + " " + name));
        }
        assertEquals(List.of(), unknown);
    }

    @Test
    void everyOptionIsOnThePageOfItsCommand() throws IOException {
        List<String> missing = new ArrayList<>();
        for (Map.Entry<String, String> entry : PAGES.entrySet()) {
            Set<String> named = named(ROOT.resolve("docs/" + entry.getValue() + ".md"));
            List<OptionSpec> options = COMMANDS.get(entry.getKey());
            if (options.stream().anyMatch(option -> option.longestName().equals("--local"))) {
                named.addAll(named(ROOT.resolve("docs/connect.md")));
            }
            for (OptionSpec option : options) {
                if (!option.usageHelp() && !option.versionHelp()
                        && Arrays.stream(option.names()).noneMatch(named::contains)) {
                    missing.add(entry.getKey() + " " + option.longestName());
                }
            }
        }
        assertEquals(List.of(), missing);
    }

    @Test
    void everyCommandHasAPage() {
        Set<String> without = new TreeSet<>(COMMANDS.keySet());
        without.removeAll(PAGES.keySet());
        assertEquals(Set.of("", "help", "perf"), without);
    }
}
