package net.braid.conformance.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A command that runs, and uplinks of the host that lose their addresses and get them back; the kernel is the peer. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class FollowTest {
    private static final String SECOND_PATH = "198.19.86.2 -> 203.0.113.1  sent";

    @TempDir
    private Path folder;
    private UplinkLab lab;

    @BeforeAll
    static void checkMachine() {
        Optional<String> obstacle = UplinkLab.obstacle();
        if (Boolean.getBoolean("braid.require.kernel")) {
            assertEquals(Optional.empty(), obstacle);
        }
        assumeTrue(obstacle.isEmpty(), () -> "needs network namespaces: " + obstacle.get());
    }

    @BeforeEach
    void setUp() throws Exception {
        lab = new UplinkLab(folder);
    }

    @AfterEach
    void tearDown() throws Exception {
        lab.remove();
    }

    @Test
    void subflowGoesWithTheAddressOfItsUplinkAndComesBackWithIt() throws Exception {
        lab.startSink(5201);
        Process watch = lab.startBraid("up", "--over", "up1,up2", "-4", "--watch");
        awaitLine(watch.inputReader(), "198.19.86.2");
        BufferedReader lines = lab.startBraid("perf", "client", "--raw", "--time", "100s", "--interval", "100ms",
                UplinkLab.SERVER_V4, "5201").inputReader();
        awaitLine(lines, SECOND_PATH);
        long removed = lab.counter("MPTcpExtRmAddr");
        lab.in(lab.host, "ip", "addr", "del", "10.2.0.2/24", "dev", "up2").must();
        awaitOpenSubflows(lines, 0);
        assertEquals(removed + 1, lab.counter("MPTcpExtRmAddr"));
        long joins = lab.counter("MPTcpExtMPJoinAckRx");
        lab.in(lab.host, "ip", "addr", "add", "10.2.0.2/24", "dev", "up2").must();
        lab.in(lab.host, "ip", "route", "add", "default", "via", "10.2.0.1", "dev", "up2", "metric", "200").must();
        awaitOpenSubflows(lines, 1);
        assertEquals(joins + 1, lab.counter("MPTcpExtMPJoinAckRx"));
        awaitLine(lines, SECOND_PATH);
    }

    /** By the second uplink, as the kernel sees it. The command's lines are read meanwhile, or it would stand still. */
    private void awaitOpenSubflows(BufferedReader lines, int wanted) throws Exception {
        int open = -1;
        while (open != wanted) {
            assertTrue(lines.readLine() != null, "the command ended with " + open + " subflows open");
            open = (int) lab.in(lab.router, "ss", "-Htn", "state", "established", "dst", "10.2.0.2").must().out()
                    .lines().count();
        }
    }

    private static void awaitLine(BufferedReader lines, String part) throws Exception {
        String line = lines.readLine();
        while (line != null && !line.contains(part)) {
            line = lines.readLine();
        }
        assertTrue(line != null, "no line with " + part);
    }
}
