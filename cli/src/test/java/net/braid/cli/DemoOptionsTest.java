package net.braid.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is wrong is told in one line, with exit code 2, and nothing is written. */
class DemoOptionsTest extends CommandTest {
    @TempDir
    Path folder;

    private void refused(String expected, String... arguments) {
        Path output = folder.resolve("out");
        List<String> all = new ArrayList<>(List.of("demo", "--fast", "--output", output.toString()));
        all.addAll(List.of(arguments));
        assertEquals(2, braid(all.toArray(String[]::new)), out.toString());
        assertOneLine(expected);
        assertFalse(Files.exists(output));
    }

    @Test
    void unknownCongestionControlNamesTheKnownOnes() {
        refused("cubic", "--congestion", "vegan");
        assertTrue(err.toString().contains("reno"), err.toString());
    }

    @Test
    void unknownSchedulerNamesTheKnownOnes() {
        refused("roundrobin", "--scheduler", "tarot");
    }

    @Test
    void unknownPathManagerNamesTheKnownOnes() {
        refused("fullmesh", "--path-manager", "guide");
    }

    @Test
    void unknownPathNamesTheKnownOnes() {
        refused("3g, dsl, ethernet, lte, satellite, wifi", "--path", "pigeon");
    }

    @Test
    void settingThatNoPathHasIsRefused() {
        refused("rate=, rtt=, queue=, loss=, jitter=", "--path", "wifi:speed=9mbit");
    }

    @Test
    void numberWithoutSenseSaysWhatWouldBeRight() {
        refused("such as 100mbit", "--path", "wifi:rate=fast");
    }

    @Test
    void timeWithoutUnitIsRefused() {
        refused("such as 20ms", "--path", "wifi:rtt=20");
    }

    @Test
    void infiniteRateIsRefused() {
        refused("at least 1kbit", "--path", "wifi:rate=infinite");
    }

    @Test
    void shareAboveOneIsRefused() {
        refused("120%", "--path", "3g:loss=120%");
    }

    @Test
    void pathTwiceIsRefused() {
        refused("two paths are called 'wifi'", "--path", "wifi", "--path", "wifi:loss=1%");
    }

    @Test
    void ninePathsAreTooMany() {
        List<String> arguments = new ArrayList<>();
        for (int i = 0; i < 9; i++) {
            arguments.addAll(List.of("--path", "p" + i + ":rate=1mbit"));
        }
        refused("at most 8", arguments.toArray(String[]::new));
    }

    @Test
    void eventWithoutFormSaysWhatWouldBeRight() {
        refused("3s:wifi:down", "--at", "soon");
    }

    @Test
    void eventThatNobodyKnowsIsRefused() {
        refused("down, up, leave, return", "--at", "3s:wifi:explode");
    }

    @Test
    void eventOfAPathThatIsNotThereNamesThePaths() {
        refused("the paths are wifi, 3g", "--at", "3s:lte:down");
    }

    @Test
    void steadyWithEventsIsRefused() {
        refused("contradict", "--steady", "--at", "3s:wifi:down");
    }

    @Test
    void nothingToTransferIsRefused() {
        refused("--size must be at least 1B", "--size", "0B");
    }

    @Test
    void versionTwoDoesNotExist() {
        refused("0 or 1", "--mptcp-version", "2");
    }

    @Test
    void versionThatIsNoNumberIsRefused() {
        refused("--mptcp-version", "--mptcp-version", "one");
    }

    @Test
    void bufferOfOneByteIsRefused() {
        refused("256", "--buffer", "1B");
    }

    @Test
    void fileThatIsMissingIsNamed() {
        refused("there is no such file", "--file", folder.resolve("nowhere").toString());
    }

    @Test
    void folderIsNoFile() {
        refused("that is a folder", "--file", folder.toString());
    }

    @Test
    void emptyFileIsRefused() throws IOException {
        refused("is empty", "--file", Files.createFile(folder.resolve("void")).toString());
    }

    @Test
    void sizeOfAFileCannotBeChosen() throws IOException {
        refused("--size", "--size", "1MB", "--file", Files.writeString(folder.resolve("word"), "word").toString());
    }

    @Test
    void fileInPlaceOfTheOutputFolderIsRefused() throws IOException {
        Path file = Files.writeString(folder.resolve("occupied"), "x");
        assertEquals(2, braid("demo", "--fast", "--output", file.toString()));
        assertOneLine("that is no folder");
    }

    @Test
    void wordWithoutOptionIsRefused() {
        refused("'faster'", "faster");
    }

    @Test
    void helpSaysHowPathsAndEventsAreWritten() {
        assertEquals(0, braid("demo", "--help"));
        assertTrue(out.toString().contains("3g:loss=1%)"), out.toString());
        assertTrue(out.toString().contains("TIME:PATH:WHAT"), out.toString());
    }
}
