package net.braid.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.braid.conformance.Citations.Citation;
import net.braid.conformance.Exceptions.Departure;
import org.junit.jupiter.api.Test;

/** What our sources quote stands in the RFCs, in these words and in this section. */
class CitationTest {
    private final Reactor reactor = Reactor.find();
    private final Path texts = reactor.root().resolve("spec/rfc");
    private final Map<String, Specification> specifications = new HashMap<>();

    private Specification specification(String document) throws IOException {
        if (!specifications.containsKey(document)) {
            specifications.put(document, Specification.read(texts, document));
        }
        return specifications.get(document);
    }

    private String problem(String document, String section, String quote) throws IOException {
        if (document.equals("checklist")) {
            Checklist.Entry entry = Checklist.read(reactor.root().resolve("spec")).entry(section);
            return entry != null && Specification.words(entry.text()).contains(Specification.words(quote)) ? null
                    : "these are not words of entry " + section + " of spec/checklist.tsv";
        }
        Specification text = specification(document);
        if (text == null) {
            return "there is no " + document + " in spec/rfc";
        }
        if (!text.contains(quote)) {
            return "these are not the words of " + document;
        }
        if (text.hasSections() && !text.contains(section, quote)) {
            return "these words are not in section " + section + " of " + document;
        }
        return null;
    }

    @Test
    void quotationsAreTheWordsOfTheRfc() throws IOException {
        Citations found = new Citations();
        for (Path file : reactor.sources()) {
            if (!file.getFileName().toString().startsWith("Citation")) {
                found.read(reactor.root().relativize(file).toString(), Files.readAllLines(file));
            }
        }
        List<String> problems = new ArrayList<>(found.violations());
        for (Citation citation : found.citations()) {
            String problem = problem(citation.document(), citation.section(), citation.quote());
            if (problem != null) {
                problems.add(citation + ": " + problem);
            }
        }
        assertEquals("", String.join("\n", problems));
        assertTrue(found.citations().size() > 5, "found " + found.citations().size() + " citations");
    }

    @Test
    void departuresQuoteTheRfcAndGiveAReason() throws IOException {
        List<String> problems = new ArrayList<>();
        for (Path file : reactor.files(reactor.root().resolve("spec/exceptions"), ".toml")) {
            String name = reactor.root().relativize(file).toString();
            for (Departure departure : Exceptions.parse(name, Files.readAllLines(file))) {
                String section = departure.requirement().substring(departure.requirement().indexOf('#') + 1);
                String problem = problem(departure.document(), section, departure.quote());
                if (problem != null) {
                    problems.add(name + ": " + departure.requirement() + ": " + problem);
                }
                if (departure.reason().isBlank()) {
                    problems.add(name + ": " + departure.requirement() + ": no reason");
                }
            }
        }
        assertEquals("", String.join("\n", problems));
    }

    @Test
    void malformedCitationsAreReported() {
        Citations found = new Citations();
        found.read("X", List.of("//= rfc9293 3.4", "//# words", "", "//# words", "//= rfc9293#3.4", "int x;"));
        assertEquals(3, found.violations().size(), found.violations().toString());
        assertEquals(0, found.citations().size());
    }

    @Test
    void quotationMayBeWrappedAtWill() {
        Citations found = new Citations();
        found.read("X", List.of("    //= rfc9293#3.4", "    //# one two", "    //# three"));
        assertEquals(" one two\n three\n", found.citations().getFirst().quote());
        assertEquals(1, found.citations().getFirst().line());
    }

    @Test
    void wordsAreFoundAcrossPagesAndLinesInTheirSectionOnly() {
        Specification text = Specification.of("""
                Table of Contents
                   3.1.  First ................................ 4
                3.1.  First

                   A host MUST drop
                Postel                     Standard                   [Page 7]

                RFC 9999                     Test                   August 2022

                   such a "segment".
                3.1.1.  Inner
                   Inner words.
                3.2.  Second
                   Other words.
                """);
        assertTrue(text.contains("3.1", "MUST drop such a segment."));
        assertTrue(text.contains("3.1", "inner words"));
        assertTrue(!text.contains("3.2", "MUST drop"));
        assertTrue(!text.contains("MUST NOT drop"));
        assertTrue(!text.contains("MUST dro"));
    }
}
