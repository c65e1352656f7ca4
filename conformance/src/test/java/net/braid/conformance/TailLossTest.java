package net.braid.conformance;

import static net.braid.conformance.BulkTransfer.MILLIS;
import static net.braid.conformance.BulkTransfer.SECONDS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import net.braid.base.Requirement;
import net.braid.mptcp.ConnectionConfig;
import net.braid.sim.LinkOffload;
import net.braid.sim.Pair;
import net.braid.sim.Pattern;
import net.braid.sim.PipeProperties;
import net.braid.sim.ReadPace;
import net.braid.sim.SegmentRules;
import net.braid.sim.Simulation;
import net.braid.sim.StreamEndpoint;
import net.braid.sim.Tap;
import net.braid.stack.StackConfig;
import net.braid.tcp.Counter;
import net.braid.wire.TcpFlags;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The last segments of a burst are lost, nothing follows that could show it, and yet the retransmission timer does not
 * fire: the probe of RFC 8985 section 7 repairs it within PTO and one round trip.
 */
@Requirement({"G22", "G23", "G24", "rfc8985#7"})
class TailLossTest {
    private static final long RTT = 20 * MILLIS;
    /** TLP.max_ack_delay: added to PTO when one segment is in flight. */
    private static final long ACK_DELAY = 40 * MILLIS;
    private static final int SEGMENT = BulkTransfer.PAYLOAD_V4;

    /** A client that has sent {@code segments} segments, the last {@code lost} of which have been lost once. */
    private static final class Burst implements AutoCloseable {
        final Pair pair;
        final StreamEndpoint client;
        final StreamEndpoint server;
        final long bytes;
        /** When the last segment of the burst left for the first time. */
        long lastSentAt = Simulation.NEVER;
        /** When the last ACK before the repair arrived, and SRTT after it. */
        long lastAckAt = Simulation.NEVER;
        long smoothedRtt;

        Burst(int segments, int lost, LinkOffload offload, boolean end) {
            PipeProperties path = PipeProperties.of(100_000_000, RTT / 2);
            pair = new Pair(1, offload, StackConfig.DEFAULT, path);
            Pattern up = new Pattern(pair.simulation().arena(), 1);
            Pattern down = new Pattern(pair.simulation().arena(), 2);
            bytes = (long) segments * SEGMENT;
            client = new StreamEndpoint(pair.client(), up, down, bytes, !end, ReadPace.EAGER);
            server = new StreamEndpoint(pair.server(), down, up, 0, true, ReadPace.EAGER);
            if (lost > 0) {
                pair.fromClient().drop(SegmentRules.data(), segments - lost, segments - 1);
            }
            int[] seen = {0};
            pair.cable(0).forward().tap((pipe, point, memory, length, now) -> {
                if (point == Tap.Point.OFFERED && length == 1500 && ++seen[0] == segments) {
                    lastSentAt = now;
                    lastAckAt = now;
                    smoothedRtt = client.connection().subflow(0).smoothedRttNanos();
                }
            });
            pair.cable(0).backward().tap((pipe, point, memory, length, now) -> {
                if (point == Tap.Point.DELIVERED && lastSentAt != Simulation.NEVER && server.received() < bytes
                        && sent(Counter.TCP_LOSS_PROBES) == 0) {
                    lastAckAt = now;
                    pair.simulation().at(now + MILLIS, this::noteSmoothedRtt);
                }
            });
            pair.connect(ConnectionConfig.DEFAULT, client, server);
        }

        private void noteSmoothedRtt() {
            smoothedRtt = client.connection().subflow(0).smoothedRttNanos();
        }

        long repairNanos() {
            assertTrue(pair.runUntil(() -> server.received() == bytes, 10 * SECONDS), "never repaired");
            assertNull(server.violation());
            return server.lastByteAt() - lastSentAt;
        }

        long sent(Counter counter) {
            return pair.client().stack().counters().get(counter);
        }

        @Override
        public void close() {
            pair.close();
        }
    }

    @ParameterizedTest(name = "{0} segments, the last {1} lost, offload {2}")
    @CsvSource({"2, 1, false", "10, 1, false", "50, 1, false", "50, 1, true", "10, 2, false", "50, 3, false"})
    void tailIsRepairedByTheProbe(int segments, int lost, boolean offload) {
        try (Burst burst = new Burst(segments, lost, offload ? LinkOffload.FULL : LinkOffload.NONE, false)) {
            long took = burst.repairNanos();
            // The timer starts anew with the ACK of what has arrived, a round trip after the last segment left, or
            // later by the delay of that ACK. Then PTO, and half a round trip to the receiver. More than one lost: the
            // SACK that the probe draws shows the others to RACK, and rate reduction repairs one per round trip.
            long lastAck = burst.lastAckAt - burst.lastSentAt;
            long timeout = 2 * burst.smoothedRtt + (lost == 1 ? ACK_DELAY : 0);
            long most = lastAck + timeout + RTT / 2 + (lost - 1) * RTT + 2 * MILLIS;
            assertTrue(lastAck <= RTT + ACK_DELAY + MILLIS, "the receiver acknowledged late: " + lastAck);
            assertTrue(took <= most, "repaired after " + took + " ns, at most " + most);
            assertEquals(0, burst.sent(Counter.TCP_TIMEOUTS), "TcpExtTCPTimeouts");
            assertEquals(1, burst.sent(Counter.TCP_LOSS_PROBES), "TcpExtTCPLossProbes");
        }
    }

    @Test
    void singleSegmentIsRepairedByTheProbeAfterTheDelayOfAnAcknowledgment() {
        try (Burst burst = new Burst(1, 1, LinkOffload.NONE, false)) {
            long took = burst.repairNanos();
            assertTrue(took <= 2 * burst.smoothedRtt + ACK_DELAY + RTT, "repaired after " + took + " ns");
            assertEquals(0, burst.sent(Counter.TCP_TIMEOUTS), "TcpExtTCPTimeouts");
        }
    }

    @Test
    void lostFinIsRepairedByTheProbe() {
        try (Burst burst = new Burst(10, 0, LinkOffload.NONE, true)) {
            burst.pair.fromClient().drop(SegmentRules.flags(TcpFlags.FIN), 0);
            assertTrue(burst.pair.runUntil(burst.server::ended, 10 * SECONDS), "the end of the stream never arrived");
            long took = burst.server.endedAt() - burst.lastSentAt;
            assertTrue(took <= 2 * burst.smoothedRtt + ACK_DELAY + RTT + 3 * MILLIS, "repaired after " + took + " ns");
            assertEquals(0, burst.sent(Counter.TCP_TIMEOUTS), "TcpExtTCPTimeouts");
        }
    }

    @Test
    void unansweredProbeLeavesTheRestToTheTimer() {
        try (Burst burst = new Burst(10, 1, LinkOffload.NONE, false)) {
            burst.pair.fromClient().drop(SegmentRules.data(), 10, 10);
            burst.repairNanos();
            assertEquals(1, burst.sent(Counter.TCP_LOSS_PROBES), "one probe at a time");
            assertEquals(1, burst.sent(Counter.TCP_TIMEOUTS), "TcpExtTCPTimeouts");
        }
    }
}
