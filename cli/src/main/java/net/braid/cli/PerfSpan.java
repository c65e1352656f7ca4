package net.braid.cli;

import java.util.List;
import java.util.Locale;
import java.util.StringJoiner;
import java.util.stream.Collectors;

/**
 * What one connection, or all together, did in a stretch of time. Times in nanoseconds since the beginning of the run,
 * amounts in bytes.
 *
 * @param number of the connection, from 1; 0: the sum of all
 */
record PerfSpan(int number, long fromNanos, long toNanos, long sent, long received, List<Path> paths) {

    /**
     * One subflow. What it sent and received includes what it carried a second time for another one.
     *
     * @param live there at the end of the stretch
     * @param rttNanos smoothed round-trip time at the end, 0 before the first measurement
     * @param window congestion window at the end, in bytes
     */
    record Path(String local, int localPort, String remote, int remotePort, boolean live, long sent, long received,
            long sentAgain, long rttNanos, long window) {
    }

    static PerfSpan sum(List<PerfSpan> spans) {
        return new PerfSpan(0, spans.stream().mapToLong(PerfSpan::fromNanos).min().orElse(0),
                spans.stream().mapToLong(PerfSpan::toNanos).max().orElse(0),
                spans.stream().mapToLong(PerfSpan::sent).sum(), spans.stream().mapToLong(PerfSpan::received).sum(),
                List.of());
    }

    long sentAgain() {
        return paths.stream().mapToLong(Path::sentAgain).sum();
    }

    /** One line for the connection, one for each of its paths. */
    String text() {
        double seconds = (toNanos - fromNanos) / 1e9;
        StringBuilder text = new StringBuilder(String.format(Locale.ROOT, "[%s] %6.1f-%-6.1f s%s%s",
                number == 0 ? "SUM" : String.format(Locale.ROOT, "%3d", number), fromNanos / 1e9, toNanos / 1e9,
                amount("sent", sent, seconds), amount("received", received, seconds)));
        for (Path path : paths) {
            text.append(String.format(Locale.ROOT, "%n      %s -> %s%s%s  rtt %s  cwnd %s  retransmitted %s%s",
                    path.local, path.remote, rate("sent", path.sent, seconds),
                    rate("received", path.received, seconds), Quantity.time(path.rttNanos),
                    Quantity.bytes(path.window), Quantity.bytes(path.sentAgain), path.live ? "" : "  (gone)"));
        }
        return text.toString();
    }

    private static String amount(String what, long bytes, double seconds) {
        return bytes == 0 ? "" : String.format(Locale.ROOT, "  %s %s%s", what, Quantity.bytes(bytes),
                rate("", bytes, seconds));
    }

    private static String rate(String what, long bytes, double seconds) {
        return bytes == 0 ? "" : String.format(Locale.ROOT, "  %s%s%s", what, what.isEmpty() ? "" : " ",
                Quantity.bitsPerSecond(seconds <= 0 ? 0 : bytes * 8 / seconds));
    }

    String json() {
        double seconds = (toNanos - fromNanos) / 1e9;
        StringJoiner json = new StringJoiner(",", "{", "}");
        if (number > 0) {
            json.add("\"connection\":" + number);
        }
        json.add(String.format(Locale.ROOT, "\"start\":%.3f,\"end\":%.3f", fromNanos / 1e9, toNanos / 1e9));
        json.add("\"bytes_sent\":" + sent).add("\"bytes_received\":" + received);
        json.add("\"bits_per_second_sent\":" + bits(sent, seconds));
        json.add("\"bits_per_second_received\":" + bits(received, seconds));
        if (number > 0) {
            json.add(paths.stream().map(path -> json(path, seconds)).collect(Collectors.joining(",", "\"paths\":[",
                    "]")));
        }
        return json.toString();
    }

    private static String json(Path path, double seconds) {
        return String.format(Locale.ROOT, "{\"local\":\"%s\",\"local_port\":%d,\"remote\":\"%s\",\"remote_port\":%d,"
                + "\"live\":%b,\"bytes_sent\":%d,\"bytes_received\":%d,\"bits_per_second_sent\":%d,"
                + "\"bits_per_second_received\":%d,\"bytes_retransmitted\":%d,\"rtt_us\":%d,\"cwnd\":%d}", path.local,
                path.localPort, path.remote, path.remotePort, path.live, path.sent, path.received,
                bits(path.sent, seconds), bits(path.received, seconds), path.sentAgain, path.rttNanos / 1000,
                path.window);
    }

    static long bits(long bytes, double seconds) {
        return seconds <= 0 ? 0 : Math.round(bytes * 8 / seconds);
    }
}
