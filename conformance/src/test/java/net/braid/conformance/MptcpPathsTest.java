package net.braid.conformance;

import static net.braid.conformance.Duet.MILLIS;
import static net.braid.conformance.Duet.SECONDS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import net.braid.base.Requirement;
import net.braid.conformance.Duet.Sent;
import net.braid.mptcp.MultipathConfig;
import net.braid.mptcp.PathManager;
import net.braid.tcp.Counter;
import net.braid.testkit.ScriptedPathManager;
import net.braid.wire.IpAddress;
import net.braid.wire.MptcpCrypto;
import net.braid.wire.MptcpOption.AddAddress;
import net.braid.wire.MptcpOption.Capable;
import net.braid.wire.MptcpOption.Fail;
import net.braid.wire.MptcpOption.FastClose;
import net.braid.wire.MptcpOption.JoinSyn;
import net.braid.wire.MptcpOption.Priority;
import net.braid.wire.MptcpOption.RemoveAddress;
import net.braid.wire.MptcpOption.ResetReason;
import net.braid.wire.TcpFlags;
import net.braid.wire.TcpOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Addresses that come and go (RFC 8684 section 3.4; checklist D01 to D13). */
class MptcpPathsTest {
    private static final MultipathConfig V1 = MultipathConfig.DEFAULT;
    private static final MultipathConfig MESH = Duet.mesh().build();

    /** A true announcement of the server. */
    static AddAddress announcement(Duet d, int id, String address, int port) {
        Capable keys = d.fromClient(s -> s.carries(Capable.class)).get(1).option(Capable.class);
        IpAddress parsed = IpAddress.parse(address);
        long hmac = new MptcpCrypto().addAddressHmac(keys.receiverKey(), keys.senderKey(), id, parsed, port);
        return new AddAddress(1, false, id, parsed, port, hmac);
    }

    @ParameterizedTest
    @CsvSource({"10.9.0.2, -1, 10.9.0.2", "10.9.0.2, 8080, 10.9.0.2", "fd00:9::1, -1, fd00:9::1",
        "10.9.0.1, 8080, 10.9.0.1"})
    @Requirement({"D01", "D03", "D06"})
    void announcementIsEchoedAndTried(String address, int port, String target) {
        try (Duet d = new Duet(1, MESH, V1)) {
            d.open(5_000, 5_000).run(500 * MILLIS);
            AddAddress add = announcement(d, 3, address, port);
            d.forge(0, false, add);
            d.run(100 * MILLIS);
            Sent echo = d.fromClient(s -> s.carries(AddAddress.class)).getFirst();
            assertEquals(add.toEcho(), echo.option(AddAddress.class));
            assertEquals(1, d.atClient(Counter.MPTCP_ADD_ADDR));
            Sent join = d.fromClient(s -> s.carries(JoinSyn.class)).getLast();
            assertEquals(port == -1 ? Duet.PORT : port, join.destinationPort());
            assertEquals(IpAddress.parse(target).low(), join.destinationLow());
        }
    }

    @Test
    @Requirement({"D01", "D02"})
    void announcementWithWrongHmacIsIgnored() {
        try (Duet d = new Duet(1, MESH, V1)) {
            d.open(5_000, 5_000).run(500 * MILLIS);
            AddAddress good = announcement(d, 3, "10.9.0.2", -1);
            d.forge(0, false, new AddAddress(1, false, 3, good.address(), -1, good.truncatedHmac() ^ 1));
            d.run(SECONDS);
            assertTrue(d.fromClient(s -> s.carries(AddAddress.class) || s.carries(JoinSyn.class)).isEmpty());
            assertEquals(1, d.atClient(Counter.MPTCP_ADD_ADDR_DROP));
        }
    }

    @Test
    @Requirement("D04")
    void announcementWithoutEchoIsRepeatedAFewTimes() {
        try (Duet d = new Duet(1, V1, MESH)) {
            d.fromClient[0].dropAll(s -> s.options.has(TcpOptions.ADD_ADDR));
            d.open(5_000, 5_000).run(60 * SECONDS);
            // 10.9.0.2 and fd00:9::1, each four times.
            List<Sent> adds = d.fromServer(s -> s.carries(AddAddress.class));
            assertEquals(4, adds.stream().filter(s -> s.option(AddAddress.class).address().isV4()).count());
            assertEquals(4, adds.stream().filter(s -> !s.option(AddAddress.class).address().isV4()).count());
        }
    }

    @Test
    @Requirement("D04")
    void announcementWithEchoIsNotRepeated() {
        try (Duet d = new Duet(1, V1, MESH)) {
            d.open(5_000, 5_000).run(60 * SECONDS);
            assertEquals(2, d.fromServer(s -> s.carries(AddAddress.class)).size());
            assertEquals(2, d.atServer(Counter.MPTCP_ECHO_ADD));
        }
    }

    @Test
    @Requirement("A06")
    void signalsComeTwoInARowAndThenPauseForARoundTrip() {
        ScriptedPathManager.use((manager, event, commands, now) -> {
            if (event instanceof PathManager.Event.FullyEstablished) {
                manager.at(now + SECONDS, c -> {
                    for (int i = 1; i <= 6; i++) {
                        c.announce(IpAddress.parse("10.8.0." + i), 0);
                    }
                });
            }
        }, ScriptedPathManager.Script.NOTHING);
        try (Duet d = new Duet(1, MultipathConfig.builder().pathManager("scripted").build(), V1)) {
            d.open(5_000, 0).run(3 * SECONDS);
            for (boolean client : new boolean[] {true, false}) {
                List<Sent> signals = d.sent(s -> s.fromClient() == client && s.carries(AddAddress.class));
                assertEquals(6, signals.size());
                for (int i = 2; i < 6; i++) {
                    assertTrue(signals.get(i).time() - signals.get(i - 2).time() >= 20 * MILLIS, "" + signals);
                }
            }
            assertEquals(6, d.atClient(Counter.MPTCP_ADD_ADDR_TX));
            assertEquals(0, d.atServer(Counter.MPTCP_ADD_ADDR_DROP));
        }
    }

    @Test
    @Requirement("E08")
    void version0SaysItOnAllSubflows() {
        ScriptedPathManager.use(ScriptedPathManager.Script.NOTHING, (manager, event, commands, now) -> {
            if (event instanceof PathManager.Event.FullyEstablished) {
                manager.at(now + SECONDS, c -> c.announce(IpAddress.parse("10.9.0.2"), 0));
                manager.at(now + 2 * SECONDS, c -> c.withdraw(IpAddress.parse("10.9.0.2")));
            }
        });
        MultipathConfig scripted = MultipathConfig.builder().version(0).pathManager("scripted").build();
        try (Duet d = new Duet(2, Duet.mesh().version(0).build(), scripted)) {
            d.open(5_000, 0).awaitSubflows(2);
            d.run(3 * SECONDS);
            for (int i = 0; i < 2; i++) {
                int path = i;
                assertEquals(1, d.fromServer(s -> s.path() == path && s.carries(AddAddress.class)).size());
                assertTrue(!d.fromServer(s -> s.path() == path && s.carries(RemoveAddress.class)).isEmpty());
            }
            assertTrue(d.atClient(Counter.MPTCP_ADD_ADDR) == 2 && d.atClient(Counter.MPTCP_RM_ADDR) >= 2, d::counters);
        }
    }

    @Test
    @Requirement("E07")
    void version0TakesAnIdForAnotherAddressOnlyAfterItsRemoval() {
        try (Duet d = new Duet(1, Duet.mesh().version(0).build(), MultipathConfig.builder().version(0).build())) {
            d.open(5_000, 5_000).run(500 * MILLIS);
            d.forge(0, false, new AddAddress(0, false, 3, IpAddress.parse("10.9.0.2"), -1, 0));
            d.forge(0, false, new AddAddress(0, false, 3, IpAddress.parse("10.9.0.3"), -1, 0));
            d.forge(0, false, new AddAddress(0, false, 3, IpAddress.parse("10.9.0.3"), Duet.PORT, 0));
            assertEquals(2, d.atClient(Counter.MPTCP_ADD_ADDR_DROP));
            // The same once more is no other address.
            d.forge(0, false, new AddAddress(0, false, 3, IpAddress.parse("10.9.0.2"), Duet.PORT, 0));
            assertEquals(2, d.atClient(Counter.MPTCP_ADD_ADDR_DROP));
            d.forge(0, false, new RemoveAddress(List.of(3)));
            d.forge(0, false, new AddAddress(0, false, 3, IpAddress.parse("10.9.0.3"), -1, 0));
            assertEquals(2, d.atClient(Counter.MPTCP_ADD_ADDR_DROP));
        }
    }

    @Test
    @Requirement("D05")
    void sameIdWithAnotherAddressNeedsARemovalFirst() {
        try (Duet d = new Duet(1, MESH, V1)) {
            d.open(5_000, 5_000).run(500 * MILLIS);
            d.forge(0, false, announcement(d, 3, "10.9.0.2", -1));
            d.forge(0, false, announcement(d, 3, "10.9.0.3", -1));
            assertEquals(1, d.atClient(Counter.MPTCP_ADD_ADDR_DROP));
            d.forge(0, false, new RemoveAddress(List.of(3)));
            d.forge(0, false, announcement(d, 3, "10.9.0.3", -1));
            assertEquals(1, d.atClient(Counter.MPTCP_ADD_ADDR_DROP));
        }
    }

    @Test
    @Requirement({"D07", "K05"})
    void floodOfAnnouncementsIsLimited() {
        try (Duet d = new Duet(1, MESH, V1)) {
            d.open(5_000, 5_000).run(500 * MILLIS);
            for (int i = 0; i < 40; i++) {
                d.forge(0, false, announcement(d, 10 + i, "10.8.0." + (i + 1), -1));
            }
            d.run(SECONDS);
            assertEquals(40 - V1.addAddressAccepted(), d.atClient(Counter.MPTCP_ADD_ADDR_DROP), d::counters);
            assertTrue(d.clientConnection().subflowCount() <= 8);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "224.0.0.1", "255.255.255.255", "0.0.0.0", "::1", "ff02::1"})
    @Requirement("K05")
    void addressThatIsNoUnicastIsRefused(String address) {
        try (Duet d = new Duet(1, MESH, V1)) {
            d.open(5_000, 5_000).run(500 * MILLIS);
            d.forge(0, false, announcement(d, 3, address, -1));
            d.run(SECONDS);
            assertEquals(1, d.atClient(Counter.MPTCP_ADD_ADDR_DROP));
            assertTrue(d.fromClient(s -> s.carries(JoinSyn.class)).isEmpty());
        }
    }

    @Test
    @Requirement("D09")
    void optionsNeverExceedTheirSpace() {
        // The server announces IPv6 and IPv4 addresses; every segment that left was decoded, so it fitted.
        try (Duet d = new Duet(2, MESH, MESH)) {
            d.open(200_000, 200_000).run(5 * SECONDS);
            d.intact(200_000, 200_000);
            assertTrue(d.fromServer(s -> s.carries(AddAddress.class)).size() >= 2);
        }
    }

    @Test
    @Requirement("D10")
    void subflowOfARemovedAddressThatAnswersStays() {
        try (Duet d = new Duet(2, MESH, V1)) {
            d.open(5_000, 5_000);
            d.awaitSubflows(2);
            int id = d.fromClient(s -> s.carries(JoinSyn.class)).getFirst().option(JoinSyn.class).addressId();
            d.forge(0, true, new RemoveAddress(List.of(id)));
            d.run(5 * SECONDS);
            assertEquals(2, Duet.established(d.serverConnection()));
        }
    }

    @Test
    @Requirement("D10")
    void subflowOfARemovedAddressThatIsDeadIsReset() {
        try (Duet d = new Duet(2, MESH, V1)) {
            d.open(5_000, 5_000);
            d.awaitSubflows(2);
            int id = d.fromClient(s -> s.carries(JoinSyn.class)).getFirst().option(JoinSyn.class).addressId();
            d.paths[1].up(false);
            d.forge(0, true, new RemoveAddress(List.of(id)));
            d.run(5 * SECONDS);
            assertEquals(1, Duet.established(d.serverConnection()));
            assertFalse(d.fromServer(s -> s.path() == 1 && s.has(TcpFlags.RST)).isEmpty());
        }
    }

    @Test
    @Requirement("D11")
    void unknownIdIsIgnored() {
        try (Duet d = new Duet(2, MESH, V1)) {
            d.open(5_000, 5_000);
            d.awaitSubflows(2);
            d.forge(0, true, new RemoveAddress(List.of(77, 78)));
            d.run(3 * SECONDS);
            assertEquals(2, Duet.established(d.serverConnection()));
        }
    }

    @Test
    @Requirement({"D11", "D12", "C21"})
    void addressThatVanishesIsRemovedAndComesBack() {
        try (Duet d = new Duet(2, MESH, V1)) {
            d.open(5_000_000, 5_000);
            d.awaitSubflows(2);
            IpAddress second = IpAddress.parse("10.2.0.1");
            d.paths[1].up(false);
            d.client.stack().onLocalAddress(second, false, d.simulation.now());
            d.client.wake();
            d.run(500 * MILLIS);
            assertEquals(1, d.fromClient(s -> s.carries(RemoveAddress.class)).size());
            assertEquals(1, d.atServer(Counter.MPTCP_RM_ADDR));
            d.run(2 * SECONDS);
            assertEquals(1, Duet.established(d.clientConnection()));
            d.paths[1].up(true);
            d.client.stack().onLocalAddress(second, true, d.simulation.now());
            d.client.wake();
            d.awaitSubflows(2);
            d.run(10 * SECONDS);
            d.intact(5_000_000, 5_000);
        }
    }

    @Test
    @Requirement("D08")
    void addressFamiliesMix() {
        MultipathConfig server = Duet.mesh().build();
        try (Duet d = new Duet(1, MESH, server)) {
            d.open(1_000_000, 1_000_000).run(5 * SECONDS);
            d.intact(1_000_000, 1_000_000);
            // IPv4 to both IPv4 addresses of the server, and IPv6.
            assertEquals(3, Duet.established(d.clientConnection()), d::counters);
            assertFalse(d.fromClient(s -> s.destinationHigh() != 0 && s.payload() > 0).isEmpty());
        }
    }

    @Test
    @Requirement("D17")
    void reservedBitsAndUnknownReasonOfAResetAreNoMatter() {
        try (Duet d = new Duet(2, MESH, V1)) {
            d.open(5_000, 5_000);
            d.awaitSubflows(2);
            d.forge(1, false, TcpFlags.RST | TcpFlags.ACK, 0, 0, new ResetReason(true, 200));
            d.run(100 * MILLIS);
            assertEquals(1, Duet.established(d.clientConnection()));
            assertEquals(1, d.atClient(Counter.MPTCP_MP_RST_RX));
            assertNull(d.atClient.closeReason());
        }
    }

    @Test
    @Requirement("A05")
    void acknowledgmentsWithSignalsAreNoSignOfLoss() {
        try (Duet d = new Duet(1, V1, V1)) {
            d.open(2_000_000, 0).run(300 * MILLIS);
            long window = d.clientConnection().subflow(0).congestionWindow();
            for (int i = 0; i < 5; i++) {
                d.forge(0, false, announcement(d, 3 + i, "10.9.0." + (3 + i), -1));
            }
            assertTrue(d.clientConnection().subflow(0).congestionWindow() >= window);
            assertEquals(0, d.atClient(Counter.TCP_FAST_RETRANS));
        }
    }

    @Test
    @Requirement({"A03", "K10"})
    void optionsOnSegmentsOutsideTheWindowHaveNoEffect() {
        try (Duet d = new Duet(2, MESH, V1)) {
            d.open(5_000, 5_000);
            d.awaitSubflows(2);
            Capable keys = d.fromClient(s -> s.carries(Capable.class)).get(1).option(Capable.class);
            int far = 1_000_000_000;
            d.forge(0, false, TcpFlags.ACK, far, 0, announcement(d, 3, "10.9.0.2", -1));
            d.forge(0, false, TcpFlags.ACK, far, 0, new FastClose(keys.senderKey()));
            d.forge(0, false, TcpFlags.ACK, far, 0, new Fail(1));
            d.forge(0, false, TcpFlags.ACK, far, 0, new Priority(true, -1));
            d.forge(0, false, TcpFlags.ACK, far, 0, new RemoveAddress(List.of(0)));
            d.forge(0, false, TcpFlags.RST, far, 0, new FastClose(keys.senderKey()));
            for (Counter c : List.of(Counter.MPTCP_ADD_ADDR, Counter.MPTCP_MP_FASTCLOSE_RX, Counter.MPTCP_MP_FAIL_RX,
                    Counter.MPTCP_MP_PRIO_RX, Counter.MPTCP_RM_ADDR, Counter.MPTCP_MP_RST_RX)) {
                assertEquals(0, d.atClient(c), c.linuxName());
            }
            assertTrue(d.bothMultipath());
        }
    }
}
