package net.braid.conformance;

import static net.braid.conformance.BulkTransfer.MILLIS;
import static net.braid.conformance.BulkTransfer.SECONDS;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import net.braid.sim.PipeProperties;

/**
 * Goodput by congestion control, loss and size of the bottleneck's buffer, in percent of the path's payload capacity.
 * Every cell is the mean over the same seeds, so that all cells meet the same dice: the nth frame on the wire is lost
 * in every column of a row or in none.
 */
final class GoodputTable {
    static final long RATE = 10_000_000;
    static final long RTT = 80 * MILLIS;
    static final long PRODUCT = RATE / 8 * RTT / SECONDS;
    static final int DURATION_SECONDS = 60;
    static final int SEEDS = 4;
    static final List<String> CONTROLS = List.of("reno", "cubic");
    static final double[] LOSSES = {0, 0.0001, 0.001, 0.01, 0.03, 0.1};
    static final double[] BUFFERS = {0.1, 0.25, 0.5, 1, 2};

    /** Percent by congestion control, loss and buffer, in the order of the arrays above, rounded to two decimals. */
    private final double[][][] cells = new double[CONTROLS.size()][LOSSES.length][BUFFERS.length];

    private GoodputTable() {
    }

    static GoodputTable compute() {
        GoodputTable table = new GoodputTable();
        for (int control = 0; control < CONTROLS.size(); control++) {
            for (int loss = 0; loss < LOSSES.length; loss++) {
                for (int buffer = 0; buffer < BUFFERS.length; buffer++) {
                    table.cells[control][loss][buffer] = cell(CONTROLS.get(control), LOSSES[loss], BUFFERS[buffer]);
                }
            }
        }
        return table;
    }

    private static double cell(String control, double loss, double buffer) {
        // Without loss nothing is random.
        int seeds = loss == 0 ? 1 : SEEDS;
        long bytes = 0;
        for (int seed = 1; seed <= seeds; seed++) {
            PipeProperties data = BulkTransfer.pipe(RATE, RTT, Math.round(PRODUCT * buffer)).loss(loss).build();
            PipeProperties acknowledgments = PipeProperties.of(RATE, RTT / 2);
            try (BulkTransfer transfer = BulkTransfer.builder().seed(seed).congestion(control)
                    .path(data, acknowledgments).start()) {
                bytes += transfer.receivedIn(DURATION_SECONDS * SECONDS);
            }
        }
        double capacity = RATE / 8.0 * DURATION_SECONDS * BulkTransfer.PAYLOAD_V4 / 1500;
        return Math.round(bytes / capacity / seeds * 10_000) / 100.0;
    }

    double percent(int control, int loss, int buffer) {
        return cells[control][loss][buffer];
    }

    List<String> lines() {
        List<String> lines = new ArrayList<>();
        lines.add("# Goodput in percent of the payload capacity: one flow, " + RATE / 1_000_000 + " Mbit/s, round trip "
                + RTT / MILLIS + " ms,");
        lines.add("# " + DURATION_SECONDS + " s from the handshake on, mean of " + SEEDS
                + " seeds. Rows: random loss of data segments. Columns: buffer of the");
        lines.add("# bottleneck in bandwidth-delay products (" + PRODUCT + " bytes). GoodputTable computes it and "
                + "GoodputTableTest guards it.");
        for (int control = 0; control < CONTROLS.size(); control++) {
            lines.add("");
            StringBuilder head = new StringBuilder(String.format(Locale.ROOT, "%-8s", CONTROLS.get(control)));
            for (double buffer : BUFFERS) {
                head.append(String.format(Locale.ROOT, "%8s", buffer));
            }
            lines.add(head.toString());
            for (int loss = 0; loss < LOSSES.length; loss++) {
                StringBuilder row = new StringBuilder(String.format(Locale.ROOT, "%-8s", percent(LOSSES[loss])));
                for (double cell : cells[control][loss]) {
                    row.append(String.format(Locale.ROOT, "%8.2f", cell));
                }
                lines.add(row.toString());
            }
        }
        return lines;
    }

    static String percent(double share) {
        return String.format(Locale.ROOT, "%.3g", share * 100).replaceAll("\\.?0+$", "") + "%";
    }
}
