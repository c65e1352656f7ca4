package net.braid.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** What is wrong is told in one line, with exit code 2, before any device is touched. */
class PerfCommandTest extends CommandTest {
    private void refused(String expected, String... arguments) {
        assertEquals(2, braid(arguments), err.toString());
        assertOneLine(expected);
    }

    @Test
    void sideMustBeSaid() {
        refused("server", "perf");
    }

    @Test
    void timeAndBytesContradictEachOther() {
        refused("contradict", "perf", "client", "--time", "1s", "--bytes", "1MB", "10.0.0.1");
    }

    @Test
    void twoDirectionsContradictEachOther() {
        refused("contradict", "perf", "client", "--reverse", "--bidirectional", "10.0.0.1");
    }

    @Test
    void noConnectionAtAllIsRefused() {
        refused("1 to 128", "perf", "client", "--parallel", "0", "10.0.0.1");
    }

    @Test
    void nothingToSendIsRefused() {
        refused("more than 0", "perf", "client", "--bytes", "0B", "10.0.0.1");
    }

    @Test
    void timeWithoutUnitIsRefused() {
        refused("such as", "perf", "client", "--time", "10", "10.0.0.1");
    }

    @Test
    void wordInPlaceOfAnAddressIsRefused() {
        refused("ADDRESS somewhere", "perf", "client", "somewhere");
    }

    @Test
    void portOutOfRangeIsRefused() {
        refused("PORT 70000", "perf", "client", "--local", "10.0.0.2", "10.0.0.1", "70000");
        err.getBuffer().setLength(0);
        refused("PORT 0", "perf", "server", "--local", "10.0.0.2", "0");
    }

    @Test
    void serverWithoutRawDoesWhatTheClientSays() {
        refused("--raw", "perf", "server", "--reverse");
    }

    @Test
    void hurriedIntervalIsRefused() {
        refused("10ms", "perf", "server", "--interval", "1ms");
    }
}
