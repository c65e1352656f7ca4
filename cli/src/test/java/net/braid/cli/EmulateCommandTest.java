package net.braid.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** What can be said before anything is carried. The rest is in conformance, with a kernel. */
class EmulateCommandTest extends CommandTest {
    private void assertWrong(String expected, String... options) {
        err.getBuffer().setLength(0);
        String[] arguments = new String[options.length + 3];
        arguments[0] = "emulate";
        arguments[1] = "no-device-1";
        arguments[2] = "no-device-2";
        System.arraycopy(options, 0, arguments, 3, options.length);
        assertEquals(2, braid(arguments));
        assertOneLine(expected);
    }

    @Test
    void badArgumentsAreOneLineAndExitCodeTwo() {
        assertWrong("--queue is a time at --rate, which is missing", "--queue", "1s");
        assertWrong("--rate", "--rate", "fast");
        assertWrong("--loss", "--loss", "101%");
        assertWrong("--delay", "--delay", "-1ms");
    }
}
