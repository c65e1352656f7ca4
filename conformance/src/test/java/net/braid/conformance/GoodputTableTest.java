package net.braid.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import net.braid.base.Requirement;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The reviewed table of goodput. It is exact, for one seed decides everything; so any change to loss recovery, pacing
 * or congestion control shows here, and whoever commits a changed cell says why it is better.
 */
@Requirement({"G14", "G18", "G25", "G28"})
class GoodputTableTest {
    private static final Path FILE = Path.of("conformance/src/test/resources/net/braid/conformance/goodput.txt");
    private static final String REWRITE = "goodput.rewrite";
    /**
     * A deeper buffer may cost a little: the round trip grows, and with it the time that a window needs to grow. Never
     * seen beyond a hundredth of the cell; the dice are no excuse, for all cells of a row meet the same.
     */
    private static final double BUFFER_TOLERANCE = 0.01;
    /**
     * Above the law of the mean window: 5 % for the loss events, which are fewer than the losses that the law counts
     * here, and 10 % for chance (a cell at 1 % has seen some 1,500 losses in four runs; the deviation of the mean
     * window over so many is below 3 %).
     */
    private static final double LAW_MARGIN = 1.15;

    private static GoodputTable table;

    @BeforeAll
    static void compute() throws IOException {
        table = GoodputTable.compute();
        if (Boolean.getBoolean(REWRITE)) {
            Files.write(Reactor.find().root().resolve(FILE), table.lines());
        }
    }

    @Test
    void everyCellIsAsReviewed() throws IOException {
        List<String> reviewed = Files.readAllLines(Reactor.find().root().resolve(FILE));
        List<String> actual = table.lines();
        List<String> changes = new ArrayList<>();
        String control = "";
        for (int i = 0; i < Math.max(reviewed.size(), actual.size()); i++) {
            String was = i < reviewed.size() ? reviewed.get(i) : "";
            String is = i < actual.size() ? actual.get(i) : "";
            control = Character.isLetter((is + " ").charAt(0)) ? is.substring(0, is.indexOf(' ')) : control;
            if (!was.equals(is)) {
                changes.add(control + " was  " + was + "\n" + " ".repeat(control.length()) + "  is  " + is);
            }
        }
        assertEquals("", String.join("\n", changes), "If this is better, run\n"
                + "  ./braid test conformance -Dtest=GoodputTableTest -D" + REWRITE + "=true\n"
                + "and commit " + FILE + " with the reason.\n");
    }

    @Test
    void goodputFallsWithLoss() {
        forEachCell((control, loss, buffer) -> {
            if (loss > 0) {
                double before = table.percent(control, loss - 1, buffer);
                assertTrue(table.percent(control, loss, buffer) < before, name(control, loss, buffer)
                        + " must be below " + before);
            }
        });
    }

    @Test
    void goodputRisesWithTheBuffer() {
        forEachCell((control, loss, buffer) -> {
            if (buffer > 0) {
                double before = table.percent(control, loss, buffer - 1);
                assertTrue(table.percent(control, loss, buffer) >= before * (1 - BUFFER_TOLERANCE),
                        name(control, loss, buffer) + " must not be below " + before);
            }
        });
    }

    @Test
    void goodputIsNeverAboveTheory() {
        double capacity = GoodputTable.RATE / 8.0 * BulkTransfer.PAYLOAD_V4 / 1500;
        forEachCell((control, loss, buffer) -> {
            double bound = 100;
            if (loss > 0) {
                // No queue: the shortest round trip, so the highest rate.
                double law = law(GoodputTable.CONTROLS.get(control), GoodputTable.LOSSES[loss], GoodputTable.RTT / 1e9);
                bound = Math.min(100, 100 * law / capacity * LAW_MARGIN);
            }
            assertTrue(table.percent(control, loss, buffer) <= bound, name(control, loss, buffer)
                    + " must not be above " + bound);
        });
    }

    /** Bytes per second at random loss p when nothing else limits. */
    private static double law(String control, double p, double rtt) {
        double reno = LossLawTest.squareRootLaw(p, rtt, BulkTransfer.PAYLOAD_V4);
        if (control.equals("reno")) {
            return reno;
        }
        // RFC 9438 section 5.1 with C = 0.4 and beta = 0.7; where that is slower than Reno, section 4.3 has CUBIC
        // increase by at most one segment per round trip, and an additive increase of 1 with a decrease to 0.7 gives,
        // by the same sawtooth as the law for Reno, sqrt((1 + beta) / (2 (1 - beta)) / p) segments.
        double cubic = 1.054 * Math.pow(rtt / p, 0.75);
        double friendly = Math.sqrt(1.7 / 0.6 / p);
        return Math.max(friendly, cubic) / rtt * BulkTransfer.PAYLOAD_V4;
    }

    private static String name(int control, int loss, int buffer) {
        return GoodputTable.CONTROLS.get(control) + ", loss " + GoodputTable.percent(GoodputTable.LOSSES[loss])
                + ", buffer " + GoodputTable.BUFFERS[buffer] + ": " + table.percent(control, loss, buffer);
    }

    private interface Cell {
        void check(int control, int loss, int buffer);
    }

    private static void forEachCell(Cell cell) {
        for (int control = 0; control < GoodputTable.CONTROLS.size(); control++) {
            for (int loss = 0; loss < GoodputTable.LOSSES.length; loss++) {
                for (int buffer = 0; buffer < GoodputTable.BUFFERS.length; buffer++) {
                    cell.check(control, loss, buffer);
                }
            }
        }
    }
}
