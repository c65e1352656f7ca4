package net.braid.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The live picture, seen through a terminal that understands just enough. */
class DemoPictureTest {
    private static final Pattern TOKEN = Pattern.compile("\033\\[(\\??[0-9;]*)([A-Za-z])|\r|\n|[^\033\r\n]+");

    private static List<String> screen(String output) {
        List<String> lines = new ArrayList<>();
        int row = 0;
        for (Matcher token = TOKEN.matcher(output); token.find();) {
            while (lines.size() <= row) {
                lines.add("");
            }
            switch (token.group(2) == null ? token.group() : token.group(2)) {
                case "\n" -> row++;
                case "A" -> row -= Integer.parseInt(token.group(1));
                case "K" -> lines.set(row, "");
                case "\r", "m", "h", "l" -> {
                }
                default -> lines.set(row, lines.get(row) + token.group());
            }
        }
        return lines;
    }

    private static String play(long until) {
        DemoSettings settings = new DemoSettings(null, 4_000_000, List.of(DemoPath.WIFI, DemoPath.THREE_G),
                List.of(DemoEvent.parse("1s:wifi:down"), DemoEvent.parse("2s:wifi:up")), true, 1, false, "fullmesh",
                "default", "cubic", 0, 1);
        StringWriter output = new StringWriter();
        try (DemoWorld world = new DemoWorld(settings, null, null);
                DemoPicture picture = new DemoPicture(new PrintWriter(output), world, true)) {
            while (world.now() < until) {
                world.advanceTo(world.now() + 100_000_000);
                picture.frame();
            }
        }
        return output.toString();
    }

    @Test
    void pictureIsRedrawnInPlaceBelowItsLog() {
        List<String> screen = screen(play(3_700_000_000L)).stream().filter(line -> !line.isBlank()).toList();
        List<String> last = screen.subList(screen.size() - 4, screen.size());
        assertTrue(last.get(0).contains("again"), screen.toString());
        assertTrue(last.get(1).startsWith("  Wi-Fi ") && last.get(1).contains("Mbit/s"), screen.toString());
        assertTrue(last.get(2).startsWith("  3G "), screen.toString());
        assertTrue(last.get(3).startsWith("  reader "), screen.toString());
        assertEquals(1, screen.stream().filter(line -> line.startsWith("  reader")).count(), screen.toString());
    }

    @Test
    void pathThatIsDownSaysSo() {
        List<String> screen = screen(play(1_500_000_000L));
        assertTrue(screen.stream().anyMatch(line -> line.startsWith("  Wi-Fi ") && line.endsWith("down")),
                screen.toString());
    }

    @Test
    void everyLineFitsATerminalOfEightyColumns() {
        for (String line : screen(play(3_000_000_000L))) {
            assertTrue(line.length() <= 80, line);
        }
    }

    @Test
    void cursorComesBack() {
        String output = play(300_000_000L);
        assertTrue(output.contains("\033[?25l") && output.endsWith("\033[?25h\033[?7h"), output);
    }
}
