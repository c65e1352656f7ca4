package net.braid.conformance;

import static net.braid.conformance.Duet.MILLIS;
import static net.braid.conformance.Duet.SECONDS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import net.braid.base.Requirement;
import net.braid.conformance.Duet.Sent;
import net.braid.mptcp.ConnectionConfig;
import net.braid.mptcp.MultipathConfig;
import net.braid.sim.PipeProperties;
import net.braid.tcp.CloseReason;
import net.braid.wire.IpAddress;
import net.braid.wire.MptcpOption.AddAddress;
import net.braid.wire.MptcpOption.JoinSyn;
import net.braid.wire.TcpFlags;
import net.braid.wire.TcpOptions;
import org.junit.jupiter.api.Test;

/** How connections end when the path is slow, or gone. */
class MptcpCloseTest {
    private static final MultipathConfig V1 = MultipathConfig.DEFAULT;
    private static final MultipathConfig MESH = Duet.mesh().build();
    private static final MultipathConfig MESH0 = Duet.mesh().version(0).build();

    /** 200 kB at 16 kbit/s take 100 s; the application has closed long before. */
    @Test
    @Requirement({"C17", "C21"})
    void closedConnectionMayTakeItsTimeWhileThePeerAcknowledges() {
        PipeProperties slow = BulkTransfer.pipe(16_000, 100 * MILLIS, 20_000).build();
        ConnectionConfig client = ConnectionConfig.builder().multipath(MESH).sendBuffer(400_000, 400_000).build();
        ConnectionConfig server = ConnectionConfig.builder().multipath(V1).build();
        try (Duet d = new Duet(1, client, server, slow)) {
            d.open(200_000, 0).run(20 * SECONDS);
            d.clientConnection().close(d.simulation.now());
            d.client.wake();
            d.run(300 * SECONDS);
            assertEquals(200_000, d.atServer.received(), () -> d.atServer.closeReason() + " " + d.counters());
            assertTrue(d.atServer.ended());
        }
    }

    /** No subflow may be opened before a DSS has come: nothing is left to wait for. */
    @Test
    @Requirement({"C20", "A20"})
    void resetBeforeThePathIsProvenEndsTheConnectionAtOnce() {
        try (Duet d = new Duet(1, MESH, V1)) {
            d.open(0, 0).run(200 * MILLIS);
            d.forge(0, false, TcpFlags.RST | TcpFlags.ACK, 0, 0);
            d.run(SECONDS);
            assertInstanceOf(CloseReason.ResetByPeer.class, d.atClient.closeReason());
        }
    }

    @Test
    @Requirement("C21")
    void timeWithoutAnySubflowMayBeLongerThanTheDataLevelWaits() {
        MultipathConfig patient = Duet.mesh().noPathNanos(900 * SECONDS).build();
        try (Duet d = new Duet(1, patient, MultipathConfig.builder().noPathNanos(900 * SECONDS).build())) {
            d.open(2_000_000, 0).run(SECONDS);
            d.client.addresses().forEach(d.client::removeAddress);
            d.run(300 * SECONDS);
            assertNull(d.atClient.closeReason());
            d.client.links().forEach(l -> l.addresses().forEach(a -> d.client.addAddress(l, a)));
            d.run(30 * SECONDS);
            d.intact(2_000_000, 0);
        }
    }

    @Test
    @Requirement({"E10", "E11"})
    void version0RefusesAJoinWithoutMpTcprst() {
        try (Duet d = new Duet(2, MESH0, MultipathConfig.builder().version(0).subflows(0).build())) {
            d.open(50_000, 0).run(2 * SECONDS);
            List<Sent> refusals = d.fromServer(s -> s.path() == 1 && s.has(TcpFlags.RST));
            assertTrue(!refusals.isEmpty());
            for (Sent refusal : refusals) {
                assertEquals(0, refusal.present() & TcpOptions.MPTCP, refusal.toString());
            }
        }
    }

    @Test
    @Requirement("D06")
    void addressWithoutPortIsTriedAtThePortOfTheSubflowThatBroughtIt() {
        try (Duet d = new Duet(1, MESH, V1)) {
            d.open(5_000, 5_000).run(500 * MILLIS);
            d.forge(0, false, MptcpPathsTest.announcement(d, 3, "10.9.0.2", 8080));
            d.awaitSubflows(2);
            d.forge(0, false, MptcpPathsTest.announcement(d, 4, "fd00:9::1", AddAddress.NO_PORT));
            d.run(100 * MILLIS);
            Sent join = d.fromClient(s -> s.carries(JoinSyn.class)).getLast();
            assertEquals(IpAddress.parse("fd00:9::1").low(), join.destinationLow());
            assertEquals(8080, join.destinationPort());
        }
    }

    /** A phone that changes its address for months on one connection. */
    @Test
    @Requirement({"B09", "D05"})
    void addressIdsAreUsedAgainWhenTheirAddressesAreGone() {
        try (Duet d = new Duet(2, MESH, V1)) {
            d.open(5_000, 5_000).run(500 * MILLIS);
            for (int i = 0; i < 300; i++) {
                IpAddress address = IpAddress.parse("10.2." + (1 + i / 200) + "." + (1 + i % 200));
                d.client.addAddress(d.client.links().get(1), address);
                d.run(300 * MILLIS);
                d.client.removeAddress(address);
                d.run(300 * MILLIS);
            }
            assertNull(d.atClient.closeReason());
            for (Sent s : d.fromClient(x -> x.carries(JoinSyn.class))) {
                assertTrue(s.option(JoinSyn.class).addressId() > 0, s.toString());
            }
        }
    }
}
