package net.braid.link;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import net.braid.base.Pieces;
import org.junit.jupiter.api.Test;

class LoopbackLinkTest {
    private final Arena arena = Arena.ofAuto();
    private final MemorySegment header = arena.allocate(40);
    private final MemorySegment data = arena.allocate(60_000);
    private final List<String> received = new ArrayList<>();

    private boolean send(Link link, int number, int payloadBytes, int segmentSize) {
        header.set(ValueLayout.JAVA_INT_UNALIGNED, 0, number);
        Pieces pieces = new Pieces();
        if (payloadBytes > 0) {
            pieces.add(data, 0, payloadBytes);
        }
        return link.send(header, 0, 40, pieces, segmentSize);
    }

    private void receive(Link link, int limit) {
        link.receive((from, memory, offset, length, segmentSize, state) ->
                received.add(memory.get(ValueLayout.JAVA_INT_UNALIGNED, offset) + ":" + length + ":" + segmentSize + ":"
                        + state), limit);
    }

    @Test
    void packetsArriveInOrderAtTheOtherEnd() {
        LoopbackLink[] pair = LoopbackLink.pair(arena, 1500, false, 8);
        send(pair[0], 1, 100, 0);
        send(pair[0], 2, 0, 0);
        send(pair[1], 3, 5, 0);
        receive(pair[1], 1);
        receive(pair[1], 10);
        receive(pair[0], 10);
        assertEquals(List.of("1:140:0:UNVERIFIED", "2:40:0:UNVERIFIED", "3:45:0:UNVERIFIED"), received);
    }

    @Test
    void superSegmentsStayWholeAndTheirChecksumIsPartial() {
        LoopbackLink[] pair = LoopbackLink.pair(arena, 1500, true, 8);
        send(pair[0], 1, 60_000, 1448);
        send(pair[0], 2, 1000, 1448);
        receive(pair[1], 10);
        assertEquals(List.of("1:60040:1448:PARTIAL", "2:1040:0:PARTIAL"), received);
    }

    @Test
    void aFullLinkIsNotReadyUntilThePeerReceives() {
        LoopbackLink[] pair = LoopbackLink.pair(arena, 1500, false, 2);
        assertTrue(send(pair[0], 1, 0, 0));
        assertTrue(send(pair[0], 2, 0, 0));
        assertFalse(pair[0].ready());
        assertFalse(send(pair[0], 3, 0, 0));
        receive(pair[1], 1);
        assertTrue(pair[0].ready());
    }

    @Test
    void aClosedLinkHoldsNothingAndTakesNothing() {
        LoopbackLink[] pair = LoopbackLink.pair(arena, 1500, false, 2);
        send(pair[0], 1, 0, 0);
        pair[1].close();
        assertEquals(0, pair[1].waiting());
        assertTrue(send(pair[0], 2, 0, 0));
        receive(pair[1], 10);
        assertTrue(received.isEmpty());
    }

    @Test
    void aTapSeesWhatIsSentAndWhatIsReceived() {
        LoopbackLink[] pair = LoopbackLink.pair(arena, 1500, false, 1);
        List<String> seen = new ArrayList<>();
        TapLink.Observer observer = new TapLink.Observer() {
            @Override
            public void onSent(Link link, MemorySegment memory, long offset, int length, Pieces payload, int size) {
                seen.add("sent " + memory.get(ValueLayout.JAVA_INT_UNALIGNED, offset));
            }

            @Override
            public void onReceived(Link link, MemorySegment memory, long offset, int length, int size,
                    ChecksumState state) {
                seen.add("received " + memory.get(ValueLayout.JAVA_INT_UNALIGNED, offset));
            }
        };
        TapLink one = new TapLink(pair[0], observer);
        TapLink two = new TapLink(pair[1], observer);
        assertTrue(send(one, 1, 0, 0));
        assertFalse(send(one, 2, 0, 0));
        receive(two, 10);
        assertEquals(List.of("sent 1", "received 1"), seen);
        assertEquals(1, received.size());
    }
}
