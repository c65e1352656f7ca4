package net.braid.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class SourceRulesTest {
    private static void assertProblem(String line) {
        assertEquals(1, SourceRules.check("X.java", List.of(line)).size(), line);
    }

    private static void assertFine(String line) {
        assertEquals(List.of(), SourceRules.check("X.java", List.of(line)));
    }

    @Test
    void longFileIsReported() {
        assertEquals(1, SourceRules.check("X.java", Collections.nCopies(701, "")).size());
        assertEquals(0, SourceRules.check("X.java", Collections.nCopies(700, "")).size());
    }

    @Test
    void wideLineIsReported() {
        assertProblem("x".repeat(121));
        assertFine("x".repeat(120));
    }

    @Test
    void tabIsReported() {
        assertProblem("\tint x;");
    }

    @Test
    void wildcardImportIsReported() {
        assertProblem("import java.util.*;");
        assertProblem("import static java.util.Map.*;");
        assertFine("import java.util.Map;");
    }

    @Test
    void emptyNamesAreReported() {
        assertProblem("public final class ConnectionManager {");
        assertProblem("record StringUtils(int x) {");
        assertProblem("final class LinkImpl implements Link {");
        assertFine("public interface PathManager {");
        assertFine("/** The class Manager is no more. */".replace("/**", " *"));
    }
}
