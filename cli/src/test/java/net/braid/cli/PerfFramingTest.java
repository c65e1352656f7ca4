package net.braid.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** What client and server of {@code braid perf} say to each other, byte by byte. */
class PerfFramingTest {
    private static final PerfRequest REQUEST = new PerfRequest(PerfDirection.BOTH, 3, 0x0102030405060708L, 5, 6);

    private static byte[] bytes(PerfRequest request) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        request.write(new DataOutputStream(out));
        return out.toByteArray();
    }

    private static PerfRequest read(byte[] bytes) throws IOException {
        return PerfRequest.read(new DataInputStream(new ByteArrayInputStream(bytes)));
    }

    @Test
    void requestHasTheBytesOfTheDocument() throws IOException {
        byte[] expected = new byte[36];
        System.arraycopy("BRAIDP1\n".getBytes(StandardCharsets.US_ASCII), 0, expected, 0, 8);
        expected[8] = 3;
        expected[11] = 3;
        for (int i = 0; i < 8; i++) {
            expected[12 + i] = (byte) (i + 1);
        }
        expected[27] = 5;
        expected[35] = 6;
        assertEquals(Arrays.toString(expected), Arrays.toString(bytes(REQUEST)));
    }

    @Test
    void requestReadsBackAsItself() throws IOException {
        assertEquals(REQUEST, read(bytes(REQUEST)));
    }

    @Test
    void everyCutOfARequestSaysThatThePeerEnded() throws IOException {
        byte[] whole = bytes(REQUEST);
        for (int length = 8; length < whole.length; length++) {
            byte[] cut = Arrays.copyOf(whole, length);
            assertTrue(assertThrows(IOException.class, () -> read(cut)).getMessage().contains("has ended"));
        }
    }

    @Test
    void otherProgramIsSentToRawMode() {
        byte[] http = "GET / HTTP/1.1\r\nHost: somewhere.example\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
        assertTrue(assertThrows(IOException.class, () -> read(http)).getMessage().contains("--raw"));
    }

    @Test
    void requestThatCannotBeIsRefused() throws IOException {
        int[][] wrongs = {{8, 0}, {8, 4}, {11, 0}, {11, 129}, {20, 0x80}, {28, 0x80}};
        for (int[] wrong : wrongs) {
            byte[] changed = bytes(REQUEST);
            changed[wrong[0]] = (byte) wrong[1];
            assertThrows(IOException.class, () -> read(changed), "byte " + wrong[0] + " is " + wrong[1]);
        }
    }

    @Test
    void requestWithoutEndIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> new PerfRequest(PerfDirection.FORWARD, 1, 0, 0, 0));
    }

    @Test
    void reportIsWhatComesLastHoweverTheStreamIsCut() throws IOException {
        PerfReport report = new PerfReport(1_000_000, 2_000_000, 3);
        byte[] stream = new byte[100 + PerfReport.BYTES];
        System.arraycopy(report.toBytes(), 0, stream, 100, PerfReport.BYTES);
        for (int step = 1; step <= stream.length; step++) {
            assertEquals(report, tail(stream, step).report(), "in parts of " + step);
        }
    }

    private static PerfReport.Tail tail(byte[] stream, int step) {
        PerfReport.Tail tail = new PerfReport.Tail();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment chunk = arena.allocate(stream.length);
            for (int at = 0; at < stream.length; at += step) {
                int length = Math.min(step, stream.length - at);
                MemorySegment.copy(stream, at, chunk, ValueLayout.JAVA_BYTE, 0, length);
                tail.add(chunk, length);
            }
        }
        return tail;
    }

    @Test
    void streamWithoutReportSaysSo() {
        assertThrows(IOException.class, () -> tail(new byte[10], 3).report());
        assertThrows(IOException.class, () -> tail(new byte[500], 70).report());
    }
}
