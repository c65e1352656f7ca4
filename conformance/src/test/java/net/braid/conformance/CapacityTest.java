package net.braid.conformance;

import static net.braid.conformance.BulkTransfer.MILLIS;
import static net.braid.conformance.BulkTransfer.SECONDS;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import net.braid.base.Requirement;
import net.braid.sim.LinkOffload;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * One flow fills a path: 100 Mbit/s, 20 ms, a queue of one bandwidth-delay product (250,000 bytes). Capacity is what
 * the path carries of payload: rate x 1448/1500, or 1428/1500 with IPv6; handshake and slow start count against it.
 */
class CapacityTest {
    private static final long RATE = 100_000_000;
    private static final long RTT = 20 * MILLIS;
    private static final long PRODUCT = RATE / 8 * RTT / SECONDS;
    private static final long DURATION = 30 * SECONDS;
    private static final double LEAST = 0.95;

    @ParameterizedTest(name = "{0}, seed {1}, offload {2}, IPv6 {3}")
    @CsvSource({"reno, 1, false, false", "reno, 2, true, false", "reno, 3, false, true", "reno, 4, true, true",
        "cubic, 1, false, false", "cubic, 2, true, false", "cubic, 3, false, true", "cubic, 4, true, true"})
    @Requirement({"rfc5681#3.1", "rfc9438#4"})
    void flowTakesAtLeastNinetyFivePercentOfThePath(String congestion, long seed, boolean offload, boolean ipv6) {
        try (BulkTransfer transfer = BulkTransfer.builder().seed(seed).congestion(congestion).ipv6(ipv6)
                .offload(offload ? LinkOffload.FULL : LinkOffload.NONE)
                .path(BulkTransfer.pipe(RATE, RTT, PRODUCT).build()).start()) {
            long received = transfer.receivedIn(DURATION);
            int payload = ipv6 ? BulkTransfer.PAYLOAD_V6 : BulkTransfer.PAYLOAD_V4;
            double capacity = RATE / 8.0 * DURATION / SECONDS * payload / 1500;
            double share = received / capacity;
            assertTrue(share >= LEAST && share <= 1, "share of the path's capacity: " + share);
            assertNull(transfer.receiver().violation());
        }
    }
}
