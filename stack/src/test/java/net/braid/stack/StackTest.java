package net.braid.stack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import net.braid.base.Requirement;
import net.braid.link.LinkProperties;
import net.braid.mptcp.ConnectionConfig;
import net.braid.tcp.CloseReason;
import net.braid.tcp.Counter;
import net.braid.tcp.SubflowConfig;
import net.braid.wire.IpAddress;
import net.braid.wire.Ipv4Header;
import net.braid.wire.SegmentView;
import net.braid.wire.TcpFlags;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Two whole stacks, joined by a link, from SYN to the last block given back. */
class StackTest {
    private static final ConnectionConfig CONFIG = ConnectionConfig.DEFAULT;
    private static final long SECOND = 1_000_000_000L;

    private static void assertNothingLeft(Duo duo) {
        assertEquals(0, duo.client.connectionCount());
        assertEquals(0, duo.server.connectionCount());
        assertEquals(0, duo.client.pool().inUse());
        assertEquals(0, duo.server.pool().inUse());
    }

    @Nested
    class Opening {
        @Test
        void bothEndsHearOfTheConnection() {
            Duo duo = new Duo();
            Duo.Application client = duo.established(CONFIG);
            assertTrue(client.established);
            assertTrue(duo.accepted.getFirst().established);
            assertEquals(Duo.CLIENT, duo.accepted.getFirst().connection.remoteAddress());
            assertEquals(client.connection.localPort(), duo.accepted.getFirst().connection.remotePort());
            assertEquals(1, duo.client.counters().get(Counter.TCP_ACTIVE_OPENS));
            assertEquals(1, duo.server.counters().get(Counter.TCP_PASSIVE_OPENS));
        }

        @Test
        void worksOverIpv6() {
            Duo duo = new Duo();
            duo.server.listen(IpAddress.ANY_V6, Duo.PORT, 4, CONFIG, (c, now) -> duo.accept(c));
            Duo.Application client = duo.new Application();
            client.connection = duo.client.connect(null, 0, Duo.SERVER_V6, Duo.PORT, CONFIG, client, duo.now);
            duo.run(3);
            client.write(0, 100_000);
            duo.run(50);
            assertEquals(100_000, duo.accepted.getFirst().received);
        }

        @Test
        void nobodyListeningRefuses() {
            Duo duo = new Duo();
            Duo.Application client = duo.connect(CONFIG);
            duo.run(3);
            assertInstanceOf(CloseReason.Refused.class, client.reason);
            assertNothingLeft(duo);
        }

        @Test
        @Requirement({"F15", "rfc9293#3.8.3"})
        void theThirdUnansweredSynIsTroubleThatTheApplicationHearsOf() {
            Duo duo = new Duo();
            duo.clientLink.peer = null;
            Duo.Application client = duo.connect(CONFIG);
            duo.sleep(6_900 * Duo.MS);
            assertEquals(List.of(), client.troubles);
            duo.sleep(200 * Duo.MS);
            assertEquals(List.of(3), client.troubles);
            assertNull(client.reason);
        }

        @Test
        @Requirement({"F15", "rfc9293#3.8.3"})
        void theThirdTimeoutIsTroubleThatTheApplicationHearsOf() {
            Duo duo = new Duo();
            Duo.Application client = duo.established(CONFIG);
            duo.clientLink.peer = null;
            client.write(0, 100);
            duo.sleep(3_000 * Duo.MS);
            assertEquals(List.of(3), client.troubles);
            assertNull(client.reason);
        }

        @Test
        void anAcceptorThatAnswersNullRefuses() {
            Duo duo = new Duo();
            duo.server.listen(IpAddress.ANY_V4, Duo.PORT, 4, CONFIG, (c, now) -> null);
            Duo.Application client = duo.connect(CONFIG);
            duo.run(5);
            assertInstanceOf(CloseReason.ResetByPeer.class, client.reason);
            assertNothingLeft(duo);
        }

        @Test
        void simultaneousOpenMakesOneConnection() {
            Duo duo = new Duo();
            Duo.Application one = duo.new Application();
            Duo.Application two = duo.new Application();
            one.connection = duo.client.connect(Duo.CLIENT, 1000, Duo.SERVER, 2000, CONFIG, one, duo.now);
            two.connection = duo.server.connect(Duo.SERVER, 2000, Duo.CLIENT, 1000, CONFIG, two, duo.now);
            duo.client.transmit(10, duo.now);
            duo.server.transmit(10, duo.now);
            duo.client.receive(10, duo.now);
            duo.server.receive(10, duo.now);
            duo.run(5);
            assertTrue(one.established && two.established);
            one.write(0, 5_000);
            duo.run(10);
            assertEquals(5_000, two.received);
        }

        @Test
        void unknownCongestionControlNamesTheKnownOnes() {
            Duo duo = new Duo();
            ConnectionConfig config = ConnectionConfig.builder().congestionControl("nonesuch").build();
            IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> duo.connect(config));
            assertTrue(e.getMessage().contains("cubic") && e.getMessage().contains("reno"), e.getMessage());
        }

        @Test
        void aFourTupleInUseIsRefused() {
            Duo duo = new Duo();
            duo.client.connect(null, 1000, Duo.SERVER, Duo.PORT, CONFIG, null, duo.now);
            assertThrows(IllegalStateException.class,
                    () -> duo.client.connect(null, 1000, Duo.SERVER, Duo.PORT, CONFIG, null, duo.now));
        }

        @Test
        void noRouteIsSaid() {
            Duo duo = new Duo();
            assertThrows(IllegalArgumentException.class, () -> duo.client.connect(IpAddress.parse("10.9.9.9"), 0,
                    Duo.SERVER, Duo.PORT, CONFIG, null, duo.now));
        }

        @Test
        @Requirement("F24")
        void aMulticastDestinationIsRefused() {
            Duo duo = new Duo();
            assertThrows(IllegalArgumentException.class, () -> duo.client.connect(null, 0,
                    IpAddress.parse("224.0.0.1"), Duo.PORT, CONFIG, null, duo.now));
        }

        @Test
        @Requirement("F26")
        void listenersWithLocalAddressGoBeforeTheGeneralOne() {
            Duo duo = new Duo();
            Duo.Application special = duo.new Application();
            duo.listen(CONFIG);
            duo.server.listen(Duo.SERVER, Duo.PORT, 4, CONFIG, (c, now) -> special);
            duo.connect(CONFIG);
            duo.run(5);
            assertTrue(special.established);
            assertTrue(duo.accepted.isEmpty());
        }

        @Test
        @Requirement("F26")
        void listeningDoesNotDisturbAConnectionOnThePort() {
            Duo duo = new Duo();
            Duo.Application client = duo.established(CONFIG);
            duo.client.listen(IpAddress.ANY_V4, client.connection.localPort(), 4, CONFIG, (c, now) -> null);
            client.write(0, 1_000);
            duo.run(5);
            assertEquals(1_000, duo.accepted.getFirst().received);
        }
    }

    @Nested
    class Transfer {
        @Test
        void everyByteArrivesInOrderBothWays() {
            Duo duo = new Duo();
            Duo.Application client = duo.established(CONFIG);
            Duo.Application server = duo.accepted.getFirst();
            long up = 0;
            long down = 0;
            for (int i = 0; i < 400; i++) {
                up += client.write(up, 20_000);
                down += server.write(down, 7_777);
                duo.run(1);
            }
            duo.run(500);
            assertEquals(up, server.received);
            assertEquals(down, client.received);
            assertTrue(up > 1_000_000, "only " + up);
        }

        @Test
        void superSegmentsCarryTheSameBytes() {
            Duo duo = new Duo(StackConfig.DEFAULT, new LinkProperties("offload", 0, 1500, 65_535, true));
            Duo.Application client = duo.established(CONFIG);
            long up = 0;
            for (int i = 0; i < 200; i++) {
                up += client.write(up, 100_000);
                duo.run(1);
            }
            duo.run(200);
            assertEquals(up, duo.accepted.getFirst().received);
            assertTrue(duo.clientLink.sent.stream().anyMatch(p -> p.length() > 10_000), "no super-segment was sent");
        }

        @Test
        void aFullLinkDelaysButLosesNothing() {
            Duo duo = new Duo();
            Duo.Application client = duo.established(CONFIG);
            duo.clientLink.full = true;
            client.write(0, 5_000);
            duo.settle();
            assertEquals(0, duo.accepted.getFirst().received);
            duo.clientLink.full = false;
            duo.settle();
            assertEquals(5_000, duo.accepted.getFirst().received);
            assertEquals(0, duo.client.refusedByLinks());
        }

        @Test
        void connectionsShareALinkFairly() {
            Duo duo = new Duo();
            duo.listen(CONFIG);
            Duo.Application[] clients = new Duo.Application[4];
            for (int i = 0; i < 4; i++) {
                clients[i] = duo.connect(CONFIG);
            }
            duo.run(5);
            duo.clientLink.sent.clear();
            for (Duo.Application client : clients) {
                client.write(0, 14_000);
            }
            duo.clientLink.room = 20;
            duo.client.transmit(1_000, duo.now);
            assertEquals(20, duo.clientLink.sent.size());
            duo.clientLink.room = -1;
            duo.run(30);
            for (Duo.Application server : duo.accepted) {
                assertEquals(14_000, server.received);
            }
        }

        @Test
        @Requirement("F28")
        void theLastSegmentOfAWriteCarriesPush() {
            Duo duo = new Duo();
            Duo.Application client = duo.established(CONFIG);
            duo.clientLink.sent.clear();
            client.write(0, 3_000);
            duo.client.transmit(100, duo.now);
            assertEquals(3, duo.clientLink.sent.size());
            assertFalse(duo.clientLink.sent.get(0).decode().has(TcpFlags.PSH));
            assertTrue(duo.clientLink.sent.get(2).decode().has(TcpFlags.PSH));
        }

        @Test
        @Requirement("F13")
        void smallWritesAreJoinedWhileOneIsOutstanding() {
            Duo duo = new Duo();
            Duo.Application client = duo.established(CONFIG);
            duo.clientLink.sent.clear();
            for (int i = 0; i < 50; i++) {
                client.write(i, 1);
                duo.client.transmit(100, duo.now);
            }
            assertEquals(1, duo.clientLink.sent.size());
            duo.run(100);
            assertEquals(50, duo.accepted.getFirst().received);
        }

        @Test
        @Requirement("F13")
        void noDelaySendsEachWrite() {
            Duo duo = new Duo();
            Duo.Application client = duo.established(ConnectionConfig.builder().noDelay(true)
                    .flow(SubflowConfig.builder().pacing(false).build()).build());
            duo.clientLink.sent.clear();
            for (int i = 0; i < 5; i++) {
                client.write(i, 1);
                duo.client.transmit(100, duo.now);
            }
            assertEquals(5, duo.clientLink.sent.size());
        }

        @Test
        void corkedBytesLeaveAfter200MillisecondsAtTheLatest() {
            Duo duo = new Duo();
            Duo.Application client = duo.established(CONFIG);
            client.connection.cork(true);
            client.write(0, 10);
            duo.sleep(199_000_000L);
            assertEquals(0, duo.accepted.getFirst().received);
            duo.sleep(2_000_000L);
            assertEquals(10, duo.accepted.getFirst().received);
        }

        @Test
        @Requirement("F20")
        void aSlowReaderNeverCausesTinySegments() {
            ConnectionConfig config = ConnectionConfig.builder().receiveBuffer(20_000, 20_000).build();
            Duo duo = new Duo();
            Duo.Application client = duo.established(config);
            Duo.Application server = duo.accepted.getFirst();
            server.reads = false;
            client.write(0, 100_000);
            duo.run(300);
            duo.clientLink.sent.clear();
            java.lang.foreign.MemorySegment one = java.lang.foreign.Arena.ofAuto().allocate(1);
            for (int i = 0; i < 10_000; i++) {
                server.connection.read(one, 0, 1, duo.now);
                if (i % 10 == 0) {
                    duo.run(1);
                }
            }
            for (FakeLink.Packet packet : duo.clientLink.sent) {
                int payload = packet.decode().payloadLength;
                assertTrue(payload == 0 || payload >= 1_000, "a segment of " + payload);
            }
        }

        @Test
        void aWriterIsToldWhenThereIsRoomAgain() {
            ConnectionConfig config = ConnectionConfig.builder().sendBuffer(10_000, 10_000).build();
            Duo duo = new Duo();
            Duo.Application client = duo.established(config);
            assertEquals(10_000, client.write(0, 20_000));
            duo.run(20);
            assertEquals(1, client.writable);
        }

        @Test
        @Requirement("F29")
        void timeToLiveAndDscpAreThoseOfTheConfiguration() {
            ConnectionConfig config = ConnectionConfig.builder().timeToLive(7).dscp(46).build();
            Duo duo = new Duo();
            Duo.Application client = duo.established(config);
            FakeLink.Packet packet = duo.clientLink.sent.getLast();
            assertEquals(7, Ipv4Header.timeToLive(packet.memory(), 0));
            assertEquals(46, Ipv4Header.trafficClass(packet.memory(), 0) >>> 2);
            client.connection.dscp(10);
            client.connection.timeToLive(99);
            client.write(0, 10);
            duo.client.transmit(10, duo.now);
            packet = duo.clientLink.sent.getLast();
            assertEquals(99, Ipv4Header.timeToLive(packet.memory(), 0));
            assertEquals(10, Ipv4Header.trafficClass(packet.memory(), 0) >>> 2);
            assertEquals(Ipv4Header.DONT_FRAGMENT, Ipv4Header.fragment(packet.memory(), 0));
        }
    }

    @Nested
    class Closing {
        @Test
        @Requirement("F08")
        void halfCloseStillReads() {
            Duo duo = new Duo();
            Duo.Application client = duo.established(CONFIG);
            Duo.Application server = duo.accepted.getFirst();
            client.write(0, 1_000);
            client.connection.shutdownOutput(duo.now);
            duo.run(5);
            assertTrue(server.endOfStream);
            assertNull(client.reason);
            server.write(0, 50_000);
            duo.run(30);
            assertEquals(50_000, client.received);
            server.connection.close(duo.now);
            duo.run(5);
            assertTrue(client.endOfStream);
            assertInstanceOf(CloseReason.Finished.class, client.reason);
            assertInstanceOf(CloseReason.Finished.class, server.reason);
            client.connection.close(duo.now);
            assertNothingLeft(duo);
        }

        @Test
        void theActiveCloserStaysInTimeWaitForTwoLifetimes() {
            Duo duo = new Duo();
            Duo.Application client = duo.established(CONFIG);
            client.connection.close(duo.now);
            duo.run(2);
            duo.accepted.getFirst().connection.close(duo.now);
            duo.run(2);
            assertEquals(1, duo.client.timeWaitCount());
            assertEquals(0, duo.server.timeWaitCount());
            duo.sleep(59 * SECOND);
            assertEquals(1, duo.client.timeWaitCount());
            duo.sleep(2 * SECOND);
            assertEquals(0, duo.client.timeWaitCount());
            assertNothingLeft(duo);
        }

        @Test
        void simultaneousCloseEndsInTimeWaitOnBothSides() {
            Duo duo = new Duo();
            Duo.Application client = duo.established(CONFIG);
            client.connection.close(duo.now);
            duo.accepted.getFirst().connection.close(duo.now);
            duo.client.transmit(10, duo.now);
            duo.server.transmit(10, duo.now);
            duo.run(5);
            assertEquals(1, duo.client.timeWaitCount());
            assertEquals(1, duo.server.timeWaitCount());
            assertNothingLeft(duo);
        }

        @Test
        @Requirement("F09")
        void closeWithUnreadDataResets() {
            Duo duo = new Duo();
            Duo.Application client = duo.established(CONFIG);
            Duo.Application server = duo.accepted.getFirst();
            server.reads = false;
            client.write(0, 100);
            duo.run(3);
            server.connection.close(duo.now);
            duo.run(3);
            assertInstanceOf(CloseReason.ResetByPeer.class, client.reason);
            assertInstanceOf(CloseReason.Aborted.class, server.reason);
            assertEquals(1, duo.server.counters().get(Counter.TCP_ABORT_ON_CLOSE));
            assertNothingLeft(duo);
        }

        @Test
        @Requirement("F09")
        void dataAfterCloseResets() {
            Duo duo = new Duo();
            Duo.Application client = duo.established(CONFIG);
            duo.accepted.getFirst().connection.close(duo.now);
            duo.run(3);
            client.write(0, 100);
            duo.run(3);
            assertInstanceOf(CloseReason.ResetByPeer.class, client.reason);
            assertEquals(1, duo.server.counters().get(Counter.TCP_ABORT_ON_DATA));
            assertNothingLeft(duo);
        }

        @Test
        void closeWithLingerTimeZeroResets() {
            Duo duo = new Duo();
            Duo.Application client = duo.established(CONFIG);
            client.connection.resetOnClose(true);
            client.connection.close(duo.now);
            duo.run(3);
            assertInstanceOf(CloseReason.ResetByPeer.class, duo.accepted.getFirst().reason);
            assertEquals(0, duo.client.timeWaitCount());
            assertNothingLeft(duo);
        }

        @Test
        @Requirement("F08")
        void abortIsToldAsReset() {
            Duo duo = new Duo();
            Duo.Application client = duo.established(CONFIG);
            client.connection.abort(duo.now);
            duo.run(3);
            assertInstanceOf(CloseReason.ResetByPeer.class, duo.accepted.getFirst().reason);
            assertInstanceOf(CloseReason.Aborted.class, client.reason);
            assertNothingLeft(duo);
        }

        @Test
        void closeWhileConnectingForgetsTheConnection() {
            Duo duo = new Duo();
            Duo.Application client = duo.connect(CONFIG);
            client.connection.close(duo.now);
            duo.run(2);
            assertInstanceOf(CloseReason.Aborted.class, client.reason);
            assertEquals(0, duo.client.connectionCount());
        }

        @Test
        void whatArrivedBeforeTheEndCanBeReadAfterIt() {
            Duo duo = new Duo();
            Duo.Application client = duo.established(CONFIG);
            Duo.Application server = duo.accepted.getFirst();
            client.reads = false;
            client.connection.shutdownOutput(duo.now);
            duo.run(2);
            server.write(0, 5_000);
            server.connection.close(duo.now);
            duo.run(5);
            assertInstanceOf(CloseReason.Finished.class, client.reason);
            assertEquals(5_000, client.connection.readableBytes());
            client.readAll();
            assertTrue(client.endOfStream);
            assertEquals(5_000, client.received);
            duo.run(2);
            assertNothingLeft(duo);
        }

        @Test
        void writingAfterShutdownIsAnErrorOfTheProgram() {
            Duo duo = new Duo();
            Duo.Application client = duo.established(CONFIG);
            client.connection.shutdownOutput(duo.now);
            assertThrows(IllegalStateException.class, () -> client.write(0, 1));
        }
    }

    @Nested
    @Requirement("H17")
    class MemoryLimit {
        @Test
        void connectionsShareASmallPoolAndAllFinish() {
            StackConfig small = StackConfig.builder().memoryBytes(16 * 16 * 1024).build();
            Duo duo = new Duo(small, LinkProperties.plain("fake", 0, 1500));
            duo.listen(CONFIG);
            Duo.Application[] clients = new Duo.Application[8];
            long[] written = new long[8];
            for (int i = 0; i < 8; i++) {
                clients[i] = duo.connect(CONFIG);
            }
            duo.run(5);
            for (int round = 0; round < 3_000; round++) {
                for (int i = 0; i < 8; i++) {
                    int left = (int) (200_000 - written[i]);
                    if (left > 0) {
                        written[i] += clients[i].write(written[i], left);
                    }
                }
                duo.run(1);
            }
            for (int i = 0; i < 8; i++) {
                assertEquals(200_000, written[i], "connection " + i);
            }
            for (Duo.Application server : duo.accepted) {
                assertEquals(200_000, server.received);
            }
            assertTrue(duo.client.pool().highWater() <= 16);
            assertTrue(duo.client.counters().get(Counter.TCP_MEMORY_PRESSURES) > 0);
            for (Duo.Application client : clients) {
                client.connection.close(duo.now);
            }
            duo.run(2);
            duo.accepted.forEach(server -> server.connection.close(duo.now));
            duo.run(2);
            assertNothingLeft(duo);
        }

        @Test
        void aFullBufferOfOneConnectionLeavesABlockToEachOther() {
            StackConfig small = StackConfig.builder().memoryBytes(16 * 16 * 1024).build();
            Duo duo = new Duo(small, LinkProperties.plain("fake", 0, 1500));
            Duo.Application greedy = duo.established(CONFIG);
            duo.accepted.getFirst().reads = false;
            Duo.Application modest = duo.connect(CONFIG);
            duo.run(3);
            long greedyWritten = 0;
            long written = 0;
            for (int round = 0; round < 100; round++) {
                greedyWritten += greedy.write(greedyWritten, 1_000_000);
                duo.run(1);
            }
            assertTrue(duo.client.pool().inUse() >= 12);
            for (int round = 0; round < 100 && written < 200_000; round++) {
                written += modest.write(written, (int) (200_000 - written));
                duo.run(50);
                greedyWritten += greedy.write(greedyWritten, 1_000_000);
            }
            assertEquals(200_000, duo.accepted.get(1).received);
            assertTrue(modest.writable > 0);
        }

        @Test
        void aWriterRefusedForMemoryIsTold() {
            StackConfig small = StackConfig.builder().memoryBytes(4 * 16 * 1024).build();
            Duo duo = new Duo(small, LinkProperties.plain("fake", 0, 1500));
            Duo.Application client = duo.established(CONFIG);
            assertEquals(3 * 16 * 1024, client.write(0, 100_000));
            duo.run(20);
            assertTrue(client.writable > 0);
        }
    }

    @Test
    @Requirement({"F05", "H17"})
    void whoHasClosedIsNotHeldByAPeerThatNeverReads() {
        Duo duo = new Duo();
        duo.listen(ConnectionConfig.builder().receiveBuffer(20_000, 20_000).build());
        Duo.Application client = duo.connect(CONFIG);
        duo.run(5);
        duo.accepted.getFirst().reads = false;
        client.write(0, 1_000_000);
        duo.run(20);
        client.connection.close(duo.now);
        // The server acknowledges each probe of its shut window.
        duo.sleep(99_000 * Duo.MS);
        assertNull(client.reason);
        // The first look may find that the last bytes that fitted were taken; the second finds nothing.
        duo.sleep(102_000 * Duo.MS);
        assertInstanceOf(CloseReason.TimedOut.class, client.reason);
        assertEquals(0, duo.client.connectionCount());
        assertEquals(0, duo.client.pool().inUse());
        assertInstanceOf(CloseReason.ResetByPeer.class, duo.accepted.getFirst().reason);
    }

    @Nested
    @Requirement("H17")
    class ConnectionLimit {
        private final Duo duo = new Duo(StackConfig.builder().connectionLimit(2).build(),
                LinkProperties.plain("fake", 0, 1500));

        @Test
        void aThirdConnectionIsNotOpened() {
            duo.listen(CONFIG);
            duo.connect(CONFIG);
            duo.connect(CONFIG);
            assertEquals(0, duo.client.counters().get(Counter.TCP_CONNECTION_LIMIT));
            assertThrows(IllegalStateException.class, () -> duo.connect(CONFIG));
            assertEquals(1, duo.client.counters().get(Counter.TCP_CONNECTION_LIMIT));
        }

        @Test
        void aThirdSynIsDroppedUntilThereIsRoom() {
            duo.listen(CONFIG);
            duo.connect(CONFIG);
            duo.connect(CONFIG);
            duo.run(3);
            for (int i = 0; i < 2; i++) {
                duo.serverLink.offer(Segments.from(IpAddress.parse("10.0.0.7"), 5_000, Duo.SERVER, Duo.PORT).seq(1)
                        .flags(TcpFlags.SYN).build());
                duo.run(1);
                assertEquals(1, duo.server.counters().get(Counter.TCP_CONNECTION_LIMIT));
                assertEquals(2, duo.server.connectionCount());
                if (i == 0) {
                    duo.accepted.getFirst().connection.abort(duo.now);
                    duo.run(1);
                }
            }
        }
    }

    @Test
    void whatALinkRefusesIsNotCountedAsSent() {
        Duo duo = new Duo();
        duo.clientLink.refuses = true;
        duo.connect(CONFIG);
        duo.run(1);
        assertEquals(0, duo.client.counters().get(Counter.TCP_OUT_SEGS));
        assertEquals(1, duo.client.refusedByLinks());
    }

    @Test
    @Requirement("G06")
    void timestampsHaveAnOffsetPerPairOfAddresses() {
        Duo duo = new Duo();
        duo.connect(CONFIG);
        Duo.Application other = duo.new Application();
        duo.client.connect(null, 0, IpAddress.parse("10.0.0.3"), Duo.PORT, CONFIG, other, duo.now);
        duo.client.transmit(10, duo.now);
        SegmentView one = duo.clientLink.sent.get(0).decode();
        SegmentView two = duo.clientLink.sent.get(1).decode();
        assertTrue(Math.abs(one.options.timestampValue - two.options.timestampValue) > 1_000);
    }
}
