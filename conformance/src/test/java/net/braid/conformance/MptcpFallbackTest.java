package net.braid.conformance;

import static net.braid.conformance.Duet.MILLIS;
import static net.braid.conformance.Duet.SECONDS;
import static net.braid.conformance.MptcpDataTest.mapping;
import static net.braid.conformance.MptcpDataTest.nextData;
import static net.braid.conformance.MptcpDataTest.nextSubflow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import net.braid.base.Requirement;
import net.braid.conformance.Duet.Sent;
import net.braid.mptcp.MultipathConfig;
import net.braid.sim.SegmentRules;
import net.braid.tcp.Counter;
import net.braid.wire.MptcpOption.Fail;
import net.braid.wire.TcpFlags;
import org.junit.jupiter.api.Test;

/** Fallback while other things are under way: reinjections, joins (RFC 8684 section 3.7). */
class MptcpFallbackTest {
    private static final MultipathConfig V1 = MultipathConfig.DEFAULT;
    private static final MultipathConfig MESH = Duet.mesh().build();
    private static final MultipathConfig SUM = Duet.mesh().checksum(true).build();

    /** What came over a subflow that is gone is sent again, gets lost, and the infinite mapping overtakes it. */
    @Test
    @Requirement({"D21", "D23"})
    void infiniteMappingSaysItselfWhereItBegins() {
        try (Duet d = new Duet(2, MESH, V1)) {
            d.open(10_000, 0);
            d.awaitSubflows(2);
            d.run(SECONDS);
            d.intact(10_000, 0);
            d.fromClient[0].dropAll(s -> true);
            d.fromClient[1].dropAll(s -> true);
            long next = nextData(d, true);
            int subflow = nextSubflow(d, true, 0);
            d.forgedFrom = 10_000;
            d.forge(1, true, TcpFlags.ACK, 0, 100, mapping(next, nextSubflow(d, true, 1), 100));
            assertEquals(10_100, d.atServer.received());
            d.forge(1, true, TcpFlags.RST | TcpFlags.ACK, 100, 0);
            assertEquals(1, Duet.established(d.serverConnection()));
            d.forgedFrom = 10_100;
            d.forge(0, true, TcpFlags.ACK, 100, 100, mapping(next + 100, subflow + 100, 0));
            assertFalse(d.serverConnection().isMultipath());
            d.forgedFrom = 10_000;
            d.forge(0, true, TcpFlags.ACK, 0, 100, mapping(next, subflow, 100));
            assertNull(d.atServer.violation());
            assertEquals(10_200, d.atServer.received());
        }
    }

    /** MP_FAIL comes at any instant after one of two subflows has gone, and its data is on its way again. */
    @Test
    @Requirement({"D21", "D22"})
    void failWithReinjectionsUnderWayLosesNothing() {
        for (int i = 0; i < 60; i++) {
            try (Duet d = new Duet(2, SUM, V1)) {
                for (int n = 7; n < 400; n += 23) {
                    d.fromClient[0].drop(SegmentRules.data(), n + i % 5);
                }
                d.open(600_000, 100_000);
                d.awaitSubflows(2);
                d.run(100 * MILLIS + i * 3 * MILLIS);
                d.forge(1, true, TcpFlags.RST | TcpFlags.ACK, 0, 0);
                d.forge(1, false, TcpFlags.RST | TcpFlags.ACK, 0, 0);
                d.run(i % 9 * 11 * MILLIS);
                d.forge(0, false, new Fail(1));
                d.run(60 * SECONDS);
                assertNull(d.atServer.violation(), "run " + i);
                assertNull(d.atClient.violation(), "run " + i);
                if (d.atServer.closeReason() == null) {
                    d.intact(600_000, 100_000);
                }
            }
        }
    }

    /** A join that nobody answers is no second subflow: the one that there is falls back, as if it were alone. */
    @Test
    @Requirement({"D21", "B16"})
    void wrongChecksumWhileAJoinHangsFallsBack() {
        try (Duet d = new Duet(2, SUM, V1)) {
            d.fromClient[1].dropAll(s -> s.has(TcpFlags.SYN));
            d.fromClient[0].change(SegmentRules.data(), 60, MptcpTroubleTest.changeByte());
            d.open(500_000, 100_000).run(10 * SECONDS);
            assertEquals(1, d.atServer(Counter.MPTCP_DATA_CSUM_ERR));
            List<Sent> resets = d.sent(s -> s.path() == 0 && s.has(TcpFlags.RST));
            assertTrue(resets.isEmpty(), () -> "reset: " + resets + d.counters());
            assertTrue(d.bothPlain());
            assertEquals(500_000, d.atServer.received());
            assertEquals(100_000, d.atClient.received());
        }
    }

    /** A number so large that the end of the mapping is beyond the last number that there is. */
    @Test
    @Requirement({"C26", "K09"})
    void mappingAtTheEndOfAllNumbersIsBeyondTheWindow() {
        try (Duet d = new Duet(1, V1, V1)) {
            d.open(10_000, 0).run(SECONDS);
            long next = nextData(d, true);
            d.forge(0, true, TcpFlags.ACK, 0, 100,
                    mapping(next - 10_000 + Long.MAX_VALUE - 50, nextSubflow(d, true, 0), 100));
            assertEquals(0, d.serverConnection().receiveStream().aheadBytes());
            assertEquals(0, d.serverConnection().receiveStream().holes());
        }
    }
}
