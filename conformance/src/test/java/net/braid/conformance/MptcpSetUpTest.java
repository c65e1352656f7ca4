package net.braid.conformance;

import static net.braid.conformance.Duet.MILLIS;
import static net.braid.conformance.Duet.SECONDS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import net.braid.base.Requirement;
import net.braid.conformance.Duet.Sent;
import net.braid.mptcp.ConnectionListener;
import net.braid.mptcp.MultipathConfig;
import net.braid.sim.SegmentRules;
import net.braid.tcp.Counter;
import net.braid.wire.MptcpOption.Capable;
import net.braid.wire.MptcpOption.JoinSyn;
import net.braid.wire.OptionKind;
import net.braid.wire.SegmentView;
import net.braid.wire.TcpFlags;
import net.braid.wire.TcpOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How a Multipath TCP connection is set up (RFC 8684 section 3.1; checklist A). */
class MptcpSetUpTest {
    private static final MultipathConfig V1 = MultipathConfig.DEFAULT;
    private static final MultipathConfig SUM = MultipathConfig.builder().checksum(true).build();
    private static final MultipathConfig V0 = MultipathConfig.builder().version(0).build();
    private static final MultipathConfig OFF = MultipathConfig.OFF;

    /** Where the MPTCP option of a subtype stands. */
    static long at(SegmentView s, int subtype) {
        for (int i = 0; i < s.options.mptcpCount; i++) {
            long at = s.options.mptcpOffset[i];
            if (Byte.toUnsignedInt(s.memory.get(ValueLayout.JAVA_BYTE, at + 2)) >>> 4 == subtype) {
                return at;
            }
        }
        throw new AssertionError("no such option");
    }

    static void flip(MemorySegment packet, long at, int mask) {
        packet.set(ValueLayout.JAVA_BYTE, at, (byte) (packet.get(ValueLayout.JAVA_BYTE, at) ^ mask));
    }

    static SegmentRules.Matcher capable() {
        return s -> s.options.has(TcpOptions.MP_CAPABLE);
    }

    @Test
    @Requirement({"A08", "A14"})
    void thirdPacketCarriesBothKeysWhenThereIsNoData() {
        try (Duet d = new Duet(1, V1, V1)) {
            d.open(0, 0).run(SECONDS);
            List<Sent> capable = d.sent(s -> s.carries(Capable.class));
            assertEquals(List.of(4, 12, 20), capable.stream().map(s -> s.option(Capable.class).length()).toList());
            assertTrue(d.bothMultipath());
        }
    }

    @Test
    @Requirement({"A08", "A13", "A15", "A16", "D18"})
    void firstDataCarriesCapableAndAllElseAMapping() {
        try (Duet d = new Duet(1, V1, V1)) {
            d.transfer(20_000, 0).complete(20_000, 0);
            List<Sent> data = d.fromClient(s -> s.payload() > 0);
            Capable first = data.getFirst().option(Capable.class);
            assertEquals(22, first.length());
            assertEquals(data.getFirst().payload(), first.dataLength());
            for (Sent s : data.subList(1, data.size())) {
                assertTrue(s.hasMapping());
            }
            long initial = data.get(1).dataSequence() - (data.get(1).subflowSequence() - 1);
            assertEquals(initial + first.dataLength(), data.get(1).dataSequence());
        }
    }

    @Test
    @Requirement("A15")
    void firstDataKeepsCapableInRetransmissions() {
        try (Duet d = new Duet(1, V1, V1)) {
            d.fromClient[0].drop(SegmentRules.data(), 0);
            d.transfer(1_000, 0).complete(1_000, 0);
            List<Sent> data = d.fromClient(s -> s.payload() > 0);
            assertEquals(2, data.size());
            data.forEach(s -> assertEquals(22, s.option(Capable.class).length()));
        }
    }

    @Test
    @Requirement({"A17", "A28"})
    void lostThirdPacketIsRepairedByFirstData() {
        try (Duet d = new Duet(1, V1, V1)) {
            d.fromClient[0].drop(SegmentRules.pureAck(), 0);
            d.open(10_000, 10_000).run(2 * SECONDS);
            assertTrue(d.bothMultipath());
            d.intact(10_000, 10_000);
        }
    }

    @Test
    @Requirement("A17")
    void lostThirdPacketOfASilentClientIsRepeatedForTheServersSynAck() {
        try (Duet d = new Duet(1, V1, V1)) {
            d.fromClient[0].drop(SegmentRules.pureAck(), 0);
            d.open(0, 10_000).run(5 * SECONDS);
            assertTrue(d.bothMultipath());
            d.intact(0, 10_000);
        }
    }

    @Test
    @Requirement("A18")
    void dataOutOfOrderBeforeTheThirdPacketDoesNotDecide() {
        try (Duet d = new Duet(1, V1, V1)) {
            d.fromClient[0].drop(SegmentRules.pureAck(), 0).drop(SegmentRules.data(), 0);
            d.open(10_000, 0).run(3 * SECONDS);
            assertTrue(d.bothMultipath(), d::counters);
            d.intact(10_000, 0);
        }
    }

    @Test
    @Requirement("A16")
    void capableWithDataMayComeTwice() {
        try (Duet d = new Duet(1, V1, V1)) {
            d.open(10_000, 0).run(SECONDS);
            Sent first = d.fromClient(s -> s.payload() > 0).getFirst();
            d.forge(0, true, first.option(Capable.class));
            assertTrue(d.bothMultipath());
            assertEquals(0, d.atServer(Counter.MPTCP_DSS_NOT_MATCHING));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    @Requirement("A19")
    void wrongKeyEchoMeansPlainTcp(boolean withData) {
        try (Duet d = new Duet(1, V1, V1)) {
            d.fromClient[0].changeAll(s -> s.options.has(TcpOptions.MP_CAPABLE) && !s.has(TcpFlags.SYN),
                    (p, n, s) -> flip(p, at(s, OptionKind.MP_CAPABLE) + 12, 1));
            long up = withData ? 10_000 : 0;
            d.transfer(up, 5_000).complete(up, 5_000);
            assertFalse(d.serverConnection().isMultipath());
            assertEquals(1, d.atServer(Counter.MPTCP_CAPABLE_FALLBACK_ACK));
        }
    }

    @ParameterizedTest
    @CsvSource({"0x40", "0x01", "0x02", "0x03", "0x10"})
    @Requirement({"A22", "A24", "A27"})
    void synThatIsNotUnderstoodGetsPlainTcp(String mask) {
        // 0x01 takes the only crypto bit away, the others set what must not be set; 0x03 leaves an unknown one alone.
        try (Duet d = new Duet(1, V1, V1)) {
            d.fromClient[0].changeAll(s -> s.has(TcpFlags.SYN) && s.options.has(TcpOptions.MP_CAPABLE),
                    (p, n, s) -> flip(p, at(s, OptionKind.MP_CAPABLE) + 3, Integer.decode(mask)));
            d.transfer(5_000, 5_000);
            d.run(200 * MILLIS);
            assertTrue(d.bothPlain());
            d.complete(5_000, 5_000);
            assertNull(d.fromServer(Sent::isSyn).getFirst().option(Capable.class));
        }
    }

    @ParameterizedTest
    @CsvSource({"0x40", "0x01", "0x02"})
    @Requirement({"A22", "A24"})
    void answerThatIsNotUnderstoodMeansPlainTcp(String mask) {
        try (Duet d = new Duet(1, V1, V1)) {
            d.fromServer[0].changeAll(s -> s.has(TcpFlags.SYN),
                    (p, n, s) -> flip(p, at(s, OptionKind.MP_CAPABLE) + 3, Integer.decode(mask)));
            d.transfer(5_000, 5_000).complete(5_000, 5_000);
            assertFalse(d.clientConnection().isMultipath());
            assertEquals(1, d.atClient(Counter.MPTCP_CAPABLE_FALLBACK_SYN_ACK));
        }
    }

    @Test
    @Requirement("A07")
    void higherVersionIsAnsweredWithOurs() {
        try (Duet d = new Duet(1, V1, V1)) {
            d.fromClient[0].changeAll(s -> s.has(TcpFlags.SYN) && s.options.has(TcpOptions.MP_CAPABLE),
                    (p, n, s) -> flip(p, at(s, OptionKind.MP_CAPABLE) + 2, 3));
            d.transfer(5_000, 5_000).complete(5_000, 5_000);
            assertEquals(1, d.fromServer(Sent::isSyn).getFirst().option(Capable.class).version());
            assertEquals(0, d.atServer(Counter.MPTCP_CAPABLE_FALLBACK_ACK));
        }
    }

    /** The table "negotiation" of the vectors. */
    @ParameterizedTest
    @CsvSource({"v1, v1, true", "v1, v0, false", "v0, v1, false", "v0, both, true", "v1, both, true", "v0, v0, true",
        "v1, off, false", "off, v1, false"})
    @Requirement({"A07", "A28", "E14", "K08"})
    void versionIsNegotiated(String client, String server, boolean multipath) {
        try (Duet d = new Duet(1, config(client), config(server))) {
            d.open(5_000, 5_000).run(2 * SECONDS);
            d.intact(5_000, 5_000);
            assertEquals(multipath, d.bothMultipath());
            assertEquals(!multipath, d.bothPlain());
            if (client.equals("off")) {
                assertTrue(d.sent(s -> (s.present() & TcpOptions.MPTCP) != 0).isEmpty());
            }
        }
    }

    private static MultipathConfig config(String name) {
        return switch (name) {
            case "v1" -> V1;
            case "v0" -> V0;
            case "both" -> MultipathConfig.builder().acceptVersion0(true).build();
            default -> OFF;
        };
    }

    @ParameterizedTest
    @CsvSource({"false, false, false", "true, false, true", "false, true, true", "true, true, true"})
    @Requirement("A25")
    void checksumIsUsedWhenOneSideAsks(boolean client, boolean server, boolean used) {
        try (Duet d = new Duet(1, client ? SUM : V1, server ? SUM : V1)) {
            d.open(5_000, 5_000).run(2 * SECONDS);
            d.intact(5_000, 5_000);
            assertEquals(used, d.clientConnection().usesChecksum());
            assertEquals(used, d.serverConnection().usesChecksum());
            Sent third = d.fromClient(s -> s.carries(Capable.class)).get(1);
            assertEquals(used, third.option(Capable.class).checksumRequired());
            Sent data = d.fromServer(Sent::hasMapping).getFirst();
            assertEquals(used, (data.present() & TcpOptions.DSS_CHECKSUM) != 0);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    @Requirement("A26")
    void whoRefusesChecksumsFallsBack(boolean client) {
        MultipathConfig refuses = MultipathConfig.builder().refuseChecksum(true).build();
        try (Duet d = new Duet(1, client ? refuses : SUM, client ? SUM : refuses)) {
            d.open(5_000, 5_000).run(3 * SECONDS);
            d.intact(5_000, 5_000);
            assertTrue(d.bothPlain());
        }
    }

    @Test
    @Requirement("A29")
    void synLosesTheOptionAfterSomeTries() {
        try (Duet d = new Duet(1, V1, V1)) {
            d.fromClient[0].dropAll(s -> s.has(TcpFlags.SYN) && s.options.has(TcpOptions.MP_CAPABLE));
            d.transfer(5_000, 5_000).complete(5_000, 5_000);
            List<Sent> syns = d.fromClient(Sent::isSyn);
            assertEquals(V1.synRetries() + 1, syns.stream().filter(s -> s.carries(Capable.class)).count());
            assertNull(syns.getLast().option(Capable.class));
            assertNull(d.fromServer(Sent::isSyn).getFirst().option(Capable.class));
        }
    }

    @Test
    @Requirement("A30")
    void destinationThatFailedIsRemembered() {
        try (Duet d = new Duet(1, V1, V1)) {
            d.fromClient[0].dropAll(s -> s.has(TcpFlags.SYN) && s.options.has(TcpOptions.MP_CAPABLE));
            d.transfer(1_000, 0).complete(1_000, 0);
            int before = d.fromClient(Sent::isSyn).size();
            var second = d.client.stack().connect(d.clientConnection().localAddress(), 0,
                    d.clientConnection().remoteAddress(), Duet.PORT, d.clientConfig,
                    ConnectionListener.NONE, d.simulation.now());
            d.client.wake();
            d.run(SECONDS);
            assertNotNull(second);
            assertNull(d.fromClient(Sent::isSyn).get(before).option(Capable.class));
        }
    }

    @Test
    @Requirement("A20")
    void noSubflowBeforeADssHasCome() {
        try (Duet d = new Duet(2, Duet.mesh().build(), V1)) {
            d.fromServer[0].dropAll(s -> s.options.has(TcpOptions.DSS));
            d.open(3_000, 0).run(2 * SECONDS);
            assertTrue(d.sent(s -> s.carries(JoinSyn.class)).isEmpty());
            d.fromServer[0].clear();
            d.awaitSubflows(2);
        }
    }

    @Test
    @Requirement("A23")
    void hostThatWantsNoMoreSubflowsGetsThemAtAnnouncedAddressesOnly() {
        MultipathConfig server = Duet.mesh().refuseInitialAddress(true).build();
        try (Duet d = new Duet(2, Duet.mesh().build(), server)) {
            d.open(50_000, 50_000).run(3 * SECONDS);
            d.intact(50_000, 50_000);
            assertTrue(d.fromServer(Sent::isSyn).getFirst().option(Capable.class).noMoreSubflows());
            assertTrue(Duet.established(d.clientConnection()) > 1, d::counters);
            for (int i = 1; i < 8; i++) {
                var flow = d.clientConnection().subflow(i);
                assertTrue(flow == null || flow.state() != null);
            }
            assertEquals(0, d.atServer(Counter.MPTCP_JOIN_REJECTED));
        }
    }

    @Test
    @Requirement("A09")
    void keysAreFreshForEachConnection() {
        try (Duet d = new Duet(1, V1, V1)) {
            d.transfer(100, 0).complete(100, 0);
            long first = d.fromClient(s -> s.carries(Capable.class)).get(1).option(Capable.class).senderKey();
            int known = d.fromClient(s -> s.carries(Capable.class)).size();
            d.client.stack().connect(d.clientConnection().localAddress(), 0, d.clientConnection().remoteAddress(),
                    Duet.PORT, d.clientConfig, ConnectionListener.NONE, d.simulation.now());
            d.client.wake();
            d.run(SECONDS);
            long second = d.fromClient(s -> s.carries(Capable.class)).get(known + 1).option(Capable.class).senderKey();
            assertFalse(first == second);
        }
    }
}
