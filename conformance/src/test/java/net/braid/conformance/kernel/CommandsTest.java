package net.braid.conformance.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
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
@Timeout(value = 240, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class CommandsTest {
    private static final long BYTES = 20_000_000;

    @TempDir
    static Path folder;
    private static CommandLab lab;
    private Process running;

    @BeforeAll
    static void build() throws IOException, InterruptedException {
        Optional<String> obstacle = CommandLab.obstacle();
        if (obstacle.isPresent() && Boolean.getBoolean("braid.require.kernel")) {
            Assertions.fail(obstacle.get());
        }
        Assumptions.assumeTrue(obstacle.isEmpty(), () -> obstacle.orElse(""));
        lab = new CommandLab(folder);
    }

    @AfterEach
    void stop() throws InterruptedException {
        if (running != null) {
            running.destroy();
            running.waitFor();
        }
    }

    @AfterAll
    static void clean() throws IOException, InterruptedException {
        if (lab != null) {
            lab.close();
        }
    }

    /** The kernel hears of it a moment later. */
    private void awaitCounter(long expected, String name) throws Exception {
        long end = System.nanoTime() + 10_000_000_000L;
        while (lab.counter(name) < expected && System.nanoTime() < end) {
            Thread.sleep(20);
        }
        assertEquals(expected, lab.counter(name), name);
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
        awaitCounter(joins + 1, "MPTcpExtMPJoinAckRx");
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
    void addressesOnInterfacesAreTwoPaths() throws Exception {
        BufferedReader sink = lab.peer("sink", 5205, 0);
        long joins = lab.counter("MPTcpExtMPJoinAckRx");
        CommandLab.Said said = CommandLab.said(lab.braidOnInterfaces("perf", "client", "--raw", "--bytes", "20MB",
                "--interface", "b3,b4", "--local", "10.3.0.9/24,10.4.0.9/24", "--gateway", "10.4.0.1", "--idle",
                "hybrid", "10.3.0.1", "5205"));
        assertEquals(0, said.code(), said.text());
        assertEquals(Long.toString(BYTES), sink.readLine());
        assertTrue(said.text().contains("10.3.0.9 -> 10.3.0.1  sent"), said.text());
        assertTrue(said.text().contains("10.4.0.9 -> 10.3.0.1  sent"), said.text());
        awaitCounter(joins + 1, "MPTcpExtMPJoinAckRx");
    }

    @Test
    void endpointThatIsAddedJoinsARunningConnection() throws Exception {
        lab.peer("sink", 5203, 0);
        long joins = lab.counter("MPTcpExtMPJoinAckRx");
        running = lab.braid("perf", "client", "--raw", "--time", "110s", "--interval", "100ms", "--device",
                lab.device, "--local", "10.11.0.2", CommandLab.SERVER, "5203");
        BufferedReader lines = running.inputReader();
        lines.readLine();
        lines.readLine();
        CommandLab.Said added = control("endpoint", "add", "10.12.0.2", "dev", lab.device,
                "subflow", "id", "9");
        assertEquals("", added.text());
        assertEquals("10.11.0.2 id 1 implicit dev " + lab.device + "\n10.12.0.2 id 9 subflow dev " + lab.device,
                control("endpoint", "show").text().strip());
        String line = lines.readLine();
        while (line != null && !line.contains("10.12.0.2 -> 10.1.0.1  sent")) {
            line = lines.readLine();
        }
        assertTrue(line != null, "the new path carries data");
        awaitCounter(joins + 1, "MPTcpExtMPJoinAckRx");
        long priorities = lab.counter("MPTcpExtMPPrioRx");
        assertEquals("", control("endpoint", "change", "id", "9", "backup").text());
        assertEquals("", control("endpoint", "change", "id", "9", "nobackup").text());
        awaitCounter(priorities + 2, "MPTcpExtMPPrioRx");
        long announced = lab.counter("MPTcpExtAddAddr");
        assertEquals("", control("endpoint", "add", "10.13.0.2", "signal", "port", "8080").text());
        awaitCounter(announced + 1, "MPTcpExtAddAddr");
        long removed = lab.counter("MPTcpExtRmAddr");
        assertEquals("", control("endpoint", "delete", "id", "9").text());
        awaitCounter(removed + 1, "MPTcpExtRmAddr");
        running.destroy();
        running.waitFor();
        assertEquals(1, control("endpoint", "show").code(), "nobody answers any more");
    }

    @Test
    void addressThatIsAnnouncedWithAPortIsJoinedByTheKernel() throws Exception {
        running = lab.braid("listen", "--device", lab.device, "--local", "10.11.0.2", "7001");
        Thread.ofVirtual().start(() -> drain(running));
        while (control("endpoint", "show").code() != 0) {
            Thread.sleep(100);
        }
        assertEquals("", control("endpoint", "add", "10.12.0.2", "signal", "port", "8080", "backup").text());
        lab.dribble("10.11.0.2", 7001);
        String connections = "";
        while (!connections.contains("  10.12.0.2:8080 10.")) {
            connections = control("connections").text();
            Thread.sleep(100);
        }
        String joined = connections.lines().filter(line -> line.contains("  10.12.0.2:8080 10.")).findFirst()
                .orElseThrow();
        assertTrue(joined.contains(" backup "), connections);
    }

    @Test
    void answersAreThoseOfIpMptcp() throws Exception {
        running = lab.braid("listen", "--device", lab.device, "--local", "10.11.0.2", "7000");
        Thread.ofVirtual().start(() -> drain(running));
        lab.ip("mptcp", "endpoint", "flush");
        while (control("endpoint", "delete", "id", "1").code() != 0) {
            Thread.sleep(100);
        }
        for (String words : List.of("endpoint add 10.1.0.254 id 3 signal subflow backup",
                "endpoint add 10.2.0.254 signal port 8000", "endpoint add 10.99.0.1 fullmesh subflow id 200",
                "endpoint show", "endpoint show id 200", "endpoint change id 3 nobackup",
                "endpoint change 10.99.0.1 backup fullmesh", "endpoint", "endpoint delete id 200", "endpoint show",
                "endpoint add 10.1.0.254", "endpoint add 10.1.0.9 id 3",
                "endpoint add 10.1.0.9 port 80 subflow", "endpoint add 10.1.0.9 signal fullmesh",
                "endpoint delete id 77", "endpoint change id 3 signal",
                "limits set subflows 3 add_addr_accepted 2", "limits set subflow 4",
                "limits show", "limits set frogs 4", "limits set subflows 99",
                "endpoint flush", "endpoint show")) {
            CommandLab.Said theirs = lab.ip(("mptcp " + words).split(" "));
            String[] all = words.split(" ");
            CommandLab.Said ours = control(all[0], Arrays.copyOfRange(all, 1, all.length));
            assertEquals(theirs.code() == 0, ours.code() == 0, words + ": " + theirs + ours);
            if (theirs.code() == 0) {
                assertEquals(theirs.text().replace(" \n", "\n"), ours.text().replace(" dev " + lab.device, ""), words);
            } else {
                assertEquals(2, ours.code(), words);
                assertEquals(1, ours.text().lines().count(), ours.text());
            }
        }
    }

    private static void drain(Process process) {
        try {
            process.getInputStream().transferTo(OutputStream.nullOutputStream());
        } catch (IOException ended) {
            // With the process.
        }
    }

    private static CommandLab.Said control(String command, String... words) throws Exception {
        String[] arguments = new String[words.length + 3];
        arguments[0] = command;
        arguments[1] = "--device";
        arguments[2] = lab.device;
        System.arraycopy(words, 0, arguments, 3, words.length);
        return CommandLab.said(lab.briefly(arguments));
    }
}
