package net.braid.conformance;

import static net.braid.conformance.MultipathTransfer.MILLIS;
import static net.braid.conformance.MultipathTransfer.SECONDS;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import net.braid.mptcp.ConnectionConfig;
import net.braid.sim.PipeProperties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * One connection fills several paths. Capacity is what they carry of payload together: rate x 1420/1500. At full
 * length, {@code -Dmultipath.full=true}, this is 30 s from the first SYN, slow start included; without that, to spare
 * the CPU, a few seconds after a warm-up of 3 s.
 */
class MultipathCapacityTest {
    private static final boolean FULL = Boolean.getBoolean("multipath.full");
    private static final long WARM_UP = FULL ? 0 : 3 * SECONDS;

    private static double share(ConnectionConfig config, long duration, PipeProperties... paths) {
        try (MultipathTransfer transfer = new MultipathTransfer(1, config, paths)) {
            transfer.run(WARM_UP);
            long bytes = transfer.receivedIn(duration);
            double rate = Arrays.stream(paths).mapToLong(PipeProperties::rateBits).sum() / 8.0;
            assertNull(transfer.receiver().violation());
            return bytes / (rate * duration / SECONDS * MultipathTransfer.PAYLOAD / 1500);
        }
    }

    @ParameterizedTest(name = "{0} paths of {1} Mbit/s")
    @CsvSource({"2, 50, 5", "2, 100, 4", "4, 50, 4", "4, 100, 3", "2, 1000, 1"})
    void connectionTakesNinetyEightPercentOfAllPaths(int count, long megabits, long seconds) {
        long rate = megabits * 1_000_000;
        PipeProperties[] paths = new PipeProperties[count];
        Arrays.fill(paths, BulkTransfer.pipe(rate, 20 * MILLIS, rate / 8 * 20 / 1000).build());
        double share = share(MultipathTransfer.MULTIPATH, (FULL ? 30 : seconds) * SECONDS, paths);
        // What had waited behind a hole in the warm-up may count here: a queue of 20 ms at the most.
        assertTrue(share >= 0.98 && share <= 1.01, "share of the capacity of all paths: " + share);
    }

    @Test
    void connectionTakesNinetySevenPercentOfWifiAndMobile() {
        double share = share(MultipathTransfer.MULTIPATH, 30 * SECONDS, MultipathTransfer.WIFI,
                MultipathTransfer.MOBILE);
        assertTrue(share >= 0.97 && share <= 1.01, "share of the capacity of both paths: " + share);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({"cubic, 1", "cubic, 2", "reno, 1"})
    void lossyPathTakesNothingFromTheCleanOne(String congestion, long seed) {
        PipeProperties clean = BulkTransfer.pipe(100_000_000, 20 * MILLIS, 250_000).build();
        PipeProperties lossy = clean.toBuilder().loss(0.01).build();
        long duration = (FULL ? 30 : 8) * SECONDS;
        ConnectionConfig config = MultipathTransfer.MULTIPATH.toBuilder().congestionControl(congestion).build();
        ConnectionConfig plain = ConnectionConfig.DEFAULT.toBuilder().congestionControl(congestion).build();
        long both;
        long alone;
        try (MultipathTransfer transfer = new MultipathTransfer(seed, config, clean, lossy)) {
            both = transfer.receivedIn(duration);
        }
        try (MultipathTransfer transfer = new MultipathTransfer(seed, plain, clean)) {
            alone = transfer.receivedIn(duration);
        }
        assertTrue(both >= 0.99 * alone, "ratio to plain TCP over the clean path: " + both / (double) alone);
    }
}
