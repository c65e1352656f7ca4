package net.braid.conformance;

import static net.braid.conformance.BulkTransfer.SECONDS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Locale;
import net.braid.base.Requirement;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What two subflows over one bottleneck take beside one TCP: coupled about as much, uncoupled twice as much. The
 * authors' simulator (htsim) gives 1.07 for LIA, 1.00 for OLIA, 1.06 for Balia and 1.98 for Reno on the same scenario.
 *
 * <p>How long: over 100 s the ratio scatters by 0.10 (standard deviation, measured over 18 such stretches for each
 * controller), over the 900 s that are pooled here by about 0.035. From the means that we measure (0.97 to 1.06, 1.97)
 * the bounds are three and a half such deviations away.
 */
class CoupledFairnessTest {
    private static final int SEEDS = 3;
    private static final long START = 20 * SECONDS;
    private static final long DURATION = 300 * SECONDS;
    private static final double LEAST_USE = 0.93;

    @ParameterizedTest(name = "{0}")
    @CsvSource({"lia, 0.85, 1.2", "olia, 0.85, 1.2", "balia, 0.85, 1.2", "reno, 1.7, 2.1"})
    @Requirement({"I07", "rfc6356#1"})
    void twoSubflowsTakeTheirShareOfABottleneck(String control, double least, double most) {
        StringBuilder row = new StringBuilder(String.format(Locale.ROOT, "%-6s multipath/TCP by seed", control));
        long multipath = 0;
        long plain = 0;
        for (long seed = 1; seed <= SEEDS; seed++) {
            try (SharedBottleneck bottleneck = new SharedBottleneck(control, seed)) {
                bottleneck.run(START);
                assertEquals(2, bottleneck.subflows());
                long multipathBefore = bottleneck.multipathBytes();
                long plainBefore = bottleneck.plainBytes();
                bottleneck.run(DURATION);
                long multipathTook = bottleneck.multipathBytes() - multipathBefore;
                long plainTook = bottleneck.plainBytes() - plainBefore;
                row.append(String.format(Locale.ROOT, " %5.2f", (double) multipathTook / plainTook));
                multipath += multipathTook;
                plain += plainTook;
                assertNull(bottleneck.violation());
            }
        }
        double ratio = (double) multipath / plain;
        double use = (multipath + plain) / (SharedBottleneck.RATE / 8.0 * SEEDS * DURATION / SECONDS);
        System.out.printf(Locale.ROOT, "%s   all %.3f   of the bottleneck %.1f %%%n", row, ratio, 100 * use);
        assertTrue(ratio >= least && ratio <= most, control + " takes " + ratio + " times what TCP takes");
        assertTrue(use >= LEAST_USE, "together they use " + use + " of the bottleneck");
    }
}
