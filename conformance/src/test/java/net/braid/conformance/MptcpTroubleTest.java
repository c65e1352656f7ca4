package net.braid.conformance;

import static net.braid.conformance.Duet.MILLIS;
import static net.braid.conformance.Duet.SECONDS;
import static net.braid.conformance.MptcpDataTest.mapping;
import static net.braid.conformance.MptcpDataTest.nextData;
import static net.braid.conformance.MptcpDataTest.nextSubflow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.ValueLayout;
import java.util.List;
import net.braid.base.Requirement;
import net.braid.conformance.Duet.Sent;
import net.braid.mptcp.MultipathConfig;
import net.braid.sim.SegmentRules;
import net.braid.tcp.CloseReason;
import net.braid.tcp.Counter;
import net.braid.wire.MptcpOption.Capable;
import net.braid.wire.MptcpOption.DataSequenceSignal;
import net.braid.wire.MptcpOption.Fail;
import net.braid.wire.MptcpOption.FastClose;
import net.braid.wire.MptcpOption.ResetReason;
import net.braid.wire.TcpFlags;
import net.braid.wire.TcpOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Resets, fast close, failing checksums, fallback (RFC 8684 sections 3.5 to 3.7; checklist D14 to D26, E). */
class MptcpTroubleTest {
    private static final MultipathConfig V1 = MultipathConfig.DEFAULT;
    private static final MultipathConfig V0 = MultipathConfig.builder().version(0).build();
    private static final MultipathConfig MESH = Duet.mesh().build();
    private static final MultipathConfig MESH0 = Duet.mesh().version(0).build();
    private static final MultipathConfig SUM = Duet.mesh().checksum(true).build();
    private static final MultipathConfig SUM0 = Duet.mesh().checksum(true).version(0).build();

    private static long clientKey(Duet d) {
        return d.fromClient(s -> s.carries(Capable.class)).get(1).option(Capable.class).senderKey();
    }

    static SegmentRules.Change changeByte() {
        return (p, n, s) -> p.set(ValueLayout.JAVA_BYTE, s.payload + 5,
                (byte) (p.get(ValueLayout.JAVA_BYTE, s.payload + 5) ^ 0x10));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    @Requirement({"D14", "D15", "D16"})
    void fastCloseEndsTheWholeConnection(boolean onReset) {
        try (Duet d = new Duet(2, MESH, V1)) {
            d.open(5_000, 5_000);
            d.awaitSubflows(2);
            d.forge(1, false, onReset ? TcpFlags.RST | TcpFlags.ACK : TcpFlags.ACK, 0, 0, new FastClose(clientKey(d)));
            d.run(200 * MILLIS);
            assertInstanceOf(CloseReason.ResetByPeer.class, d.atClient.closeReason());
            assertFalse(d.fromClient(s -> s.path() == 0 && s.has(TcpFlags.RST)).isEmpty());
            assertEquals(!onReset, !d.fromClient(s -> s.path() == 1 && s.has(TcpFlags.RST)).isEmpty());
        }
    }

    @Test
    @Requirement({"D14", "K10"})
    void fastCloseWithAWrongKeyIsIgnored() {
        try (Duet d = new Duet(2, MESH, V1)) {
            d.open(5_000, 5_000);
            d.awaitSubflows(2);
            d.forge(1, false, TcpFlags.ACK, 0, 0, new FastClose(clientKey(d) ^ 1));
            d.run(SECONDS);
            assertNull(d.atClient.closeReason());
            assertEquals(2, Duet.established(d.clientConnection()));
        }
    }

    @Test
    @Requirement({"D16", "C20"})
    void resetOnTheOnlySubflowIsNotTheEndOfTheConnection() {
        try (Duet d = new Duet(1, MESH, V1)) {
            d.open(5_000, 5_000).run(SECONDS);
            d.forge(0, false, TcpFlags.RST | TcpFlags.ACK, 0, 0);
            d.forge(0, true, TcpFlags.RST | TcpFlags.ACK, 0, 0);
            d.awaitSubflows(1);
            assertNull(d.atClient.closeReason());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    @Requirement({"D14", "E10"})
    void abortEndsThePeerAtOnce(int version) {
        try (Duet d = new Duet(2, version == 1 ? MESH : MESH0, version == 1 ? V1 : V0)) {
            d.open(5_000, 5_000);
            d.awaitSubflows(2);
            d.atClient.abort(d.simulation.now());
            d.run(SECONDS);
            assertInstanceOf(CloseReason.ResetByPeer.class, d.atServer.closeReason());
            List<Sent> fast = d.fromClient(s -> s.carries(FastClose.class));
            assertFalse(fast.isEmpty());
            for (Sent s : fast) {
                assertEquals(version == 1, s.has(TcpFlags.RST));
            }
            assertEquals(version == 0, d.sent(s -> s.carries(ResetReason.class)).isEmpty());
        }
    }

    @Test
    @Requirement({"D20", "D25"})
    void wrongChecksumOnOneOfTwoSubflowsResetsItAndDataGoesElsewhere() {
        try (Duet d = new Duet(2, SUM, V1)) {
            d.fromClient[1].change(SegmentRules.data(), 10, changeByte());
            d.open(1_000_000, 0).run(10 * SECONDS);
            d.intact(1_000_000, 0);
            Sent reset = d.fromServer(s -> s.has(TcpFlags.RST)).getFirst();
            assertEquals(1, reset.path());
            assertNotNull(reset.option(Fail.class));
            assertEquals(ResetReason.MIDDLEBOX_INTERFERENCE, reset.option(ResetReason.class).reason());
            assertEquals(1, d.atServer(Counter.MPTCP_DATA_CSUM_ERR));
            assertTrue(d.bothMultipath());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    @Requirement({"D21", "D23", "D24", "D25"})
    void wrongChecksumOnTheOnlySubflowFallsBack(int version) {
        try (Duet d = new Duet(1, version == 1 ? SUM : SUM0, version == 1 ? V1 : V0)) {
            d.fromClient[0].change(SegmentRules.data(), 10, changeByte());
            d.open(500_000, 100_000).run(10 * SECONDS);
            assertEquals(500_000, d.atServer.received());
            assertEquals(100_000, d.atClient.received());
            assertNotNull(d.atServer.violation(), "as plain TCP would deliver it");
            assertTrue(d.bothPlain());
            Sent fail = d.fromServer(s -> s.carries(Fail.class)).getFirst();
            assertFalse(fail.has(TcpFlags.RST));
            assertTrue(d.fromServer(s -> s.has(TcpFlags.RST)).isEmpty());
            if (version == 1) {
                assertEquals(1, d.fromClient(s -> s.carries(Fail.class)).size());
            }
            Sent infinite = d.fromClient(s -> s.hasMapping() && s.dataLength() == 0).getFirst();
            assertTrue(d.fromClient(s -> s.time() > infinite.time() + SECONDS && s.hasDss()).isEmpty());
        }
    }

    @Test
    @Requirement("D21")
    void failOnTheOnlySubflowIsAnsweredAndFallsBack() {
        try (Duet d = new Duet(1, SUM, V1)) {
            d.open(10_000, 0).run(500 * MILLIS);
            d.forge(0, false, new Fail(d.fromClient(Sent::hasMapping).getLast().dataSequence()));
            assertFalse(d.clientConnection().isMultipath());
            assertFalse(d.fromClient(s -> s.carries(Fail.class)).isEmpty());
            d.clientConnection().shutdownOutput(d.simulation.now());
            d.client.wake();
            d.run(SECONDS);
            assertFalse(d.serverConnection().isMultipath());
            d.intact(10_000, 0);
        }
    }

    @Test
    @Requirement("D20")
    void failOnOneOfTwoSubflowsEndsThatSubflowOnly() {
        try (Duet d = new Duet(2, SUM, V1)) {
            d.open(50_000, 0);
            d.awaitSubflows(2);
            d.forge(1, false, TcpFlags.RST | TcpFlags.ACK, 0, 0, new Fail(1));
            d.run(100 * MILLIS);
            assertTrue(d.bothMultipath());
            assertEquals(1, d.atClient(Counter.MPTCP_MP_FAIL_RX));
        }
    }

    @Test
    @Requirement({"D23", "D24", "B16"})
    void infiniteMappingEndsMultipathForGood() {
        try (Duet d = new Duet(1, V1, V1)) {
            d.open(10_000, 10_000).run(SECONDS);
            long next = nextData(d, true);
            int subflow = nextSubflow(d, true, 0);
            d.forgedFrom = 10_000;
            d.forge(0, true, TcpFlags.ACK, 0, 100, mapping(next, subflow, 0));
            assertFalse(d.serverConnection().isMultipath());
            assertEquals(10_100, d.atServer.received());
            long time = d.simulation.now();
            d.forgedFrom = 10_100;
            d.forge(0, true, TcpFlags.ACK, 100, 100, mapping(next + 5_000, subflow + 100, 100));
            assertEquals(10_200, d.atServer.received());
            assertNull(d.atServer.violation());
            assertTrue(d.fromServer(s -> s.time() > time && s.hasDss()).isEmpty(), "no DATA_ACK any more");
        }
    }

    @Test
    @Requirement({"D19", "D26"})
    void dataWithoutMappingBeforeThePathIsProvenMeansPlainTcp() {
        try (Duet d = new Duet(1, V1, V1)) {
            d.open(0, 0).run(200 * MILLIS);
            d.forgedFrom = 0;
            d.forge(0, true, TcpFlags.ACK, 0, 100);
            assertFalse(d.serverConnection().isMultipath());
            assertEquals(100, d.atServer.received());
        }
    }

    @Test
    @Requirement("D24")
    void laterDssAfterAFallbackIsIgnored() {
        try (Duet d = new Duet(1, V1, V1)) {
            d.open(0, 0).run(200 * MILLIS);
            d.forgedFrom = 0;
            d.forge(0, true, TcpFlags.ACK, 0, 100);
            d.forge(0, true, new DataSequenceSignal(TcpOptions.DSS | TcpOptions.DSS_ACK, 77, 0, 0, 0, 0));
            assertFalse(d.serverConnection().isMultipath());
        }
    }

    @Test
    @Requirement({"E01", "E02", "E11", "E12"})
    void version0HasItsOwnHandshakeAndNoneOfTheNewOptions() {
        try (Duet d = new Duet(2, MESH0, V0)) {
            d.open(100_000, 100_000);
            d.awaitSubflows(2);
            d.run(5 * SECONDS);
            d.intact(100_000, 100_000);
            List<Sent> capable = d.sent(s -> s.carries(Capable.class));
            assertEquals(List.of(12, 12, 20),
                    capable.subList(0, 3).stream().map(s -> s.option(Capable.class).length()).toList());
            for (Sent s : capable) {
                assertEquals(0, s.option(Capable.class).version());
                assertEquals(0, s.payload());
                assertFalse(s.option(Capable.class).hasData());
            }
            assertTrue(d.sent(s -> s.carries(ResetReason.class)).isEmpty());
        }
    }

    @Test
    @Requirement("E12")
    void version0FallsBackWhenItsThirdPacketIsLost() {
        try (Duet d = new Duet(1, V0, V0)) {
            d.fromClient[0].drop(SegmentRules.pureAck(), 0);
            d.transfer(50_000, 50_000).complete(50_000, 50_000);
        }
    }

    @Test
    @Requirement("E03")
    void version0DropsASynWithTheExtensibilityBit() {
        try (Duet d = new Duet(1, V0, V0)) {
            d.fromClient[0].changeAll(s -> s.has(TcpFlags.SYN) && s.options.has(TcpOptions.MP_CAPABLE),
                    (p, n, s) -> MptcpSetUpTest.flip(p, MptcpSetUpTest.at(s, 0) + 3, 0x40));
            d.open(5_000, 0).run(1_500 * MILLIS);
            assertTrue(d.fromServer(s -> true).isEmpty(), () -> d.log + d.counters());
        }
    }

    @Test
    @Requirement("E04")
    void version0TakesNoPolicyBit() {
        try (Duet d = new Duet(1, V0, V0)) {
            d.fromClient[0].changeAll(s -> s.has(TcpFlags.SYN) && s.options.has(TcpOptions.MP_CAPABLE),
                    (p, n, s) -> MptcpSetUpTest.flip(p, MptcpSetUpTest.at(s, 0) + 3, 0x21));
            d.transfer(5_000, 5_000).complete(5_000, 5_000);
            assertNull(d.fromServer(Sent::isSyn).getFirst().option(Capable.class));
        }
    }

    @Test
    @Requirement({"E05", "E13"})
    void version0IgnoresAChecksumThatWasNotAgreed() {
        try (Duet d = new Duet(1, V0, V0)) {
            d.open(10_000, 0).run(SECONDS);
            DataSequenceSignal dss = mapping(nextData(d, true), nextSubflow(d, true, 0), 100);
            d.forgedFrom = 10_000;
            d.forge(0, true, TcpFlags.ACK, 0, 100, new DataSequenceSignal(dss.parts() | TcpOptions.DSS_CHECKSUM, 0,
                    dss.dataSequence(), dss.subflowSequence(), 100, 0x4321));
            assertEquals(10_100, d.atServer.received());
            assertTrue(d.serverConnection().isMultipath());
            // A mapping ahead of its data, on a segment that it does not touch.
            d.forge(0, true, TcpFlags.ACK, 100, 0,
                    mapping(dss.dataSequence() + 100, dss.subflowSequence() + 100, 100));
            d.forgedFrom = 10_100;
            d.forge(0, true, TcpFlags.ACK, 100, 100);
            assertEquals(10_200, d.atServer.received());
            assertNull(d.atServer.violation());
        }
    }

    @Test
    @Requirement("E06")
    void version0AnnouncesWithoutHmacAndEcho() {
        try (Duet d = new Duet(1, MESH0, Duet.mesh().version(0).build())) {
            d.open(100_000, 100_000).run(5 * SECONDS);
            d.intact(100_000, 100_000);
            assertEquals(3, Duet.established(d.clientConnection()), d::counters);
            assertEquals(0, d.atClient(Counter.MPTCP_ECHO_ADD_TX));
        }
    }
}
