package net.braid.conformance;

import static net.braid.conformance.Duet.MILLIS;
import static net.braid.conformance.Duet.SECONDS;
import static net.braid.conformance.MptcpSetUpTest.at;
import static net.braid.conformance.MptcpSetUpTest.flip;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import net.braid.base.Requirement;
import net.braid.conformance.Duet.Sent;
import net.braid.mptcp.MultipathConfig;
import net.braid.sim.SegmentRules;
import net.braid.tcp.CloseReason;
import net.braid.tcp.Counter;
import net.braid.wire.MptcpOption.JoinAck;
import net.braid.wire.MptcpOption.JoinSyn;
import net.braid.wire.MptcpOption.JoinSynAck;
import net.braid.wire.MptcpOption.Priority;
import net.braid.wire.MptcpOption.ResetReason;
import net.braid.wire.OptionKind;
import net.braid.wire.TcpFlags;
import net.braid.wire.TcpOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Further subflows (RFC 8684 section 3.2; checklist B). */
class MptcpJoinTest {
    private static final MultipathConfig V1 = MultipathConfig.DEFAULT;
    private static final MultipathConfig MESH = Duet.mesh().build();
    private static final MultipathConfig MESH0 = Duet.mesh().version(0).build();
    private static final MultipathConfig V0 = MultipathConfig.builder().version(0).build();

    private static SegmentRules.Matcher join() {
        return s -> s.options.has(TcpOptions.MP_JOIN);
    }

    private static SegmentRules.Matcher joinAck() {
        return s -> s.options.has(TcpOptions.MP_JOIN) && !s.has(TcpFlags.SYN);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    @Requirement({"B02", "B07", "B08", "B09", "B12", "B15", "K01"})
    void subflowIsJoinedByFourPackets(int version) {
        try (Duet d = new Duet(2, version == 1 ? MESH : MESH0, version == 1 ? V1 : V0)) {
            d.open(10_000, 0);
            d.awaitSubflows(2);
            List<Sent> onSecond = d.sent(s -> s.path() == 1);
            JoinSyn syn = onSecond.get(0).option(JoinSyn.class);
            JoinSynAck synAck = onSecond.get(1).option(JoinSynAck.class);
            assertNotNull(syn);
            assertNotNull(synAck);
            assertTrue(onSecond.get(2).carries(JoinAck.class));
            Sent fourth = onSecond.get(3);
            assertFalse(fourth.fromClient());
            assertTrue((fourth.present() & TcpOptions.DSS_ACK) != 0, "DATA_ACK on the fourth packet");
            assertEquals(d.serverConnection().token(), syn.token());
            assertNotEquals(0, syn.addressId());
            assertEquals(0, synAck.addressId(), "the server's address is that of the first subflow");
            assertNotEquals(syn.nonce(), synAck.nonce());
        }
    }

    @Test
    @Requirement("B03")
    void unknownTokenIsReset() {
        try (Duet d = new Duet(2, MESH, V1)) {
            d.fromClient[1].changeAll(s -> s.has(TcpFlags.SYN), (p, n, s) -> flip(p, at(s, OptionKind.MP_JOIN) + 5, 1));
            d.open(10_000, 0).run(500 * MILLIS);
            Sent reset = d.fromServer(s -> s.path() == 1).getFirst();
            assertTrue(reset.has(TcpFlags.RST));
            assertEquals(ResetReason.MPTCP_ERROR, reset.option(ResetReason.class).reason());
            assertTrue(d.atServer(Counter.MPTCP_JOIN_NO_TOKEN) > 0);
            assertEquals(1, Duet.established(d.clientConnection()));
            d.intact(10_000, 0);
        }
    }

    @Test
    @Requirement("B03")
    void joinAboveTheLimitIsProhibited() {
        MultipathConfig none = MultipathConfig.builder().subflows(0).build();
        try (Duet d = new Duet(2, MESH, none)) {
            d.open(10_000, 0).run(500 * MILLIS);
            Sent reset = d.fromServer(s -> s.path() == 1).getFirst();
            assertEquals(ResetReason.PROHIBITED, reset.option(ResetReason.class).reason());
            assertEquals(1, Duet.established(d.serverConnection()));
        }
    }

    @Test
    @Requirement({"B04", "K01"})
    void wrongHmacInSynAckResetsTheSubflowOnly() {
        try (Duet d = new Duet(2, MESH, V1)) {
            d.fromServer[1].changeAll(s -> s.has(TcpFlags.SYN), (p, n, s) -> flip(p, at(s, OptionKind.MP_JOIN) + 6, 1));
            d.open(50_000, 0).run(800 * MILLIS);
            assertTrue(d.atClient(Counter.MPTCP_JOIN_SYN_ACK_HMAC_FAILURE) > 0);
            Sent reset = d.fromClient(s -> s.path() == 1 && s.has(TcpFlags.RST)).getFirst();
            assertEquals(ResetReason.MPTCP_ERROR, reset.option(ResetReason.class).reason());
            assertTrue(d.fromClient(s -> s.carries(JoinAck.class)).isEmpty(), "no proof for a stranger");
            assertEquals(1, Duet.established(d.serverConnection()));
            d.intact(50_000, 0);
        }
    }

    @Test
    @Requirement({"B05", "K01", "K04"})
    void wrongHmacInThirdPacketResetsTheSubflowOnly() {
        try (Duet d = new Duet(2, MESH, V1)) {
            d.fromClient[1].changeAll(joinAck(), (p, n, s) -> flip(p, at(s, OptionKind.MP_JOIN) + 9, 1));
            d.open(50_000, 0).run(800 * MILLIS);
            assertTrue(d.atServer(Counter.MPTCP_JOIN_ACK_HMAC_FAILURE) > 0);
            Sent reset = d.fromServer(s -> s.path() == 1 && s.has(TcpFlags.RST)).getFirst();
            assertEquals(ResetReason.MPTCP_ERROR, reset.option(ResetReason.class).reason());
            assertEquals(1, Duet.established(d.clientConnection()));
            d.intact(50_000, 0);
        }
    }

    @Test
    @Requirement({"B06", "B07"})
    void lostThirdPacketIsRepeatedAndNoDataGoesBeforeTheFourth() {
        try (Duet d = new Duet(2, MESH, V1)) {
            d.fromClient[1].drop(joinAck(), 0, 1);
            d.open(2_000_000, 0).run(3 * SECONDS);
            assertEquals(2, Duet.established(d.serverConnection()));
            List<Sent> second = d.sent(s -> s.path() == 1 && !s.isSyn());
            int proofs = 0;
            for (Sent s : second) {
                if (!s.fromClient()) {
                    break;
                }
                assertEquals(0, s.payload());
                proofs++;
            }
            assertTrue(proofs >= 3, "third packets: " + proofs);
        }
    }

    @Test
    @Requirement({"B06", "B07"})
    void lostFourthPacketIsAskedForAgain() {
        try (Duet d = new Duet(2, MESH, V1)) {
            d.fromServer[1].drop(SegmentRules.pureAck(), 0, 1);
            d.open(2_000_000, 0).run(3 * SECONDS);
            assertEquals(2, Duet.established(d.clientConnection()));
            assertTrue(d.fromClient(s -> s.carries(JoinAck.class)).size() >= 3);
            assertFalse(d.fromClient(s -> s.path() == 1 && s.payload() > 0).isEmpty());
        }
    }

    @Test
    @Requirement("B10")
    void backupFlagIsCarriedInTheJoin() {
        try (Duet d = new Duet(2, Duet.mesh().backupAdditional(true).build(), V1)) {
            d.open(10_000, 0);
            d.awaitSubflows(2);
            assertTrue(d.fromClient(s -> s.carries(JoinSyn.class)).getFirst().option(JoinSyn.class).backup());
        }
    }

    @Test
    @Requirement({"B10", "B11", "C30"})
    void backupIsUsedOnlyWhenTheRegularPathIsGone() {
        try (Duet d = new Duet(2, Duet.mesh().backupAdditional(true).build(), V1)) {
            d.open(4_000_000, 1_000_000);
            d.awaitSubflows(2);
            d.run(SECONDS);
            assertTrue(d.sent(s -> s.path() == 1 && s.payload() > 0).isEmpty());
            d.paths[0].up(false);
            d.run(30 * SECONDS);
            assertFalse(d.fromClient(s -> s.path() == 1 && s.payload() > 0).isEmpty());
            d.intact(4_000_000, 1_000_000);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    @Requirement({"B11", "D13", "E09"})
    void priorityOfThePeerIsHeeded(int version) {
        try (Duet d = new Duet(2, version == 1 ? MESH : MESH0, version == 1 ? V1 : V0)) {
            d.open(20_000_000, 0);
            d.awaitSubflows(2);
            d.forge(1, false, new Priority(true, Priority.THIS_SUBFLOW));
            d.run(500 * MILLIS);
            long time = d.simulation.now();
            d.run(SECONDS);
            assertTrue(d.fromClient(s -> s.time() > time && s.path() == 1 && s.payload() > 0).isEmpty());
            assertFalse(d.fromClient(s -> s.time() > time && s.path() == 0 && s.payload() > 0).isEmpty());
            assertEquals(1, d.atClient(Counter.MPTCP_MP_PRIO_RX));
            d.forge(1, false, new Priority(false, Priority.THIS_SUBFLOW));
            long later = d.simulation.now();
            d.run(SECONDS);
            assertFalse(d.fromClient(s -> s.time() > later && s.path() == 1 && s.payload() > 0).isEmpty());
        }
    }

    @Test
    @Requirement("E09")
    void priorityWithAnAddressIdIsForAllItsSubflowsInVersion0() {
        try (Duet d = new Duet(2, MESH0, V0)) {
            d.open(20_000_000, 0);
            d.awaitSubflows(2);
            d.forge(1, false, new Priority(true, 0));
            d.run(500 * MILLIS);
            // Both subflows go to the server's address 0: no regular one is left, so backups are used.
            long time = d.simulation.now();
            d.run(SECONDS);
            assertFalse(d.fromClient(s -> s.time() > time && s.payload() > 0).isEmpty());
            assertEquals(1, d.atClient(Counter.MPTCP_MP_PRIO_RX));
        }
    }

    @Test
    @Requirement({"B16", "D24"})
    void joinToAConnectionThatFellBackIsRefused() {
        try (Duet d = new Duet(2, MESH, V1)) {
            d.fromServer[1].dropAll(s -> true);
            d.open(10_000, 0).run(100 * MILLIS);
            d.forge(0, true, TcpFlags.ACK, 0, 0,
                    MptcpDataTest.mapping(MptcpDataTest.nextData(d, true), MptcpDataTest.nextSubflow(d, true, 0), 0));
            assertFalse(d.serverConnection().isMultipath());
            d.fromServer[1].clear();
            d.run(3 * SECONDS);
            assertTrue(d.fromServer(s -> s.path() == 1 && s.has(TcpFlags.RST)).size() > 0);
            assertEquals(1, Duet.established(d.serverConnection()));
        }
    }

    @Test
    @Requirement({"C20", "B13"})
    void resetOfOneSubflowLeavesTheConnection() {
        try (Duet d = new Duet(2, MESH, V1)) {
            d.open(3_000_000, 0);
            d.awaitSubflows(2);
            d.forge(1, false, TcpFlags.RST | TcpFlags.ACK, 0, 0);
            d.run(20 * SECONDS);
            d.intact(3_000_000, 0);
        }
    }

    @Test
    @Requirement({"B14"})
    void noMoreSubflowsThanTheLimit() {
        MultipathConfig two = MultipathConfig.builder().subflows(2).pathManager("fullmesh").build();
        try (Duet d = new Duet(4, MESH, two)) {
            d.open(100_000, 0).run(3 * SECONDS);
            assertTrue(Duet.established(d.serverConnection()) <= 3);
            d.intact(100_000, 0);
        }
    }

    @Test
    @Requirement({"K04", "K06", "H17"})
    void floodOfHalfOpenJoinsIsLimited() {
        try (Duet d = new Duet(2, V1, V1)) {
            d.open(500_000, 0).run(200 * MILLIS);
            // The client must not answer what it has not asked for.
            d.fromServer[0].dropAll(s -> s.has(TcpFlags.SYN));
            for (int i = 0; i < 50; i++) {
                d.forgeSyn(0, 2_000 + i, new JoinSyn(false, 5, d.serverConnection().token(), i));
            }
            d.run(300 * MILLIS);
            assertTrue(d.serverConnection().subflowCount() <= V1.subflows() + 1);
            assertTrue(d.atServer(Counter.MPTCP_JOIN_REJECTED) >= 50 - V1.subflows(), d::counters);
            d.run(5 * SECONDS);
            d.intact(500_000, 0);
        }
    }

    @Test
    @Requirement("K02")
    void recordedJoinIsOfNoUseLater() {
        try (Duet d = new Duet(2, MESH, V1)) {
            d.open(10_000, 0);
            d.awaitSubflows(2);
            Sent syn = d.fromClient(s -> s.carries(JoinSyn.class)).getFirst();
            Sent proof = d.fromClient(s -> s.carries(JoinAck.class)).getFirst();
            d.fromServer[1].dropAll(s -> s.has(TcpFlags.SYN));
            int before = Duet.established(d.serverConnection());
            // The same SYN and the same proof from another port of another path.
            d.forgeFlow(1, 7777, syn.option(JoinSyn.class), proof.option(JoinAck.class));
            assertEquals(before, Duet.established(d.serverConnection()));
            assertTrue(d.atServer(Counter.MPTCP_JOIN_ACK_HMAC_FAILURE) >= 1, d::counters);
        }
    }

    @Test
    @Requirement({"C21", "C18"})
    void withoutAnySubflowTheConnectionWaitsAndThenResumes() {
        try (Duet d = new Duet(1, MESH, V1)) {
            d.open(10_000, 10_000).run(SECONDS);
            d.forge(0, false, TcpFlags.RST | TcpFlags.ACK, 0, 0);
            d.forge(0, true, TcpFlags.RST | TcpFlags.ACK, 0, 0);
            d.paths[0].up(false);
            d.run(30 * SECONDS);
            assertEquals(0, Duet.established(d.clientConnection()) + Duet.established(d.serverConnection()));
            assertTrue(d.atClient.closeReason() == null && d.atServer.closeReason() == null, d::counters);
            d.paths[0].up(true);
            d.awaitSubflows(1);
            d.clientConnection().shutdownOutput(d.simulation.now());
            d.client.wake();
            d.complete(10_000, 10_000);
        }
    }

    @Test
    @Requirement("C21")
    void withoutAnySubflowForTooLongTheConnectionTimesOut() {
        try (Duet d = new Duet(1, MESH, V1)) {
            d.open(10_000, 0).run(SECONDS);
            d.forge(0, false, TcpFlags.RST | TcpFlags.ACK, 0, 0);
            d.forge(0, true, TcpFlags.RST | TcpFlags.ACK, 0, 0);
            d.paths[0].up(false);
            d.run(100 * SECONDS);
            assertInstanceOf(CloseReason.TimedOut.class, d.atClient.closeReason());
            assertInstanceOf(CloseReason.TimedOut.class, d.atServer.closeReason());
        }
    }
}
