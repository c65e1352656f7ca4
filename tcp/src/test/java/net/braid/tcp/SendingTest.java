package net.braid.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import net.braid.base.Requirement;
import net.braid.wire.TcpFlags;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** What may leave: the peer's window, silly windows, probes, idle flows, keep-alive, ICMP, pacing. */
class SendingTest {
    private static final String NO_SACK = "SA -1 ack 0 win 65535 mss 1000";
    private final Script script = Script.established();

    @Test
    @Requirement({"F28", "rfc9293#3.9.1.2"})
    void theLastSegmentOfAWriteIsPushed() {
        script.write(2500).emits("A 0:1000 ack 0", "A 1000:2000 ack 0", "AP 2000:2500 ack 0");
    }

    @Test
    @Requirement({"G14", "rfc5681#3.1"})
    void slowStartDoublesTheWindowPerRoundTrip() {
        script.write(100_000);
        assertEquals(10, script.all().size());
        script.after(100);
        for (int i = 1; i <= 10; i++) {
            script.peer("A 0 ack " + i * 1000);
        }
        assertEquals(20, script.all().size());
        assertEquals(20_000, script.flow.congestionWindow());
    }

    @Nested
    class PeersWindow {
        @Test
        void isNeverExceeded() {
            script.peer("A 0 ack 0 win 2500").write(10_000);
            script.emits("A 0:1000 ack 0", "A 1000:2000 ack 0");
        }

        @Test
        @Requirement({"F20", "rfc9293#3.8.6.2.1"})
        void aSillyWindowIsNotUsedUntilTheOverrideTimeout() {
            script.peer("A 0 ack 0 win 400").write(5000).emitsNothing();
            script.after(299).emitsNothing().after(1).emits("A 0:400 ack 0");
        }

        @Test
        @Requirement({"F20", "rfc9293#3.8.6.2.1"})
        void halfOfTheLargestWindowIsNotSilly() {
            Script small = Script.established(Script.PLAIN, "SA -1 ack 0 win 800 mss 1000 sackok");
            small.peerWindow = 800;
            small.write(5000).emits("A 0:800 ack 0");
        }

        @Test
        @Requirement({"F18", "rfc9293#3.8.6"})
        void mayShrinkAndNothingNewLeavesBeyondIt() {
            script.write(3000).forget().peer("A 0 ack 1000 win 1000").write(5000).emitsNothing();
            script.peer("A 0 ack 3000 win 1000");
            assertEquals("A 3000:4000 ack 0", script.next().toString());
        }

        @Test
        @Requirement("F18")
        void updateWithAnOlderSegmentIsIgnored() {
            script.peer("A 0:100 ack 0 win 5000", "A 0 ack 0 win 100");
            assertEquals(5000, script.flow.sendWindow());
        }

        @Test
        void anAckOnARetransmissionBringsItsOwnWindow() {
            Script tight = Script.established(Script.PLAIN, "SA -1 ack 0 win 3000 mss 1000 sackok");
            tight.peerWindow = 3000;
            tight.peer("A 1000:1100 ack 0").write(10_000).forget();
            // Its sequence number is old, but it was sent last: the right edge must stay where it was.
            tight.peer("A 0:1000 ack 2000 win 1000").emits("A 3000 ack 1100");
            tight.peer("A 1100 ack 2000").emits("A 3000:4000 ack 1100", "A 4000:5000 ack 1100");
        }
    }

    @Nested
    @Requirement({"F19", "rfc9293#3.8.6.1"})
    class ZeroWindow {
        @Test
        void isProbedAfterTheTimeoutAndThenAtDoublingIntervalsForTenHours() {
            script.peer("A 0 ack 0 win 0").write(3000).emitsNothing();
            long start = script.now;
            long[] due = {300, 900, 2100, 4500, 9300, 18_900, 38_100, 76_500, 153_300, 273_300, 393_300};
            int probes = 0;
            while (script.now - start < 36_000 * Script.SECONDS) {
                script.afterNanos(script.flow.deadline() - script.now);
                for (Segment probe : script.all()) {
                    assertEquals("A -1 ack 0", probe.toString());
                    if (probes < due.length) {
                        assertEquals(due[probes], (probe.at() - start) / Script.MILLIS, "probe " + probes);
                    }
                    probes++;
                    script.peer("A 0 ack 0 win 0");
                }
                script.in(TcpState.ESTABLISHED);
            }
            assertTrue(probes > 300, "probes: " + probes);
            script.peer("A 0 ack 0 win 65535").emits("A 0:1000 ack 0", "A 1000:2000 ack 0", "AP 2000:3000 ack 0");
        }

        @Test
        void withoutAnyAnswerTheFlowIsGivenUp() {
            script.peer("A 0 ack 0 win 0").write(3000).after(3_600_000).in(TcpState.CLOSED);
            assertEquals(15, script.all().size());
        }

        @Test
        void dataUnderWayWhenTheWindowShutMayStayUnacknowledgedWhileThePeerAnswers() {
            Script plain = Script.established(Script.PLAIN, NO_SACK);
            plain.write(3000).peer("A 0 ack 1000 win 0");
            long end = plain.now + 36_000 * Script.SECONDS;
            while (plain.now < end) {
                plain.afterNanos(plain.flow.deadline() - plain.now).peer("A 0 ack 1000 win 0");
                plain.in(TcpState.ESTABLISHED);
            }
            plain.forget().peer("A 0 ack 3000 win 65535");
            assertEquals(3000, plain.owner.acknowledged);
        }

        @Test
        void dataUnderWayIsGivenUpWhenThePeerIsSilent() {
            Script plain = Script.established(Script.PLAIN, NO_SACK);
            plain.write(3000).peer("A 0 ack 1000 win 0").after(3_600_000).in(TcpState.CLOSED);
        }

        @Test
        void finLeavesAtAZeroWindow() {
            script.peer("A 0 ack 0 win 0").shutdown().emits("AF 0 ack 0");
        }
    }

    @Nested
    class Idle {
        @Test
        @Requirement({"G15", "rfc5681#4.1"})
        void anIdleTimeoutRestartsTheWindow() {
            script.write(20_000).after(100);
            for (int i = 1; i <= 20; i++) {
                script.peer("A 0 ack " + i * 1000);
            }
            assertTrue(script.flow.congestionWindow() > 10_000);
            script.after(1000).write(50_000);
            assertEquals(10_000, script.flow.congestionWindow());
            assertEquals(List.of("IDLE_RESTART 0"), script.congestion.signals);
        }

        @Test
        @Requirement("G15")
        void notAfterAShorterPause() {
            script.write(1000).after(100).peer("A 0 ack 1000").after(150).write(1000);
            assertEquals(List.of(), script.congestion.signals);
        }
    }

    @Nested
    @Requirement({"F16", "rfc9293#3.8.4"})
    class KeepAlive {
        private static final long HOURS = 3_600_000;
        private final Script kept = Script.established(Script.PLAIN.toBuilder()
                .keepAliveIdleNanos(2 * HOURS * Script.MILLIS).build());

        @Test
        void isOffByDefault() {
            script.after(100 * HOURS).emitsNothing().in(TcpState.ESTABLISHED);
        }

        @Test
        void probesAfterTheIdleTimeAndASingleLossIsNotFatal() {
            kept.after(2 * HOURS - 1).emitsNothing().after(1).emits("A -1 ack 0");
            kept.after(75_000).emits("A -1 ack 0").peer("A 0 ack 0").in(TcpState.ESTABLISHED);
            kept.after(2 * HOURS - 1).emitsNothing().after(1).emits("A -1 ack 0");
        }

        @Test
        void nineUnansweredProbesEndTheFlow() {
            kept.after(2 * HOURS + 8 * 75_000).in(TcpState.ESTABLISHED).after(75_000).in(TcpState.CLOSED);
            assertEquals(9, kept.all().size());
        }

        @Test
        void trafficPutsItOff() {
            kept.after(HOURS).peer("A 0:100 ack 0").forget().after(2 * HOURS - 1).emitsNothing();
            kept.after(1).emits("A -1 ack 100");
        }

        @Test
        void outstandingDataIsTheRetransmissionTimersBusiness() {
            kept.after(2 * HOURS).forget().write(1000).forget().after(75_000 * 5);
            assertFalse(kept.all().stream().anyMatch(s -> s.sequence() == -1));
        }
    }

    @Nested
    class PathMtuMessages {
        @Test
        @Requirement({"F12", "rfc1191#6.3"})
        void shrinkTheSegmentAndTheDataLeavesAgainWithoutBlame() {
            Script large = Script.established(Script.PLAIN, "SA -1 ack 0 win 65535 mss 1460 sackok");
            large.write(2920).emits("A 0:1460 ack 0", "AP 1460:2920 ack 0");
            large.flow.onPacketTooBig(1040, large.wire(0), large.now);
            large.pump().emits("A 0:1000 ack 0", "A 1000:1460 ack 0", "A 1460:2460 ack 0", "AP 2460:2920 ack 0");
            assertEquals(List.of(), large.congestion.signals);
            assertEquals(1000, large.flow.maximumSegmentSize());
        }

        @Test
        @Requirement({"F25", "rfc5927#7.2"})
        void mustQuoteASegmentUnderWay() {
            script.write(1000);
            script.flow.onPacketTooBig(700, script.wire(1000), script.now);
            script.flow.onPacketTooBig(700, script.wire(-1), script.now);
            assertEquals(1500, script.flow.pathMtuBytes());
            assertEquals(2, script.count(Counter.LOCK_DROPPED_ICMPS));
        }

        @Test
        void neverGoBelowTheMinimum() {
            script.write(1000);
            script.flow.onPacketTooBig(68, script.wire(0), script.now);
            assertEquals(576, script.flow.pathMtuBytes());
        }

        @Test
        @Requirement("rfc8201#4")
        void belowTheMinimumOfIpv6AreDiscarded() {
            Script v6 = Script.established(Script.PLAIN, new PathProperties(1500, true, 1500),
                    "SA -1 ack 0 win 65535 mss 1440 sackok");
            v6.write(1440);
            v6.flow.onPacketTooBig(1279, v6.wire(0), v6.now);
            assertEquals(1500, v6.flow.pathMtuBytes());
            v6.flow.onPacketTooBig(1280, v6.wire(0), v6.now);
            assertEquals(1280, v6.flow.pathMtuBytes());
        }

        @Test
        @Requirement("rfc1191#7.1")
        void withoutANumberMeanTheNextPlateau() {
            script.write(1000);
            script.flow.onPacketTooBig(0, script.wire(0), script.now);
            assertEquals(1492, script.flow.pathMtuBytes());
            script.flow.onPacketTooBig(0, script.wire(0), script.now);
            assertEquals(1006, script.flow.pathMtuBytes());
        }

        @Test
        @Requirement("F25")
        void anUnreachableDoesNotEndAStandingConnection() {
            script.write(1000).owner.events.clear();
            script.flow.onUnreachable(3, 3, script.wire(0), script.now);
            script.in(TcpState.ESTABLISHED).told("trouble 0");
        }
    }

    @Test
    void aFullLinkLosesNothing() {
        script.sink.full = true;
        script.write(3000).peer("A 0:100 ack 0").emitsNothing();
        script.sink.full = false;
        script.pump();
        List<Segment> sent = script.all();
        assertEquals("A 0:1000 ack 100", sent.getFirst().toString());
        assertEquals(3000, sent.getLast().end());
    }

    @Test
    void optionBytesOfTheOwnerShortenTheSegment() {
        Script narrow = new Script(Script.PLAIN);
        narrow.owner.optionBytes = 20;
        narrow.connect().peer("SA -1 ack 0" + Script.PEER_SYN_OPTIONS).forget();
        Segment first = narrow.write(3000).next();
        assertEquals(980, first.length());
        assertEquals(40, first.headerLength());
    }

    @Test
    @Requirement("G32")
    void reservedBitsAreSentAsZero() {
        for (Segment s : script.write(5000).shutdown().all()) {
            assertEquals(0, s.flags() & (TcpFlags.URG | TcpFlags.ECE | TcpFlags.CWR));
        }
    }

    @Test
    void pacingSpreadsAWindowOverTheRoundTrip() {
        Script paced = Script.established(Script.PLAIN.toBuilder().pacing(true).build());
        paced.write(50_000).after(100);
        for (int i = 1; i <= 10; i++) {
            paced.peer("A 0 ack " + i * 1000);
        }
        paced.forget().after(100);
        List<Segment> sent = paced.all();
        long most = 0;
        for (int i = 1; i < sent.size(); i++) {
            most = Math.max(most, sent.get(i).at() - sent.get(i - 1).at());
        }
        assertTrue(sent.size() >= 10, "sent " + sent.size());
        // 20 segments at twice the window per round trip: one each 2.5 ms.
        assertTrue(most <= 6 * Script.MILLIS && most >= 2 * Script.MILLIS, "longest pause " + most);
    }
}
