package net.braid.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import net.braid.wire.CaptureReader;
import net.braid.wire.CapturedPacket;
import net.braid.wire.SegmentPrinter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DemoTest extends CommandTest {
    @TempDir
    Path folder;

    private int demo(String... arguments) {
        out.getBuffer().setLength(0);
        List<String> all = new ArrayList<>(List.of("demo", "--output", folder.toString()));
        all.addAll(List.of(arguments));
        return braid(all.toArray(String[]::new));
    }

    private double number(String key) {
        Matcher found = Pattern.compile("\"" + key + "\": ([0-9.]+)").matcher(out.toString());
        assertTrue(found.find(), out.toString());
        return Double.parseDouble(found.group(1));
    }

    private double share(String path) {
        Matcher found = Pattern.compile("\"name\": \"" + path + "\", \"bytes\": \\d+, \"share\": ([0-9.]+)")
                .matcher(out.toString());
        assertTrue(found.find(), out.toString());
        return Double.parseDouble(found.group(1));
    }

    @Test
    void everyByteArrivesAndTheVerdictSaysSo() {
        assertEquals(0, demo("--fast", "--size", "1MB"));
        assertTrue(out.toString().contains("verdict   every byte arrived, in order, once"), out.toString());
        assertEquals("", err.toString());
    }

    @Test
    void bothSidesHaveTheSameDigest() {
        assertEquals(0, demo("--json", "--size", "300KB", "--path", "wifi:loss=1%", "--path", "3g"));
        Matcher digests = Pattern.compile("\"sentSha256\": \"(\\w{64})\", \"receivedSha256\": \"(\\w{64})\"")
                .matcher(out.toString());
        assertTrue(digests.find(), out.toString());
        assertEquals(digests.group(1), digests.group(2));
        assertTrue(out.toString().startsWith("{\"complete\": true, \"multipath\": true, \"bytes\": 300000, "),
                out.toString());
    }

    @Test
    void fileArrivesAsItWas() throws IOException {
        byte[] content = new byte[700_001];
        new Random(5).nextBytes(content);
        Path file = Files.write(folder.resolve("holiday.bin"), content);
        assertEquals(0, demo("--fast", "--file", file.toString()));
        assertArrayEquals(content, Files.readAllBytes(folder.resolve("received-holiday.bin")));
    }

    @Test
    void pathsShareTheWorkAsTheirRatesSay() {
        assertEquals(0, demo("--json", "--steady", "--size", "12MB"));
        assertEquals(0.8, share("wifi"), 0.05);
        assertEquals(0.2, share("3g"), 0.05);
    }

    @Test
    void readerDoesNotNoticeThatWifiDies() {
        assertEquals(0, demo("--json", "--size", "8MB"));
        assertTrue(number("longestStallSeconds") < 1, out.toString());
    }

    @Test
    void wifiCarriesDataAgainTwoSecondsAfterItsReturn() {
        assertEquals(0, demo("--fast", "--size", "8MB"));
        Matcher back = Pattern.compile("Wi-Fi carries data again ([0-9.]+) (m?s)").matcher(out.toString());
        assertTrue(back.find(), out.toString());
        assertTrue(back.group(2).equals("ms") || Double.parseDouble(back.group(1)) < 2, back.group());
    }

    @Test
    void transferSurvivesThatWifiLosesItsAddress() {
        assertEquals(0, demo("--fast", "--size", "4MB", "--at", "1s:wifi:leave", "--at", "2s:wifi:return"));
        assertTrue(out.toString().contains("Wi-Fi carries data again"), out.toString());
    }

    @Test
    void changesOfAPathTakeEffect() {
        demo("--json", "--size", "4MB", "--path", "wifi", "--steady");
        double before = number("seconds");
        demo("--json", "--size", "4MB", "--path", "wifi", "--at", "1s:wifi:rate=2mbit");
        assertTrue(number("seconds") > 2 * before, out.toString());
    }

    @Test
    void plainTcpIsComparedOnTheSameWifi() {
        assertEquals(0, demo("--json", "--compare", "--size", "4MB"));
        int plain = out.toString().indexOf("\"plainTcp\": {\"complete\": true, \"multipath\": false, ");
        assertTrue(plain > 0, out.toString());
        String its = out.toString().substring(plain);
        assertTrue(its.contains("\"paths\": [{\"name\": \"wifi\""), its);
        assertFalse(its.contains("3g"), its);
    }

    @Test
    void versionZeroIsMultipathToo() {
        assertEquals(0, demo("--fast", "--size", "1MB", "--mptcp-version", "0", "--checksum"));
        assertTrue(out.toString().contains("kind      Multipath TCP, version 0"), out.toString());
    }

    @Test
    void sameSeedGivesTheSameRunTheSameReportAndTheSamePackets() throws IOException {
        String[] arguments = {"--json", "--size", "500KB", "--path", "wifi:loss=2%", "--path", "3g:jitter=5ms",
            "--seed", "7", "--compare"};
        demo(arguments);
        String first = out.toString();
        byte[] report = Files.readAllBytes(folder.resolve("report.html"));
        byte[] capture = Files.readAllBytes(folder.resolve("demo.pcapng"));
        demo(arguments);
        assertEquals(first, out.toString());
        assertArrayEquals(report, Files.readAllBytes(folder.resolve("report.html")));
        assertArrayEquals(capture, Files.readAllBytes(folder.resolve("demo.pcapng")));
    }

    @Test
    void otherSeedGivesOtherPackets() throws IOException {
        demo("--json", "--size", "100KB", "--seed", "7");
        byte[] capture = Files.readAllBytes(folder.resolve("demo.pcapng"));
        demo("--json", "--size", "100KB", "--seed", "8");
        assertFalse(Arrays.equals(capture, Files.readAllBytes(folder.resolve("demo.pcapng"))));
    }

    @Test
    void realTimeAndVirtualTimeSeeTheSame() throws IOException {
        demo("--size", "150KB");
        byte[] report = Files.readAllBytes(folder.resolve("report.html"));
        demo("--size", "150KB", "--fast");
        assertArrayEquals(report, Files.readAllBytes(folder.resolve("report.html")));
    }

    @Test
    void commandOfTheReportRepeatsTheRun() {
        DemoSettings settings = new DemoSettings(null, 3_000_000, List.of(DemoPath.parse("wifi:loss=0.7%,queue=30KB"),
                DemoPath.parse("lab:rate=1500kbit,rtt=7ms,queue=55ms,jitter=1ms")),
                List.of(DemoEvent.parse("800ms:lab:down"), DemoEvent.parse("1500ms:lab:up")), true, 1, true, "fullmesh",
                "roundrobin", "reno", 100_000, 11);
        List<String> words = new ArrayList<>(List.of(settings.command().split(" ")));
        assertEquals(List.of("./braid", "demo"), words.subList(0, 2));
        assertEquals(0, demo(words.subList(2, words.size()).toArray(String[]::new)));
        String printed = out.toString();
        String[] byHand = {"--fast", "--size", "3MB", "--path", "wifi:loss=0.7%,queue=30KB", "--path",
            "lab:rate=1500kbit,rtt=7ms,queue=55ms,jitter=1ms", "--at", "0.8s:lab:down", "--at", "1.5s:lab:up",
            "--checksum", "--scheduler", "roundrobin", "--congestion", "reno", "--buffer", "100KB", "--seed", "11"};
        assertEquals(0, demo(byHand));
        assertEquals(printed, out.toString());
    }

    @Test
    void captureHasOneInterfacePerPathAndEveryHandshake() throws IOException {
        assertEquals(0, demo("--json", "--size", "1MB", "--steady"));
        TreeSet<String> seen = new TreeSet<>();
        try (InputStream in = new BufferedInputStream(Files.newInputStream(folder.resolve("demo.pcapng")));
                Arena arena = Arena.ofConfined()) {
            CaptureReader reader = CaptureReader.open(in);
            MemorySegment frame = arena.allocate(65536, 64);
            for (CapturedPacket packet = reader.next(); packet != null; packet = reader.next()) {
                MemorySegment.copy(packet.memory(), packet.ipOffset(), frame, 0, packet.ipLength());
                String line = SegmentPrinter.print(frame, 0, packet.ipLength());
                for (String option : List.of("capable", "join", "dss")) {
                    if (line.contains("mptcp") && line.contains(option)) {
                        seen.add(packet.interfaceName() + " " + option);
                    }
                }
            }
        }
        assertEquals(new TreeSet<>(List.of("wifi capable", "wifi dss", "3g join", "3g dss")), seen);
    }

    @Test
    void pathsThatLoseEverythingAreExitCodeOne() {
        assertEquals(1, demo("--fast", "--path", "wifi:loss=100%", "--compare"));
        assertTrue(out.toString().contains("FAILED"), out.toString());
        assertNotEquals("", out.toString());
    }

    @Test
    void eventsAreToldAsTheyHappen() {
        assertEquals(0, demo("--fast", "--size", "3MB", "--at", "1s:wifi:down", "--at", "2s:wifi:up"));
        List<String> lines = out.toString().lines().toList();
        int down = indexOf(lines, "Wi-Fi goes down");
        assertTrue(indexOf(lines, "subflow over 3G established") < down, out.toString());
        assertTrue(down < indexOf(lines, "Wi-Fi is back"), out.toString());
    }

    private static int indexOf(List<String> lines, String text) {
        for (int i = 0; i < lines.size(); i++) {
            if (lines.get(i).contains(text)) {
                return i;
            }
        }
        throw new AssertionError(text + " is missing in " + lines);
    }
}
