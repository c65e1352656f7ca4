package net.braid.conformance;

import static net.braid.conformance.BulkTransfer.MILLIS;
import static net.braid.conformance.BulkTransfer.SECONDS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import net.braid.base.Requirement;
import net.braid.mptcp.ConnectionConfig;
import net.braid.sim.PipeProperties;
import net.braid.sim.ReadPace;
import net.braid.tcp.CloseReason;
import net.braid.tcp.Counter;
import net.braid.tcp.SubflowConfig;
import org.junit.jupiter.api.Test;

/** The path is gone for a while, or the reader does not read: nothing is given up, and the transfer goes on. */
class OutageTest {
    private static final long RATE = 20_000_000;
    private static final long RTT = 40 * MILLIS;
    private static final PipeProperties PATH = BulkTransfer.pipe(RATE, RTT, RATE / 8 * RTT / SECONDS).build();
    private static final long HOUR = 3600 * SECONDS;

    @Test
    @Requirement({"F15", "G12", "rfc6298#5"})
    void transferGoesOnAfterAnOutageOfThirtySeconds() {
        try (BulkTransfer transfer = BulkTransfer.builder().path(PATH).start()) {
            transfer.run(5 * SECONDS);
            transfer.cable().up(false);
            transfer.run(30 * SECONDS);
            transfer.cable().up(true);
            // Each timeout doubles the next: the wait after the outage is at most as long as the outage, and a bit.
            transfer.run(32 * SECONDS);
            assertTrue(transfer.receivedIn(10 * SECONDS) >= 0.9 * RATE / 8 * 10 * BulkTransfer.PAYLOAD_V4 / 1500);
            assertNull(transfer.receiver().violation());
            assertTrue(transfer.sent(Counter.TCP_TIMEOUTS) <= 9, "back-off: " + transfer.sent(Counter.TCP_TIMEOUTS));
        }
    }

    @Test
    void everyFlapIsSurvived() {
        try (BulkTransfer transfer = BulkTransfer.builder().path(PATH).start()) {
            for (int i = 0; i < 30; i++) {
                transfer.cable().up(false);
                transfer.run(500 * MILLIS);
                transfer.cable().up(true);
                assertTrue(transfer.receivedIn(2 * SECONDS) > 0, "flap " + i);
            }
            assertNull(transfer.receiver().violation());
        }
    }

    @Test
    @Requirement({"F15", "rfc9293#3.8.3"})
    void pathThatNeverComesBackIsGivenUpAfterAboutFifteenMinutes() {
        try (BulkTransfer transfer = BulkTransfer.builder().path(PATH).start()) {
            transfer.run(5 * SECONDS);
            transfer.cable().up(false);
            transfer.run(800 * SECONDS);
            assertNull(transfer.sender().closeReason());
            transfer.run(400 * SECONDS);
            assertInstanceOf(CloseReason.TimedOut.class, transfer.sender().closeReason());
        }
    }

    @Test
    @Requirement({"F19", "rfc9293#3.8.6.1"})
    void zeroWindowOfTenHoursIsProbedAndThenOpens() {
        try (BulkTransfer transfer = BulkTransfer.builder().path(PATH).pace(new ReadPace(Long.MAX_VALUE, 0, 10 * HOUR))
                .start(5_000_000)) {
            transfer.run(10 * HOUR - SECONDS);
            long probes = transfer.sent(Counter.TCP_WIN_PROBE);
            // The interval doubles up to two minutes, the largest RTO.
            assertTrue(probes >= 250 && probes <= 330, "probes in ten hours: " + probes);
            assertNull(transfer.sender().closeReason());
            assertTrue(transfer.runToEnd(HOUR), "the transfer did not go on");
            assertEquals(5_000_000, transfer.receiver().received());
            assertNull(transfer.receiver().violation());
        }
    }

    @Test
    @Requirement({"F19", "rfc9293#3.8.6.1"})
    void lostWindowUpdateIsFoundByTheProbe() {
        try (BulkTransfer transfer = BulkTransfer.builder().path(PATH)
                .pace(new ReadPace(Long.MAX_VALUE, 0, 20 * SECONDS)).start(5_000_000)) {
            transfer.run(19 * SECONDS);
            // The reader reads at 20 s; what it has to say about its window is lost until 21 s.
            transfer.cable().backward().filter((memory, length, index, now) -> now > 21 * SECONDS);
            assertTrue(transfer.runToEnd(120 * SECONDS), "the transfer did not go on");
            assertEquals(5_000_000, transfer.receiver().received());
        }
    }

    @Test
    @Requirement({"F18", "F20", "rfc9293#3.8.6.2"})
    void slowReaderSetsThePaceWithoutSmallSegments() {
        long rate = 100_000;
        try (BulkTransfer transfer = BulkTransfer.builder().path(PATH).pace(new ReadPace(100, MILLIS, 0)).start()) {
            transfer.run(60 * SECONDS);
            long bytes = transfer.receivedIn(60 * SECONDS);
            long segments = transfer.dataSegments();
            long more = transfer.receivedIn(60 * SECONDS);
            segments = transfer.dataSegments() - segments;
            assertEquals(60 * rate, bytes, 0.02 * 60 * rate);
            assertTrue(segments <= 1.2 * more / BulkTransfer.PAYLOAD_V4, segments + " segments for " + more + " bytes");
        }
    }

    @Test
    @Requirement({"F16", "rfc9293#3.8.4"})
    void keepAliveFindsThatThePeerIsGone() {
        SubflowConfig flow = SubflowConfig.builder().keepAliveIdleNanos(2 * HOUR).build();
        try (BulkTransfer transfer = BulkTransfer.builder().path(PATH)
                .config(ConnectionConfig.builder().flow(flow).build()).pace(new ReadPace(Long.MAX_VALUE, 0, 100 * HOUR))
                .start(1000)) {
            transfer.run(10 * HOUR);
            assertNull(transfer.receiver().closeReason(), "an answering peer is alive");
            assertTrue(transfer.received(Counter.TCP_KEEP_ALIVE) + transfer.sent(Counter.TCP_KEEP_ALIVE) >= 4);
            transfer.cable().up(false);
            transfer.run(2 * HOUR + 15 * 75 * SECONDS);
            assertInstanceOf(CloseReason.TimedOut.class, transfer.receiver().closeReason());
        }
    }
}
