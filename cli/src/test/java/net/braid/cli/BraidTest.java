package net.braid.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class BraidTest extends CommandTest {
    @Test
    void unknownCommandIsOneLineAndExitCodeTwo() {
        assertEquals(2, braid("frobnicate"));
        assertOneLine("'frobnicate'");
        assertTrue(err.toString().contains("try 'braid --help'"), err.toString());
    }

    @Test
    void unknownOptionIsOneLineAndExitCodeTwo() {
        assertEquals(2, braid("completion", "--fast"));
        assertOneLine("--fast");
        assertTrue(err.toString().contains("try 'braid completion --help'"), err.toString());
    }

    @Test
    void helpGoesToStandardOutput() {
        assertEquals(0, braid("--help"));
        assertEquals("", err.toString());
        assertTrue(out.toString().startsWith("Usage: braid"), out.toString());
    }

    @Test
    void noCommandShowsWhatThereIs() {
        assertEquals(0, braid());
        assertTrue(out.toString().contains("completion"), out.toString());
    }

    @Test
    void versionNamesProgramAndJava() {
        assertEquals(0, braid("--version"));
        assertTrue(out.toString().matches("braid \\S+ \\(Java \\d+\\)\\R"), out.toString());
    }

    @Test
    void completionIsABashScriptThatKnowsTheCommands() {
        assertEquals(0, braid("completion"));
        assertTrue(out.toString().startsWith("#!/usr/bin/env bash"), out.toString());
        assertTrue(out.toString().contains("complete -F"), out.toString());
    }
}
