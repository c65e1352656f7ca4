package net.braid.conformance;

import static net.braid.conformance.Duet.MILLIS;
import static net.braid.conformance.Duet.SECONDS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import net.braid.base.Requirement;
import net.braid.conformance.Duet.Sent;
import net.braid.mptcp.ConnectionConfig;
import net.braid.mptcp.MultipathConfig;
import net.braid.sim.ReadPace;
import net.braid.sim.SegmentRules;
import net.braid.tcp.Counter;
import net.braid.wire.OptionKind;
import net.braid.wire.SegmentView;
import net.braid.wire.TcpOptions;
import org.junit.jupiter.api.Test;

/** What middleboxes do to windows, acknowledgments and mappings (RFC 8684 sections 3.3.2, 3.3.5, 3.3.6). */
class MptcpWindowTest {
    private static final MultipathConfig V1 = MultipathConfig.DEFAULT;
    private static final MultipathConfig MESH = Duet.mesh().build();

    /** Overwrites the DSS with NOPs. */
    private static void blank(MemorySegment packet, SegmentView s) {
        long at = MptcpSetUpTest.at(s, OptionKind.DSS);
        packet.asSlice(at, Byte.toUnsignedInt(packet.get(ValueLayout.JAVA_BYTE, at + 1))).fill((byte) 1);
    }

    private static void window(MemorySegment packet, SegmentView s, int field) {
        packet.set(ValueLayout.JAVA_BYTE, s.tcp + 14, (byte) (field >> 8));
        packet.set(ValueLayout.JAVA_BYTE, s.tcp + 15, (byte) field);
    }

    @Test
    @Requirement("C12")
    void windowWithoutDataAckOpensNothing() {
        ConnectionConfig small = ConnectionConfig.builder().multipath(V1).receiveBuffer(20_000, 20_000)
                .autoTuning(false).build();
        try (Duet d = new Duet(1, ConnectionConfig.builder().multipath(V1).build(), small, Duet.PATH)) {
            d.start(200_000, 0, false, true);
            d.runUntil(() -> d.atServer.connection() != null, SECONDS);
            d.atServer.pace(new ReadPace(20_000, SECONDS, 4 * SECONDS));
            d.run(500 * MILLIS);
            int dataBefore = d.fromClient(s -> s.payload() > 0).size();
            d.fromServer[0].changeAll(s -> s.options.has(TcpOptions.DSS), (p, n, s) -> {
                blank(p, s);
                window(p, s, 60_000);
            });
            d.run(3 * SECONDS);
            // The sender asks, and hears of a wide window.
            assertTrue(d.fromServer[0].applied() >= 2, "probes answered: " + d.fromServer[0].applied());
            assertEquals(dataBefore, d.fromClient(s -> s.payload() > 0).size());
            d.fromServer[0].clear();
            d.complete(200_000, 0);
        }
    }

    @Test
    @Requirement("C25")
    void windowThatShrinksOnOnePathHoldsBackThatPathOnly() {
        try (Duet d = new Duet(2, MESH, V1)) {
            d.open(20_000_000, 0).awaitSubflows(2);
            d.fromServer[1].changeAll(SegmentRules.pureAck(), (p, n, s) -> window(p, s, 4));
            d.run(SECONDS);
            long first = d.atServer.received();
            long from = d.simulation.now();
            d.run(4 * SECONDS);
            // 10 Mbit/s on the first path.
            assertTrue(d.atServer.received() - first > 4_000_000, "bytes: " + (d.atServer.received() - first));
            List<Sent> held = d.fromClient(s -> s.path() == 1 && s.payload() > 0 && s.time() > from);
            int bytes = held.stream().mapToInt(Sent::payload).sum();
            assertTrue(bytes < 1_000_000, "bytes on the second path: " + bytes);
            assertTrue(d.bothMultipath());
        }
    }

    @Test
    @Requirement("C28")
    void dataThatIsAcknowledgedBySubflowOnlyIsRepeatedByTheDataLevel() {
        try (Duet d = new Duet(2, MESH, V1)) {
            d.open(100_000, 0);
            // As if somebody between had acknowledged it and lost it: it arrives without its mapping.
            d.fromClient[0].change(SegmentRules.data(), 20, (p, n, s) -> blank(p, s));
            d.run(3 * SECONDS);
            d.intact(100_000, 0);
            assertEquals(1, d.fromClient[0].applied());
            assertTrue(d.atClient(Counter.MPTCP_RETRANS) >= 1, d::counters);
            assertEquals(0, d.atClient(Counter.TCP_RETRANS_SEGS) + d.atServer(Counter.MPTCP_MP_RST_TX), d::counters);
            assertTrue(d.bothMultipath());
        }
    }
}
