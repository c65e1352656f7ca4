package net.braid.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.IntToDoubleFunction;
import net.braid.cli.DemoPlot.Style;

/**
 * The report of a run as one page of HTML that needs nothing else: no network, no script. It is well-formed XML too.
 * It tells nothing of our clock, so that the same seed gives the same page.
 */
final class DemoReport {
    private static final int MOST_POINTS = 500;
    private static final int LEAST_STRIDE = 2;
    /** Rates are means over this many samples at least. */
    private static final int LEAST_SPAN = 4;
    private static final int TALL = 250;
    private static final int LOW = 170;
    private static final double SECOND = 1e9;

    private record Outage(int path, double from, double until) {
        double seconds() {
            return until - from;
        }
    }

    private final DemoRun plain;
    private final DemoSettings settings;
    private final DemoTrace trace;
    private final DemoVerdict verdict;
    private final double end;
    private final int stride;
    private final double step;
    private final List<Outage> outages;

    /** {@code plain} is the same with plain TCP over the first path, or null. */
    DemoReport(DemoRun run, DemoRun plain) {
        this.plain = plain;
        settings = run.settings();
        trace = run.trace();
        verdict = run.verdict();
        end = verdict.nanos() / SECOND;
        stride = Math.max(LEAST_STRIDE, (trace.samples() + MOST_POINTS - 1) / MOST_POINTS);
        step = stride * DemoTrace.SAMPLE_NANOS / SECOND;
        outages = outages();
    }

    private List<Outage> outages() {
        List<Outage> found = new ArrayList<>();
        for (DemoTrace.Event event : trace.events()) {
            if (event.kind() == DemoTrace.Kind.WORLD_DOWN) {
                double until = trace.events().stream().filter(e -> e.kind() == DemoTrace.Kind.WORLD_UP
                        && e.path() == event.path() && e.timeNanos() >= event.timeNanos())
                        .mapToDouble(e -> e.timeNanos() / SECOND).findFirst().orElse(end);
                found.add(new Outage(event.path(), event.timeNanos() / SECOND, until));
            }
        }
        return found;
    }

    String html() {
        return "<!DOCTYPE html>\n<html lang=\"en\" xmlns=\"http://www.w3.org/1999/xhtml\">\n<head>\n"
                + "<meta charset=\"utf-8\" />\n"
                + "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\" />\n"
                + "<title>braid demo: " + escape(headline()) + "</title>\n"
                + "<style>\n" + resource("report.css") + "</style>\n</head>\n<body>\n<main>\n"
                + header() + tiles() + "<div class=\"stack\">\n" + shares() + ratePlot() + progressPlot()
                + pathPlots() + eventTable() + details() + "</div>\n"
                + "<footer>Written by <code>./braid demo</code>. All times are those of the emulated world.</footer>\n"
                + "</main>\n<script>\n//<![CDATA[\n" + resource("report.js") + "//]]>\n</script>\n</body>\n</html>\n";
    }

    // ---- words

    private String headline() {
        if (!verdict.complete()) {
            return "The transfer failed: " + verdict.failure();
        }
        String arrived = Quantity.bytes(verdict.totalBytes()) + " arrived intact";
        if (outages.isEmpty()) {
            return arrived + " over " + pathTitles();
        }
        List<String> lost = outages.stream().map(outage -> title(outage.path)).distinct().toList();
        if (lost.size() > 1) {
            return arrived + ", although " + inWords(lost) + " died on the way";
        }
        Outage longest = outages.stream().max(Comparator.comparingDouble(Outage::seconds)).orElseThrow();
        return arrived + ", although " + title(longest.path) + " was gone for "
                + Quantity.brief(Math.round(longest.seconds() * SECOND));
    }

    private String pathTitles() {
        return inWords(settings.paths().stream().map(DemoPath::title).toList());
    }

    private static String inWords(List<String> words) {
        return words.size() == 1 ? words.getFirst()
                : String.join(", ", words.subList(0, words.size() - 1)) + " and " + words.getLast();
    }

    private String header() {
        String what = settings.file() == null ? "Random bytes" : settings.file().getFileName().toString();
        String kind = verdict.multipath() ? "Multipath TCP connection (version " + settings.version() + ")"
                : "plain TCP connection, because Multipath TCP was not agreed on";
        return "<header>\n<p class=\"brand\">braid demo</p>\n<h1>" + unbroken(headline()) + "</h1>\n<p class=\"lead\">"
                + unbroken(what + " from client to server in one " + kind + " over " + pathTitles() + "." + comeback())
                + "</p>\n</header>\n";
    }

    private String comeback() {
        return trace.events().stream().filter(event -> event.kind() == DemoTrace.Kind.COMEBACK).findFirst()
                .map(event -> " " + event.text().replace("carries", "carried") + ".").orElse("");
    }

    private String tiles() {
        StringBuilder tiles = new StringBuilder("<div class=\"tiles\">\n");
        String intact = verdict.complete() ? "the SHA-256 of both sides agree"
                : "not everything arrived as it was sent";
        tile(tiles, "<b class=\"verdict " + (verdict.complete() ? "good\">Intact" : "bad\">Failed") + "</b>", intact);
        tile(tiles, bold(Quantity.brief(verdict.nanos())), "until the reader had everything");
        tile(tiles, bold(Quantity.bitsPerSecond(verdict.bitsPerSecond())), "on average");
        tile(tiles, bold(Quantity.brief(verdict.stallNanos())), "longest time the reader waited");
        if (plain != null) {
            String alone = "plain TCP over " + plain.settings().paths().getFirst().title() + " alone";
            DemoVerdict its = plain.verdict();
            tile(tiles, bold(its.complete() ? Quantity.brief(its.nanos()) : "never"), its.complete()
                    ? alone + "; its reader waited " + Quantity.brief(its.stallNanos()) + " once"
                    : alone + " got through");
        }
        return tiles.append("</div>\n").toString();
    }

    private static void tile(StringBuilder tiles, String big, String small) {
        tiles.append("<div class=\"card tile\">").append(big).append("<span>").append(escape(small));
        tiles.append("</span></div>\n");
    }

    private static String bold(String text) {
        return "<b>" + escape(text) + "</b>";
    }

    private String shares() {
        StringBuilder html = new StringBuilder(section("Share per path", String.format(Locale.ROOT,
                "payload that came through, %.1f %% of it twice", 100 * verdict.surplus())));
        html.append("<div class=\"share\">");
        for (int i = 0; i < verdict.paths().size(); i++) {
            DemoVerdict.PathShare path = verdict.paths().get(i);
            if (path.bytes() > 0) {
                html.append(String.format(Locale.ROOT,
                        "<div class=\"p%d\" style=\"flex:%.4f\" title=\"%s\">%s&#160;%.1f&#160;%%</div>", i,
                        path.share(), escape(path.title() + ": " + Quantity.bytes(path.bytes())), escape(path.title()),
                        100 * path.share()));
            }
        }
        return html.append("</div></section>\n").toString();
    }

    // ---- plots

    private String ratePlot() {
        DemoPlot plot = new DemoPlot("Rate", "Mbit/s of payload out of each path, stacked", "Mbit/s", step, end, TALL);
        for (int i = trace.pathCount() - 1; i >= 0; i--) {
            int path = i;
            plot.add(title(i), "p" + i, Style.SOLID,
                    values(sample -> trace.rate(path, sample, Math.max(stride, LEAST_SPAN)) / 1e6));
        }
        return marked(plot, true).html();
    }

    private String progressPlot() {
        double until = end;
        if (plain != null) {
            until = Math.min(3 * end, plain.verdict().nanos() / SECOND);
        }
        DemoPlot plot = new DemoPlot("Progress", "MB that the reader has", "MB", step, Math.max(end, until), TALL);
        plot.add(verdict.multipath() ? "Multipath TCP" : "TCP", "p0", Style.AREA, reached(trace, verdict));
        if (plain != null) {
            plot.add("plain TCP over " + plain.settings().paths().getFirst().title(), "plain", Style.DASHED,
                    reached(plain.trace(), plain.verdict()));
        }
        return marked(plot, false).html();
    }

    /** With the last byte at its own instant, or as near as the step allows. */
    private double[] reached(DemoTrace of, DemoVerdict its) {
        int count = (int) Math.ceil(its.nanos() / SECOND / step) + 1;
        double[] values = new double[count];
        for (int i = 0; i < count; i++) {
            values[i] = i * stride < of.samples() ? of.read(i * stride) / 1e6 : its.readBytes() / 1e6;
        }
        return values;
    }

    /** One for each path, and that of the round-trip times, which fills a gap if there is one. */
    private String pathPlots() {
        boolean gap = trace.pathCount() % 2 == 1;
        String windows = windowPlots();
        return "<div class=\"grid\">\n" + windows + (gap ? rttPlot() + "</div>\n" : "</div>\n" + rttPlot());
    }

    private String windowPlots() {
        StringBuilder html = new StringBuilder();
        for (int i = 0; i < trace.pathCount(); i++) {
            DemoTrace.PathSeries series = trace.path(i);
            DemoPlot plot = new DemoPlot(title(i), "kB at the sender", "kB", step, end, LOW);
            plot.add("in flight", "p" + i, Style.AREA, values(sample -> series.inFlight(sample) / 1e3));
            plot.add("congestion window", "ink", Style.THIN,
                    values(sample -> series.window(sample) == 0 ? Double.NaN : series.window(sample) / 1e3));
            plot.add("in the queue", "plain", Style.DASHED, values(sample -> series.queue(sample) / 1e3));
            html.append(marked(plot, false).html());
        }
        return html.toString();
    }

    private String rttPlot() {
        String note = "ms, smoothed, as the sender measures it";
        DemoPlot plot = new DemoPlot("Round-trip time", note, "ms", step, end, LOW);
        for (int i = 0; i < trace.pathCount(); i++) {
            DemoTrace.PathSeries series = trace.path(i);
            plot.add(title(i), "p" + i, Style.LINE,
                    values(sample -> series.rtt(sample) == 0 ? Double.NaN : series.rtt(sample) / 1e6));
        }
        return marked(plot, false).html();
    }

    private DemoPlot marked(DemoPlot plot, boolean labels) {
        for (Outage outage : outages) {
            plot.band(outage.from, outage.until, labels ? title(outage.path) + " down" : "");
        }
        for (DemoTrace.Event event : trace.events()) {
            if (event.kind() == DemoTrace.Kind.WORLD_CHANGE) {
                plot.mark(event.timeNanos() / SECOND, event.text());
            }
        }
        return plot;
    }

    /** One value for each step of the plots. */
    private double[] values(IntToDoubleFunction ofSample) {
        double[] values = new double[(trace.samples() + stride - 1) / stride];
        Arrays.setAll(values, i -> ofSample.applyAsDouble(i * stride));
        return values;
    }

    // ---- tables

    private String eventTable() {
        StringBuilder html = new StringBuilder(section("What happened", ""));
        html.append("<div class=\"scroll\"><table>\n");
        for (DemoTrace.Event event : trace.events()) {
            String colour = switch (event.kind()) {
                case WORLD_DOWN -> "bad";
                case WORLD_UP, MILESTONE -> "good";
                case WORLD_CHANGE -> "ink";
                case ENGINE, COMEBACK -> "p" + event.path();
            };
            html.append(String.format(Locale.ROOT, "<tr><td class=\"num\" style=\"width:84px\">%.2f s</td><td>"
                    + "<span class=\"dot %s\"></span>%s</td></tr>%n", event.timeNanos() / SECOND, colour,
                    event.isLoud() ? "<strong>" + escape(event.text()) + "</strong>" : escape(event.text())));
        }
        return html.append("</table></div></section>\n").toString();
    }

    private String details() {
        StringBuilder html = new StringBuilder(section("Details", "")).append("<dl>\n");
        for (DemoPath path : settings.paths()) {
            entry(html, path.title(), path.describe());
        }
        entry(html, "Policies", "path manager " + settings.pathManager() + ", scheduler " + settings.scheduler()
                + ", congestion control " + settings.congestionControl());
        entry(html, "Retransmitted", verdict.repeated() + " segments on the path where they were lost");
        code(html, "SHA-256 sent", verdict.sentSha256());
        code(html, "SHA-256 received", verdict.receivedSha256());
        code(html, "Repeat this run", settings.command() + (plain == null ? "" : " --compare"));
        code(html, "In Wireshark", "demo.pcapng, with the filters: tcp.options.mptcp.subtype == 0 (MP_CAPABLE), == 1 "
                + "(MP_JOIN); frame.interface_name == \"" + settings.paths().getFirst().name() + "\"; frame.comment");
        return html.append("</dl></section>\n").toString();
    }

    private static void entry(StringBuilder html, String name, String value) {
        html.append("<dt>").append(escape(name)).append("</dt><dd>").append(escape(value)).append("</dd>\n");
    }

    private static void code(StringBuilder html, String name, String value) {
        html.append("<dt>").append(escape(name)).append("</dt><dd><code>").append(escape(value));
        html.append("</code></dd>\n");
    }

    /** Opens a section; the caller closes it. */
    private static String section(String title, String note) {
        return "<section class=\"card\"><div class=\"card-head\"><h2>" + escape(title) + "</h2><span class=\"note\">"
                + escape(note) + "</span></div>\n";
    }

    private String title(int path) {
        return settings.paths().get(path).title();
    }

    /** Escaped, with titles of paths that are not torn apart at a hyphen. */
    private String unbroken(String text) {
        String escaped = escape(text);
        for (DemoPath path : settings.paths()) {
            escaped = path.title().indexOf('-') < 0 ? escaped
                    : escaped.replace(path.title(), "<span class=\"word\">" + path.title() + "</span>");
        }
        return escaped;
    }

    private static String escape(String text) {
        return DemoPlot.escape(text);
    }

    private static String resource(String name) {
        try (InputStream in = DemoReport.class.getResourceAsStream(name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
