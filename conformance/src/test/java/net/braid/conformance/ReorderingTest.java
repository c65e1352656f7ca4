package net.braid.conformance;

import static net.braid.conformance.BulkTransfer.MILLIS;
import static net.braid.conformance.BulkTransfer.SECONDS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import net.braid.base.Requirement;
import net.braid.mptcp.ConnectionConfig;
import net.braid.sim.LinkOffload;
import net.braid.sim.PipeProperties;
import net.braid.tcp.Counter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Packets overtake each other and none is lost: RACK (RFC 8985 section 6.2 step 4) widens its window until reordering
 * no longer looks like loss.
 */
@Requirement({"G18", "G20", "rfc8985#6.2"})
class ReorderingTest {
    private static final long RATE = 100_000_000;
    private static final long RTT = 40 * MILLIS;
    private static final long PRODUCT = RATE / 8 * RTT / SECONDS;

    /** The receiver's window is below what the path holds, so that no queue overflows. */
    private static BulkTransfer start(long seed, PipeProperties.Builder data, boolean offload) {
        int window = (int) PRODUCT;
        ConnectionConfig config = ConnectionConfig.builder().receiveBuffer(window, window).build();
        return BulkTransfer.builder().seed(seed).config(config).offload(offload ? LinkOffload.FULL : LinkOffload.NONE)
                .path(data.build(), PipeProperties.of(RATE, RTT / 2)).start();
    }

    @ParameterizedTest(name = "seed {0}, offload {1}")
    @CsvSource({"1, false", "2, false", "3, false", "1, true"})
    void reorderingByThreePacketsCausesNoRetransmissionOnceRackHasAdapted(long seed, boolean offload) {
        try (BulkTransfer transfer = start(seed, BulkTransfer.pipe(RATE, RTT, 4 * PRODUCT).reorderByPackets(0.01, 3),
                offload)) {
            transfer.run(3 * SECONDS);
            long early = transfer.sent(Counter.TCP_RETRANS_SEGS);
            assertTrue(early <= 20, "retransmissions until it has adapted: " + early);
            long duplicates = duplicates(transfer);
            long bytes = transfer.receivedIn(20 * SECONDS);
            assertTrue(transfer.cable().forward().counters().heldBack() > 1000, "too little reordering to judge");
            assertEquals(0, transfer.cable().forward().counters().dropped());
            assertEquals(early, transfer.sent(Counter.TCP_RETRANS_SEGS), "TcpRetransSegs");
            assertEquals(duplicates, duplicates(transfer), "duplicates that the receiver has seen");
            assertEquals(0, transfer.sent(Counter.TCP_TIMEOUTS), "TcpExtTCPTimeouts");
            assertTrue(bytes >= 0.85 * 20 * PRODUCT / RTT * SECONDS * BulkTransfer.PAYLOAD_V4 / 1500,
                    "reordering alone must not slow the flow: " + bytes + " bytes");
            assertNull(transfer.receiver().violation());
        }
    }

    private static long duplicates(BulkTransfer transfer) {
        return transfer.received(Counter.TCP_DSACK_OLD_SENT) + transfer.received(Counter.TCP_DSACK_OFO_SENT);
    }

    /** A tenth of a round trip late is inside RACK's first window, a quarter of the minimum round trip. */
    @ParameterizedTest(name = "seed {0}")
    @CsvSource({"1", "2"})
    void reorderingInTimeIsToleratedToo(long seed) {
        PipeProperties.Builder data = BulkTransfer.pipe(RATE, RTT, 4 * PRODUCT).reorderByTime(0.01, RTT / 10);
        try (BulkTransfer transfer = start(seed, data, false)) {
            transfer.run(3 * SECONDS);
            long early = transfer.sent(Counter.TCP_RETRANS_SEGS);
            transfer.run(20 * SECONDS);
            assertEquals(early, transfer.sent(Counter.TCP_RETRANS_SEGS), "TcpRetransSegs");
        }
    }
}
