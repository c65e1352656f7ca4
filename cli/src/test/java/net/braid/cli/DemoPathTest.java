package net.braid.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import net.braid.sim.LossProperties;
import net.braid.sim.QueueProperties;
import org.junit.jupiter.api.Test;

class DemoPathTest {
    @Test
    void queueInTimeIsAsManyBytesAsTheRateDrains() {
        assertEquals(new QueueProperties.Bytes(80_000), DemoPath.WIFI.pipe().queue());
        assertEquals(new QueueProperties.Bytes(500_000), DemoPath.THREE_G.pipe().queue());
    }

    @Test
    void queueHoldsTwoPacketsAtLeast() {
        assertEquals(new QueueProperties.Bytes(3_000), DemoPath.parse("wifi:queue=0ms").pipe().queue());
    }

    @Test
    void delayIsHalfOfTheRoundTrip() {
        assertEquals(10_000_000, DemoPath.WIFI.pipe().delayNanos());
    }

    @Test
    void settingsChangeWhatTheNameBrought() {
        DemoPath path = DemoPath.parse("3g:loss=1%,queue=64KB,jitter=3ms");
        assertEquals(2_000_000, path.rateBits());
        assertEquals(new LossProperties.Random(0.01), path.pipe().loss());
        assertEquals(new QueueProperties.Bytes(64_000), path.pipe().queue());
        assertEquals(3_000_000, path.pipe().jitterNanos());
    }

    @Test
    void optionOfAPathReadsBackAsThePath() {
        for (String text : List.of("wifi", "3g:loss=1.25%", "lab:rate=1500kbit,rtt=7ms,queue=64KB,jitter=1us")) {
            DemoPath path = DemoPath.parse(text);
            assertEquals(path, DemoPath.parse(path.toOption()), text);
        }
    }

    @Test
    void nameWithSpacesIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> DemoPath.parse("my wifi:rate=1mbit"));
    }

    @Test
    void eventReadsBackAsItself() {
        for (String text : List.of("3s:wifi:down", "1500ms:3g:up", "7us:wifi:leave", "1s:wifi:return",
                "2s:lte:loss=5%")) {
            assertEquals(text, DemoEvent.parse(text).toString());
        }
    }

    @Test
    void usualOutageOfTheUsualTransferIsFromFourToNineSeconds() {
        assertEquals(List.of(DemoEvent.parse("4s:wifi:down"), DemoEvent.parse("9s:wifi:up")),
                DemoSettings.usualEvents(List.of(DemoPath.WIFI, DemoPath.THREE_G), 16_000_000));
    }

    @Test
    void nothingHappensToAShortTransfer() {
        assertEquals(List.of(), DemoSettings.usualEvents(List.of(DemoPath.WIFI, DemoPath.THREE_G), 100_000));
    }
}
