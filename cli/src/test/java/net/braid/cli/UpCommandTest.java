package net.braid.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What can be said before anything is looked at. The rest is in conformance, with a kernel. */
class UpCommandTest extends CommandTest {
    @TempDir
    private Path folder;

    private void assertWrong(String expected, String... arguments) {
        err.getBuffer().setLength(0);
        assertEquals(2, braid(arguments));
        assertOneLine(expected);
    }

    @Test
    void badArgumentsAreOneLineAndExitCodeTwo() {
        assertWrong("name the uplinks with --over", "up");
        assertWrong("--over names an interface twice", "up", "--over", "a,a");
        assertWrong("--ports 0: ports are 1 to 65535", "up", "--over", "a", "--ports", "0");
        assertWrong("--ports 9-8: ports are 1 to 65535", "up", "--over", "a", "--ports", "9-8");
        assertWrong("--prefix 10.0.0.0/99:", "up", "--over", "a", "--prefix", "10.0.0.0/99");
        assertWrong("--gateway a: not of the form INTERFACE=ADDRESS", "up", "--over", "a", "--gateway", "a");
        assertWrong("--address x:", "up", "--over", "a", "--address", "x");
        assertWrong("exclude each other", "up", "--over", "a", "--address", "10.0.0.1", "--prefix", "10.0.0.0/24");
        assertWrong("--mtu must be in 576..65535", "up", "--over", "a", "--mtu", "100");
        assertWrong("--name a.b: up to 12 letters", "down", "--name", "a.b");
    }

    @Test
    void helpTellsTheOptions() {
        assertEquals(0, braid("up", "--help"));
        assertTrue(out.toString().contains("--dry-run"), out.toString());
    }
}
