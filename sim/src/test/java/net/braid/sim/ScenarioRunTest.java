package net.braid.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import net.braid.wire.CaptureReader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScenarioRunTest {
    @TempDir
    private Path directory;

    private ScenarioResult run(String text) throws ScenarioException {
        return ScenarioRun.run(ScenarioParser.parse("test", text), directory);
    }

    @Test
    void theExampleMeetsItsExpectations() throws IOException, ScenarioException {
        Path example = Path.of("..", "examples", "two-paths.scenario");
        ScenarioResult result = run(Files.readString(example));
        assertTrue(result.isGood(), result.toText());
    }

    @Test
    void theMultipathExampleMeetsItsExpectations() throws IOException, ScenarioException {
        Path example = Path.of("..", "examples", "multipath.scenario");
        ScenarioResult result = run(Files.readString(example));
        assertTrue(result.isGood(), result.toText());
    }

    @Test
    void pathThatWasDarkCarriesADownloadAgainSoonAfterItsReturn() throws ScenarioException {
        ScenarioResult result = run("""
                duration 20s
                host laptop
                host server
                router internet
                link wifi   laptop 10.0.1.1  internet  rate=20mbit delay=10ms queue=80p
                link mobile laptop 10.0.2.1  internet  rate=10mbit delay=40ms queue=200p
                link core   internet         server 10.0.3.1  rate=1gbit delay=1ms
                flow download laptop server  bytes=1KB back=endless  multipath=v1 path-manager=fullmesh
                at 4s link wifi down
                at 7s link wifi up
                expect link wifi delivers >= 34MB    # 4 s and 11 of the last 13 s
                """);
        assertTrue(result.isGood(), result.toText());
    }

    @Test
    void userTimeoutOfAFlowIsObeyed() throws ScenarioException {
        ScenarioResult result = run("""
                duration 30s
                host a
                host b
                link wire a 10.0.0.1 b 10.0.0.2 rate=10mbit delay=10ms
                flow f a b user-timeout=3s
                at 1s link wire down
                """);
        assertTrue(result.flows().getFirst().end().startsWith("TimedOut"), result.flows().getFirst().end());
    }

    @Test
    void lostPacketsAreCapturedWhereTheyAreDropped() throws ScenarioException, IOException {
        ScenarioResult result = run("""
                duration 5s
                host a
                host b
                link wire a 10.0.0.1 b 10.0.0.2 rate=10mbit delay=10ms forward.loss=2%
                flow f a b bytes=1MB
                capture lost.pcapng link wire at=dropped direction=forward
                """);
        int packets = 0;
        try (InputStream in = Files.newInputStream(directory.resolve("lost.pcapng"))) {
            CaptureReader reader = CaptureReader.open(in);
            while (reader.next() != null) {
                packets++;
            }
        }
        assertEquals(result.links().getFirst().dropped(), packets);
        assertTrue(packets > 0);
    }

    @Test
    void corkedFlowSendsFewerSegments() throws ScenarioException {
        String text = """
                duration 5s
                host a
                host b
                link wire a 10.0.0.1 b 10.0.0.2 rate=10mbit delay=10ms
                flow f a b app=echo bytes=100KB nodelay=yes cork=""";
        long loose = run(text + "no\n").flows().getFirst().dataSegments();
        long corked = run(text + "yes\n").flows().getFirst().dataSegments();
        assertTrue(corked <= loose, corked + " and " + loose);
    }

    @Test
    void theSameSeedGivesTheSameBytesOnTheWire() throws ScenarioException {
        String text = """
                duration 5s
                host a
                host b
                link wire a 10.0.0.1 b 10.0.0.2 rate=20mbit delay=10ms loss=1% reorder=1%:3p jitter=1ms
                flow f a b bytes=2MB back=1MB
                """;
        long first = run("seed 3\n" + text).digest();
        assertEquals(first, run("seed 3\n" + text).digest());
        assertNotEquals(first, run("seed 4\n" + text).digest());
    }

    @Test
    void anEchoComesBackWhole() throws ScenarioException {
        ScenarioResult result = run("""
                host a
                host b
                link wire a fd00::1 b fd00::2 rate=20mbit delay=10ms loss=1%
                flow f a b app=echo bytes=500KB
                expect flow f completes
                """);
        assertTrue(result.isGood(), result.toText());
        assertEquals(500_000, result.flows().getFirst().backwardBytes());
    }

    @Test
    void aRequestTakesOneRoundTripWhenTheResponseFitsTheInitialWindow() throws ScenarioException {
        ScenarioResult result = run("""
                host a
                host b
                link wire a 10.0.0.1 b 10.0.0.2 delay=10ms
                flow f a b app=requests request=100B response=10KB count=20 pacing=no
                """);
        assertEquals(20, result.flows().getFirst().requests());
        assertEquals(20_000_000, result.flows().getFirst().medianLatencyNanos(), 200_000);
    }

    @Test
    void anExpectationThatIsNotMetSaysWhereAndWhy() throws ScenarioException {
        ScenarioResult result = run("""
                duration 10s
                host a
                host b
                link wire a 10.0.0.1 b 10.0.0.2 rate=10mbit delay=10ms queue=20p
                flow f a b
                expect flow f completes
                expect flow f goodput >= 20mbit
                expect link wire drops <= 0
                """);
        assertFalse(result.isGood());
        assertEquals(3, result.unmet().size());
        assertTrue(result.unmet().get(0).startsWith("test:6: flow f is not complete: "), result.unmet().get(0));
        assertTrue(result.unmet().get(1).startsWith("test:7: flow f has a goodput of 9."), result.unmet().get(1));
        assertTrue(result.unmet().get(2).startsWith("test:8: link wire has dropped "), result.unmet().get(2));
    }

    @Test
    void aLinkThatGoesDownStopsTheFlowUntilItIsUpAgain() throws ScenarioException {
        String text = """
                duration 20s
                host a
                host b
                link wire a 10.0.0.1 b 10.0.0.2 rate=10mbit delay=10ms queue=50p
                flow f a b bytes=5MB
                """;
        long without = run(text).flows().getFirst().completedNanos();
        long with = run(text + "at 1s link wire down\nat 3s link wire up\n").flows().getFirst().completedNanos();
        assertTrue(with > without + 2_000_000_000L, without + " and " + with);
    }

    @Test
    void capturesAndTracesAreWritten() throws ScenarioException, IOException {
        run("""
                duration 2s
                host a
                host b
                link wire a 10.0.0.1 b 10.0.0.2 rate=10mbit delay=10ms
                flow f a b bytes=100KB
                capture link.pcapng link wire
                capture host.pcapng host a
                trace window.csv flow f
                """);
        assertTrue(Files.size(directory.resolve("link.pcapng")) > 100_000);
        assertTrue(Files.size(directory.resolve("host.pcapng")) > 100_000);
        List<String> lines = Files.readAllLines(directory.resolve("window.csv"));
        assertEquals("time_s,cwnd_bytes,ssthresh_bytes,in_flight_bytes,srtt_ms,subflow", lines.getFirst());
        assertTrue(lines.size() > 5);
    }

    @Test
    void aFileThatCannotBeWrittenIsOneClearLine() {
        ScenarioException e = assertThrows(ScenarioException.class, () -> run("""
                host a
                host b
                link wire a 10.0.0.1 b 10.0.0.2
                flow f a b bytes=1KB
                capture no/such/place.pcapng link wire
                """));
        assertTrue(e.getMessage().startsWith("no/such/place.pcapng: cannot be written"), e.getMessage());
    }
}
