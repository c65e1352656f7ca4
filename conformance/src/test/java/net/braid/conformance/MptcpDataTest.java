package net.braid.conformance;

import static net.braid.conformance.Duet.MILLIS;
import static net.braid.conformance.Duet.SECONDS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.braid.base.Requirement;
import net.braid.conformance.Duet.Sent;
import net.braid.mptcp.ConnectionConfig;
import net.braid.mptcp.MultipathConfig;
import net.braid.sim.ReadPace;
import net.braid.sim.SegmentRules;
import net.braid.tcp.CloseReason;
import net.braid.tcp.Counter;
import net.braid.wire.DssChecksum;
import net.braid.wire.MptcpOption.DataSequenceSignal;
import net.braid.wire.MptcpOption.ResetReason;
import net.braid.wire.OptionKind;
import net.braid.wire.SegmentView;
import net.braid.wire.TcpFlags;
import net.braid.wire.TcpOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The data level (RFC 8684 sections 3.3.1 to 3.3.7; checklist C). */
class MptcpDataTest {
    static final MultipathConfig V1 = MultipathConfig.DEFAULT;
    static final MultipathConfig MESH = Duet.mesh().build();
    private static final int MAPPING = TcpOptions.DSS | TcpOptions.DSS_MAPPING | TcpOptions.DSS_DSN_64;
    private static final int ACK64 = TcpOptions.DSS | TcpOptions.DSS_ACK | TcpOptions.DSS_ACK_64;

    static DataSequenceSignal mapping(long dataSequence, int subflowSequence, int length) {
        return new DataSequenceSignal(MAPPING, 0, dataSequence, subflowSequence, length, 0);
    }

    /** Data sequence number of the next byte of one side, and subflow sequence number on a path. */
    static long nextData(Duet d, boolean client) {
        long highest = 0;
        boolean any = false;
        for (Sent s : d.sent(x -> x.fromClient() == client && x.hasMapping() && x.dataLength() > 0)) {
            long end = s.dataSequence() + s.dataLength();
            if (!any || end - highest > 0) {
                highest = end;
                any = true;
            }
        }
        return highest;
    }

    static int nextSubflow(Duet d, boolean client, int path) {
        List<Sent> sent = d.sent(x -> x.fromClient() == client && x.path() == path && x.hasMapping()
                && x.payload() > 0);
        return sent.isEmpty() ? 1 : sent.getLast().subflowSequence() + sent.getLast().dataLength();
    }

    @Test
    @Requirement({"C02"})
    void checksumThatWasNotAgreedResetsTheSubflow() {
        try (Duet d = new Duet(2, MESH, V1)) {
            d.open(50_000, 0);
            d.awaitSubflows(2);
            d.forge(1, true, TcpFlags.ACK, 0, 10, new DataSequenceSignal(MAPPING | TcpOptions.DSS_CHECKSUM, 0,
                    nextData(d, true), 1_000_000, 10, 0x1234));
            Sent reset = d.fromServer(s -> s.path() == 1 && s.has(TcpFlags.RST)).getFirst();
            assertEquals(ResetReason.MPTCP_ERROR, reset.option(ResetReason.class).reason());
            assertTrue(d.bothMultipath());
        }
    }

    @Test
    @Requirement({"C02"})
    void missingChecksumThatWasAgreedResetsTheSubflow() {
        MultipathConfig sum = Duet.mesh().checksum(true).build();
        try (Duet d = new Duet(2, sum, V1)) {
            d.open(50_000, 0);
            d.awaitSubflows(2);
            d.forge(1, true, TcpFlags.ACK, 0, 10, mapping(nextData(d, true), nextSubflow(d, true, 1), 10));
            Sent reset = d.fromServer(s -> s.path() == 1 && s.has(TcpFlags.RST)).getFirst();
            assertEquals(ResetReason.MPTCP_ERROR, reset.option(ResetReason.class).reason());
        }
    }

    /** As Linux does when its program closes while part of a mapping still waits. */
    @Test
    @Requirement("C05")
    void mappingThatIsRepeatedWithDataFinAddedKeepsItsFirstChecksum() {
        MultipathConfig sum = Duet.mesh().checksum(true).build();
        try (Duet d = new Duet(1, sum, V1)) {
            d.open(50_000, 0);
            d.run(SECONDS);
            d.intact(50_000, 0);
            long next = nextData(d, true);
            int subflow = nextSubflow(d, true, 0);
            int parts = MAPPING | TcpOptions.DSS_CHECKSUM;
            // 200 bytes of 0x55.
            int payloadSum = 0x5555;
            d.forge(0, true, TcpFlags.ACK, 0, 100, new DataSequenceSignal(parts, 0, next, subflow, 200,
                    DssChecksum.compute(next, subflow, 200, payloadSum)));
            d.forge(0, true, TcpFlags.ACK, 100, 100, new DataSequenceSignal(parts | TcpOptions.DSS_DATA_FIN, 0, next,
                    subflow, 201, DssChecksum.compute(next, subflow, 201, payloadSum)));
            d.run(SECONDS);
            assertEquals(50_200, d.atServer.received());
            assertEquals(0, d.atServer(Counter.MPTCP_DATA_CSUM_ERR));
            assertTrue(d.bothMultipath());
        }
    }

    @Test
    @Requirement({"C04", "C05"})
    void mappingsAreNeverAlteredAndTouchTheirSegment() {
        try (Duet d = new Duet(2, MESH, V1)) {
            for (int i = 0; i < 2; i++) {
                for (int n = 20; n < 300; n += 17) {
                    d.fromClient[i].drop(SegmentRules.data(), n);
                }
            }
            d.transfer(1_000_000, 0).complete(1_000_000, 0);
            Map<Long, Sent> byPlace = new HashMap<>();
            for (Sent s : d.fromClient(x -> x.hasMapping() && x.payload() > 0)) {
                long place = (long) s.sourcePort() << 32 | s.subflowSequence();
                Sent before = byPlace.putIfAbsent(place, s);
                assertTrue(before == null || before.dataSequence() == s.dataSequence()
                        && before.dataLength() == s.dataLength(), "a mapping has changed");
            }
        }
    }

    @Test
    @Requirement("C06")
    void firstCopyOfAByteWins() {
        try (Duet d = new Duet(2, MESH, V1)) {
            d.open(30_000, 0);
            d.awaitSubflows(2);
            d.run(SECONDS);
            d.intact(30_000, 0);
            long next = nextData(d, true);
            // Nonsense with a hole before it on one path; then the true bytes, all of them, on the other.
            d.forge(1, true, TcpFlags.ACK, 0, 100, mapping(next + 500, nextSubflow(d, true, 1), 100));
            assertEquals(100, d.serverConnection().receiveStream().aheadBytes());
            d.forgedFrom = 30_000;
            d.forge(0, true, TcpFlags.ACK, 0, 600, mapping(next, nextSubflow(d, true, 0), 600));
            assertEquals(30_600, d.atServer.received());
            assertTrue(String.valueOf(d.atServer.violation()).contains("offset 30500 "),
                    "the first copy is what is delivered: " + d.atServer.violation());
        }
    }

    @Test
    @Requirement("C24")
    void contradictingMappingResetsTheSubflow() {
        try (Duet d = new Duet(2, MESH, V1)) {
            d.open(50_000, 0);
            d.awaitSubflows(2);
            d.run(SECONDS);
            int subflow = nextSubflow(d, true, 1);
            long next = nextData(d, true);
            d.forge(1, true, TcpFlags.ACK, 100, 100, mapping(next + 100, subflow + 100, 100));
            d.forge(1, true, TcpFlags.ACK, 100, 100, mapping(next + 300, subflow + 100, 100));
            Sent reset = d.fromServer(s -> s.path() == 1 && s.has(TcpFlags.RST)).getFirst();
            assertEquals(ResetReason.MPTCP_ERROR, reset.option(ResetReason.class).reason());
            assertEquals(1, d.atServer(Counter.MPTCP_DSS_NOT_MATCHING));
            assertTrue(d.bothMultipath());
        }
    }

    @Test
    @Requirement({"C26", "K09"})
    void dataBeyondTheWindowIsNotTaken() {
        try (Duet d = new Duet(2, MESH, V1)) {
            d.open(50_000, 0);
            d.awaitSubflows(2);
            d.run(SECONDS);
            long next = nextData(d, true);
            long pool = d.server.stack().pool().inUse();
            d.forge(1, true, TcpFlags.ACK, 0, 100, mapping(next + 100_000_000, nextSubflow(d, true, 1), 100));
            assertEquals(50_000, d.serverConnection().receiveStream().received());
            assertEquals(0, d.serverConnection().receiveStream().aheadBytes());
            assertEquals(pool, d.server.stack().pool().inUse());
        }
    }

    @Test
    @Requirement({"C14", "C10"})
    void dataAckOfWhatWasNeverSentIsIgnored() {
        try (Duet d = new Duet(1, V1, V1)) {
            d.open(50_000, 0).run(SECONDS);
            long next = nextData(d, true);
            d.forge(0, false, new DataSequenceSignal(ACK64, next + 5_000, 0, 0, 0, 0));
            d.forge(0, false, new DataSequenceSignal(ACK64, next - 40_000, 0, 0, 0, 0));
            assertEquals(1, d.atClient(Counter.MPTCP_DATA_ACK_INVALID));
            assertTrue(d.bothMultipath());
            d.clientConnection().shutdownOutput(d.simulation.now());
            d.client.wake();
            d.complete(50_000, 0);
        }
    }

    /** Makes a DSS narrow: 32-bit numbers, NOPs in the room that is left. */
    private static void narrow(MemorySegment p, SegmentView s) {
        long at = MptcpSetUpTest.at(s, OptionKind.DSS);
        int flags = p.get(ValueLayout.JAVA_BYTE, at + 3);
        int length = Byte.toUnsignedInt(p.get(ValueLayout.JAVA_BYTE, at + 1));
        byte[] rest = new byte[length];
        MemorySegment.copy(p, ValueLayout.JAVA_BYTE, at, rest, 0, length);
        int to = 4;
        int from = 4;
        if ((flags & 1) != 0) {
            from += (flags & 2) != 0 ? 4 : 0;
            System.arraycopy(rest, from, rest, to, 4);
            from += 4;
            to += 4;
        }
        if ((flags & 4) != 0) {
            from += (flags & 8) != 0 ? 4 : 0;
            int left = length - from;
            System.arraycopy(rest, from, rest, to, left);
            to += left;
        }
        rest[1] = (byte) to;
        rest[3] = (byte) (flags & ~0x0a);
        for (int i = to; i < length; i++) {
            rest[i] = 1;
        }
        MemorySegment.copy(rest, 0, p, ValueLayout.JAVA_BYTE, at, length);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    @Requirement({"C10", "C11", "C16"})
    void peerThatSpeaks32BitsIsUnderstood(int side) {
        try (Duet d = new Duet(2, MESH, V1)) {
            for (int i = 0; i < 2; i++) {
                if (side != 1) {
                    d.fromClient[i].changeAll(s -> s.options.has(TcpOptions.DSS), (p, n, s) -> narrow(p, s));
                }
                if (side != 0) {
                    d.fromServer[i].changeAll(s -> s.options.has(TcpOptions.DSS), (p, n, s) -> narrow(p, s));
                }
            }
            d.transfer(500_000, 300_000).complete(500_000, 300_000);
            assertTrue(d.atServer(Counter.MPTCP_DSS_FALLBACK) == 0 && d.atClient(Counter.MPTCP_DSS_FALLBACK) == 0);
        }
    }

    @Test
    @Requirement("C11")
    void numbersOnTheWireHave64Bits() {
        try (Duet d = new Duet(1, V1, V1)) {
            d.transfer(100_000, 100_000).complete(100_000, 100_000);
            for (Sent s : d.sent(Sent::hasDss)) {
                assertTrue((s.present() & TcpOptions.DSS_ACK) == 0 || (s.present() & TcpOptions.DSS_ACK_64) != 0);
                assertTrue(!s.hasMapping() || (s.present() & TcpOptions.DSS_DSN_64) != 0);
            }
        }
    }

    @Test
    @Requirement({"C15", "C18", "C22"})
    void dataFinComesAloneAndFinFollowsWhenBothAreAcknowledged() {
        try (Duet d = new Duet(2, MESH, V1)) {
            d.transfer(200_000, 100_000).complete(200_000, 100_000);
            for (Sent fin : d.sent(Sent::hasDataFin)) {
                assertEquals(0, fin.subflowSequence());
                assertEquals(1, fin.dataLength());
            }
            long lastDataFin = Math.max(d.fromClient(Sent::hasDataFin).getFirst().time(),
                    d.fromServer(Sent::hasDataFin).getFirst().time());
            for (Sent fin : d.sent(s -> s.has(TcpFlags.FIN))) {
                assertTrue(fin.time() > lastDataFin);
            }
            assertEquals(2, d.fromClient(s -> s.has(TcpFlags.FIN)).stream().map(Sent::path).distinct().count());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    @Requirement("C16")
    void lostDataFinIsRepeated(int losses) {
        try (Duet d = new Duet(1, V1, V1)) {
            d.fromClient[0].drop(s -> s.options.has(TcpOptions.DSS_DATA_FIN), 0, losses - 1);
            d.transfer(10_000, 10_000).complete(10_000, 10_000);
        }
    }

    @Test
    @Requirement({"C15", "C16"})
    void dataFinTogetherWithDataIsAccepted() {
        try (Duet d = new Duet(1, V1, V1)) {
            d.open(10_000, 0).run(SECONDS);
            DataSequenceSignal fin = new DataSequenceSignal(MAPPING | TcpOptions.DSS_DATA_FIN, 0, nextData(d, true),
                    nextSubflow(d, true, 0), 101, 0);
            d.forge(0, true, TcpFlags.ACK | TcpFlags.PSH, 0, 100, fin);
            assertEquals(10_100, d.atServer.received());
            assertTrue(d.atServer.ended());
            Sent ack = d.fromServer(Sent::hasDss).getLast();
            assertEquals(fin.dataSequence() + 101, ack.dataAck());
        }
    }

    @Test
    @Requirement({"C15", "C16"})
    void dataFinWith32BitsAndBeforeItsDataIsAccepted() {
        try (Duet d = new Duet(1, V1, V1)) {
            d.open(10_000, 0).run(SECONDS);
            long next = nextData(d, true);
            int narrowFin = TcpOptions.DSS | TcpOptions.DSS_MAPPING | TcpOptions.DSS_DATA_FIN;
            d.forge(0, true, new DataSequenceSignal(narrowFin, 0, next + 100, 0, 1, 0));
            assertFalse(d.atServer.ended());
            assertEquals(next, d.fromServer(Sent::hasDss).getLast().dataAck());
            d.forge(0, true, TcpFlags.ACK, 0, 100, mapping(next, nextSubflow(d, true, 0), 100));
            assertTrue(d.atServer.ended());
            assertEquals(next + 101, d.fromServer(Sent::hasDss).getLast().dataAck());
        }
    }

    @Test
    @Requirement("C16")
    void secondDataFinElsewhereAndDataBehindItAreIgnored() {
        try (Duet d = new Duet(1, V1, V1)) {
            d.open(10_000, 0).run(SECONDS);
            long next = nextData(d, true);
            d.forge(0, true, new DataSequenceSignal(MAPPING | TcpOptions.DSS_DATA_FIN, 0, next, 0, 1, 0));
            assertTrue(d.atServer.ended());
            d.forge(0, true, new DataSequenceSignal(MAPPING | TcpOptions.DSS_DATA_FIN, 0, next + 500, 0, 1, 0));
            assertEquals(1, d.atServer(Counter.MPTCP_DSS_NOT_MATCHING));
            d.forge(0, true, TcpFlags.ACK, 0, 100, mapping(next + 1, nextSubflow(d, true, 0), 100));
            assertEquals(10_000, d.atServer.received());
            assertEquals(next + 1, d.fromServer(Sent::hasDss).getLast().dataAck());
        }
    }

    @Test
    @Requirement({"C17", "C22"})
    void halfCloseLastsAsLongAsTheOtherSideSends() {
        try (Duet d = new Duet(2, MESH, V1)) {
            d.start(50_000, 20_000_000, false, false);
            d.run(5 * SECONDS);
            assertTrue(d.atServer.ended());
            assertNull(d.atClient.closeReason());
            assertTrue(d.sent(s -> s.has(TcpFlags.FIN)).isEmpty());
            d.complete(50_000, 20_000_000);
        }
    }

    @Test
    @Requirement("C22")
    void bothCanCloseAtOnce() {
        try (Duet d = new Duet(2, MESH, V1)) {
            d.open(50_000, 50_000);
            d.awaitSubflows(2);
            d.run(SECONDS);
            d.clientConnection().shutdownOutput(d.simulation.now());
            d.serverConnection().shutdownOutput(d.simulation.now());
            d.client.wake();
            d.server.wake();
            d.complete(50_000, 50_000);
        }
    }

    @Test
    @Requirement("C19")
    void deadPathDoesNotHoldUpTheClose() {
        try (Duet d = new Duet(2, MESH, V1)) {
            d.open(50_000, 50_000);
            d.awaitSubflows(2);
            d.run(SECONDS);
            d.paths[1].up(false);
            d.clientConnection().shutdownOutput(d.simulation.now());
            d.client.wake();
            long before = d.simulation.now();
            d.runUntil(() -> d.atClient.ended() && d.atServer.ended(), 60 * SECONDS);
            assertTrue(d.atClient.ended() && d.atServer.ended());
            assertTrue(d.simulation.now() - before < 3 * SECONDS);
            d.complete(50_000, 50_000);
        }
    }

    @Test
    @Requirement({"C13", "C27", "C29"})
    void pathThatGoesDarkIsReplacedAndComesBack() {
        try (Duet d = new Duet(2, MESH, V1)) {
            d.open(6_000_000, 0);
            d.awaitSubflows(2);
            d.run(500 * MILLIS);
            d.paths[1].up(false);
            d.run(2 * SECONDS);
            assertEquals(1, d.atClient(Counter.MPTCP_SUBFLOW_STALE));
            d.paths[1].up(true);
            long returned = d.simulation.now();
            d.run(2 * SECONDS);
            assertFalse(d.fromClient(s -> s.time() > returned && s.path() == 1 && s.payload() > 0).isEmpty());
            d.run(10 * SECONDS);
            d.intact(6_000_000, 0);
        }
    }

    @Test
    @Requirement({"C31", "C23"})
    void lostWindowUpdateIsAskedFor() {
        ConnectionConfig small = ConnectionConfig.builder().multipath(V1).receiveBuffer(20_000, 20_000)
                .autoTuning(false).build();
        ConnectionConfig client = ConnectionConfig.builder().multipath(MESH).build();
        try (Duet d = new Duet(2, client, small, Duet.PATH)) {
            d.start(200_000, 0, false, true);
            d.runUntil(() -> d.atServer.connection() != null, SECONDS);
            d.atServer.pace(new ReadPace(20_000, SECONDS, d.simulation.now() + SECONDS));
            d.run(900 * MILLIS);
            // The reader begins, and what it tells the sender is lost for a while.
            d.fromServer[0].drop(SegmentRules.pureAck(), 0, 3);
            d.fromServer[1].drop(SegmentRules.pureAck(), 0, 3);
            d.runUntil(() -> d.atServer.received() == 200_000, 120 * SECONDS);
            assertEquals(200_000, d.atServer.received());
            assertNull(d.atServer.violation());
        }
    }

    @Test
    @Requirement({"C09", "K09"})
    void dataThatNeverGetsAMappingEndsItsSubflow() {
        try (Duet d = new Duet(2, MESH, V1)) {
            d.open(50_000, 0);
            d.awaitSubflows(2);
            d.run(SECONDS);
            for (int i = 0; i < 200 && d.fromServer(s -> s.path() == 1 && s.has(TcpFlags.RST)).isEmpty(); i++) {
                d.forge(1, true, TcpFlags.ACK, i * 1400, 1400);
            }
            Sent reset = d.fromServer(s -> s.path() == 1 && s.has(TcpFlags.RST)).getFirst();
            assertEquals(ResetReason.MIDDLEBOX_INTERFERENCE, reset.option(ResetReason.class).reason());
            d.intact(50_000, 0);
        }
    }

    @Test
    @Requirement({"C08"})
    void urgentPointerDoesNotDisturbTheStream() {
        try (Duet d = new Duet(1, V1, V1)) {
            d.fromClient[0].changeAll(SegmentRules.data(), (p, n, s) -> {
                p.set(ValueLayout.JAVA_BYTE, s.tcp + 13, (byte) (s.flags | TcpFlags.URG));
                p.set(ValueLayout.JAVA_BYTE, s.tcp + 19, (byte) 7);
            });
            d.transfer(50_000, 0).complete(50_000, 0);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 100_000})
    @Requirement("C21")
    void orphanWithoutPathEndsAfterItsTime(long unsent) {
        try (Duet d = new Duet(1, MESH, V1)) {
            d.start(1_000 + unsent, 0, false, true);
            d.run(20 * MILLIS);
            d.run(40 * MILLIS);
            d.paths[0].up(false);
            d.clientConnection().close(d.simulation.now());
            d.client.wake();
            d.run(400 * SECONDS);
            assertFalse(d.atClient.closeReason() == null, d::counters);
            assertFalse(d.atClient.closeReason() instanceof CloseReason.Finished && unsent > 0);
        }
    }

    @Test
    @Requirement("C21")
    void abortReachesThePeerOverEverySubflow() {
        try (Duet d = new Duet(2, MESH, V1)) {
            d.open(500_000, 0);
            d.awaitSubflows(2);
            d.atClient.abort(d.simulation.now());
            d.run(SECONDS);
            assertInstanceOf(CloseReason.ResetByPeer.class, d.atServer.closeReason());
            List<Sent> resets = d.fromClient(s -> s.has(TcpFlags.RST));
            assertEquals(2, resets.stream().map(Sent::path).distinct().count());
        }
    }
}
