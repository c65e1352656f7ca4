package net.braid.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.IntPredicate;
import net.braid.base.Requirement;
import net.braid.sim.Tap;
import net.braid.wire.PcapngWriter;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A session of each version, captured in the simulator, is understood by another decoder from beginning to end. */
class TsharkSessionTest {
    private static final String[] FIELDS = {
        "tcp.options.mptcp.subtype", "tcp.options.mptcp.version", "mptcp.expected_token",
        "tcp.options.mptcp.recvtok", "tcp.options.mptcp.datafin.flag", "mptcp.stream", "_ws.malformed",
        "_ws.expert.message", "_ws.expert.severity", "tcp.checksum.status", "tcp.len"
    };
    private static final int WARNING = 0x00600000;

    private static void capture(PcapScenario scenario, Path file) throws IOException {
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
            PcapngWriter writer = new PcapngWriter(out);
            int number = writer.addInterface("both");
            scenario.run((pipe, point, memory, length, now) -> {
                if (point == Tap.Point.OFFERED) {
                    try {
                        writer.write(number, now, memory, 0, length, null);
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                }
            });
        }
    }

    private static List<String[]> decode(Path file) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("tshark", "-n", "-r", file.toString(), "-o",
                "tcp.check_checksum:TRUE", "-T", "fields", "-E", "separator=/t", "-E", "occurrence=a", "-E",
                "aggregator=;"));
        for (String field : FIELDS) {
            command.addAll(List.of("-e", field));
        }
        Process process;
        try {
            process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
        } catch (IOException e) {
            return fail("tshark is needed for this test and could not be started; install the package tshark", e);
        }
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), "exit code of tshark");
        return output.lines().map(line -> line.split("\t", -1)).toList();
    }

    private static long count(List<String[]> rows, int field, String value) {
        return rows.stream().filter(row -> List.of(row[field].split(";")).contains(value)).count();
    }

    private static void checkEveryFrame(List<String[]> rows) {
        for (int i = 0; i < rows.size(); i++) {
            String[] row = rows.get(i);
            String where = "frame " + (i + 1) + ": " + String.join(" ", row);
            assertEquals("", row[6], where);
            assertEquals("1", row[9], where);
            IntPredicate severe = severity -> severity >= WARNING;
            boolean warned = !row[8].isEmpty() && List.of(row[8].split(";")).stream()
                    .mapToInt(Integer::decode).anyMatch(severe);
            // A RST is a warning for tshark whoever sends it, and so is what it has not seen before.
            String said = row[7].toLowerCase(Locale.ROOT);
            assertFalse(warned && (said.contains("mptcp") || said.contains("mapping")), where);
        }
    }

    @ParameterizedTest
    @CsvSource({"0, false", "0, true", "1, false", "1, true"})
    @Requirement({"A12", "E01", "E02", "E11", "C15"})
    void tsharkFollowsTheWholeSession(int version, boolean checksum, @TempDir Path folder)
            throws IOException, InterruptedException {
        PcapScenario scenario = new PcapScenario().client(500).server(3000)
                .client(40_000, 100 * PcapScenario.MILLIS).server(40_000).join(false)
                .configure(c -> c.checksum(checksum), s -> s.checksum(checksum));
        if (version == 0) {
            scenario.version0();
        }
        Path file = folder.resolve("session.pcapng");
        capture(scenario, file);
        List<String[]> rows = decode(file);
        assertTrue(rows.size() > 60, rows.size() + " frames");
        checkEveryFrame(rows);
        // Three packets with MP_CAPABLE, a fourth with the first data of version 1; as many with MP_JOIN.
        assertEquals(version == 1 ? 4 : 3, count(rows, 0, "0"));
        assertEquals(3, count(rows, 0, "1"));
        assertTrue(rows.stream().allMatch(row -> row[1].isEmpty() || row[1].equals(String.valueOf(version))));
        String token = rows.stream().map(row -> row[3]).filter(text -> !text.isEmpty()).findFirst().orElse("");
        assertTrue(rows.stream().anyMatch(row -> row[2].contains(token)), "the join names the token of the server's "
                + "key: " + token);
        assertEquals(1, rows.stream().map(row -> row[5]).filter(text -> !text.isEmpty()).distinct().count(),
                "both subflows are one connection");
        assertTrue(count(rows, 4, "1") + count(rows, 4, "True") >= 2, "DATA_FIN of both");
    }
}
