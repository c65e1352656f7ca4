package net.braid.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.StringJoiner;
import java.util.stream.Collectors;
import net.braid.runtime.StreamInfo;

/** What the user sees of a measurement: lines as it goes, or one line of JSON at its end. */
final class PerfPrinter {
    private final PrintWriter out;
    private final boolean json;
    private final List<String> opened = new ArrayList<>();
    private final List<String> intervals = new ArrayList<>();

    PerfPrinter(PrintWriter out, boolean json) {
        this.out = out;
        this.json = json;
    }

    void opened(int number, StreamInfo info) {
        if (json) {
            opened.add(String.format(Locale.ROOT, "{\"connection\":%d,\"local\":\"%s\",\"local_port\":%d,"
                    + "\"remote\":\"%s\",\"remote_port\":%d,\"multipath\":%b}", number, info.local(),
                    info.localPort(), info.remote(), info.remotePort(), info.multipath()));
        } else {
            say(String.format(Locale.ROOT, "[%3d] %s port %d to %s port %d, %s", number, info.local(),
                    info.localPort(), info.remote(), info.remotePort(),
                    info.multipath() ? "Multipath TCP" : "plain TCP"));
        }
    }

    void interval(List<PerfSpan> spans) {
        if (json) {
            intervals.add(spans.stream().map(PerfSpan::json).collect(Collectors.joining(",", "[", "]")));
            return;
        }
        say(lines(spans));
    }

    private static String lines(List<PerfSpan> spans) {
        StringJoiner lines = new StringJoiner(System.lineSeparator());
        spans.forEach(span -> lines.add(span.text()));
        if (spans.size() > 1) {
            lines.add(PerfSpan.sum(spans).text());
        }
        return lines.toString();
    }

    /** All connections are over. */
    void end(List<PerfTalk> talks) {
        List<PerfSpan> totals = talks.stream().map(PerfTalk::total).toList();
        if (json) {
            say(new StringJoiner(",", "{", "}")
                    .add("\"role\":\"" + (talks.getFirst().isClient() ? "client" : "server") + "\"")
                    .add("\"connections\":[" + String.join(",", opened) + "]")
                    .add("\"intervals\":[" + String.join(",", intervals) + "]")
                    .add(totals.stream().map(PerfSpan::json).collect(Collectors.joining(",", "\"totals\":[", "]")))
                    .add("\"sum\":" + PerfSpan.sum(totals).json())
                    .add(talks.stream().map(PerfPrinter::peer).collect(Collectors.joining(",", "\"peer\":[", "]")))
                    .add(talks.stream().map(PerfPrinter::problem).collect(Collectors.joining(",", "\"problems\":[",
                            "]")))
                    .toString());
            return;
        }
        StringJoiner text = new StringJoiner(System.lineSeparator()).add("In all:").add(lines(totals));
        for (PerfTalk talk : talks) {
            PerfReport report = talk.report();
            if (report != null && report.received() > 0) {
                text.add(String.format(Locale.ROOT, "[%3d] the server received %s in %.2f s, %s",
                        talk.flow().number(), Quantity.bytes(report.received()), report.nanos() / 1e9,
                        Quantity.bitsPerSecond(PerfSpan.bits(report.received(), report.nanos() / 1e9))));
            }
        }
        say(text.toString());
    }

    private static String peer(PerfTalk talk) {
        PerfReport report = talk.report();
        return report == null ? "null" : String.format(Locale.ROOT,
                "{\"bytes_received\":%d,\"seconds\":%.3f,\"bits_per_second_received\":%d,\"bytes_retransmitted\":%d}",
                report.received(), report.nanos() / 1e9, PerfSpan.bits(report.received(), report.nanos() / 1e9),
                report.sentAgain());
    }

    private static String problem(PerfTalk talk) {
        IOException problem = talk.problem();
        return problem == null ? "null" : ScenarioJson.string(Reason.of(problem));
    }

    private void say(String text) {
        out.println(text);
        out.flush();
    }
}
