package net.braid.conformance.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import net.braid.runtime.Acceptance;
import net.braid.runtime.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Real programs at the other end, and the braid command as a process of its own. */
class ProgramTest extends InteropTest {
    @TempDir
    private Path folder;

    private final List<Process> running = new ArrayList<>();

    private Process start(String namespace, Path output, String... command) throws IOException {
        return begin(new ProcessBuilder(Shell.in(namespace, List.of(command))), output);
    }

    private Process begin(ProcessBuilder builder, Path output) throws IOException {
        builder.redirectError(folder.resolve("err.txt").toFile());
        if (output != null) {
            builder.redirectOutput(output.toFile());
        }
        Process process = builder.directory(folder.toFile()).start();
        running.add(process);
        return process;
    }

    private Process startBraid(Path output, String... arguments) throws IOException {
        return begin(braidCommand(net.ours, List.of(arguments)), output);
    }

    @Override
    void stop() {
        running.forEach(Process::destroyForcibly);
    }

    private static String ours(int... paths) {
        List<String> addresses = new ArrayList<>();
        for (int path : paths) {
            addresses.add(Namespaces.ourAddress(path, false));
        }
        return String.join(",", addresses);
    }

    private Path file(int bytes) throws IOException {
        byte[] content = new byte[bytes];
        new Random(bytes).nextBytes(content);
        return Files.write(folder.resolve("page.bin"), content);
    }

    private static void needProgram(String name) {
        boolean there = Shell.run("sh", "-c", "command -v " + name).code() == 0;
        if (Boolean.getBoolean("braid.require.kernel")) {
            assertTrue(there, name + " must be installed here");
        }
        Assumptions.assumeTrue(there, "the program " + name + " is missing");
    }

    /** Hosts without an engine in this process: the command has the device. */
    private void beginForCommand(int paths) {
        net = new Namespaces(paths, BraidHost.DEVICE, false);
    }

    /** tbf counts Ethernet frames: of 50 Mbit/s, 46.9 are payload of 1420 bytes in 1514. */
    @Test
    void fileFromPythonsHttpServerComesWithTheSumOfTwoRates() throws Exception {
        needProgram("mptcpize");
        begin(2, false);
        net.shape(1, "50mbit");
        net.shape(2, "50mbit");
        int bytes = 300_000_000;
        String sha = sha(file(bytes));
        start(net.kernel, folder.resolve("out.txt"), "mptcpize", "run", "python3", "-m", "http.server", "8000");
        eventually("the server listens",
                () -> net.in(net.kernel, "ss", "-Mltn").out().contains(":8000"));
        // A machine that does something else as well may need a second try.
        double best = 0;
        int tries = 0;
        while (best < 90 && tries < 3) {
            tries++;
            best = Math.max(best, fetch(bytes, sha));
        }
        assertTrue(best >= 90, best + " Mbit/s of 93.8");
        assertEquals(tries, kernel().get("MPCapableACKRX"));
        assertEquals(tries, kernel().get("MPJoinAckRx"));
        kernelIsContent();
        captureIsClean();
    }

    /** Megabits a second, from the request to the last byte. */
    private double fetch(int bytes, String sha) throws Exception {
        try (Stream stream = braid.connect(1, 8000, BraidHost.config("fullmesh"))) {
            long from = System.nanoTime();
            stream.outputStream().write("GET /page.bin HTTP/1.0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            String header = header(stream.inputStream());
            assertTrue(header.contains("200 OK") && header.contains("Content-Length: " + bytes), header);
            BraidHost.Flow body = BraidHost.receive(stream);
            double megabits = bytes * 8.0 / ((System.nanoTime() - from) / 1e9) / 1e6;
            assertEquals(new BraidHost.Flow(bytes, sha), body);
            BraidHost.finish(stream);
            return megabits;
        }
    }

    private static String header(InputStream in) throws IOException {
        StringBuilder header = new StringBuilder();
        while (header.indexOf("\r\n\r\n") < 0) {
            header.append((char) in.read());
        }
        return header.toString();
    }

    private static String sha(Path file) throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        digest.update(Files.readAllBytes(file));
        return HexFormat.of().formatHex(digest.digest());
    }

    @Test
    void curlFetchesFromUs() throws Exception {
        needProgram("mptcpize");
        begin(2, false);
        net.kernelEndpoint(Namespaces.kernelAddress(2, false), "dev", "k2", "subflow");
        try (Acceptance acceptance = braid.listen(8000, BraidHost.config("default"))) {
            Process curl = start(net.kernel, folder.resolve("got.bin"), "mptcpize", "run", "curl", "-s", "-f",
                    "--max-time", "30", "http://" + Namespaces.ourAddress(1, false) + ":8000/page.bin");
            byte[] content = Files.readAllBytes(file(3 * MIB));
            try (Stream stream = braid.accept(acceptance)) {
                InputStream in = stream.inputStream();
                String request = header(in);
                assertTrue(request.startsWith("GET /page.bin HTTP/1.1"), request);
                OutputStream out = stream.outputStream();
                out.write(("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: " + content.length + "\r\n\r\n")
                        .getBytes(StandardCharsets.US_ASCII));
                out.write(content);
                out.close();
                assertEquals(-1, in.read());
                BraidHost.finish(stream);
            }
            assertTrue(curl.waitFor(30, TimeUnit.SECONDS));
            assertEquals(0, curl.exitValue());
            assertEquals(-1, Files.mismatch(folder.resolve("got.bin"), folder.resolve("page.bin")));
        }
        assertEquals(1, kernel().get("MPCapableSYNACKRX"));
        assertEquals(1, kernel().get("MPJoinSynAckRx"));
        kernelIsContent();
        captureIsClean();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void perfMeasuresWithIperf3(boolean reverse) throws Exception {
        needProgram("mptcpize");
        needProgram("iperf3");
        beginForCommand(2);
        net.shape(1, "50mbit");
        net.shape(2, "50mbit");
        start(net.kernel, folder.resolve("server.txt"), "mptcpize", "run", "iperf3", "-s", "-1", "--forceflush");
        eventually("the server listens", () -> net.in(net.kernel, "ss", "-Mltn").out().contains(":5201"));
        Path report = folder.resolve("report.txt");
        List<String> arguments = new ArrayList<>(List.of("perf", "client", "--iperf3", "--local", ours(1, 2), "-P", "2",
                "-t", "3s", Namespaces.kernelAddress(1, false)));
        if (reverse) {
            arguments.add("-R");
        }
        Process command = startBraid(report, arguments.toArray(String[]::new));
        assertTrue(command.waitFor(60, TimeUnit.SECONDS));
        String text = Files.readString(report);
        assertEquals("", Files.readString(folder.resolve("err.txt")), text);
        assertEquals(0, command.exitValue(), text);
        assertTrue(text.contains("[  2]") && text.contains("[SUM]"), text);
        assertEquals(!reverse, text.contains("the server received"), text);
        assertTrue(Files.readString(folder.resolve("server.txt")).contains("[SUM]"));
        // One for the protocol, two for data; each has joined once.
        assertEquals(3, kernel().get("MPCapableACKRX"));
        assertEquals(3, kernel().get("MPJoinAckRx"));
        kernelIsContent();
    }

    @Test
    void connectSendsItsInputAndPrintsTheAnswer() throws Exception {
        beginForCommand(1);
        try (KernelPeer server = KernelPeer.serve(net.kernel, "mptcp", false, PORT, 1, "echo")) {
            Path answer = folder.resolve("answer.bin");
            Process command = startBraid(answer, "connect", "--local", ours(1), Namespaces.kernelAddress(1, false),
                    "" + PORT);
            byte[] content = Files.readAllBytes(file(MIB));
            try (OutputStream in = command.getOutputStream()) {
                in.write(content);
            }
            assertTrue(command.waitFor(60, TimeUnit.SECONDS));
            assertEquals("", Files.readString(folder.resolve("err.txt")));
            assertEquals(0, command.exitValue());
            assertEquals(-1, Files.mismatch(answer, folder.resolve("page.bin")));
            assertEquals(MIB, server.await("echoed").bytes());
        }
        kernelIsContent();
    }

    @Test
    void commandThatIsTerminatedEndsItsConnection() throws Exception {
        beginForCommand(1);
        try (KernelPeer server = KernelPeer.serve(net.kernel, "mptcp", false, PORT, 1, "recv:1000,recv")) {
            Process command = startBraid(null, "connect", "--local", ours(1), Namespaces.kernelAddress(1, false),
                    "" + PORT);
            command.getOutputStream().write(new byte[1000]);
            command.getOutputStream().flush();
            server.await("received");
            signal(command, "TERM");
            assertEquals("ECONNRESET", server.await("failed", 5).get("why"));
            assertTrue(command.waitFor(5, TimeUnit.SECONDS));
            assertEquals(128 + 15, command.exitValue());
        }
        assertEquals(1, kernel().get("MPFastcloseRx"));
    }

    @Test
    void commandThatStandsStillForTwoSecondsGoesOn() throws Exception {
        beginForCommand(2);
        net.shape(1, "12mbit");
        net.shape(2, "12mbit");
        try (KernelPeer server = KernelPeer.serve(net.kernel, "mptcp", false, PORT, 1, "both:4000000")) {
            Path answer = folder.resolve("answer.bin");
            Process command = startBraid(answer, "connect", "--local", ours(1, 2),
                    Namespaces.kernelAddress(1, false), "" + PORT);
            byte[] content = Files.readAllBytes(file(4 * MIB));
            Thread.ofPlatform().daemon(true).start(() -> {
                try (OutputStream in = command.getOutputStream()) {
                    in.write(content);
                } catch (IOException gone) {
                    // The test sees it at the other end.
                }
            });
            server.await("connected");
            Thread.sleep(500);
            signal(command, "STOP");
            Thread.sleep(2000);
            signal(command, "CONT");
            KernelPeer.Event received = server.await("received", 60);
            assertEquals(content.length, received.bytes());
            assertTrue(command.waitFor(60, TimeUnit.SECONDS));
            assertEquals("", Files.readString(folder.resolve("err.txt")));
            assertEquals(0, command.exitValue());
            assertEquals(4_000_000, Files.size(answer));
        }
        kernelIsContent();
    }

    private static void signal(Process process, String name) {
        Shell.run("kill", "-" + name, "" + process.pid()).must();
    }

    @Test
    void kernelThatStandsStillForTwoSecondsIsWaitedFor() throws Exception {
        begin(2, false);
        net.shape(1, "12mbit");
        net.shape(2, "12mbit");
        try (KernelPeer server = KernelPeer.serve(net.kernel, "mptcp", false, PORT, 1, "send:1000,recv");
                Stream stream = braid.connect(1, PORT, BraidHost.config("fullmesh"))) {
            BraidHost.receive(stream, 1000);
            BraidHost.awaitPaths(stream, 2);
            FutureTask<BraidHost.Flow> work = BraidHost.beside(() -> BraidHost.send(stream, 8L * MIB));
            Thread.sleep(300);
            server.signal("STOP");
            Thread.sleep(2000);
            server.signal("CONT");
            BraidHost.Flow sent = work.get();
            BraidHost.finish(stream);
            sent.matches(server.await("received"));
        }
        kernelIsContent();
        captureIsClean();
    }

    /** A gibibyte each. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void muchDataAtFullSpeed(boolean weSend) throws Exception {
        beginFast(2);
        long bytes = 1L << 30;
        try (KernelPeer server = KernelPeer.serve(net.kernel, "mptcp", false, PORT, 1,
                weSend ? "recv" : "send:" + bytes);
                Stream stream = braid.connect(1, PORT, BraidHost.config("fullmesh"))) {
            if (weSend) {
                BraidHost.Flow sent = BraidHost.send(stream, bytes);
                BraidHost.finish(stream);
                sent.matches(server.await("received", 90));
            } else {
                BraidHost.Flow received = BraidHost.receive(stream);
                received.matches(server.await("sent"));
                BraidHost.finish(stream);
            }
            server.await("done");
        }
        assertEquals(1, kernel().get("MPJoinAckRx"));
        kernelIsContent();
    }
}
