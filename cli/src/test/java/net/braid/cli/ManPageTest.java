package net.braid.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine.Model.OptionSpec;

class ManPageTest extends CommandTest {
    @Test
    void pageNamesEveryOption() {
        assertEquals(0, braid("man", "perf", "client"));
        for (OptionSpec option : Braid.commandLine().getSubcommands().get("perf").getSubcommands().get("client")
                .getCommandSpec().options()) {
            assertTrue(out.toString().contains("\\fB" + option.longestName().replace("-", "\\-") + "\\fR"),
                    option.longestName());
        }
    }

    @Test
    void pageHasTheSectionsThatPeopleLookFor() {
        assertEquals(0, braid("man", "connect"));
        for (String section : List.of("NAME", "SYNOPSIS", "DESCRIPTION", "ARGUMENTS", "OPTIONS", "EXIT STATUS",
                "SEE ALSO")) {
            assertTrue(out.toString().contains("\n.SH " + section + "\n"), section);
        }
        assertTrue(out.toString().contains("\\fBbraid connect\\fR [\\fIOPTION\\fR ...] \\fIADDRESS\\fR \\fIPORT\\fR"));
    }

    @Test
    void allPagesAreWritten(@TempDir Path folder) throws IOException {
        assertEquals(0, braid("man", "--output", folder.resolve("man1").toString()));
        try (var files = Files.list(folder.resolve("man1"))) {
            List<String> names = files.map(file -> file.getFileName().toString()).toList();
            assertTrue(names.containsAll(List.of("braid.1", "braid-connect.1", "braid-perf-server.1")),
                    names.toString());
        }
    }

    @Test
    void groffFindsNothingToComplainAbout(@TempDir Path folder) throws Exception {
        Map<String, String> pages = ManPage.all(Braid.commandLine().getCommandSpec());
        for (Map.Entry<String, String> page : pages.entrySet()) {
            Files.writeString(folder.resolve(page.getKey()), page.getValue());
            assertEquals("", groff(folder.resolve(page.getKey())), page.getKey());
        }
    }

    private static String groff(Path page) throws Exception {
        Process process;
        try {
            process = new ProcessBuilder("groff", "-man", "-Tutf8", "-ww", "-z", page.toString())
                    .redirectErrorStream(true).start();
        } catch (IOException absent) {
            assumeTrue(false, "there is no groff here");
            throw absent;
        }
        String said = new String(process.getInputStream().readAllBytes());
        process.waitFor();
        return said;
    }

    @Test
    void commandThatThereIsNotIsOneLine() {
        assertEquals(2, braid("man", "perf", "dance"));
        assertOneLine("'dance' is no command of braid perf");
    }
}
