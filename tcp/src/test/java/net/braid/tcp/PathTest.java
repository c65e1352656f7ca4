package net.braid.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import net.braid.base.Requirement;
import net.braid.wire.TcpFlags;
import org.junit.jupiter.api.Test;

/** Two flows, and a path with one peculiarity. */
class PathTest {
    private static final long SECONDS = 1_000_000_000L;
    private static final long MILLIS = 1_000_000L;

    /** Limit for whole packets: IPv4 header, TCP header and options count. */
    private static Pair.Fate narrow(int mtu) {
        return (index, segment) -> 20 + segment.headerLength() + segment.length() > mtu ? Pair.Fate.DROP : 0;
    }

    private static Pair transfer(SubflowConfig config, long bytes) {
        Pair pair = new Pair(1, config);
        pair.a.owner.write(bytes);
        pair.connect();
        return pair;
    }

    @Test
    @Requirement({"F12", "rfc4821#7.7"})
    void aBlackHoleIsFoundAndLeft() {
        Pair pair = transfer(SubflowConfig.DEFAULT, 2_000_000);
        pair.a.fate = narrow(1400);
        pair.runFor(60 * SECONDS);
        assertEquals(2_000_000, pair.b.owner.receiveNext);
        assertTrue(pair.a.counters.get(Counter.TCP_PMTU_BLACKHOLE) >= 1);
        int found = pair.a.flow.pathMtuBytes();
        assertTrue(found <= 1400 && found >= 1390, "path MTU " + found);
    }

    /** Our link takes jumbo frames, the peer's does not. */
    private static Pair unequal(SubflowConfig config, long bytes) {
        Pair pair = new Pair(1, config, config, new PathProperties(9000, false, 9000),
                new PathProperties(1500, false, 1500));
        pair.a.owner.write(bytes);
        pair.connect();
        return pair;
    }

    @Test
    @Requirement({"F12", "rfc4821#7.7"})
    void aBlackHoleBelowThePeersMssIsMeasuredThoughOurLinkIsWider() {
        Pair pair = unequal(SubflowConfig.DEFAULT, 4_000_000);
        pair.a.fate = narrow(1400);
        pair.runFor(60 * SECONDS);
        assertEquals(4_000_000, pair.b.owner.receiveNext);
        int found = pair.a.flow.pathMtuBytes();
        assertTrue(found <= 1400 && found >= 1390, "path MTU " + found);
    }

    @Test
    @Requirement({"F12", "rfc4821#7.3"})
    void probingEndsAtThePeersMssThoughOurLinkIsWider() {
        Pair pair = unequal(SubflowConfig.builder().mtuProbing(2).build(), 4_000_000);
        pair.runFor(60 * SECONDS);
        assertEquals(4_000_000, pair.b.owner.receiveNext);
        int found = pair.a.flow.pathMtuBytes();
        assertTrue(found <= 1500 && found >= 1492, "path MTU " + found);
        assertEquals(0, pair.a.counters.get(Counter.TCP_MTU_PROBE_FAIL));
    }

    @Test
    @Requirement({"F12", "rfc4821#7.3"})
    void probesAreNoLargerThanTheConfiguredSegment() {
        Pair pair = new Pair(1, SubflowConfig.builder().mtuProbing(2).maximumSegmentSize(1200).build());
        int[] largest = {0};
        pair.a.fate = (index, segment) -> {
            largest[0] = Math.max(largest[0], segment.length());
            return 0;
        };
        pair.a.owner.write(2_000_000);
        pair.connect().runFor(60 * SECONDS);
        assertEquals(2_000_000, pair.b.owner.receiveNext);
        assertTrue(largest[0] <= 1200 && largest[0] >= 1190, "segment " + largest[0]);
    }

    @Test
    @Requirement("F12")
    void onAPathThatTakesLessThan576BytesRoutersMayCutPackets() {
        Pair pair = transfer(SubflowConfig.DEFAULT, 50_000);
        pair.a.fate = (index, segment) -> 20 + segment.headerLength() + segment.length() > 300
                && !pair.a.flow.isFragmentable() ? Pair.Fate.DROP : 0;
        pair.runFor(60 * SECONDS);
        assertEquals(50_000, pair.b.owner.receiveNext);
        assertEquals(576, pair.a.flow.pathMtuBytes());
    }

    @Test
    @Requirement({"F12", "rfc4821#7.3"})
    void probingFromTheStartFindsTheMtuWithoutALoss() {
        Pair pair = transfer(SubflowConfig.builder().mtuProbing(2).build(), 2_000_000);
        pair.runFor(60 * SECONDS);
        assertEquals(2_000_000, pair.b.owner.receiveNext);
        assertTrue(pair.a.flow.pathMtuBytes() >= 1492, "path MTU " + pair.a.flow.pathMtuBytes());
        assertEquals(0, pair.a.counters.get(Counter.TCP_RETRANS_SEGS));
    }

    @Test
    @Requirement({"F12", "rfc4821#7.6.2"})
    void aLostProbeIsNoCongestion() {
        Pair pair = transfer(SubflowConfig.builder().mtuProbing(2).build(), 2_000_000);
        pair.a.fate = narrow(1300);
        pair.runFor(60 * SECONDS);
        assertEquals(2_000_000, pair.b.owner.receiveNext);
        assertTrue(pair.a.counters.get(Counter.TCP_MTU_PROBE_FAIL) >= 1);
        assertTrue(pair.a.congestion.signals.isEmpty(), pair.a.congestion.signals.toString());
        int found = pair.a.flow.pathMtuBytes();
        assertTrue(found <= 1300 && found >= 1290, "path MTU " + found);
    }

    @Test
    @Requirement({"F12", "rfc1191#6.3"})
    void aPathThatHasBecomeWiderIsNoticed() {
        Pair pair = transfer(SubflowConfig.DEFAULT, 100_000);
        pair.runUntil(pair.now + 15 * MILLIS);
        pair.pump().runFor(10 * MILLIS);
        pair.a.flow.onPacketTooBig(1200, (int) (pair.a.iss + 1 + pair.a.flow.sendUnacknowledged()), pair.now);
        assertEquals(1200, pair.a.flow.pathMtuBytes());
        pair.runFor(700 * SECONDS);
        pair.a.owner.write(2_000_000);
        pair.pump().runFor(60 * SECONDS);
        assertTrue(pair.a.flow.pathMtuBytes() >= 1492, "path MTU " + pair.a.flow.pathMtuBytes());
    }

    @Test
    @Requirement({"G22", "rfc8985#7"})
    void aLostTailIsRepairedByTheProbeWithinThreeRoundTrips() {
        for (int lost = 1; lost <= 5; lost++) {
            // Segments of A: SYN, then ten with data.
            int from = 11 - lost;
            Pair pair = transfer(SubflowConfig.DEFAULT, 10 * 1448);
            pair.a.fate = (index, segment) -> index >= from && index <= 10 ? Pair.Fate.DROP : 0;
            long start = pair.now;
            pair.runFor(20 * MILLIS);
            while (pair.b.owner.receiveNext < 10 * 1448 && pair.now < start + 10 * SECONDS) {
                pair.runFor(MILLIS);
            }
            // SYN 20 ms, data 20 ms, PTO 2 x 20 (+ 40), probe and repair 40.
            assertTrue(pair.now - start <= 170 * MILLIS, lost + " lost: " + (pair.now - start) / MILLIS + " ms");
            assertEquals(0, pair.a.counters.get(Counter.TCP_TIMEOUTS), lost + " lost");
        }
    }

    @Test
    @Requirement({"G18", "G20", "rfc8985#6.2"})
    void reorderingByThreeCostsNothingOnceRackHasSeenIt() {
        Pair pair = transfer(SubflowConfig.DEFAULT.toBuilder().pacing(false).build(), 4_000_000);
        pair.a.rate = 2_000_000;
        // Every tenth data segment is overtaken by three others: 1500 bytes take 0.75 ms.
        pair.a.fate = (index, segment) -> segment.length() > 0 && index % 10 == 5 ? 2_500_000 : 0;
        pair.runFor(SECONDS);
        long early = pair.a.counters.get(Counter.TCP_RETRANS_SEGS);
        assertTrue(early <= 40, "before RACK has adapted: " + early);
        pair.runFor(60 * SECONDS);
        assertEquals(4_000_000, pair.b.owner.receiveNext);
        assertEquals(early, pair.a.counters.get(Counter.TCP_RETRANS_SEGS));
        assertEquals(0, pair.a.counters.get(Counter.TCP_TIMEOUTS));
    }

    @Test
    @Requirement({"G30", "rfc3168#6.1"})
    void marksSlowTheSenderDownWithoutALoss() {
        Pair pair = transfer(SubflowConfig.builder().ecn(true).build(), 3_000_000);
        pair.a.marking = 0.01;
        pair.runFor(600 * SECONDS);
        assertEquals(3_000_000, pair.b.owner.receiveNext);
        assertEquals(0, pair.a.counters.get(Counter.TCP_RETRANS_SEGS));
        assertTrue(pair.a.counters.get(Counter.TCP_ECN_REDUCTION) > 3);
        assertTrue(pair.a.congestion.signals.stream().allMatch(s -> s.startsWith("ECN")));
    }

    @Test
    @Requirement("F15")
    void lostSynIsRepeated() {
        Pair pair = transfer(SubflowConfig.DEFAULT, 1000);
        Pair.Fate dropFirst = (index, segment) -> index == 0 ? Pair.Fate.DROP : 0;
        pair = new Pair(1, SubflowConfig.DEFAULT);
        pair.a.fate = dropFirst;
        pair.a.owner.write(1000);
        pair.connect().runFor(1500 * MILLIS);
        assertEquals(1000, pair.b.owner.receiveNext);
    }

    @Test
    void lostThirdAckIsRepairedByTheData() {
        Pair pair = new Pair(1, SubflowConfig.DEFAULT);
        pair.a.fate = (index, segment) -> index == 1 ? Pair.Fate.DROP : 0;
        pair.a.owner.write(1000);
        pair.connect().runFor(500 * MILLIS);
        assertEquals(1000, pair.b.owner.receiveNext);
        assertTrue(pair.b.owner.established);
    }

    @Test
    void lostThirdAckWithoutDataIsRepairedByTheSynAck() {
        Pair pair = new Pair(1, SubflowConfig.DEFAULT);
        pair.a.fate = (index, segment) -> index == 1 ? Pair.Fate.DROP : 0;
        pair.connect().runFor(1500 * MILLIS);
        assertTrue(pair.b.owner.established);
    }

    @Test
    @Requirement("F19")
    void aLostWindowUpdateIsRepairedByTheProbe() {
        Pair pair = new Pair(1, SubflowConfig.DEFAULT);
        pair.b.owner.readsAtOnce = false;
        pair.b.owner.receiveBuffer = 20_000;
        pair.a.owner.write(100_000);
        pair.connect().runFor(3 * SECONDS);
        // Rounded up to a unit of the scale, the window is a little more than the buffer.
        assertTrue(pair.b.owner.receiveNext >= 20_000 && pair.b.owner.receiveNext < 21_024);
        pair.b.fate = (index, segment) -> Pair.Fate.DROP;
        pair.b.owner.readsAtOnce = true;
        pair.b.owner.read(20_000);
        pair.b.flow.onReceiveWindowOpened(pair.now);
        pair.pump().runFor(50 * MILLIS);
        pair.b.fate = (index, segment) -> 0;
        pair.runFor(30 * SECONDS);
        assertEquals(100_000, pair.b.owner.receiveNext);
    }

    @Test
    @Requirement("F05")
    void lostFinsInBothDirectionsStillClose() {
        Pair pair = new Pair(1, SubflowConfig.DEFAULT);
        pair.connect().runFor(SECONDS);
        int[] drops = {2, 2};
        pair.a.fate = (index, segment) -> segment.has(TcpFlags.FIN) && drops[0]-- > 0 ? Pair.Fate.DROP : 0;
        pair.b.fate = (index, segment) -> segment.has(TcpFlags.FIN) && drops[1]-- > 0 ? Pair.Fate.DROP : 0;
        pair.a.owner.shutdown();
        pair.pump().runFor(5 * SECONDS);
        pair.b.owner.shutdown();
        pair.pump().runFor(5 * SECONDS);
        assertTrue(pair.a.owner.timeWait);
        assertTrue(pair.b.owner.closed instanceof CloseReason.Finished);
    }

    @Test
    @Requirement({"G27", "rfc3522#3"})
    void aDelaySpikeCostsNoWindow() {
        Pair pair = transfer(SubflowConfig.DEFAULT, 3_000_000);
        long[] spike = {0, 0};
        pair.a.fate = (index, segment) -> pair.now >= spike[0] && pair.now < spike[1]
                ? spike[1] - pair.now + index * 20_000L : 0;
        pair.runFor(100 * MILLIS);
        long window = pair.a.flow.congestionWindow();
        spike[0] = pair.now;
        spike[1] = pair.now + 600 * MILLIS;
        pair.runFor(900 * MILLIS);
        assertTrue(pair.a.counters.get(Counter.TCP_TIMEOUTS) >= 1);
        assertEquals(1, pair.a.counters.get(Counter.TCP_SPURIOUS_RTOS));
        assertTrue(pair.a.flow.congestionWindow() >= window, pair.a.flow.congestionWindow() + " after " + window);
        pair.runFor(60 * SECONDS);
        assertEquals(3_000_000, pair.b.owner.receiveNext);
    }

    @Test
    void superSegmentsAcrossALossyPath() {
        Pair pair = new Pair(3, SubflowConfig.DEFAULT, SubflowConfig.DEFAULT, new PathProperties(1500, false, 65_535));
        pair.a.fate = (index, segment) -> index % 50 == 20 ? Pair.Fate.DROP : 0;
        pair.a.owner.write(5_000_000);
        pair.connect().runFor(600 * SECONDS);
        assertEquals(5_000_000, pair.b.owner.receiveNext);
        assertFalse(pair.a.counters.get(Counter.TCP_RETRANS_SEGS) == 0);
    }
}
