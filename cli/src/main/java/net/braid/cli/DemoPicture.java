package net.braid.cli;

import java.io.PrintWriter;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * The live picture of {@link Demo}. On a terminal: one line per path, redrawn in place, and above it a log that grows.
 * Elsewhere: one line for each second of the world's time, and the log.
 */
final class DemoPicture implements AutoCloseable {
    private static final int WIDTH = 30;
    private static final boolean UNICODE = System.out.charset().newEncoder().canEncode('█');
    private static final String STEPS = UNICODE ? " ▁▂▃▄▅▆▇█" : " _.-=+*#@";
    private static final String FULL = UNICODE ? "━" : "#";
    private static final String EMPTY = UNICODE ? "─" : ".";
    private static final long SECOND = 1_000_000_000;
    /** Rates are means over this many samples of the trace. */
    private static final int SPAN = 4;
    private static final String[] COLOURS = {"34", "33", "35", "32", "36", "31", "94", "93"};

    private final PrintWriter out;
    private final DemoWorld world;
    private final DemoTrace trace;
    private final boolean terminal;
    private final boolean colour;
    private final int nameWidth;
    private final double[] fastest;
    /** When the user interrupts us. */
    private final Thread restorer = new Thread(this::restore);
    private int eventsShown;
    private int linesDrawn;
    private long nextLine = SECOND;

    DemoPicture(PrintWriter out, DemoWorld world, boolean terminal) {
        this.out = out;
        this.world = world;
        this.trace = world.trace();
        this.terminal = terminal;
        this.colour = terminal && System.getenv("NO_COLOR") == null;
        List<DemoPath> paths = world.settings().paths();
        nameWidth = Math.max(6, paths.stream().mapToInt(path -> path.title().length()).max().orElse(0));
        fastest = new double[paths.size()];
        Arrays.setAll(fastest, i -> paths.get(i).rateBits());
        header(world.settings());
        if (terminal) {
            Runtime.getRuntime().addShutdownHook(restorer);
            // No cursor in the picture, and lines that are too long are cut, not wrapped.
            out.print("\033[?25l\033[?7l");
        }
    }

    /** Whether a picture can be redrawn in place on standard output. */
    static boolean isTerminal() {
        return System.console() != null && System.console().isTerminal() && !"dumb".equals(System.getenv("TERM"));
    }

    private void header(DemoSettings settings) {
        String what = settings.file() == null ? Quantity.bytes(settings.bytes()) + " of random bytes"
                : settings.file().getFileName() + " (" + Quantity.bytes(settings.bytes()) + ")";
        out.println(bold(what + " over one Multipath TCP connection"));
        for (int i = 0; i < settings.paths().size(); i++) {
            DemoPath path = settings.paths().get(i);
            out.println("  " + name(i) + "  " + path.describe());
        }
        out.println();
        out.flush();
    }

    /** Shows how things are now. */
    void frame() {
        if (!terminal) {
            logEvents();
            if (world.now() >= nextLine && !world.isOver()) {
                nextLine = world.now() - world.now() % SECOND + SECOND;
                plainLine();
            }
            out.flush();
            return;
        }
        if (linesDrawn > 0) {
            out.print("\033[" + linesDrawn + "A");
        }
        logEvents();
        draw();
        out.flush();
    }

    /** Gives the terminal back as it was. */
    @Override
    public void close() {
        if (terminal) {
            Runtime.getRuntime().removeShutdownHook(restorer);
            restore();
        }
    }

    private void restore() {
        out.print("\033[?25h\033[?7h");
        out.flush();
    }

    private void logEvents() {
        for (; eventsShown < trace.events().size(); eventsShown++) {
            DemoTrace.Event event = trace.events().get(eventsShown);
            String sign = switch (event.kind()) {
                case WORLD_DOWN -> paint("31", UNICODE ? "✗" : "x");
                case WORLD_UP -> paint("32", UNICODE ? "✓" : "+");
                case WORLD_CHANGE -> paint("35", "~");
                case ENGINE, COMEBACK -> paint("2", UNICODE ? "·" : "-");
                case MILESTONE -> paint("32", UNICODE ? "●" : "*");
            };
            line(String.format(Locale.ROOT, "%7.2f s  %s %s", event.timeNanos() / 1e9, sign,
                    event.isLoud() ? bold(event.text()) : event.text()));
        }
    }

    private void draw() {
        line("");
        for (int i = 0; i < fastest.length; i++) {
            line("  " + name(i) + "  " + paint(colour(i), sparkline(i)) + "  " + status(i));
        }
        double share = (double) world.sink().bytes / Math.max(1, world.settings().bytes());
        line("  " + pad("reader") + "  " + bar(share) + "  " + progress(share));
        linesDrawn = 2 + fastest.length;
    }

    private String status(int path) {
        int last = trace.samples() - 1;
        if (world.sink().isEnded()) {
            return Quantity.bytes(world.delivered(path)) + " in all";
        }
        if (world.isDown(path)) {
            return paint("31", "down");
        }
        if (last < 0 || !world.isJoined(path)) {
            return paint("2", "no subflow");
        }
        DemoTrace.PathSeries series = trace.path(path);
        return String.format(Locale.ROOT, "%-11s %6s  rtt %4d ms", Quantity.bitsPerSecond(trace.rate(path, last, SPAN)),
                Quantity.bytes(series.inFlight(last)), series.rtt(last) / 1_000_000);
    }

    private void plainLine() {
        StringBuilder text = new StringBuilder();
        double share = (double) world.sink().bytes / Math.max(1, world.settings().bytes());
        text.append(String.format(Locale.ROOT, "%7.2f s    %s", world.now() / 1e9, progress(share)));
        int last = trace.samples() - 1;
        int span = (int) (SECOND / DemoTrace.SAMPLE_NANOS);
        for (int i = 0; i < fastest.length; i++) {
            text.append("   ").append(world.settings().paths().get(i).title()).append(' ')
                    .append(Quantity.bitsPerSecond(trace.rate(i, last, span)));
        }
        out.println(text);
    }

    private String progress(double share) {
        int last = trace.samples() - 1;
        long bytes = world.sink().bytes;
        double rate = world.sink().isEnded() ? bytes * 8e9 / Math.max(1, world.sink().endedAt())
                : last < 0 ? 0 : trace.readRate(last, 2 * SPAN);
        return String.format(Locale.ROOT, "%3.0f %%  %8s  %s", Math.floor(share * 100), Quantity.bytes(bytes),
                Quantity.bitsPerSecond(rate));
    }

    private String sparkline(int path) {
        StringBuilder line = new StringBuilder(WIDTH);
        int last = trace.samples() - 1;
        for (int i = WIDTH - 1; i >= 0; i--) {
            int sample = last - last % SPAN - i * SPAN;
            double share = sample <= 0 ? 0 : trace.rate(path, sample, SPAN) / fastest[path];
            int step = (int) Math.ceil(share * (STEPS.length() - 1) - 0.2);
            line.append(STEPS.charAt(Math.clamp(step, 0, STEPS.length() - 1)));
        }
        return line.toString();
    }

    private String bar(double share) {
        int full = (int) Math.floor(Math.min(1, share) * WIDTH);
        return paint("32", FULL.repeat(full)) + paint("2", EMPTY.repeat(WIDTH - full));
    }

    private void line(String text) {
        out.print(terminal ? "\r\033[K" + text + "\n" : text + System.lineSeparator());
    }

    private String name(int path) {
        return paint(colour(path), pad(world.settings().paths().get(path).title()));
    }

    private String pad(String text) {
        return text + " ".repeat(Math.max(0, nameWidth - text.length()));
    }

    private static String colour(int path) {
        return COLOURS[path % COLOURS.length];
    }

    private String bold(String text) {
        return paint("1", text);
    }

    private String paint(String code, String text) {
        return colour ? "\033[" + code + "m" + text + "\033[0m" : text;
    }

    // ---- the end

    /** Prints the verdict. {@code plain} is that of plain TCP over the first path, or null. */
    void verdict(DemoVerdict verdict, DemoVerdict plain) {
        out.println();
        out.println("sent      SHA-256 " + verdict.sentSha256());
        out.println("received  SHA-256 " + verdict.receivedSha256());
        out.println("time      " + Quantity.brief(verdict.nanos()) + ", "
                + Quantity.bitsPerSecond(verdict.bitsPerSecond()) + " on average");
        out.println("stall     " + Quantity.brief(verdict.stallNanos()) + " at most, from "
                + Quantity.brief(verdict.stallAtNanos()) + " on");
        StringBuilder shares = new StringBuilder("shares  ");
        for (DemoVerdict.PathShare path : verdict.paths()) {
            shares.append(String.format(Locale.ROOT, "  %s %.1f %% (%s)", path.title(), 100 * path.share(),
                    Quantity.bytes(path.bytes())));
        }
        out.println(shares);
        String version = verdict.multipath() ? ", version " + world.settings().version() : "";
        out.println("kind      " + verdict.kind() + version);
        if (plain != null) {
            out.println(comparison(verdict, plain));
        }
        out.println(bold("verdict   " + verdict.sentence()));
    }

    private static String comparison(DemoVerdict verdict, DemoVerdict plain) {
        String alone = "plain TCP over " + plain.paths().getFirst().title() + " alone";
        if (!plain.complete()) {
            return "compare   " + alone + ": " + plain.failure();
        }
        return String.format(Locale.ROOT, "compare   %s: %s, %.2f times as long; stall %s", alone,
                Quantity.brief(plain.nanos()), (double) plain.nanos() / Math.max(1, verdict.nanos()),
                Quantity.brief(plain.stallNanos()));
    }
}
