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
 * One connection fills several paths, for 30 s from the first SYN on, slow start included. Capacity is what the paths
 * carry of payload together: rate x 1420/1500.
 */
class MultipathCapacityTest {
    private static final long DURATION = 30 * SECONDS;

    private static double share(ConnectionConfig config, PipeProperties... paths) {
        try (MultipathTransfer transfer = new MultipathTransfer(1, config, paths)) {
            long bytes = transfer.receivedIn(DURATION);
            double rate = Arrays.stream(paths).mapToLong(PipeProperties::rateBits).sum() / 8.0;
            assertNull(transfer.receiver().violation());
            return bytes / (rate * DURATION / SECONDS * MultipathTransfer.PAYLOAD / 1500);
        }
    }

    @ParameterizedTest(name = "{0} paths of {1} Mbit/s")
    @CsvSource({"2, 50", "2, 100", "4, 50", "4, 100", "2, 1000"})
    void connectionTakesNinetyEightPercentOfAllPaths(int count, long megabits) {
        long rate = megabits * 1_000_000;
        PipeProperties[] paths = new PipeProperties[count];
        Arrays.fill(paths, BulkTransfer.pipe(rate, 20 * MILLIS, rate / 8 * 20 / 1000).build());
        double share = share(MultipathTransfer.MULTIPATH, paths);
        assertTrue(share >= 0.98 && share <= 1, "share of the capacity of all paths: " + share);
    }

    @Test
    void connectionTakesNinetySevenPercentOfWifiAndMobile() {
        double share = share(MultipathTransfer.MULTIPATH, MultipathTransfer.WIFI, MultipathTransfer.MOBILE);
        assertTrue(share >= 0.97 && share <= 1, "share of the capacity of both paths: " + share);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({"cubic, 1", "cubic, 2", "reno, 1"})
    void lossyPathTakesNothingFromTheCleanOne(String congestion, long seed) {
        PipeProperties clean = BulkTransfer.pipe(100_000_000, 20 * MILLIS, 250_000).build();
        PipeProperties lossy = clean.toBuilder().loss(0.01).build();
        ConnectionConfig config = MultipathTransfer.MULTIPATH.toBuilder().congestionControl(congestion).build();
        ConnectionConfig plain = ConnectionConfig.DEFAULT.toBuilder().congestionControl(congestion).build();
        long both;
        long alone;
        try (MultipathTransfer transfer = new MultipathTransfer(seed, config, clean, lossy)) {
            both = transfer.receivedIn(DURATION);
        }
        try (MultipathTransfer transfer = new MultipathTransfer(seed, plain, clean)) {
            alone = transfer.receivedIn(DURATION);
        }
        assertTrue(both >= 0.99 * alone, "ratio to plain TCP over the clean path: " + both / (double) alone);
    }
}
