package net.braid.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import net.braid.conformance.RequirementReport.Line;
import net.braid.conformance.RequirementReport.State;
import org.junit.jupiter.api.Test;

/** The checklist against what sources and tests say that they meet. */
class RequirementReportTest {
    private static final List<String> LIST = List.of("# A. First", "A01\tM\t2\t8684 3.1\tone", "A02\tS\t3\town\ttwo",
            "A03\tM\tlater\t8684 3.2\tthree", "# B. Second", "B01\tY\t3\t8684 3.3\tfour", "B02\tM\t3\t8684 3\tfive");

    private static RequirementReport sample() {
        Citations citations = new Citations();
        citations.read("X.java", List.of("//= rfc8684#3.1 A01 A02", "//# words"));
        NamedTests tests = new NamedTests();
        tests.read("a/XTest.java", List.of("class XTest {", "    @Test", "    @Requirement({\"A01\",",
                "        \"rfc8684#3.1\"})", "    void oneIsMet() {"));
        return RequirementReport.of(Checklist.of(LIST, List.of("B01\ttoo early")), citations.citations(),
                tests.marks(), List.of());
    }

    @Test
    void nothingThatIsDueIsMissingWithoutAReason() throws IOException {
        RequirementReport report = RequirementReport.of(Reactor.find());
        assertEquals("", report.lines().stream().filter(line -> line.state() == State.MISSING)
                .map(line -> line.entry().id() + " " + line.entry().text()).collect(Collectors.joining("\n")));
        assertEquals(List.of(), report.violations());
        assertEquals(251, report.lines().size());
    }

    @Test
    void testsNameSectionsThatExist() throws IOException {
        Reactor reactor = Reactor.find();
        NamedTests tests = new NamedTests();
        for (Path file : reactor.sources()) {
            String name = file.getFileName().toString();
            if (name.endsWith("Test.java") && !name.equals("RequirementReportTest.java")) {
                tests.read(name, java.nio.file.Files.readAllLines(file));
            }
        }
        List<String> problems = new ArrayList<>();
        java.util.Map<String, Specification> texts = new java.util.HashMap<>();
        for (NamedTests.Mark mark : tests.marks()) {
            int hash = mark.requirement().indexOf('#');
            if (hash > 0) {
                String document = mark.requirement().substring(0, hash);
                if (!texts.containsKey(document)) {
                    texts.put(document, Specification.read(reactor.root().resolve("spec/rfc"), document));
                }
                Specification text = texts.get(document);
                if (text != null && text.hasSections() && !text.hasSection(mark.requirement().substring(hash + 1))) {
                    problems.add(mark.file() + ":" + mark.line() + ": no section " + mark.requirement());
                }
            }
        }
        assertEquals("", String.join("\n", problems));
    }

    @Test
    void stateIsTheBestThatIsShown() {
        assertEquals(List.of(State.TESTED, State.CITED, State.LATER, State.OPEN, State.MISSING),
                sample().lines().stream().map(Line::state).toList());
        assertEquals(List.of("XTest.oneIsMet"), sample().lines().getFirst().tests());
        assertEquals(List.of("X.java:1"), sample().lines().getFirst().code());
    }

    @Test
    void idsThatTheChecklistDoesNotHaveAreReported() {
        NamedTests tests = new NamedTests();
        tests.read("YTest.java", List.of("@Requirement(\"A99\")", "class YTest {"));
        RequirementReport report = RequirementReport.of(Checklist.of(LIST, List.of()), List.of(), tests.marks(),
                List.of());
        assertEquals(List.of("YTest.java:1: the checklist has no A99"), report.violations());
    }

    @Test
    void missingOnesArePrintedWithTheirReason() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        sample().printMissing(new PrintStream(bytes, true, StandardCharsets.UTF_8));
        String text = bytes.toString(StandardCharsets.UTF_8);
        assertTrue(text.contains("too early") && text.contains("B02 M  missing"), text);
        assertTrue(text.endsWith("2 due and missing, 1 of them with a reason" + System.lineSeparator()), text);
    }

    @Test
    void wrongArgumentsAreRefusedInOneLine() throws IOException {
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        assertEquals(2, Conformance.run(System.out, new PrintStream(err, true, StandardCharsets.UTF_8),
                List.of("--all")));
        assertEquals(1, err.toString(StandardCharsets.UTF_8).lines().count());
    }
}
