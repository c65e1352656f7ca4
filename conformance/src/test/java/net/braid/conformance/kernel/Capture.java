package net.braid.conformance.kernel;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assertions;

/**
 * All packets that pass the router on the kernel's side, and what tshark thinks of them. The file goes with this, but
 * {@code -Dbraid.interop.keep=true} keeps it.
 */
final class Capture implements AutoCloseable {
    /** Random payload looks like many protocols. */
    private static final String PAYLOAD = "tcp.port==1-65535,data";

    private final Path file;
    private final Process process;

    Capture(Namespaces net) {
        try {
            file = Files.createTempFile("braid-interop", ".pcapng");
            List<String> command = new ArrayList<>(List.of("dumpcap", "-q", "-B", "16", "-w", file.toString()));
            for (int i = 1; i <= net.paths; i++) {
                command.add("-i");
                command.add("rk" + i);
            }
            process = new ProcessBuilder(Shell.in(net.router, command)).redirectErrorStream(true).start();
            BufferedReader lines = process.inputReader(StandardCharsets.UTF_8);
            String line = lines.readLine();
            while (line != null && !line.startsWith("File:")) {
                line = lines.readLine();
            }
            Assertions.assertNotNull(line, "dumpcap has not started");
        } catch (IOException problem) {
            throw new UncheckedIOException(problem);
        }
    }

    private void stop() {
        process.destroy();
        try {
            Assertions.assertTrue(process.waitFor(10, TimeUnit.SECONDS), "dumpcap does not end");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Stops, and lets tshark read it: wrong checksums, malformed packets, and what it warns of in options. What it
     * says about losses and windows is left out: those are as the path makes them.
     *
     * @return each complaint once, with the number of the first frame
     */
    List<String> complaints() {
        stop();
        String said = Shell.run("tshark", "-n", "-r", file.toString(), "-d", PAYLOAD, "-o",
                "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE", "-Y",
                "_ws.expert || _ws.malformed || tcp.checksum.status == 0", "-T", "fields", "-E", "aggregator=|", "-e",
                "frame.number", "-e", "tcp.checksum.status", "-e", "_ws.expert.message").must().out();
        Map<String, String> first = new TreeMap<>();
        for (String line : said.split("\n")) {
            String[] fields = line.split("\t", -1);
            if (fields.length < 3) {
                continue;
            }
            Set<String> messages = new TreeSet<>(List.of(fields[2].split("\\|")));
            // The kernel writes a software checksum of 0 as 0xffff, which is the same number.
            boolean otherZero = messages.removeIf(message -> message.startsWith("TCP Checksum 0xffff instead of 0x0"));
            if (fields[1].equals("0") && !otherZero) {
                messages.add("wrong checksum");
            }
            messages.removeIf(Capture::isOfThePath);
            messages.forEach(message -> first.putIfAbsent(message, fields[0]));
        }
        List<String> complaints = new ArrayList<>();
        first.forEach((message, frame) -> complaints.add(message + " (frame " + frame + ")"));
        return complaints;
    }

    private static boolean isOfThePath(String message) {
        // The kernel pads DSS and timestamps so; a run between two kernels shows it as well.
        return message.isBlank() || message.startsWith("4 NOP in a row")
                || message.matches("Connection (establish|finish|reset).*|"
                + "This frame .*|Duplicate ACK.*|Previous segment.*|ACKed segment.*|TCP (Zero|Window|window|keep|"
                + "Keep).*|.*[Kk]eep-[Aa]live.*|.*retransmission.*|.*out-of-order.*|.*[Zz]ero[ W]?[wW]indow.*|"
                + "D-SACK.*|.*port numbers reused.*|.*SACK.*|.*window.*");
    }

    Path file() {
        return file;
    }

    @Override
    public void close() {
        process.destroyForcibly();
        try {
            if (!Boolean.getBoolean("braid.interop.keep")) {
                Files.deleteIfExists(file);
            }
        } catch (IOException problem) {
            throw new UncheckedIOException(problem);
        }
    }
}
