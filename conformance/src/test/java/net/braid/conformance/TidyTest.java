package net.braid.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The house rules of CONTRIBUTING.md, kept by this test. */
class TidyTest {
    private static final List<String> ROOMS =
            List.of("base", "wire", "link", "tcp", "mptcp", "policy", "stack", "linux", "runtime", "sim", "testkit",
                    "cli");

    private final Reactor reactor = Reactor.find();

    @Test
    void classesKeepToTheirRooms() throws IOException {
        List<String> violations = new ArrayList<>();
        for (String room : ROOMS) {
            List<Path> classes = reactor.classFiles(room);
            assertFalse(classes.isEmpty(), "no class files of " + room + ": is the project built?");
            for (Path file : classes) {
                violations.addAll(ClassRules.check(room, Files.readAllBytes(file)));
            }
        }
        assertEquals("", String.join("\n", violations));
    }

    @Test
    void sourcesAreTidy() throws IOException {
        List<String> violations = new ArrayList<>();
        for (Path file : reactor.sources()) {
            violations.addAll(SourceRules.check(reactor.root().relativize(file).toString(), Files.readAllLines(file)));
        }
        assertEquals("", String.join("\n", violations));
    }
}
