package net.braid.stack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import net.braid.base.Requirement;
import net.braid.base.Xoshiro256;
import net.braid.mptcp.Connection;
import net.braid.mptcp.ConnectionConfig;
import net.braid.mptcp.ConnectionListener;
import net.braid.tcp.Counter;
import net.braid.tcp.Counters;
import net.braid.wire.IpAddress;
import net.braid.wire.SegmentView;
import net.braid.wire.TcpFlags;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** A server that has closed first, and what may still arrive for it. */
@Requirement("F10")
class TimeWaitTest {
    private static final long SECOND = 1_000_000_000L;
    private static final int CLIENT_PORT = 40_000;
    private static final int SERVER_NEXT = 5_001;
    private static final int CLIENT_NEXT = 9_001;
    private static final int TS_RECENT = 700;

    private final FakeLink link = new FakeLink();
    private final Counters counters = new Counters();
    private final TimeWaitTable table = new TimeWaitTable(100, counters, new Xoshiro256(3));
    private long now = 10 * SECOND;
    private int row;

    private FlowSlot slot(int clientPort) {
        return new FlowSlot(null, Duo.SERVER, Duo.PORT, Duo.CLIENT, clientPort, link, 0);
    }

    private int add(TimeWaitTable to, int clientPort, boolean timestamps) {
        FlowSlot slot = slot(clientPort);
        to.add(slot, SERVER_NEXT, CLIENT_NEXT, timestamps, TS_RECENT, 0, 60 * SECOND, now);
        return to.find(slot.localHigh, slot.localLow, slot.remoteHigh, slot.remoteLow, slot.ports);
    }

    private static Segments fromClient() {
        return Segments.from(Duo.CLIENT, CLIENT_PORT, Duo.SERVER, Duo.PORT);
    }

    private TimeWaitTable.Answer answer(Segments segment) {
        SegmentView view = segment.build().decode();
        return table.onSegment(row, view, true, now);
    }

    @BeforeEach
    void enterTimeWait() {
        row = add(table, CLIENT_PORT, true);
    }

    @Nested
    class OldSegments {
        @Test
        void retransmittedFinIsAcknowledgedAndRestartsTheTimer() {
            now += 30 * SECOND;
            assertEquals(TimeWaitTable.Answer.ACKNOWLEDGE, answer(fromClient().seq(CLIENT_NEXT - 1).ack(SERVER_NEXT)
                    .flags(TcpFlags.FIN).timestamps(TS_RECENT, 0)));
            assertEquals(now + 60 * SECOND, table.deadline());
        }

        @Test
        void resetIsIgnored() {
            assertEquals(TimeWaitTable.Answer.NOTHING,
                    answer(fromClient().seq(CLIENT_NEXT).flags(TcpFlags.RST)));
            assertEquals(1, table.size());
        }

        @Test
        void anExpectedAcknowledgmentNeedsNoAnswer() {
            assertEquals(TimeWaitTable.Answer.NOTHING,
                    answer(fromClient().seq(CLIENT_NEXT).ack(SERVER_NEXT).timestamps(TS_RECENT, 0)));
        }

        @Test
        void unacceptableSegmentsAreAnsweredAtMostTwiceASecond() {
            int answers = 0;
            for (int i = 0; i < 200; i++) {
                Segments old = fromClient().seq(CLIENT_NEXT - 3_000).ack(SERVER_NEXT).payload(100)
                        .timestamps(TS_RECENT, 0);
                answers += answer(old) == TimeWaitTable.Answer.ACKNOWLEDGE ? 1 : 0;
                now += SECOND / 100;
            }
            assertEquals(4, answers);
            assertEquals(196, counters.get(Counter.TCP_ACK_SKIPPED_TIME_WAIT));
        }

        @Test
        void anOldFinByTimestampDoesNotRestartTheTimer() {
            long before = table.deadline();
            now += SECOND;
            answer(fromClient().seq(CLIENT_NEXT - 1).ack(SERVER_NEXT).flags(TcpFlags.FIN)
                    .timestamps(TS_RECENT - 1, 0));
            assertEquals(before, table.deadline());
        }
    }

    @Nested
    class NewSyn {
        private TimeWaitTable.Answer syn(int sequence, int timestamp) {
            return answer(fromClient().seq(sequence).flags(TcpFlags.SYN).timestamps(timestamp, 0));
        }

        @Test
        void largerTimestampOpensWhateverTheSequenceNumber() {
            assertEquals(TimeWaitTable.Answer.NEW_CONNECTION, syn(CLIENT_NEXT - 1_000_000, TS_RECENT + 1));
            assertEquals(1, table.size());
            table.recycle(row);
            assertEquals(0, table.size());
            assertEquals(1, counters.get(Counter.TW_RECYCLED));
        }

        @Test
        void equalTimestampNeedsALargerSequenceNumber() {
            assertEquals(TimeWaitTable.Answer.NOTHING, syn(CLIENT_NEXT - 1, TS_RECENT));
            assertEquals(TimeWaitTable.Answer.NEW_CONNECTION, syn(CLIENT_NEXT, TS_RECENT));
        }

        @Test
        void smallerTimestampIsDroppedSilently() {
            assertEquals(TimeWaitTable.Answer.NOTHING, syn(CLIENT_NEXT + 1_000_000, TS_RECENT - 1));
            assertEquals(1, table.size());
        }

        @Test
        void withoutTimestampsTheSequenceNumberDecides() {
            Segments old = fromClient().seq(CLIENT_NEXT - 1).flags(TcpFlags.SYN);
            assertEquals(TimeWaitTable.Answer.NOTHING, answer(old));
            Segments fresh = fromClient().seq(CLIENT_NEXT).flags(TcpFlags.SYN);
            assertEquals(TimeWaitTable.Answer.NEW_CONNECTION, answer(fresh));
        }

        @Test
        void timestampsThatAreNewOpenAnOldConnectionWithoutThem() {
            row = add(table, CLIENT_PORT + 1, false);
            assertEquals(TimeWaitTable.Answer.NEW_CONNECTION, syn(CLIENT_NEXT - 1_000_000, 1));
        }
    }

    @Nested
    class Table {
        @Test
        void entriesLeaveWhenTheirTimeIsOver() {
            table.expire(now + 60 * SECOND - 1);
            assertEquals(1, table.size());
            table.expire(now + 60 * SECOND);
            assertEquals(0, table.size());
            assertEquals(Long.MAX_VALUE, table.deadline());
        }

        @Test
        @Requirement("H17")
        void theOldestGivesWayWhenTheTableIsFull() {
            for (int i = 1; i < 150; i++) {
                now += 1_000;
                add(table, CLIENT_PORT + i, true);
            }
            assertEquals(100, table.size());
            assertEquals(50, counters.get(Counter.TW_OVERFLOW));
            FlowSlot oldest = slot(CLIENT_PORT + 49);
            FlowSlot next = slot(CLIENT_PORT + 50);
            assertEquals(TimeWaitTable.NONE, table.find(oldest.localHigh, oldest.localLow, oldest.remoteHigh,
                    oldest.remoteLow, oldest.ports));
            assertNotEquals(TimeWaitTable.NONE, table.find(next.localHigh, next.localLow, next.remoteHigh,
                    next.remoteLow, next.ports));
        }

        @Test
        void rowsAreFoundThroughManyAddsAndExpiries() {
            TimeWaitTable large = new TimeWaitTable(5_000, new Counters(), new Xoshiro256(4));
            for (int i = 0; i < 20_000; i++) {
                now += 30_000_000L;
                large.expire(now);
                int at = add(large, 1 + i, true);
                assertTrue(at != TimeWaitTable.NONE && large.rcvNxt(at) == CLIENT_NEXT, "entry " + i);
            }
            assertEquals(2_000, large.size());
        }
    }

    @Nested
    class InAStack {
        private final Duo duo = new Duo();
        private boolean accepting = true;
        private Listener listener;

        @BeforeEach
        void serverClosesFirst() {
            listener = duo.server.listen(IpAddress.ANY_V4, Duo.PORT, 16, ConnectionConfig.DEFAULT, new Acceptor() {
                @Override
                public boolean canAccept() {
                    return accepting;
                }

                @Override
                public ConnectionListener onConnection(Connection connection, long at) {
                    return duo.accept(connection);
                }
            });
            Duo.Application client = duo.connect(ConnectionConfig.DEFAULT);
            duo.run(5);
            duo.accepted.getFirst().connection.close(duo.now);
            duo.run(2);
            client.connection.close(duo.now);
            duo.run(2);
            assertEquals(1, duo.server.timeWaitCount());
            duo.serverLink.sent.clear();
            // What the server says from here on is looked at, not delivered.
            duo.serverLink.peer = null;
        }

        private SegmentView lastOfClient() {
            return duo.clientLink.last();
        }

        @Test
        void retransmittedFinGetsAnAckWithTheLastNumbersAndTimestamps() {
            SegmentView fin = lastOfClient();
            for (int i = duo.clientLink.sent.size() - 1; !fin.has(TcpFlags.FIN); i--) {
                fin = duo.clientLink.sent.get(i).decode();
            }
            duo.serverLink.offer(Segments.from(Duo.CLIENT, fin.sourcePort, Duo.SERVER, Duo.PORT)
                    .seq(fin.sequenceNumber).ack(fin.acknowledgmentNumber).flags(TcpFlags.FIN)
                    .timestamps(fin.options.timestampValue, fin.options.timestampEcho).build());
            duo.settle();
            SegmentView answer = duo.serverLink.last();
            assertEquals(TcpFlags.ACK, answer.flags);
            assertEquals(fin.acknowledgmentNumber, answer.sequenceNumber);
            assertEquals(fin.sequenceNumber + 1, answer.acknowledgmentNumber);
            assertEquals(fin.options.timestampValue, answer.options.timestampEcho);
        }

        private void newSyn() {
            newSyn(77);
        }

        private void newSyn(int sequence) {
            SegmentView last = lastOfClient();
            duo.serverLink.offer(Segments.from(Duo.CLIENT, last.sourcePort, Duo.SERVER, Duo.PORT)
                    .seq(sequence).flags(TcpFlags.SYN).timestamps(last.options.timestampValue + 10, 0).build());
            duo.settle();
        }

        @Test
        @Requirement("H17")
        void aSynDoesNotEndItWhereNobodyListensAnyMore() {
            listener.close();
            // Without a listener there is none that uses timestamps: the sequence number decides.
            newSyn(lastOfClient().sequenceNumber + 1000);
            assertEquals(1, duo.server.timeWaitCount());
            assertEquals(0, duo.server.counters().get(Counter.TW_RECYCLED));
            assertTrue(duo.serverLink.last().has(TcpFlags.RST));
        }

        @Test
        void aSynDoesNotEndItWhenTheListenerTakesNoMore() {
            accepting = false;
            newSyn();
            assertEquals(1, duo.server.timeWaitCount());
            assertTrue(duo.serverLink.sent.isEmpty());
            accepting = true;
            newSyn();
            assertEquals(0, duo.server.timeWaitCount());
        }

        @Test
        void aNewSynStartsAboveTheOldSequenceNumbers() {
            SegmentView last = lastOfClient();
            newSyn();
            SegmentView answer = duo.serverLink.last();
            assertEquals(TcpFlags.SYN | TcpFlags.ACK, answer.flags & 0x3f);
            assertEquals(78, answer.acknowledgmentNumber);
            assertTrue(answer.sequenceNumber - last.acknowledgmentNumber > 0);
            assertEquals(0, duo.server.timeWaitCount());
        }
    }
}
