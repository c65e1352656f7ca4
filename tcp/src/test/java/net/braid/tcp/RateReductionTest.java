package net.braid.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import net.braid.base.Requirement;
import org.junit.jupiter.api.Test;

/** RFC 6937 in segments of one byte each, so that its figures can be read off. */
@Requirement({"G25", "rfc6937#3"})
class RateReductionTest {
    private static final int MSS = 1;
    private final RateReduction prr = new RateReduction();
    private long pipe;

    /** One ACK that reports one segment: sends what the window allows, and says how many that were. */
    private int ack(int delivered, boolean safe) {
        pipe -= delivered;
        prr.onAck(delivered, safe, pipe, MSS);
        int count = 0;
        while (pipe < prr.window()) {
            prr.onSent(1);
            pipe++;
            count++;
        }
        return count;
    }

    @Test
    void figure1OneLossOfTwentySendsEveryOtherAck() {
        // RFC 6937 figure 1: cwnd = 20, the first segment is lost, ssthresh = 10; PRR sends R on the third duplicate
        // ACK, and then one new segment for every second one.
        prr.begin(18, 10);
        pipe = 18 - 1;
        int left = 0;
        for (int i = 1; i <= 14; i++) {
            left += ack(1, false);
            double share = i * 10.0 / 18;
            assertTrue(left >= share && left < share + 1, "after " + i + " ACKs: " + left);
        }
        ack(1, false);
        assertEquals(10, pipe);
    }

    @Test
    void massLossIsRepairedInSlowStart() {
        // RFC 6937 figure 2: 20 segments, 15 of the first lost: pipe is far below ssthresh, one more per ACK at most.
        prr.begin(20, 10);
        pipe = 5;
        assertEquals(1, ack(1, false));
        assertEquals(2, ack(1, true));
        assertEquals(2, ack(1, true));
        assertEquals(2, ack(1, true));
        assertEquals(2, ack(1, true));
        assertEquals(2, ack(1, true));
        assertEquals(10, pipe);
        assertEquals(1, ack(1, true));
    }

    @Test
    void withoutProgressItOnlyReplacesWhatWasDelivered() {
        prr.begin(20, 10);
        pipe = 5;
        for (int i = 0; i < 5; i++) {
            assertEquals(1, ack(1, false));
        }
        assertEquals(5, pipe);
    }

    @Test
    void theFirstRetransmissionAlwaysLeaves() {
        RateReduction bytes = new RateReduction();
        bytes.begin(10_000, 1000);
        bytes.onAck(1000, false, 8000, 1000);
        assertEquals(9000, bytes.window());
        bytes.onSent(1000);
        bytes.onAck(1000, false, 8000, 1000);
        assertEquals(8000, bytes.window());
    }

    @Test
    void theWindowEndsAtTheThreshold() {
        for (int lost = 1; lost < 20; lost++) {
            RateReduction each = new RateReduction();
            each.begin(100, 50);
            long flight = 100 - lost;
            for (int i = 0; i < 100 - lost; i++) {
                flight--;
                each.onAck(1, i > 50, flight, 1);
                while (flight < each.window()) {
                    each.onSent(1);
                    flight++;
                }
                assertTrue(each.window() <= Math.max(50, flight), "window grows past ssthresh");
            }
            assertTrue(flight >= 45 && flight <= 51, lost + " lost: " + flight);
        }
    }
}
