package net.braid.stack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import net.braid.base.Requirement;
import net.braid.base.Xoshiro256;
import net.braid.mptcp.ConnectionConfig;
import net.braid.tcp.Counter;
import net.braid.wire.IpAddress;
import net.braid.wire.SegmentView;
import net.braid.wire.TcpFlags;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Segments for which there is no connection. */
class NoConnectionTest {
    private final FakeLink link = new FakeLink();
    private final Stack stack = new Stack(StackConfig.builder().resetsPerSecond(100).build(), new Xoshiro256(7));
    private long now = 1_000_000_000L;

    @BeforeEach
    void connectTheLink() {
        stack.addLink(link);
        stack.routes().add(Duo.SERVER, IpAddress.ANY_V4, 0, link);
        stack.routes().add(Duo.SERVER_V6, IpAddress.ANY_V6, 0, link);
    }

    private static Segments segment() {
        return Segments.from(Duo.CLIENT, 1234, Duo.SERVER, 80).seq(1_000);
    }

    private void receive(Segments segment) {
        link.offer(segment.build());
        stack.receive(10, now);
        stack.transmit(100, now);
    }

    @Nested
    @Requirement("F07")
    class Reset {
        private void expect(int flags, int sequence, int acknowledgment) {
            SegmentView reset = link.last();
            assertEquals(flags, reset.flags);
            assertEquals(sequence, reset.sequenceNumber);
            assertEquals(acknowledgment, reset.acknowledgmentNumber);
            assertEquals(80, reset.sourcePort);
            assertEquals(1234, reset.destinationPort);
            assertEquals(0, reset.window);
        }

        @Test
        void ofASegmentWithAckTakesItsSequenceNumberFromThere() {
            receive(segment().ack(555).payload(10));
            expect(TcpFlags.RST, 555, 0);
        }

        @Test
        void ofASegmentWithoutAckAcknowledgesItsLength() {
            receive(segment().payload(10));
            expect(TcpFlags.RST | TcpFlags.ACK, 0, 1_010);
        }

        @Test
        void countsSynAndFinAsLength() {
            receive(segment().flags(TcpFlags.SYN));
            expect(TcpFlags.RST | TcpFlags.ACK, 0, 1_001);
            receive(segment().flags(TcpFlags.SYN | TcpFlags.FIN).payload(7));
            expect(TcpFlags.RST | TcpFlags.ACK, 0, 1_009);
        }

        @Test
        void isCountedOnlyWhenTheLinkHasTakenIt() {
            link.refuses = true;
            receive(segment().flags(TcpFlags.SYN));
            assertEquals(0, stack.counters().get(Counter.TCP_OUT_RSTS));
            assertEquals(0, stack.counters().get(Counter.TCP_OUT_SEGS));
            link.refuses = false;
            receive(segment().flags(TcpFlags.SYN));
            assertEquals(1, stack.counters().get(Counter.TCP_OUT_RSTS));
            assertEquals(1, stack.counters().get(Counter.TCP_OUT_SEGS));
        }

        @Test
        void neverAnswersAReset() {
            receive(segment().flags(TcpFlags.RST));
            receive(segment().flags(TcpFlags.RST).ack(5));
            receive(segment().flags(TcpFlags.RST | TcpFlags.SYN));
            assertTrue(link.sent.isEmpty());
        }

        @Test
        void ofAnAckToAListenerIsSentToo() {
            stack.listen(IpAddress.ANY_V4, 80, 4, ConnectionConfig.DEFAULT, (c, at) -> null);
            receive(segment().ack(555));
            expect(TcpFlags.RST, 555, 0);
        }

        @Test
        void aSegmentWithoutSynOrAckToAListenerIsDropped() {
            stack.listen(IpAddress.ANY_V4, 80, 4, ConnectionConfig.DEFAULT, (c, at) -> null);
            receive(segment().flags(TcpFlags.FIN));
            assertTrue(link.sent.isEmpty());
        }

        @Test
        void worksOverIpv6() {
            receive(Segments.from(Duo.CLIENT_V6, 1234, Duo.SERVER_V6, 80).seq(1_000).ack(555));
            expect(TcpFlags.RST, 555, 0);
            assertTrue(link.last().ipv6);
        }

        @Test
        void isLimitedInRate() {
            for (int i = 0; i < 1_000; i++) {
                receive(segment().ack(i));
            }
            int first = link.sent.size();
            assertTrue(first >= 50 && first <= 100, "sent " + first);
            assertEquals(first, stack.counters().get(Counter.TCP_OUT_RSTS));
            assertEquals(1_000 - first, stack.counters().get(Counter.TCP_RST_SKIPPED));
            now += 1_000_000_000L;
            receive(segment().ack(1));
            assertEquals(first + 1, link.sent.size());
        }
    }

    @Nested
    @Requirement("F24")
    class Addresses {
        private void expectSilence(IpAddress from, IpAddress to) {
            stack.listen(IpAddress.ANY_V4, 80, 4, ConnectionConfig.DEFAULT, (c, at) -> null);
            receive(Segments.from(from, 1234, to, 80).flags(TcpFlags.SYN));
            assertTrue(link.sent.isEmpty());
            assertEquals(0, stack.connectionCount());
            assertEquals(1, stack.counters().get(Counter.IP_IN_ADDR_ERRORS));
        }

        @Test
        void synFromMulticastIsDropped() {
            expectSilence(IpAddress.parse("224.0.0.5"), Duo.SERVER);
        }

        @Test
        void synFromBroadcastIsDropped() {
            expectSilence(IpAddress.parse("255.255.255.255"), Duo.SERVER);
        }

        @Test
        void synFromNobodyIsDropped() {
            expectSilence(IpAddress.parse("0.0.0.0"), Duo.SERVER);
        }

        @Test
        void synToMulticastIsDropped() {
            expectSilence(Duo.CLIENT, IpAddress.parse("239.1.2.3"));
        }

        @Test
        void synToBroadcastIsDropped() {
            expectSilence(Duo.CLIENT, IpAddress.parse("255.255.255.255"));
        }

        @Test
        void synToAnAddressThatIsNotOursIsDropped() {
            expectSilence(Duo.CLIENT, IpAddress.parse("10.0.0.77"));
        }
    }

    @Nested
    class Backlog {
        private boolean mayAccept = true;
        private int accepted;
        private Listener listener;

        @BeforeEach
        void listen() {
            Acceptor acceptor = new Acceptor() {
                @Override
                public net.braid.mptcp.ConnectionListener onConnection(net.braid.mptcp.Connection c, long at) {
                    accepted++;
                    return net.braid.mptcp.ConnectionListener.NONE;
                }

                @Override
                public boolean canAccept() {
                    return mayAccept;
                }
            };
            listener = stack.listen(IpAddress.ANY_V4, 80, 8, ConnectionConfig.DEFAULT, acceptor);
        }

        private void syn(int port) {
            receive(Segments.from(Duo.CLIENT, port, Duo.SERVER, 80).seq(1_000).flags(TcpFlags.SYN));
        }

        private void thirdAck(int port) {
            SegmentView answer = null;
            for (FakeLink.Packet packet : link.sent) {
                SegmentView view = packet.decode();
                if (view.destinationPort == port && view.has(TcpFlags.SYN)) {
                    answer = view;
                }
            }
            receive(Segments.from(Duo.CLIENT, port, Duo.SERVER, 80).seq(1_001).ack(answer.sequenceNumber + 1));
        }

        @Test
        @Requirement("H16")
        void aFullBacklogDropsTheOldestWithoutAWord() {
            for (int port = 1; port <= 9; port++) {
                syn(port);
            }
            assertEquals(8, listener.halfOpen());
            assertEquals(8, stack.connectionCount());
            assertEquals(1, stack.counters().get(Counter.LISTEN_DROPS));
            assertEquals(9, link.sent.size());
            thirdAck(2);
            assertEquals(1, accepted);
            thirdAck(1);
            assertTrue(link.last().has(TcpFlags.RST));
            assertEquals(1, accepted);
        }

        @Test
        @Requirement("H16")
        void aHalfOpenConnectionGivesUpInTheEnd() {
            syn(1);
            for (int i = 0; i < 100 && stack.connectionCount() > 0; i++) {
                now = Math.max(now, stack.deadline());
                stack.onDeadline(now);
                stack.transmit(10, now);
            }
            assertEquals(0, stack.connectionCount());
            assertEquals(0, listener.halfOpen());
            assertEquals(1 + ConnectionConfig.DEFAULT.flow().synAckRetries(), link.sent.size());
        }

        @Test
        @Requirement("H17")
        void aFloodOfSynsHoldsNoMoreThanTheBacklog() {
            for (int i = 0; i < 20_000; i++) {
                link.sent.clear();
                syn(1 + i % 60_000);
            }
            assertEquals(8, stack.connectionCount());
            assertEquals(0, stack.pool().inUse());
        }

        @Test
        void anAcceptorThatIsFullDropsSynsAndCountsThem() {
            mayAccept = false;
            syn(1);
            assertTrue(link.sent.isEmpty());
            assertEquals(1, stack.counters().get(Counter.LISTEN_OVERFLOWS));
            assertEquals(1, stack.counters().get(Counter.LISTEN_DROPS));
        }

        @Test
        void theLastSegmentOfAHandshakeWaitsForAFullAcceptor() {
            syn(1);
            mayAccept = false;
            thirdAck(1);
            assertEquals(0, accepted);
            assertEquals(1, stack.counters().get(Counter.LISTEN_OVERFLOWS));
            mayAccept = true;
            thirdAck(1);
            assertEquals(1, accepted);
        }

        @Test
        void aClosedListenerForgetsItsHandshakes() {
            syn(1);
            listener.close();
            assertEquals(0, stack.connectionCount());
            syn(2);
            assertTrue(link.last().has(TcpFlags.RST));
        }

        @Test
        @Requirement("F26")
        void anAddressIsTakenOnlyOnce() {
            org.junit.jupiter.api.Assertions.assertThrows(IllegalStateException.class,
                    () -> stack.listen(IpAddress.ANY_V4, 80, 8, ConnectionConfig.DEFAULT, (c, at) -> null));
            assertFalse(listener.isClosed());
        }

        @Test
        void aResetEndsAHalfOpenConnectionAndTheListenerGoesOn() {
            syn(1);
            receive(Segments.from(Duo.CLIENT, 1, Duo.SERVER, 80).seq(1_001).flags(TcpFlags.RST));
            assertEquals(0, stack.connectionCount());
            syn(1);
            assertEquals(1, listener.halfOpen());
        }
    }
}
