package net.braid.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListSet;
import net.braid.sim.Swarm;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class SwarmCommandTest extends CommandTest {

    private int withRunner(SwarmCommand command, String... arguments) {
        return new CommandLine(command).setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true))
                .execute(arguments);
    }

    @Test
    void everySeedIsRunOnce() {
        ConcurrentSkipListSet<Long> seen = new ConcurrentSkipListSet<>();
        SwarmCommand command = new SwarmCommand(seed -> seen.add(seed) ? Optional.empty()
                : Optional.of(new Swarm.Failure(seed, "twice")));
        assertEquals(0, withRunner(command, "--seeds", "500", "--from", "17", "--threads", "4"));
        assertEquals(500, seen.size());
        assertEquals(17, seen.first());
        assertEquals(516, seen.last());
        assertTrue(out.toString().startsWith("500 seeds from 17, 0 failed"), out.toString());
    }

    @Test
    void failurePrintsTheCommandThatRepeatsItAndIsExitCodeOne() {
        SwarmCommand command = new SwarmCommand(seed -> seed == 3
                ? Optional.of(new Swarm.Failure(seed, "bytes in the wrong order")) : Optional.empty());
        assertEquals(1, withRunner(command, "--seeds", "10"));
        assertTrue(out.toString().contains("seed 3: bytes in the wrong order"), out.toString());
        assertTrue(out.toString().contains("./braid swarm --seeds 1 --from 3"), out.toString());
    }

    @Test
    void runStopsAfterSoManyFailures() {
        SwarmCommand command = new SwarmCommand(seed -> Optional.of(new Swarm.Failure(seed, "always")));
        assertEquals(1, withRunner(command, "--seeds", "1000000", "--failures", "2", "--threads", "1", "--json"));
        assertTrue(out.toString().contains("\"failed\": [1, 2]"), out.toString());
    }

    @Test
    void realSeedsPass() {
        assertEquals(0, braid("swarm", "--seeds", "3", "--threads", "1"));
        assertTrue(out.toString().startsWith("3 seeds from 1, 0 failed"), out.toString());
    }

    @Test
    void realSeedsOfMultipathTcpPass() {
        assertEquals(0, braid("swarm", "--multipath", "--seeds", "3", "--threads", "1"));
        assertTrue(out.toString().startsWith("3 seeds from 1, 0 failed"), out.toString());
    }

    @Test
    void failureOfMultipathTcpPrintsItsOwnCommand() {
        String text = new Swarm.Failure(5, "lost", true).toString();
        assertTrue(text.endsWith("./braid swarm --multipath --seeds 1 --from 5"), text);
    }

    @Test
    void noSeedsAreRefused() {
        assertEquals(2, braid("swarm", "--seeds", "0"));
        assertOneLine("--seeds must be at least 1");
    }

    @Test
    void seedThatIsNoNumberIsRefused() {
        assertEquals(2, braid("swarm", "--from", "x"));
        assertOneLine("--from");
    }
}
