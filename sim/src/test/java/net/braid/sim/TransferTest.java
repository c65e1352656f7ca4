package net.braid.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import net.braid.mptcp.ConnectionConfig;
import net.braid.stack.StackConfig;
import net.braid.tcp.CloseReason;
import org.junit.jupiter.api.Test;

class TransferTest {
    private static final long SECOND = 1_000_000_000;
    private static final PipeProperties PATH = PipeProperties.builder().rate(100_000_000).delay(10_000_000)
            .queue(new QueueProperties.Bytes(250_000)).build();

    private static void transfer(LinkOffload offload, PipeProperties path, long bytes) {
        try (Pair pair = new Pair(1, offload, StackConfig.DEFAULT, path)) {
            Pattern up = new Pattern(pair.simulation().arena(), 1);
            Pattern down = new Pattern(pair.simulation().arena(), 2);
            StreamEndpoint client = new StreamEndpoint(pair.client(), up, down, bytes, false, ReadPace.EAGER);
            StreamEndpoint server = new StreamEndpoint(pair.server(), down, up, bytes / 10, false, ReadPace.EAGER);
            pair.connect(ConnectionConfig.DEFAULT, client, server);
            pair.runUntil(() -> client.closeReason() != null && server.closeReason() != null, 600 * SECOND);
            assertEquals(bytes, server.received());
            assertEquals(bytes / 10, client.received());
            assertNull(server.violation());
            assertNull(client.violation());
            assertTrue(server.ended() && client.ended());
            assertInstanceOf(CloseReason.Finished.class, client.closeReason());
            assertInstanceOf(CloseReason.Finished.class, server.closeReason());
            assertTrue(pair.simulation().runUntilIdle(pair.now() + 200 * SECOND));
            assertEquals(0, pair.client().stack().pool().inUse());
            assertEquals(0, pair.server().stack().pool().inUse());
            assertEquals(0, pair.client().stack().connectionCount());
            assertEquals(0, pair.server().stack().connectionCount());
            assertEquals(0, pair.simulation().framesInUse());
        }
    }

    @Test
    void bytesArriveInOrderAndBothEndsFreeEverything() {
        transfer(LinkOffload.NONE, PATH, 10_000_000);
    }

    @Test
    void bytesArriveThroughOffloadingLinks() {
        transfer(LinkOffload.FULL, PATH, 10_000_000);
    }

    @Test
    void bytesArriveWhenTheSendersQueueIsFull() {
        transfer(LinkOffload.NONE.withBackpressure(), PATH.toBuilder().queue(new QueueProperties.Packets(3)).build(),
                1_000_000);
    }

    @Test
    void bytesArriveOverABadPath() {
        transfer(LinkOffload.NONE, PATH.toBuilder().loss(0.02).reorderByPackets(0.02, 3).duplicate(0.01).corrupt(0.01)
                .build(), 1_000_000);
    }
}
