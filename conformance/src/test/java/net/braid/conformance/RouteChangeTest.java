package net.braid.conformance;

import static net.braid.conformance.MultipathTransfer.MILLIS;
import static net.braid.conformance.MultipathTransfer.SECONDS;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import net.braid.sim.Cable;
import net.braid.sim.PipeProperties;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * One of two paths gets a longer route for good. That is no queue, and the path keeps its share of the data: what is in
 * flight is limited by the round trip without a queue, which has to be learned anew.
 */
class RouteChangeTest {
    private static final long RATE = 50_000_000;
    private static final PipeProperties SHORT = BulkTransfer.pipe(RATE, 20 * MILLIS, 250_000).build();

    private static void delay(Cable cable, long nanos) {
        cable.forward().properties(cable.forward().properties().toBuilder().delay(nanos / 2).build());
        cable.backward().properties(cable.backward().properties().toBuilder().delay(nanos / 2).build());
    }

    @ParameterizedTest(name = "20 ms to {0} ms")
    @ValueSource(longs = {50, 80})
    void pathWhoseRouteBecomesLongerKeepsItsRate(long millis) {
        try (MultipathTransfer transfer = new MultipathTransfer(1, MultipathTransfer.MULTIPATH, SHORT, SHORT)) {
            transfer.run(5 * SECONDS);
            delay(transfer.path(0), millis * MILLIS);
            transfer.run(12 * SECONDS);
            long before = transfer.packetsOn(0);
            transfer.run(8 * SECONDS);
            double share = (transfer.packetsOn(0) - before) / (8.0 * RATE / 8 / 1500);
            assertTrue(share >= 0.9, "share of the path's capacity from 12 s after the change on: " + share);
            assertNull(transfer.receiver().violation());
        }
    }

    /** A path that gets short again is not measured by what it was in between. */
    @ParameterizedTest(name = "after {0} s")
    @ValueSource(longs = {2, 20})
    void pathWhoseRouteBecomesShortAgainHasNoLongQueue(long seconds) {
        try (MultipathTransfer transfer = new MultipathTransfer(1, MultipathTransfer.MULTIPATH,
                BulkTransfer.pipe(RATE, 20 * MILLIS, 2_000_000).build(), SHORT)) {
            transfer.run(5 * SECONDS);
            delay(transfer.path(0), 80 * MILLIS);
            transfer.run(seconds * SECONDS);
            delay(transfer.path(0), 20 * MILLIS);
            transfer.run(4 * SECONDS);
            // Two products of 20 ms, and an initial window.
            long waiting = transfer.path(0).forward().waitingBytes();
            assertTrue(waiting < 180_000, "bytes in the queue: " + waiting);
        }
    }
}
