package net.braid.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class DemoTest extends CommandTest {

    @Test
    void everyByteArrivesAndTheVerdictSaysSo() {
        assertEquals(0, braid("demo", "--fast", "--bytes", "1MB"));
        assertTrue(out.toString().contains("verdict   every byte arrived"), out.toString());
        assertEquals("", err.toString());
    }

    @Test
    void bothSidesHaveTheSameDigest() {
        assertEquals(0, braid("demo", "--json", "--bytes", "300KB", "--loss", "1%"));
        Matcher digests = Pattern.compile("\"sentSha256\": \"(\\w{64})\", \"receivedSha256\": \"(\\w{64})\"")
                .matcher(out.toString());
        assertTrue(digests.find(), out.toString());
        assertEquals(digests.group(1), digests.group(2));
        assertTrue(out.toString().startsWith("{\"complete\": true, \"bytes\": 300000, "), out.toString());
    }

    @Test
    void sameSeedGivesTheSameRun() {
        braid("demo", "--json", "--bytes", "500KB", "--loss", "2%", "--seed", "7");
        String first = out.toString();
        out.getBuffer().setLength(0);
        braid("demo", "--json", "--bytes", "500KB", "--loss", "2%", "--seed", "7");
        assertEquals(first, out.toString());
    }

    @Test
    void cableThatLosesEverythingIsExitCodeOne() {
        assertEquals(1, braid("demo", "--fast", "--loss", "100%"));
        assertTrue(out.toString().contains("FAILED"), out.toString());
    }

    @Test
    void unknownCongestionControlNamesTheKnownOnes() {
        assertEquals(2, braid("demo", "--congestion", "vegan"));
        assertOneLine("cubic");
        assertTrue(err.toString().contains("reno"), err.toString());
    }

    @Test
    void numberWithoutSenseSaysWhatWouldBeRight() {
        assertEquals(2, braid("demo", "--rate", "fast"));
        assertOneLine("such as 100mbit");
    }

    @Test
    void timeWithoutUnitIsRefused() {
        assertEquals(2, braid("demo", "--delay", "20"));
        assertOneLine("such as 20ms");
    }

    @Test
    void shareAboveOneIsRefused() {
        assertEquals(2, braid("demo", "--loss", "120%"));
        assertOneLine("--loss");
    }

    @Test
    void nothingToTransferIsRefused() {
        assertEquals(2, braid("demo", "--bytes", "0B"));
        assertOneLine("--bytes must be at least 1");
    }
}
