package net.braid.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The script {@code ./braid}, with a project, a JDK and a Maven that are only shells of such. */
class BraidScriptTest {
    private record Outcome(int exitCode, String out, String error) {
    }

    @TempDir
    private Path folder;
    private Path project;
    private Path jdk;
    private Path elsewhere;
    private Path mavenFolder;

    @BeforeEach
    void setUp() throws IOException {
        assumeTrue(Files.isExecutable(Path.of("/bin/bash")), "needs bash");
        project = Files.createDirectories(folder.resolve("project"));
        elsewhere = Files.createDirectories(folder.resolve("elsewhere")).toRealPath();
        mavenFolder = Files.createDirectories(folder.resolve("maven"));
        jdk = Files.createDirectories(folder.resolve("jdk"));
        Files.copy(Reactor.find().root().resolve("braid"), project.resolve("braid"));
        Files.createDirectories(project.resolve("cli/src/main"));
        Files.writeString(project.resolve("pom.xml"), "");
        Files.writeString(project.resolve("cli/pom.xml"), "");
        Files.writeString(jdk.resolve("release"), "JAVA_VERSION=\"25.0.1\"\n");
        program(jdk.resolve("bin/java"), "pwd; printf '%s ' \"$@\"");
        program(jdk.resolve("bin/javac"), ":");
        maven("3.9.9", ":");
    }

    private static void program(Path file, String text) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, "#!/bin/bash\n" + text + "\n");
        assertTrue(file.toFile().setExecutable(true));
    }

    private void maven(String version, String otherwise) throws IOException {
        program(mavenFolder.resolve("mvn"),
                "if [ \"$1\" = --version ]; then echo 'Apache Maven " + version + "'; else " + otherwise + "; fi");
    }

    private Outcome braid(String... arguments) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(Stream.concat(
                Stream.of("/bin/bash", project.resolve("braid").toString()), Stream.of(arguments)).toList());
        Path out = folder.resolve("out");
        Path error = folder.resolve("error");
        builder.directory(elsewhere.toFile()).redirectOutput(out.toFile()).redirectError(error.toFile());
        builder.environment().put("JAVA_HOME", jdk.toString());
        builder.environment().merge("PATH", mavenFolder.toString(), (old, first) -> first + ":" + old);
        int exitCode = builder.start().waitFor();
        return new Outcome(exitCode, Files.readString(out), Files.readString(error));
    }

    private static void assertOneLine(String expected, Outcome outcome) {
        assertEquals(2, outcome.exitCode());
        List<String> lines = outcome.error().lines().toList();
        assertEquals(1, lines.size(), outcome.error());
        assertTrue(lines.getFirst().startsWith("braid: ") && lines.getFirst().contains(expected), outcome.error());
    }

    @Test
    void programStartsWhereTheUserStands() throws IOException, InterruptedException {
        assertEquals(elsewhere.toString(), braid("sim", "here.scenario").out().lines().findFirst().orElse(""));
    }

    @Test
    void programStartsWhereTheUserStandsAfterTheFirstBuildToo() throws IOException, InterruptedException {
        braid("sim", "here.scenario");
        assertTrue(Files.exists(project.resolve("target/cli.built")));
        assertEquals(elsewhere.toString(), braid("sim", "here.scenario").out().lines().findFirst().orElse(""));
    }

    @Test
    void folderOfTheJdkIsPrinted() throws IOException, InterruptedException {
        assertEquals(jdk + "\n", braid("jdk").out());
    }

    @Test
    void mavenThatIsTooOldIsOneLine() throws IOException, InterruptedException {
        maven("3.6.1", ":");
        assertOneLine("needs Maven 3.6.3 or later", braid("sim"));
    }

    @Test
    void newerMavenIsNotTooOld() throws IOException, InterruptedException {
        maven("3.10.1", ":");
        assertEquals(0, braid("sim").exitCode());
    }

    @Test
    void optionThatMavenDoesNotKnowIsOneLine() throws IOException, InterruptedException {
        maven("3.9.9", "echo 'Unable to parse command line options: Unrecognized option: --bogus'; "
                + "echo 'usage: mvn [options]'; echo ' -h  much more'; exit 1");
        Outcome outcome = braid("test", "--bogus");
        assertOneLine("Unrecognized option: --bogus", outcome);
        assertEquals("", outcome.out());
    }

    @Test
    void moduleThatDoesNotExistIsOneLine() throws IOException, InterruptedException {
        assertOneLine("no module is called 'nowhere'", braid("test", "nowhere"));
    }
}
