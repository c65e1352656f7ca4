package net.braid.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import net.braid.mptcp.ConnectionConfig;
import net.braid.mptcp.MultipathConfig;
import net.braid.tcp.CloseReason;
import net.braid.wire.DropReason;
import net.braid.wire.IpAddress;
import net.braid.wire.SegmentDecoder;
import net.braid.wire.SegmentView;
import net.braid.wire.TcpFlags;
import net.braid.wire.TcpOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MiddleboxTest {
    private static final long SECOND = 1_000_000_000;
    private static final long BYTES = 300_000;
    private static final PipeProperties PATH = PipeProperties.builder().rate(20_000_000).delay(10_000_000)
            .queue(new QueueProperties.Bytes(100_000)).build();
    private static final ConnectionConfig MULTIPATH =
            ConnectionConfig.builder().multipath(MultipathConfig.DEFAULT).build();

    /** A transfer of 300 kB up and half as much down over one cable with a box on it. */
    private static final class Run implements AutoCloseable {
        final Pair pair = new Pair(1, PATH);
        final Middlebox box;
        final StreamEndpoint client;
        final StreamEndpoint server;
        /** What the server has received, and the client. */
        final List<Consumer<SegmentView>> atServer = new ArrayList<>();
        final List<Consumer<SegmentView>> atClient = new ArrayList<>();
        private final List<WireChecker> checkers;

        Run(String text) {
            box = Middlebox.parse(text);
            Pattern up = new Pattern(pair.simulation().arena(), 1);
            Pattern down = new Pattern(pair.simulation().arena(), 2);
            client = new StreamEndpoint(pair.client(), up, down, BYTES, false, ReadPace.EAGER);
            server = new StreamEndpoint(pair.server(), down, up, BYTES / 2, false, ReadPace.EAGER);
            checkers = WireChecker.of(pair.cable(0));
            pair.cable(0).add(box);
            watch(pair.cable(0).forward(), atServer);
            watch(pair.cable(0).backward(), atClient);
        }

        private static void watch(Pipe pipe, List<Consumer<SegmentView>> observers) {
            SegmentView view = new SegmentView();
            pipe.tap((p, point, memory, length, now) -> {
                if (point == Tap.Point.DELIVERED) {
                    assertEquals(DropReason.NONE, SegmentDecoder.decode(memory, 0, length, true, view),
                            "what a middlebox sends is correct");
                    observers.forEach(o -> o.accept(view));
                }
            });
        }

        Run start(ConnectionConfig config) {
            pair.connect(config, client, server);
            return this;
        }

        void complete() {
            assertTrue(pair.runUntil(() -> client.closeReason() != null && server.closeReason() != null, 300 * SECOND),
                    "client " + client.closeReason() + ", server " + server.closeReason());
            assertNull(client.violation());
            assertNull(server.violation());
            assertEquals(BYTES, server.received());
            assertEquals(BYTES / 2, client.received());
            assertInstanceOf(CloseReason.Finished.class, client.closeReason());
            assertTrue(box.applied() > 0, "the box has done something");
        }

        void checkWire() {
            checkers.forEach(checker -> assertEquals(List.of(), checker.violations()));
        }

        @Override
        public void close() {
            pair.close();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"nat", "rewrite-isn", "strip what=all", "split size=333B", "coalesce size=4000B",
        "ack-early", "ack-early direction=backward", "clamp-window size=4000B", "reset after=100000 times=0",
        "check-sequence", "hold-holes", "idle-firewall timeout=5s"})
    void plainTcpGoesThrough(String text) {
        try (Run run = new Run(text)) {
            if (text.startsWith("hold")) {
                run.pair.fromClient().drop(SegmentRules.data(), 20).drop(SegmentRules.data(), 50);
            }
            run.start(ConnectionConfig.DEFAULT);
            boolean passive = text.startsWith("reset") || text.startsWith("check") || text.startsWith("idle");
            if (passive) {
                run.pair.runUntil(() -> run.server.closeReason() != null && run.client.closeReason() != null,
                        300 * SECOND);
                assertEquals(BYTES, run.server.received());
                assertEquals(0, run.box.applied());
            } else {
                run.complete();
            }
            run.checkWire();
        }
    }

    @Test
    void natShowsAnotherAddressAndPort() {
        try (Run run = new Run("nat address=203.0.113.9")) {
            List<Integer> ports = new ArrayList<>();
            run.atServer.add(s -> {
                assertEquals(IpAddress.parse("203.0.113.9").low(), s.sourceLow);
                ports.add(s.sourcePort);
            });
            run.atClient.add(s -> assertEquals(run.pair.clientAddress().low(), s.destinationLow));
            run.start(ConnectionConfig.DEFAULT).complete();
            assertNotEquals(run.client.connection().localPort(), ports.getFirst());
            assertEquals(1, ports.stream().distinct().count());
        }
    }

    @Test
    void natForgetsAnIdleMapping() {
        try (Run run = new Run("nat timeout=5s")) {
            run.pair.fromClient().clear();
            StreamEndpoint slow = run.client;
            run.pair.listen(ConnectionConfig.DEFAULT, (c, now) -> {
                run.server.attach(c, now);
                return run.server;
            });
            slow.attach(run.pair.connect(ConnectionConfig.DEFAULT, slow), run.pair.now());
            run.pair.run(10_000_000);
            run.pair.cable(0).up(false);
            run.pair.run(20 * SECOND);
            run.pair.cable(0).up(true);
            run.pair.run(60 * SECOND);
            assertTrue(run.box.applied() >= 1);
        }
    }

    @Test
    void rewriterChangesBothInitialSequenceNumbers() {
        try (Run run = new Run("rewrite-isn")) {
            int[] sent = new int[2];
            int[] arrived = new int[2];
            SegmentView view = new SegmentView();
            Tap tap = (pipe, point, memory, length, now) -> {
                SegmentDecoder.decode(memory, 0, length, false, view);
                if (view.has(TcpFlags.SYN)) {
                    int end = view.has(TcpFlags.ACK) ? 1 : 0;
                    (point == Tap.Point.OFFERED ? sent : arrived)[end] = view.sequenceNumber;
                }
            };
            run.pair.cable(0).tap(tap);
            run.pair.fromClient().drop(SegmentRules.data(), 30, 33);
            run.start(ConnectionConfig.DEFAULT).complete();
            assertNotEquals(sent[0], arrived[0]);
            assertNotEquals(sent[1], arrived[1]);
            run.checkWire();
        }
    }

    @Test
    void stripperTakesOnlyWhatItIsToldTo() {
        try (Run run = new Run("strip what=mptcp on=syn-ack")) {
            boolean[] offered = new boolean[1];
            run.atServer.add(s -> offered[0] |= s.options.has(TcpOptions.MP_CAPABLE));
            run.atClient.add(s -> assertFalse(s.options.has(TcpOptions.MP_CAPABLE)));
            run.start(MULTIPATH).complete();
            assertTrue(offered[0]);
        }
    }

    @Test
    void stripperSparesTheFirstSegments() {
        try (Run run = new Run("strip what=dss on=data direction=forward after=5")) {
            int[] counts = new int[2];
            run.atServer.add(s -> {
                if (s.payloadLength > 0) {
                    counts[s.options.has(TcpOptions.DSS) || s.options.has(TcpOptions.MP_CAPABLE) ? 0 : 1]++;
                }
            });
            run.start(MULTIPATH);
            run.pair.run(SECOND);
            assertEquals(5, counts[0]);
            assertTrue(counts[1] > 0);
        }
    }

    @Test
    void splitterCopiesOptions() {
        try (Run run = new Run("split size=600B")) {
            run.atServer.add(s -> {
                assertTrue(s.payloadLength <= 600);
                assertTrue(s.has(TcpFlags.SYN) || s.options.has(TcpOptions.TIMESTAMPS));
            });
            run.start(ConnectionConfig.DEFAULT).complete();
        }
    }

    @Test
    void coalescerMakesLargerSegments() {
        try (Run run = new Run("coalesce size=6000B hold=2ms")) {
            int[] largest = new int[1];
            run.atServer.add(s -> largest[0] = Math.max(largest[0], s.payloadLength));
            run.start(ConnectionConfig.DEFAULT).complete();
            assertTrue(largest[0] > 1460 && largest[0] <= 6000, "largest " + largest[0]);
        }
    }

    @Test
    void changerChangesTheSameByteInEachCopy() {
        try (Run run = new Run("change-payload at=29KB")) {
            run.pair.fromServer().drop(SegmentRules.pureAck(), 8, 9);
            run.start(ConnectionConfig.DEFAULT);
            run.pair.run(20 * SECOND);
            assertTrue(run.box.applied() >= 1);
            assertNotNull(run.server.violation());
            assertTrue(run.server.violation().contains("offset 29000 "), run.server.violation());
            assertNull(run.client.violation());
        }
    }

    @Test
    void synWithKind30IsDropped() {
        try (Run run = new Run("drop-syn")) {
            run.start(MULTIPATH).complete();
            assertFalse(run.client.connection().isMultipath());
        }
    }

    @Test
    void badProxyLosesWhatItHasAcknowledged() {
        try (Run run = new Run("ack-early lose=40")) {
            run.start(ConnectionConfig.DEFAULT);
            run.pair.run(30 * SECOND);
            assertTrue(run.server.received() < BYTES);
            assertNull(run.server.violation());
        }
    }

    @Test
    void dataBehindAHoleComesInOrder() {
        try (Run run = new Run("hold-holes")) {
            run.pair.fromClient().drop(SegmentRules.data(), 20);
            int[] next = new int[1];
            run.atServer.add(s -> {
                if (s.payloadLength > 0) {
                    assertTrue(next[0] == 0 || s.sequenceNumber - next[0] <= 0, "no hole is seen");
                    next[0] = s.sequenceNumber + s.payloadLength;
                }
            });
            run.start(ConnectionConfig.DEFAULT).complete();
        }
    }

    @Test
    void clampedWindowIsNotExceeded() {
        try (Run run = new Run("clamp-window size=5000B")) {
            int[] shift = new int[1];
            run.atClient.add(s -> {
                if (s.has(TcpFlags.SYN)) {
                    shift[0] = s.options.windowScale;
                } else {
                    assertTrue(s.window << shift[0] <= 5000);
                }
            });
            run.start(ConnectionConfig.DEFAULT).complete();
        }
    }

    @Test
    void sequenceFirewallDropsWhatLiesBeyondTheWindow() {
        try (Run run = new Run("check-sequence")) {
            run.pair.fromClient().change(SegmentRules.data(), 10, (packet, length, s) ->
                    SegmentEdit.sequenceNumber(packet, s.tcp, s.sequenceNumber + 100_000_000));
            run.start(ConnectionConfig.DEFAULT).complete();
            assertEquals(1, run.box.applied());
        }
    }

    @Test
    void idleFlowIsForgotten() {
        try (Run run = new Run("idle-firewall timeout=1s")) {
            run.start(ConnectionConfig.DEFAULT);
            run.pair.run(50_000_000);
            run.pair.cable(0).up(false);
            run.pair.run(10 * SECOND);
            run.pair.cable(0).up(true);
            run.pair.run(60 * SECOND);
            assertTrue(run.box.applied() > 0);
            assertTrue(run.server.received() < BYTES);
        }
    }

    @Test
    void injectedResetEndsBothEnds() {
        try (Run run = new Run("reset after=10")) {
            run.start(ConnectionConfig.DEFAULT);
            run.pair.run(5 * SECOND);
            assertInstanceOf(CloseReason.ResetByPeer.class, run.client.closeReason());
            assertInstanceOf(CloseReason.ResetByPeer.class, run.server.closeReason());
        }
    }

    @Test
    void boxesStandInTheirOrder() {
        try (Run run = new Run("nat address=203.0.113.9")) {
            Middlebox second = Middlebox.parse("rewrite-isn");
            run.pair.cable(0).add(second);
            run.start(ConnectionConfig.DEFAULT).complete();
            assertTrue(second.applied() > 0);
        }
    }

    @Test
    void scenarioHasMiddleboxes(@TempDir Path directory) throws ScenarioException {
        ScenarioResult result = ScenarioRun.run(ScenarioParser.parse("x", """
                duration 20s
                host a
                host b
                link wire a 10.0.0.1 b 10.0.0.2 rate=10mbit delay=5ms
                middlebox wire nat timeout=60s
                middlebox wire split size=400B
                flow f a b bytes=100KB
                expect flow f completes
                """), directory);
        assertTrue(result.unmet().isEmpty(), () -> result.unmet().toString());
        assertTrue(result.violations().isEmpty(), () -> result.violations().toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"wall", "nat address=fd00::1", "strip what=x", "strip on=x", "split size=0B", "reset x=1",
        "change-payload direction=both"})
    void wrongSettingIsExplained(String text) {
        String message = assertThrows(IllegalArgumentException.class, () -> Middlebox.parse(text)).getMessage();
        assertFalse(message.isEmpty());
    }

    @Test
    void packetsThatAreNotTcpPass() {
        try (Run run = new Run("split")) {
            MemorySegment junk = run.pair.simulation().frames().memory(run.pair.simulation().frames().allocate(100));
            assertEquals(0, Packets.version(junk.fill((byte) 0), 100));
            int frame = run.pair.simulation().frames().allocate(100);
            run.pair.simulation().frames().memory(frame).fill((byte) 0);
            run.pair.cable(0).forward().offer(frame);
            assertEquals(0, run.box.applied());
            assertEquals(1, run.pair.cable(0).forward().counters().offered);
        }
    }
}
