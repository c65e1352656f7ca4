package net.braid.conformance;

import static net.braid.conformance.Duet.MILLIS;
import static net.braid.conformance.Duet.SECONDS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import net.braid.base.Requirement;
import net.braid.mptcp.ConnectionConfig;
import net.braid.mptcp.MultipathConfig;
import net.braid.sim.SegmentRules;
import net.braid.tcp.CloseReason;
import net.braid.tcp.Counter;
import net.braid.wire.IpAddress;
import net.braid.wire.MptcpOption.FastClose;
import net.braid.wire.MptcpOption.JoinSyn;
import net.braid.wire.MptcpOption.RemoveAddress;
import net.braid.wire.TcpFlags;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A path goes together with the address at its end, and nobody can say goodbye (RFC 8684 section 3.3.3). */
class LostAddressTest {
    private static final MultipathConfig V1 = MultipathConfig.DEFAULT;
    private static final MultipathConfig MESH = Duet.mesh().build();
    private static final IpAddress CLIENT = IpAddress.parse("10.1.0.1");
    private static final IpAddress SERVER = IpAddress.parse("10.9.0.1");

    /** The client's first cable goes dark, and the client loses the address there. */
    private static void unplug(Duet d) {
        d.paths[0].up(false);
        d.client.removeAddress(CLIENT);
    }

    private static void plugIn(Duet d) {
        d.paths[0].up(true);
        d.client.addAddress(d.client.links().getFirst(), CLIENT);
    }

    /** The server loses its address while the cable to the client is dark: the resets are lost. */
    private static void dropServerAddress(Duet d) {
        d.paths[0].up(false);
        d.server.removeAddress(SERVER);
        d.run(100 * MILLIS);
        d.paths[0].up(true);
    }

    private static void bringServerAddressBack(Duet d) {
        d.server.addAddress(d.server.links().getFirst(), SERVER);
    }

    @Test
    @Requirement("C21")
    void connectionWhoseKeysMayNotHaveArrivedWaitsForItsAddress() {
        try (Duet d = new Duet(1, V1, V1)) {
            d.fromClient[0].dropAll(SegmentRules.flags(TcpFlags.ACK));
            d.transfer(5_000, 5_000);
            d.run(50 * MILLIS);
            unplug(d);
            d.run(3 * SECONDS);
            d.fromClient[0].clear();
            plugIn(d);
            d.complete(5_000, 5_000);
        }
    }

    @Test
    @Requirement("C21")
    void endThatMissedTheLastAcknowledgmentFetchesItOverANewSubflow() {
        try (Duet d = new Duet(2, V1, V1)) {
            // The server is ready to end; of what acknowledges its DATA_FIN nothing comes through.
            d.start(5_000, 5_000, false, true);
            assertTrue(d.runUntil(() -> d.atClient.received() == 5_000 && d.atServer.ended(), SECONDS));
            d.runUntil(() -> !d.fromServer(Duet.Sent::hasDataFin).isEmpty(), SECONDS);
            d.fromClient[0].dropAll(s -> true);
            d.runUntil(() -> d.atClient.ended(), SECONDS);
            d.run(50 * MILLIS);
            d.client.removeAddress(CLIENT);
            assertNull(d.atServer.closeReason());
            d.complete(5_000, 5_000);
            assertTrue(d.atServer(Counter.MPTCP_JOIN_ACK_RX) > 0);
        }
    }

    @Test
    @Requirement("C21")
    void endThatHasSaidItsLastWordWaitsNoLonger() {
        try (Duet d = new Duet(1, V1, V1)) {
            d.transfer(5_000, 5_000);
            d.runUntil(() -> d.atClient.closeReason() != null && d.atServer.closeReason() != null, SECONDS);
            assertInstanceOf(CloseReason.Finished.class, d.atClient.closeReason());
            assertInstanceOf(CloseReason.Finished.class, d.atServer.closeReason());
        }
    }

    @Test
    @Requirement("C21")
    void serverThatAloneKnowsOfItsLossJoinsTheClient() {
        try (Duet d = new Duet(1, V1, V1)) {
            d.start(0, 5_000_000, true, false);
            d.run(500 * MILLIS);
            dropServerAddress(d);
            // A client that only reads has nothing to send that could be refused.
            d.run(2 * SECONDS);
            bringServerAddressBack(d);
            d.complete(0, 5_000_000);
            assertFalse(d.fromServer(s -> s.carries(JoinSyn.class)).isEmpty());
        }
    }

    @Test
    @Requirement({"C21", "B14"})
    void clientThatMayHaveNoFurtherSubflowAsksTheOneItHasForTheServersSake() {
        MultipathConfig one = MultipathConfig.builder().subflows(0).build();
        try (Duet d = new Duet(1, one, one)) {
            d.start(0, 5_000_000, true, false);
            d.run(500 * MILLIS);
            dropServerAddress(d);
            bringServerAddressBack(d);
            d.complete(0, 5_000_000);
        }
    }

    @Test
    @Requirement({"C21", "B14"})
    void joinsOfBothSidesThatCrossDoNotRefuseEachOtherForEver() {
        MultipathConfig one = MultipathConfig.builder().subflows(0).build();
        try (Duet d = new Duet(1, one, one)) {
            d.start(1_000_000, 1_000_000, false, false);
            d.run(500 * MILLIS);
            d.paths[0].up(false);
            d.server.removeAddress(SERVER);
            d.client.removeAddress(CLIENT);
            d.run(100 * MILLIS);
            bringServerAddressBack(d);
            plugIn(d);
            d.complete(1_000_000, 1_000_000);
        }
    }

    @Test
    @Requirement("A23")
    void lastSubflowWaitsForItsAddressWhereThePeerTakesNoOther() {
        MultipathConfig noMore = MultipathConfig.builder().refuseInitialAddress(true).build();
        try (Duet d = new Duet(1, MESH, noMore)) {
            d.transfer(5_000_000, 5_000);
            d.run(500 * MILLIS);
            unplug(d);
            d.run(3 * SECONDS);
            plugIn(d);
            d.complete(5_000_000, 5_000);
            assertTrue(d.fromClient(s -> s.carries(RemoveAddress.class)).isEmpty());
        }
    }

    @Test
    @Requirement("D17")
    void reasonOfARefusedJoinIsRead() {
        try (Duet d = new Duet(2, MESH, MultipathConfig.builder().subflows(0).build())) {
            d.open(5_000, 5_000).run(SECONDS);
            assertEquals(1, d.atClient(Counter.MPTCP_MP_RST_RX));
        }
    }

    @Test
    @Requirement("E10")
    void fastCloseOfVersion0SendsNoDataBetweenItsFarewellAndItsReset() {
        ConnectionConfig v0 = ConnectionConfig.builder().receiveBuffer(30_000, 30_000)
                .multipath(Duet.mesh().version(0).acceptVersion0(true).build()).build();
        for (int millis = 0; millis < 100; millis += 2) {
            try (Duet d = new Duet(3, v0, v0, Duet.PATH)) {
                // A join whose third packet never comes: it is reset at once, and others take over what it carries.
                d.fromClient[2].dropAll(SegmentRules.flags(TcpFlags.ACK));
                d.open(0, 5_000_000);
                d.run(400 * MILLIS);
                // The first path acknowledges what the peer cannot acknowledge as data yet: it waits for the other's.
                d.paths[1].up(false);
                d.run(millis * MILLIS);
                int before = d.fromServer(s -> true).size();
                d.atServer.abort(d.simulation.now());
                d.run(SECONDS);
                assertTrue(d.fromServer(s -> true).stream().skip(before).noneMatch(s -> s.payload() > 0));
                assertFalse(d.fromServer(s -> s.carries(FastClose.class)).isEmpty());
            }
        }
    }

    /**
     * The client has never seen a DSS: the only acknowledgment was lost, and the server has lost its address. The join
     * with both keys shows what the DSS would have shown.
     */
    @ParameterizedTest
    @CsvSource({"0, 7", "1, 7", "0, 0", "1, 0"})
    @Requirement({"A20", "B05", "C21"})
    void joinOfTheServerProvesThatItSpeaksMultipathTcp(int version, int subflows) {
        MultipathConfig config = MultipathConfig.builder().version(version).acceptVersion0(true).subflows(subflows)
                .build();
        try (Duet d = new Duet(1, config, config)) {
            loseAllButHandshakeAndServerAddress(d);
            d.run(100 * MILLIS);
            // The reset is lost too: the client hears the join first, and may have no room for it.
            d.fromServer[0].clear();
            d.complete(5_000, 0);
            assertTrue(d.atServer(Counter.MPTCP_JOIN_SYN_ACK_RX) > 0, d::counters);
        }
    }

    /** RFC 8684 section 3.6: a reset with MP_TCPRST comes from a peer that speaks Multipath TCP, and ends a subflow. */
    @Test
    @Requirement({"A20", "C20", "C21"})
    void resetThatGivesAReasonIsNotTheEndOfAConnectionThatIsNotProven() {
        try (Duet d = new Duet(1, V1, V1)) {
            loseAllButHandshakeAndServerAddress(d);
            d.fromServer[0].clear();
            d.runUntil(() -> d.clientConnection().subflowCount() == 0, SECONDS);
            assertEquals(0, d.clientConnection().subflowCount());
            assertNull(d.atClient.closeReason());
            d.complete(5_000, 0);
        }
    }

    private static void loseAllButHandshakeAndServerAddress(Duet d) {
        d.fromServer[0].dropAll(s -> !s.has(TcpFlags.SYN));
        d.start(5_000, 0, false, true);
        d.runUntil(() -> d.atServer.received() == 5_000, SECONDS);
        d.run(30 * MILLIS);
        d.server.removeAddress(SERVER);
        d.server.wake();
    }
}
