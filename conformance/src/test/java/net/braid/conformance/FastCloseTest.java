package net.braid.conformance;

import static net.braid.conformance.Duet.SECONDS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.function.Predicate;
import net.braid.mptcp.MultipathConfig;
import net.braid.base.Requirement;
import net.braid.conformance.Duet.Sent;
import net.braid.sim.SegmentRules;
import net.braid.tcp.CloseReason;
import net.braid.wire.MptcpOption.FastClose;
import net.braid.wire.TcpFlags;
import net.braid.wire.TcpOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** MP_FASTCLOSE that gets lost, comes too early for the peer, or crosses another (RFC 8684 section 3.5). */
class FastCloseTest {
    private static final SegmentRules.Matcher FAST_CLOSE = segment -> segment.options.has(TcpOptions.MP_FASTCLOSE);

    private static Duet duet(int version, int paths) {
        return new Duet(paths, Duet.mesh().version(version).build(),
                MultipathConfig.builder().version(version).build());
    }

    private static void abortClient(Duet d) {
        d.atClient.abort(d.simulation.now());
        d.client.wake();
    }

    private static void assertEnded(CloseReason reason) {
        assertInstanceOf(CloseReason.ResetByPeer.class, reason);
    }

    /** The reset has a number that the peer does not expect, because of the hole: it asks. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    @Requirement({"D14", "D15", "E10"})
    void abortBehindALostSegmentReachesThePeer(int version) {
        try (Duet d = duet(version, 1)) {
            d.fromClient[0].drop(SegmentRules.data(), 40);
            d.open(2_000_000, 0);
            assertTrue(d.runUntil(() -> d.fromClient[0].applied() == 1, 5 * SECONDS));
            abortClient(d);
            d.run(2 * SECONDS);
            assertEnded(d.atServer.closeReason());
            assertEquals(0, d.server.stack().connectionCount());
        }
    }

    @Test
    @Requirement({"D15", "E10"})
    void versionZeroRepeatsUntilThePeersResetComes() {
        try (Duet d = duet(0, 1)) {
            d.open(5_000, 5_000).run(SECONDS);
            d.fromClient[0].drop(FAST_CLOSE, 0, 1);
            abortClient(d);
            d.run(5 * SECONDS);
            assertEnded(d.atServer.closeReason());
            assertEquals(3, d.fromClient(s -> s.carries(FastClose.class)).size());
            assertTrue(d.fromClient(reset()).isEmpty());
            assertEquals(0, d.client.stack().fastCloseCount());
        }
    }

    @Test
    @Requirement("D15")
    void versionZeroResetsWhenNobodyAnswers() {
        try (Duet d = duet(0, 1)) {
            d.open(5_000, 5_000).run(SECONDS);
            d.fromServer[0].dropAll(segment -> true);
            abortClient(d);
            d.run(5 * SECONDS);
            List<Sent> said = d.fromClient(s -> s.carries(FastClose.class));
            assertEquals(4, said.size());
            assertEquals(1, d.fromClient(reset()).size());
            assertEquals(0, d.client.stack().fastCloseCount());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    @Requirement("D15")
    void bothMayCloseAtTheSameTime(int version) {
        try (Duet d = duet(version, 2)) {
            d.open(5_000, 5_000);
            d.awaitSubflows(2);
            d.atServer.abort(d.simulation.now());
            d.server.wake();
            abortClient(d);
            d.run(SECONDS);
            int last = d.log.size();
            d.run(10 * SECONDS);
            assertEquals(last, d.log.size(), "the two must come to rest");
            assertEquals(0, d.client.stack().connectionCount() + d.server.stack().connectionCount());
        }
    }

    @Test
    @Requirement("D15")
    void versionOneAnswersAPeerThatHasNotHeardIt() {
        try (Duet d = duet(1, 2)) {
            d.open(5_000, 500_000);
            d.awaitSubflows(2);
            for (SegmentRules rules : d.fromClient) {
                rules.drop(FAST_CLOSE, 0);
            }
            abortClient(d);
            d.run(SECONDS);
            assertEnded(d.atServer.closeReason());
            d.run(60 * SECONDS);
            assertEquals(0, d.client.stack().fastCloseCount());
        }
    }

    private static Predicate<Sent> reset() {
        return s -> s.has(TcpFlags.RST);
    }
}
