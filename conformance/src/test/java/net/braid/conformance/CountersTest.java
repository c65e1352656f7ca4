package net.braid.conformance;

import static net.braid.conformance.Duet.MILLIS;
import static net.braid.conformance.Duet.SECONDS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.ValueLayout;
import net.braid.mptcp.ConnectionConfig;
import net.braid.mptcp.MultipathConfig;
import net.braid.mptcp.PathManager;
import net.braid.sim.ReadPace;
import net.braid.sim.SegmentRules;
import net.braid.tcp.Counter;
import net.braid.testkit.ScriptedPathManager;
import net.braid.wire.IpAddress;
import net.braid.wire.MptcpOption.DataSequenceSignal;
import net.braid.wire.TcpFlags;
import net.braid.wire.TcpOptions;
import org.junit.jupiter.api.Test;

/** Counters that no other test reads move when what they count happens. */
class CountersTest {
    private static final MultipathConfig V1 = MultipathConfig.DEFAULT;
    private static final MultipathConfig MESH = Duet.mesh().build();

    @Test
    void eachStepOfSetUpIsCountedOnce() {
        try (Duet d = new Duet(2, MESH, V1)) {
            d.open(50_000, 0).awaitSubflows(2);
            d.run(2 * SECONDS);
            assertEquals(1, d.atClient(Counter.MPTCP_CAPABLE_SYN_TX));
            assertEquals(1, d.atServer(Counter.MPTCP_CAPABLE_SYN_RX));
            assertEquals(1, d.atClient(Counter.MPTCP_CAPABLE_SYN_ACK_RX));
            assertEquals(1, d.atServer(Counter.MPTCP_CAPABLE_ACK_RX));
            assertEquals(1, d.atServer(Counter.MPTCP_JOIN_SYN_RX));
            assertEquals(1, d.atClient(Counter.MPTCP_JOIN_SYN_ACK_RX));
            assertEquals(d.fromClient(s -> true).size(), d.atServer(Counter.TCP_IN_SEGS));
        }
    }

    @Test
    void synsThatAreRepeatedAndThenPlainAreCounted() {
        try (Duet d = new Duet(1, V1, V1)) {
            d.fromClient[0].dropAll(s -> s.has(TcpFlags.SYN) && s.options.has(TcpOptions.MP_CAPABLE));
            d.open(5_000, 0).run(30 * SECONDS);
            long withOption = d.atClient(Counter.MPTCP_CAPABLE_SYN_TX);
            assertEquals(1, d.atClient(Counter.MPTCP_CAPABLE_SYN_TX_DROP));
            assertEquals(withOption, d.atClient(Counter.TCP_SYN_RETRANS));
            d.intact(5_000, 0);
        }
    }

    @Test
    void signalsAreCountedWhenTheyAreSent() {
        ScriptedPathManager.use((manager, event, commands, now) -> {
            if (event instanceof PathManager.Event.FullyEstablished) {
                manager.at(now + SECONDS, c -> {
                    c.announce(IpAddress.parse("10.8.0.1"), 0);
                    c.announce(IpAddress.parse("fd00:8::1"), 8080);
                    c.setBackup(0, true);
                });
                manager.at(now + 2 * SECONDS, c -> c.withdraw(IpAddress.parse("10.8.0.1")));
            }
        }, ScriptedPathManager.Script.NOTHING);
        try (Duet d = new Duet(1, MultipathConfig.builder().pathManager("scripted").build(), V1)) {
            d.open(5_000, 0).run(2500 * MILLIS);
            assertEquals(1, d.atClient(Counter.MPTCP_MP_PRIO_TX));
            assertEquals(1, d.atClient(Counter.MPTCP_RM_ADDR_TX));
            // With a port, an IPv6 address does not fit beside timestamps.
            assertTrue(d.atClient(Counter.MPTCP_ADD_ADDR_TX_DROP) >= 1, d::counters);
            assertTrue(d.atClient(Counter.MPTCP_ADD_ADDR_TX) >= 2, d::counters);
        }
    }

    @Test
    void resetsAndFastCloseAreCounted() {
        try (Duet d = new Duet(2, MESH, V1)) {
            d.open(5_000, 5_000).awaitSubflows(2);
            int sum = TcpOptions.DSS | TcpOptions.DSS_MAPPING | TcpOptions.DSS_DSN_64 | TcpOptions.DSS_CHECKSUM;
            d.forge(1, true, TcpFlags.ACK, 0, 10,
                    new DataSequenceSignal(sum, 0, MptcpDataTest.nextData(d, true), 1_000_000, 10, 0x1234));
            assertEquals(1, d.atServer(Counter.MPTCP_MP_RST_TX));
            assertEquals(1, d.atClient(Counter.TCP_ESTAB_RESETS));
            d.clientConnection().abort(d.simulation.now());
            d.client.wake();
            d.run(SECONDS);
            assertEquals(1, d.atClient(Counter.MPTCP_MP_FASTCLOSE_TX));
        }
    }

    @Test
    void fallbackInTheMiddleIsCountedAtBothEnds() {
        MultipathConfig sum = MultipathConfig.builder().checksum(true).build();
        try (Duet d = new Duet(1, sum, sum)) {
            d.fromClient[0].change(SegmentRules.data(), 20, (p, n, s) -> p.set(ValueLayout.JAVA_BYTE, s.payload + 5,
                    (byte) (p.get(ValueLayout.JAVA_BYTE, s.payload + 5) ^ 0x10)));
            d.open(100_000, 100_000).run(5 * SECONDS);
            assertTrue(d.atServer(Counter.MPTCP_MP_FAIL_TX) >= 1, d::counters);
            assertTrue(d.atServer(Counter.MPTCP_INFINITE_MAP_TX) >= 1, d::counters);
            assertTrue(d.atClient(Counter.MPTCP_INFINITE_MAP_TX) >= 1, d::counters);
            d.run(SECONDS);
        }
    }

    @Test
    void infiniteMappingOfThePeerIsCounted() {
        try (Duet d = new Duet(1, V1, V1)) {
            d.open(5_000, 5_000).run(SECONDS);
            d.forge(0, true, new DataSequenceSignal(
                    TcpOptions.DSS | TcpOptions.DSS_MAPPING | TcpOptions.DSS_DSN_64, 0,
                    MptcpDataTest.nextData(d, true), MptcpDataTest.nextSubflow(d, true, 0), 0, 0));
            assertEquals(1, d.atServer(Counter.MPTCP_INFINITE_MAP_RX));
        }
    }

    @Test
    void pathThatIsDarkForAMomentIsCountedAsStaleAndRecovered() {
        try (Duet d = new Duet(2, MESH, V1)) {
            d.open(20_000_000, 0).awaitSubflows(2);
            d.run(SECONDS);
            d.paths[1].up(false);
            d.run(400 * MILLIS);
            d.paths[1].up(true);
            d.run(2 * SECONDS);
            assertTrue(d.atClient(Counter.MPTCP_SUBFLOW_STALE) >= 1, d::counters);
            assertTrue(d.atClient(Counter.MPTCP_SUBFLOW_RECOVER) >= 1, d::counters);
            assertTrue(d.atClient(Counter.MPTCP_RETRANS) >= 1, d::counters);
        }
    }

    @Test
    void lossAndItsRepairAreCounted() {
        try (Duet d = new Duet(1, V1, V1)) {
            d.fromClient[0].drop(SegmentRules.data(), 20);
            d.open(20_000_000, 0).run(SECONDS);
            assertTrue(d.atServer(Counter.TCP_OFO_QUEUE) >= 1, d::counters);
            assertTrue(d.atClient(Counter.TCP_SACK_RECOVERY) >= 1, d::counters);
            assertEquals(0, d.atClient(Counter.TCP_SLOW_START_RETRANS));
            d.paths[0].up(false);
            d.run(3 * SECONDS);
            d.paths[0].up(true);
            d.run(3 * SECONDS);
            assertTrue(d.atClient(Counter.TCP_SLOW_START_RETRANS) >= 1, d::counters);
        }
    }

    @Test
    void windowThatShutsAndOpensIsCounted() {
        ConnectionConfig small = ConnectionConfig.builder().multipath(V1).receiveBuffer(20_000, 20_000)
                .autoTuning(false).build();
        try (Duet d = new Duet(1, ConnectionConfig.builder().multipath(V1).build(), small, Duet.PATH)) {
            d.start(200_000, 0, false, true);
            d.runUntil(() -> d.atServer.connection() != null, SECONDS);
            d.atServer.pace(new ReadPace(20_000, SECONDS, 2 * SECONDS));
            d.run(SECONDS);
            assertEquals(1, d.atServer(Counter.TCP_TO_ZERO_WINDOW_ADV));
            assertEquals(0, d.atServer(Counter.TCP_FROM_ZERO_WINDOW_ADV));
            d.run(1500 * MILLIS);
            assertTrue(d.atServer(Counter.TCP_FROM_ZERO_WINDOW_ADV) >= 1, d::counters);
        }
    }
}
