package net.braid.conformance.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Commands as users run them, with the kernel as peer. Skipped where the machine does not allow it; with
 * {@code -Dbraid.require.kernel=true} that is a failure.
 */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class CommandsTest {
    private static final long BYTES = 20_000_000;

    @TempDir
    static Path folder;
    private static CommandLab lab;

    @BeforeAll
    static void build() throws IOException, InterruptedException {
        Optional<String> obstacle = CommandLab.obstacle();
        if (obstacle.isPresent() && Boolean.getBoolean("braid.require.kernel")) {
            Assertions.fail(obstacle.get());
        }
        Assumptions.assumeTrue(obstacle.isEmpty(), () -> obstacle.orElse(""));
        lab = new CommandLab(folder);
    }

    @AfterAll
    static void clean() throws IOException, InterruptedException {
        if (lab != null) {
            lab.close();
        }
    }

    @Test
    void perfSendsToTheKernelOverTwoPaths() throws Exception {
        BufferedReader sink = lab.peer("sink", 5201, 0);
        long joins = lab.counter("MPTcpExtMPJoinAckRx");
        CommandLab.Said said = CommandLab.said(lab.braid("perf", "client", "--raw", "--bytes", "20MB", "--device",
                lab.device, "--local", CommandLab.LOCALS, CommandLab.SERVER, "5201"));
        assertEquals(0, said.code(), said.text());
        assertEquals(Long.toString(BYTES), sink.readLine());
        assertTrue(said.text().contains("10.11.0.2 -> 10.1.0.1  sent"), said.text());
        assertTrue(said.text().contains("10.12.0.2 -> 10.1.0.1  sent"), said.text());
        assertEquals(joins + 1, lab.counter("MPTcpExtMPJoinAckRx"));
        assertEquals(0, lab.counter("MPTcpExtMPCapableFallbackACK"));
    }

    @Test
    void perfReadsFromTheKernel() throws Exception {
        BufferedReader source = lab.peer("source", 5202, BYTES);
        CommandLab.Said said = CommandLab.said(lab.braid("perf", "client", "--raw", "--reverse", "--json", "--device",
                lab.device, "--local", CommandLab.LOCALS, CommandLab.SERVER, "5202"));
        assertEquals(0, said.code(), said.text());
        assertEquals(Long.toString(BYTES), source.readLine());
        assertTrue(said.text().contains("\"bytes_received\":20000000"), said.text());
    }

    @Test
    void endpointThatIsAddedJoinsARunningConnection() throws Exception {
        lab.peer("sink", 5203, 0);
        long joins = lab.counter("MPTcpExtMPJoinAckRx");
        Process running = lab.braid("perf", "client", "--raw", "--time", "20s", "--interval", "100ms", "--device",
                lab.device, "--local", "10.11.0.2", CommandLab.SERVER, "5203");
        BufferedReader lines = running.inputReader();
        lines.readLine();
        lines.readLine();
        CommandLab.Said added = control("endpoint", "add", "10.12.0.2", "dev", lab.device);
        assertEquals("", added.text());
        assertEquals("10.11.0.2 id 1 dev " + lab.device + "\n10.12.0.2 id 2 dev " + lab.device,
                control("endpoint", "show").text().strip());
        String line = lines.readLine();
        while (line != null && !line.contains("10.12.0.2 -> 10.1.0.1  sent")) {
            line = lines.readLine();
        }
        assertTrue(line != null, "the new path carries data");
        assertEquals(joins + 1, lab.counter("MPTcpExtMPJoinAckRx"));
        running.destroy();
        running.waitFor();
        assertEquals(1, control("endpoint", "show").code(), "nobody answers any more");
    }

    private static CommandLab.Said control(String command, String... words) throws Exception {
        String[] arguments = new String[words.length + 3];
        arguments[0] = command;
        arguments[1] = "--device";
        arguments[2] = lab.device;
        System.arraycopy(words, 0, arguments, 3, words.length);
        return CommandLab.said(lab.braid(arguments));
    }
}
