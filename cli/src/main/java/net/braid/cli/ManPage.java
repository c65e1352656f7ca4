package net.braid.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;
import java.util.TreeMap;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** The manual page of a command in roff (man(7)), from what the command itself knows. */
final class ManPage {
    private final CommandSpec command;
    private final StringBuilder page = new StringBuilder();

    private ManPage(CommandSpec command) {
        this.command = command;
    }

    /** Pages of a command and of all below it, by name: {@code braid-connect} and so on. */
    static Map<String, String> all(CommandSpec command) {
        Map<String, String> pages = new TreeMap<>();
        pages.put(name(command), of(command));
        for (CommandLine below : command.subcommands().values()) {
            if (!below.getCommandSpec().usageMessage().hidden()) {
                pages.putAll(all(below.getCommandSpec()));
            }
        }
        return pages;
    }

    static String name(CommandSpec command) {
        return command.qualifiedName("-");
    }

    static String of(CommandSpec command) {
        return new ManPage(command).write();
    }

    private String write() {
        String name = name(command);
        line(".TH \"" + name.toUpperCase(Locale.ROOT) + "\" 1 \"\" \"" + Braid.version() + "\" \"Braid\"");
        section("NAME");
        List<String> description = lines(command.usageMessage().description());
        String first = description.isEmpty() ? command.name() : description.getFirst();
        line(escaped(name) + " \\- " + escaped(first.endsWith(".") ? first.substring(0, first.length() - 1) : first));
        section("SYNOPSIS");
        synopsis();
        if (!description.isEmpty()) {
            section("DESCRIPTION");
            description.forEach(this::paragraph);
        }
        arguments();
        options();
        commands();
        notes();
        section("EXIT STATUS");
        term("0", "All went well.");
        term("1", "It has failed, with one line on standard error.");
        term("2", "The arguments or a file were wrong, with one line on standard error.");
        seeAlso();
        return page.toString();
    }

    private void synopsis() {
        StringJoiner words = new StringJoiner(" ");
        words.add("\\fB" + escaped(command.qualifiedName()) + "\\fR");
        if (!command.options().isEmpty()) {
            words.add("[\\fIOPTION\\fR ...]");
        }
        for (PositionalParamSpec parameter : command.positionalParameters()) {
            if (!parameter.hidden()) {
                String label = "\\fI" + escaped(text(parameter.paramLabel())) + "\\fR"
                        + (parameter.arity().max() > 1 ? " ..." : "");
                words.add(parameter.required() ? label : "[" + label + "]");
            }
        }
        if (!command.subcommands().isEmpty()) {
            words.add("[\\fICOMMAND\\fR]");
        }
        line(words.toString());
    }

    private void arguments() {
        List<PositionalParamSpec> shown = command.positionalParameters().stream().filter(each -> !each.hidden())
                .toList();
        if (!shown.isEmpty()) {
            section("ARGUMENTS");
            shown.forEach(each -> term("\\fI" + escaped(text(each.paramLabel())) + "\\fR", joined(each.description())));
        }
    }

    private void options() {
        List<OptionSpec> shown = new ArrayList<>(command.options().stream().filter(each -> !each.hidden()).toList());
        if (shown.isEmpty()) {
            return;
        }
        section("OPTIONS");
        shown.sort((one, other) -> one.longestName().compareTo(other.longestName()));
        for (OptionSpec option : shown) {
            StringJoiner names = new StringJoiner(", ");
            for (String name : option.names()) {
                names.add("\\fB" + escaped(name) + "\\fR");
            }
            String label = option.arity().max() == 0 ? "" : "=\\fI" + escaped(text(option.paramLabel())) + "\\fR";
            term(names + label, joined(option.description()));
        }
    }

    private void commands() {
        if (!command.subcommands().isEmpty()) {
            section("COMMANDS");
            command.subcommands().forEach((name, below) -> term("\\fB" + escaped(name) + "\\fR",
                    joined(below.getCommandSpec().usageMessage().description())));
        }
    }

    private void notes() {
        List<String> footer = lines(command.usageMessage().footer()).stream().filter(each -> !each.isBlank()).toList();
        if (!footer.isEmpty()) {
            section("NOTES");
            line(".nf");
            footer.forEach(each -> line(escaped(each)));
            line(".fi");
        }
    }

    private void seeAlso() {
        StringJoiner others = new StringJoiner(", ");
        if (command.parent() != null) {
            others.add("\\fB" + escaped(name(command.parent())) + "\\fR(1)");
        }
        for (CommandLine below : command.subcommands().values()) {
            others.add("\\fB" + escaped(name(below.getCommandSpec())) + "\\fR(1)");
        }
        if (others.length() > 0) {
            section("SEE ALSO");
            line(others.toString());
        }
    }

    private void section(String title) {
        line(".SH " + title);
    }

    private void paragraph(String text) {
        line(".PP");
        line(escaped(text));
    }

    private void term(String term, String text) {
        line(".TP");
        line(term);
        line(escaped(text.isEmpty() ? "-" : text));
    }

    private void line(String text) {
        page.append(text).append('\n');
    }

    private static List<String> lines(String[] texts) {
        return Arrays.stream(texts).flatMap(each -> text(each).lines()).toList();
    }

    private static String joined(String[] texts) {
        return String.join(" ", lines(texts));
    }

    /** What picocli would print: its descriptions are formats. */
    private static String text(String format) {
        return format.replace("%n", "\n").replace("%%", "%");
    }

    /** Text that roff takes for nothing else. */
    private static String escaped(String text) {
        String plain = text.replace("\\", "\\e").replace("-", "\\-");
        return plain.startsWith(".") || plain.startsWith("'") ? "\\&" + plain : plain;
    }
}
