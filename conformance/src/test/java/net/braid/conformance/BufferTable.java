package net.braid.conformance;

import static net.braid.conformance.MultipathTransfer.SECONDS;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import net.braid.mptcp.ConnectionConfig;

/**
 * Goodput by receive buffer: Multipath TCP over Wi-Fi (8 Mbit/s, 20 ms, 80 ms of queue) and 3G (2 Mbit/s, 150 ms, 2 s
 * of queue), and plain TCP over Wi-Fi alone with the same buffer, congestion control and seeds.
 */
final class BufferTable {
    static final int[] KILOBYTES = {30, 50, 75, 100, 150, 200, 300, 400, 600, 1000};
    static final List<String> CONTROLS = List.of("cubic", "reno");
    private static final int SEEDS = 2;
    private static final int DURATION_SECONDS = 30;

    /**
     * @param plain Mbit/s of payload
     * @param multipath likewise
     * @param mobileShare percent of the packets of the multipath connection that 3G carried
     */
    record Row(String control, int kilobytes, double plain, double multipath, double mobileShare) {
        String line() {
            return String.format(Locale.ROOT, "%-6s %6d %8.2f %10.2f %7.3f %8.1f", control, kilobytes, plain, multipath,
                    multipath / plain, mobileShare);
        }
    }

    private final List<Row> rows = new ArrayList<>();

    private BufferTable() {
    }

    static BufferTable compute() {
        BufferTable table = new BufferTable();
        for (String control : CONTROLS) {
            for (int kilobytes : KILOBYTES) {
                table.rows.add(row(control, kilobytes));
            }
        }
        return table;
    }

    private static Row row(String control, int kilobytes) {
        ConnectionConfig multipath = config(MultipathTransfer.MULTIPATH, control, kilobytes);
        ConnectionConfig plain = config(ConnectionConfig.DEFAULT, control, kilobytes);
        long alone = 0;
        long both = 0;
        long wifi = 0;
        long mobile = 0;
        for (int seed = 1; seed <= SEEDS; seed++) {
            try (MultipathTransfer transfer = new MultipathTransfer(seed, plain, MultipathTransfer.WIFI)) {
                alone += transfer.receivedIn(DURATION_SECONDS * SECONDS);
            }
            try (MultipathTransfer transfer = new MultipathTransfer(seed, multipath, MultipathTransfer.WIFI,
                    MultipathTransfer.MOBILE)) {
                both += transfer.receivedIn(DURATION_SECONDS * SECONDS);
                wifi += transfer.packetsOn(0);
                mobile += transfer.packetsOn(1);
            }
        }
        double unit = SEEDS * DURATION_SECONDS * 1e6 / 8;
        return new Row(control, kilobytes, alone / unit, both / unit, 100.0 * mobile / (wifi + mobile));
    }

    private static ConnectionConfig config(ConnectionConfig base, String control, int kilobytes) {
        return MultipathTransfer.withReceiveBuffer(base, kilobytes * 1000).toBuilder().congestionControl(control)
                .build();
    }

    List<Row> rows() {
        return rows;
    }

    List<String> lines() {
        List<String> lines = new ArrayList<>();
        lines.add("Mbit/s of payload by receive buffer: plain TCP over Wi-Fi, Multipath TCP over Wi-Fi and 3G, their");
        lines.add("ratio, and percent of the packets that 3G carried. Mean of " + SEEDS + " seeds over "
                + DURATION_SECONDS + " s.");
        lines.add("");
        lines.add("           KB    plain  multipath   ratio     3G %");
        rows.forEach(row -> lines.add(row.line()));
        return lines;
    }

    /** The rows of the first congestion control as a picture. */
    String plot() {
        StringBuilder text = new StringBuilder();
        text.append("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 720 420\" font-family=\"sans-serif\" "
                + "font-size=\"13\">\n<rect width=\"720\" height=\"420\" fill=\"white\"/>\n"
                + "<text x=\"360\" y=\"24\" text-anchor=\"middle\" font-size=\"15\">Goodput by receive buffer: Wi-Fi "
                + "(8 Mbit/s) and 3G (2 Mbit/s), " + CONTROLS.getFirst() + "</text>\n");
        for (int megabits = 0; megabits <= 10; megabits += 2) {
            text.append(String.format(Locale.ROOT, "<path d=\"M70 %1$.1fH690\" stroke=\"#ddd\"/><text x=\"62\" "
                    + "y=\"%2$.1f\" text-anchor=\"end\">%3$d</text>\n", y(megabits), y(megabits) + 4, megabits));
        }
        for (int kilobytes : KILOBYTES) {
            text.append(String.format(Locale.ROOT, "<text x=\"%.1f\" y=\"378\" text-anchor=\"middle\">%d</text>\n",
                    x(kilobytes), kilobytes));
        }
        text.append("<text x=\"380\" y=\"405\" text-anchor=\"middle\">receive buffer, KB</text>\n"
                + "<text x=\"20\" y=\"205\" text-anchor=\"middle\" transform=\"rotate(-90 20 205)\">Mbit/s of payload"
                + "</text>\n");
        line(text, "#c33", "plain TCP over Wi-Fi", 70, false);
        line(text, "#06c", "Multipath TCP over both", 90, true);
        return text.append("</svg>\n").toString();
    }

    private void line(StringBuilder text, String colour, String name, int legend, boolean multipath) {
        StringBuilder path = new StringBuilder();
        for (Row row : rows) {
            if (row.control().equals(CONTROLS.getFirst())) {
                double value = multipath ? row.multipath() : row.plain();
                path.append(path.isEmpty() ? "M" : "L")
                        .append(String.format(Locale.ROOT, "%.1f %.1f", x(row.kilobytes()), y(value)));
                text.append(String.format(Locale.ROOT, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3\" fill=\"%s\"/>\n",
                        x(row.kilobytes()), y(value), colour));
            }
        }
        text.append("<path d=\"").append(path).append("\" fill=\"none\" stroke=\"").append(colour)
                .append("\" stroke-width=\"2\"/>\n<path d=\"M100 ").append(legend).append("h24\" stroke=\"")
                .append(colour).append("\" stroke-width=\"2\"/><text x=\"130\" y=\"").append(legend + 4).append("\">")
                .append(name).append("</text>\n");
    }

    private static double x(int kilobytes) {
        return 90 + 580 * Math.log(kilobytes / 30.0) / Math.log(1000 / 30.0);
    }

    private static double y(double megabits) {
        return 355 - 30 * megabits;
    }
}
