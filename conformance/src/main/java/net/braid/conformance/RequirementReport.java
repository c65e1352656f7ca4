package net.braid.conformance;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import net.braid.conformance.Checklist.Entry;
import net.braid.conformance.Citations.Citation;
import net.braid.conformance.Exceptions.Departure;

/** Each entry of the checklist, and what in our sources shows that it is met. */
public final class RequirementReport {
    /** The step of the plan that is being built: what is due up to it must be there. */
    public static final int STEP = 3;

    /** How far an entry has come. */
    public enum State {
        /** A test names it. */
        TESTED("tested"),
        /** Code that obeys cites it; no test names it. */
        CITED("met, not tested"),
        /** {@code spec/exceptions} says why we do otherwise. */
        DEPARTED("departed from"),
        /** Due and not there; {@code spec/open.tsv} says why. */
        OPEN("open"),
        /** Due and not there. */
        MISSING("missing"),
        /** Not due yet. */
        LATER("later");

        private final String words;

        State(String words) {
            this.words = words;
        }

        @Override
        public String toString() {
            return words;
        }
    }

    /**
     * @param tests that name the entry
     * @param code places that cite it, {@code file:line}
     * @param reason of a departure or of an open entry, else null
     */
    public record Line(Entry entry, State state, List<String> tests, List<String> code, String reason) {
    }

    private final Checklist checklist;
    private final List<Line> lines = new ArrayList<>();
    private final List<String> violations = new ArrayList<>();

    private RequirementReport(Checklist checklist) {
        this.checklist = checklist;
    }

    /** Reads the sources and {@code spec} of the project. */
    public static RequirementReport of(Reactor reactor) throws IOException {
        Path root = reactor.root();
        Citations citations = new Citations();
        NamedTests tests = new NamedTests();
        for (Path file : reactor.sources()) {
            String name = root.relativize(file).toString().replace('\\', '/');
            if (name.contains("/src/main/")) {
                citations.read(name, Files.readAllLines(file));
            } else {
                tests.read(name, Files.readAllLines(file));
            }
        }
        List<Departure> departures = new ArrayList<>();
        for (Path file : reactor.files(root.resolve("spec/exceptions"), ".toml")) {
            departures.addAll(Exceptions.parse(root.relativize(file).toString(), Files.readAllLines(file)));
        }
        return of(Checklist.read(root.resolve("spec")), citations.citations(), tests.marks(), departures);
    }

    static RequirementReport of(Checklist checklist, List<Citation> citations, List<NamedTests.Mark> marks,
            List<Departure> departures) {
        Map<String, Set<String>> code = new TreeMap<>();
        Map<String, Set<String>> tests = new TreeMap<>();
        Map<String, String> reasons = new TreeMap<>();
        RequirementReport report = new RequirementReport(checklist);
        for (Citation citation : citations) {
            List<String> ids = citation.document().equals("checklist") ? List.of(citation.section())
                    : citation.entries();
            for (String id : ids) {
                code.computeIfAbsent(id, k -> new LinkedHashSet<>()).add(citation.file() + ":" + citation.line());
                report.checkId(id, citation.file() + ":" + citation.line());
            }
        }
        for (NamedTests.Mark mark : marks) {
            if (mark.requirement().indexOf('#') < 0) {
                tests.computeIfAbsent(mark.requirement(), k -> new LinkedHashSet<>()).add(mark.test());
                report.checkId(mark.requirement(), mark.file() + ":" + mark.line());
            }
        }
        for (Departure departure : departures) {
            for (String id : departure.entries()) {
                reasons.put(id, departure.reason().replaceAll("\\s+", " "));
                report.checkId(id, "spec/exceptions, " + departure.requirement());
            }
        }
        for (Entry entry : checklist.entries()) {
            report.add(entry, List.copyOf(tests.getOrDefault(entry.id(), Set.of())),
                    List.copyOf(code.getOrDefault(entry.id(), Set.of())), reasons.get(entry.id()));
        }
        return report;
    }

    private void checkId(String id, String where) {
        if (checklist.entry(id) == null) {
            violations.add(where + ": the checklist has no " + id);
        }
    }

    private void add(Entry entry, List<String> tests, List<String> code, String departure) {
        String open = checklist.openReason(entry.id());
        State state;
        if (departure != null) {
            state = State.DEPARTED;
        } else if (open != null) {
            state = State.OPEN;
        } else if (!tests.isEmpty()) {
            state = State.TESTED;
        } else if (!code.isEmpty()) {
            state = State.CITED;
        } else {
            state = entry.isDue(STEP) ? State.MISSING : State.LATER;
        }
        lines.add(new Line(entry, state, tests, code, departure != null ? departure : open));
    }

    public List<Line> lines() {
        return lines;
    }

    /** Ids in sources that the checklist does not have. */
    public List<String> violations() {
        return violations;
    }

    /** What is due and not there, with and without a reason. */
    public List<Line> missing() {
        return lines.stream().filter(line -> line.state == State.MISSING || line.state == State.OPEN).toList();
    }

    // ---- text

    /** All entries, and totals. */
    public void print(PrintStream out) {
        String section = "";
        for (Line line : lines) {
            if (!line.entry.section().equals(section)) {
                section = line.entry.section();
                out.printf("%n%s. %s%n", section, checklist.titles().get(section));
            }
            print(line, out);
        }
        out.println();
        printTotals(out);
    }

    /** What is due and not there. */
    public void printMissing(PrintStream out) {
        for (Line line : missing()) {
            print(line, out);
        }
        out.printf("%d due and missing, %d of them with a reason%n", missing().size(),
                missing().stream().filter(line -> line.state == State.OPEN).count());
    }

    private static void print(Line line, PrintStream out) {
        out.printf("%s %s  %-15s  %s [%s]%n", line.entry.id(), line.entry.level(), line.state, line.entry.text(),
                line.entry.source());
        line.code.forEach(place -> out.printf("                          code  %s%n", place));
        line.tests.forEach(test -> out.printf("                          test  %s%n", test));
        if (line.reason != null) {
            out.printf("                          why   %s%n", line.reason);
        }
    }

    private void printTotals(PrintStream out) {
        out.printf("%-11s", "section");
        for (State state : State.values()) {
            out.printf("%17s", state);
        }
        out.printf("%8s%n", "all");
        for (String section : checklist.titles().keySet()) {
            printTotals(section, lines.stream().filter(l -> l.entry.section().equals(section)).toList(), out);
        }
        printTotals("all", lines, out);
    }

    private static void printTotals(String name, List<Line> of, PrintStream out) {
        Map<State, Integer> totals = new EnumMap<>(State.class);
        of.forEach(line -> totals.merge(line.state, 1, Integer::sum));
        out.printf("%-11s", name);
        for (State state : State.values()) {
            out.printf("%17d", totals.getOrDefault(state, 0));
        }
        out.printf("%8d%n", of.size());
    }

    // ---- JSON

    /** An array with one object for each entry. */
    public void printJson(PrintStream out) {
        out.println("[");
        for (int i = 0; i < lines.size(); i++) {
            Line line = lines.get(i);
            out.printf("{\"id\":%s,\"level\":%s,\"due\":%s,\"source\":%s,\"text\":%s,\"state\":%s,\"tests\":%s,"
                    + "\"code\":%s,\"reason\":%s}%s%n", quote(line.entry.id()), quote(line.entry.level()),
                    quote(line.entry.due()), quote(line.entry.source()), quote(line.entry.text()),
                    quote(line.state.toString()), quote(line.tests), quote(line.code),
                    line.reason == null ? "null" : quote(line.reason), i + 1 < lines.size() ? "," : "");
        }
        out.println("]");
    }

    private static String quote(List<String> texts) {
        return "[" + String.join(",", texts.stream().map(RequirementReport::quote).toList()) + "]";
    }

    private static String quote(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                quoted.append('\\').append(c);
            } else if (c < ' ') {
                quoted.append(' ');
            } else {
                quoted.append(c);
            }
        }
        return quoted.append('"').toString();
    }
}
