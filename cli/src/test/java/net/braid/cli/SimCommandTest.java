package net.braid.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SimCommandTest extends CommandTest {
    private static final String SMALL = """
            duration 10s
            host a
            host b
            link wire a 10.0.0.1 b 10.0.0.2 rate=10mbit delay=5ms loss=1%
            flow copy a b bytes=200KB
            """;

    @TempDir
    Path folder;

    private String file(String text) throws IOException {
        return Files.writeString(folder.resolve("test.scenario"), text).toString();
    }

    @Test
    void goodScenarioIsExitCodeZero() throws IOException {
        assertEquals(0, braid("sim", file(SMALL + "expect flow copy completes before 9s\n")));
        assertTrue(out.toString().contains("copy"), out.toString());
        assertEquals("", err.toString());
    }

    @Test
    void expectationThatIsNotMetIsExitCodeOne() throws IOException {
        assertEquals(1, braid("sim", file(SMALL + "expect flow copy goodput >= 20mbit\n")));
        assertTrue(out.toString().contains("expectation not met"), out.toString());
    }

    @Test
    void missingFileIsOneLineAndExitCodeTwo() {
        assertEquals(2, braid("sim", folder.resolve("none").toString()));
        assertOneLine("there is no file");
    }

    @Test
    void folderIsNoScenario() {
        assertEquals(2, braid("sim", folder.toString()));
        assertOneLine(folder.toString());
    }

    @Test
    void binaryFileIsNoScenario() throws IOException {
        Path binary = Files.write(folder.resolve("binary"), new byte[] {(byte) 0xff, (byte) 0xfe, 0, 1});
        assertEquals(2, braid("sim", binary.toString()));
        assertOneLine("not text");
    }

    @Test
    void wrongLineIsNamed() throws IOException {
        assertEquals(2, braid("sim", file(SMALL + "flow more a c\n")));
        assertOneLine("test.scenario:6: ");
    }

    @Test
    void missingArgumentIsOneLine() {
        assertEquals(2, braid("sim"));
        assertOneLine("try 'braid sim --help'");
    }

    @Test
    void missingOutputFolderIsRefused() throws IOException {
        assertEquals(2, braid("sim", file(SMALL), "--output", folder.resolve("nowhere").toString()));
        assertOneLine("no such directory");
    }

    @Test
    void seedOfTheCommandLineReplacesThatOfTheFile() throws IOException {
        String file = file(SMALL);
        assertEquals(digest(file, "1"), digest(file, "1"));
        assertNotEquals(digest(file, "1"), digest(file, "2"));
    }

    private String digest(String file, String seed) {
        out.getBuffer().setLength(0);
        assertEquals(0, braid("sim", file, "--seed", seed, "--json"));
        String json = out.toString();
        assertTrue(json.startsWith("{\"good\": true, ") && json.strip().endsWith("}"), json);
        int at = json.indexOf("\"digest\": \"");
        return json.substring(at, at + 30);
    }

    @Test
    void checkedScenarioIsNotRun() throws IOException {
        assertEquals(0, braid("sim", "--check", file(SMALL + "capture seen.pcapng link wire\n")));
        assertTrue(out.toString().contains("2 hosts, 1 links, 1 flows"), out.toString());
        assertTrue(Files.notExists(folder.resolve("seen.pcapng")));
    }

    @Test
    void captureGoesIntoTheOutputFolder() throws IOException {
        Path elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
        assertEquals(0, braid("sim", file(SMALL + "capture seen.pcapng link wire\n"), "--output",
                elsewhere.toString()));
        assertTrue(Files.size(elsewhere.resolve("seen.pcapng")) > 200_000);
    }

    @Test
    void textInJsonIsEscaped() {
        assertEquals("\"a \\\"b\\\" \\\\ \\n \\u0001\"", ScenarioJson.string("a \"b\" \\ \n \u0001"));
    }
}
