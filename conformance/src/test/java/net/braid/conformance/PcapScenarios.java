package net.braid.conformance;

import static net.braid.conformance.PcapScenario.MILLIS;
import static net.braid.conformance.PcapScenario.PORT;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.function.Consumer;
import net.braid.mptcp.PathManager.Event;
import net.braid.sim.SegmentRules;
import net.braid.wire.OptionKind;
import net.braid.wire.SegmentView;
import net.braid.wire.TcpFlags;
import net.braid.wire.TcpOptions;

/** The situations of the traces, one for each. */
enum PcapScenarios {
    V1_BASIC(s -> s.client(9).server(6).client(14, 100 * MILLIS).server(4)),
    V1_SERVER_FIRST(s -> s.server(8).client(12)),
    V1_IDLE_THEN_DATA(s -> s.client(9, 300 * MILLIS)),
    V1_JOIN_2SUBFLOWS(s -> s.client(5).server(2).client(30_000, 100 * MILLIS).server(4).join(false)),
    V1_JOIN_BACKUP_PRIO(s -> s.client(5).server(2).client(3, 300 * MILLIS)
            .clientDoes((manager, event, commands, now) -> {
                if (event instanceof Event.FullyEstablished) {
                    commands.openSubflow(s.clientAddress(1), 0, s.serverAddress(0), PORT, true);
                    manager.at(now + 100 * MILLIS, c -> c.setBackup(1, false));
                    manager.at(now + 200 * MILLIS, c -> c.setBackup(1, true));
                }
            })),
    V1_ADDADDR_ECHO_JOIN(s -> s.client(5).server(2).client(6000, 100 * MILLIS).server(4).joinAnnounced().announce(0)),
    V1_ADDADDR_PORT(s -> s.client(5).server(2).client(1, 100 * MILLIS).server(4).joinAnnounced().announce(10_100)),
    V1_ADDADDR_V6(s -> s.ipv6().client(5).server(2).client(1, 100 * MILLIS).server(4).joinAnnounced().announce(0)),
    V1_ADDADDR_V6_PORT_NOTS(s -> s.ipv6().withoutTimestamps().client(5).server(2).client(1, 100 * MILLIS).server(4)
            .joinAnnounced().announce(10_101)),
    V1_ADDADDR_V6_PORT_SUPPRESSED(s -> s.ipv6().client(5).server(2).client(1, 100 * MILLIS).server(4)
            .joinAnnounced().announce(10_101)),
    V1_REMOVE_ADDR(s -> s.client(5).server(2).client(1, 300 * MILLIS).server(4)
            .clientDoes((manager, event, commands, now) -> {
                if (event instanceof Event.FullyEstablished) {
                    commands.announce(s.clientAddress(1), 0);
                    commands.openSubflow(s.clientAddress(1), 0, s.serverAddress(0), PORT, false);
                    manager.at(now + 200 * MILLIS, c -> {
                        c.withdraw(s.clientAddress(1));
                        c.closeSubflow(1);
                    });
                }
            })),
    V1_CHECKSUM(s -> s.checksum().client(14).server(5).client(5001, 100 * MILLIS).server(4).join(false)),
    V1_CHECKSUM_SERVER_ONLY(s -> s.configure(c -> { }, c -> c.checksum(true)).client(3).server(5)),
    V1_CFLAG_SERVER(s -> s.configure(c -> { }, c -> c.refuseInitialAddress(true)).client(5).server(2)
            .client(1, 100 * MILLIS).server(1).announce(0)
            .clientDoes((manager, event, commands, now) -> {
                if (event instanceof Event.FullyEstablished) {
                    commands.openSubflow(s.clientAddress(1), 0, s.serverAddress(0), PORT, false);
                } else if (event instanceof Event.AddressAnnounced a) {
                    commands.openSubflow(s.clientAddress(1), 0, a.address(), a.port(), false);
                }
            })),
    V1_FASTCLOSE_RST(s -> s.client(5).server(2).client(0, 100 * MILLIS).join(false).abort()),
    V1_SACK_DSS(s -> s.client(5).server(2).client(51_000).server(4)
            .onTheWay(w -> w.fromClient[0].drop(SegmentRules.data(), 6).drop(SegmentRules.data(), 8))),
    V1_SACK_DSS_CSUM(s -> s.checksum().client(5).server(2).client(51_000).server(4)
            .onTheWay(w -> w.fromClient[0].drop(SegmentRules.data(), 6).drop(SegmentRules.data(), 8))),
    FALLBACK_PLAIN_SERVER(s -> s.configure(c -> { }, c -> c.enabled(false)).client(5).server(2)),
    PLAIN_CLIENT_MPTCP_SERVER(s -> s.configure(c -> c.enabled(false), c -> { }).client(5).server(2)),
    FALLBACK_STRIP_SYNACK(s -> s.client(5).server(2).box("strip what=mptcp on=syn-ack")),
    FALLBACK_STRIP_NONSYN(true, s -> s.client(5).server(2).client(4).server(2).box("strip what=mptcp on=no-syn")),
    FALLBACK_STRIP_S2C(s -> s.client(5).server(2).client(4).server(2)
            .box("strip what=mptcp on=no-syn direction=backward")),
    MPFAIL_SINGLE_SUBFLOW(true, s -> s.checksum().client(5).server(2).client(13).server(2).client(5).server(2)
            .onTheWay(w -> w.fromClient[0].change(SegmentRules.data(), 1, PcapScenarios::alterPayload))),
    MPFAIL_TWO_SUBFLOWS(true, s -> s.checksum().client(5).server(2).client(13, 100 * MILLIS).server(2).client(5)
            .server(2).join(false)
            .onTheWay(w -> w.fromClient[0].change(SegmentRules.data(), 1, PcapScenarios::alterPayload))),
    JOIN_REFUSED_TCPRST(s -> s.configure(c -> { }, c -> c.subflows(0)).client(5).server(2).client(1, 100 * MILLIS)
            .server(1).join(false)),
    JOIN_SYNACK_BAD_HMAC(s -> s.client(5).server(2).client(1, 100 * MILLIS).server(1).join(false)
            .onTheWay(w -> w.fromServer[0].change(join(TcpFlags.SYN), 0, PcapScenarios::alterOption))),
    JOIN_ACK_STRIPPED(true, s -> s.client(5).server(2).client(1, 100 * MILLIS).server(1).join(false)
            .onTheWay(w -> w.fromClient[1].changeAll(join(0), PcapScenarios::blankOption))),
    JOIN_ACK_LOST_ONCE(s -> s.client(5).server(2).client(1, 600 * MILLIS).server(1).join(false)
            .onTheWay(w -> w.fromClient[1].drop(join(0), 0))),
    JOIN_4THACK_WITHOUT_DSS(s -> s.client(5).server(2).client(1, 100 * MILLIS).server(1).join(false)
            .onTheWay(w -> w.fromServer[0].changeAll(
                    view -> (view.flags & TcpFlags.SYN) == 0 && view.destinationLow == w.clientAddress(1).low(),
                    PcapScenarios::blankOption))),
    MPC_ACK_LOST_ONCE(s -> s.client(5).server(2)
            .onTheWay(w -> w.fromClient[0].drop(view -> (view.flags & TcpFlags.SYN) == 0 && view.payloadLength == 0
                    && view.options.has(TcpOptions.MP_CAPABLE), 0))),
    ADDADDR_BAD_HMAC(s -> s.client(5).server(2).client(1, 3000 * MILLIS).server(1).joinAnnounced().announce(0)
            .onTheWay(w -> w.fromServer[0].changeAll(view -> view.options.has(TcpOptions.ADD_ADDR),
                    PcapScenarios::alterAddAddress)));

    final String clientPcap;
    final String serverPcap;
    private final Consumer<PcapScenario> build;

    PcapScenarios(Consumer<PcapScenario> build) {
        this(false, build);
    }

    PcapScenarios(boolean twoViews, Consumer<PcapScenario> build) {
        String name = name().toLowerCase(java.util.Locale.ROOT);
        clientPcap = name + ".pcap";
        serverPcap = name + (twoViews ? ".server.pcap" : ".pcap");
        this.build = build;
    }

    PcapScenario create() {
        PcapScenario scenario = new PcapScenario();
        build.accept(scenario);
        return scenario;
    }

    private static SegmentRules.Matcher join(int syn) {
        return view -> (view.flags & TcpFlags.SYN) == syn && view.options.has(TcpOptions.MP_JOIN);
    }

    private static void alterPayload(MemorySegment packet, int length, SegmentView view) {
        flip(packet, view.payload + view.payloadLength / 2);
    }

    /** Changes the last byte but four of the first MPTCP option: of a JOIN SYN/ACK, the HMAC. */
    private static void alterOption(MemorySegment packet, int length, SegmentView view) {
        flip(packet, view.options.mptcpOffset[0] + view.options.mptcpLength[0] - 5);
    }

    private static void alterAddAddress(MemorySegment packet, int length, SegmentView view) {
        for (int i = 0; i < view.options.mptcpCount; i++) {
            long at = view.options.mptcpOffset[i];
            if (packet.get(ValueLayout.JAVA_BYTE, at + 2) >>> 4 == OptionKind.ADD_ADDR) {
                flip(packet, at + view.options.mptcpLength[i] - 1);
            }
        }
    }

    private static void blankOption(MemorySegment packet, int length, SegmentView view) {
        for (int i = 0; i < view.options.mptcpCount; i++) {
            packet.asSlice(view.options.mptcpOffset[i], view.options.mptcpLength[i]).fill((byte) OptionKind.NOP);
        }
    }

    private static void flip(MemorySegment packet, long at) {
        packet.set(ValueLayout.JAVA_BYTE, at, (byte) (packet.get(ValueLayout.JAVA_BYTE, at) ^ 0x20));
    }
}
