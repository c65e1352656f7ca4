package net.braid.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import net.braid.base.Requirement;
import net.braid.wire.TcpFlags;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Loss: how it is found and repaired. The round trip is 100 ms, a segment 1000 bytes, the first window 10 segments. */
class RecoveryTest {
    private static final String NO_SACK = "SA -1 ack 0 win 65535 mss 1000";
    private final Script script = Script.established();

    private void signals(String... expected) {
        assertEquals(List.of(expected), script.congestion.signals);
    }

    @Nested
    class Rack {
        @Test
        @Requirement({"G18", "rfc8985#6.2"})
        void threeSackedSegmentsShowALossAtOnce() {
            script.write(10_000).forget().after(100);
            script.peer("A 0 ack 0 sack 1000:2000", "A 0 ack 0 sack 1000:3000").emitsNothing();
            script.peer("A 0 ack 0 sack 1000:4000").emits("A 0:1000 ack 0");
            signals("LOSS 10000");
        }

        @Test
        @Requirement({"G18", "G19", "rfc8985#6.2"})
        void oneSackedSegmentShowsALossAQuarterRoundTripLater() {
            script.write(10_000).forget().after(100).peer("A 0 ack 0 sack 1000:2000").emitsNothing();
            script.after(24).emitsNothing().after(1).emits("A 0:1000 ack 0");
        }

        @Test
        @Requirement("G18")
        void smallSegmentsAreCountedAsSegments() {
            script.owner.pushAll = true;
            for (int i = 0; i < 5; i++) {
                script.write(10);
            }
            script.forget().after(100).peer("A 0 ack 0 sack 10:20", "A 0 ack 0 sack 10:30").emitsNothing();
            script.peer("A 0 ack 0 sack 10:40").emits("A 0:10 ack 0");
        }

        @Test
        @Requirement({"G14", "rfc5681#3.2"})
        void theAckThatEndsRecoveryLeavesTheWindowAtTheThreshold() {
            script.write(10_000).forget().after(100).peer("A 0 ack 0 sack 1000:4000").emits("A 0:1000 ack 0");
            script.after(100).peer("A 0 ack 10000");
            assertEquals(5000, script.congestion.threshold);
            assertEquals(5000, script.congestion.window);
        }

        @Test
        @Requirement("G18")
        void onceReorderingWasSeenThreeSegmentsAreNotEnough() {
            script.write(4000).after(100);
            // Segment 0 arrives late, by itself: never sent twice, so this is reordering.
            script.peer("A 0 ack 0 sack 1000:2000", "A 0 ack 2000", "A 0 ack 4000").forget();
            script.write(10_000).forget().after(100);
            script.peer("A 0 ack 4000 sack 5000:6000", "A 0 ack 4000 sack 5000:7000");
            script.peer("A 0 ack 4000 sack 5000:8000").forget().after(1);
            assertEquals(0, script.count(Counter.TCP_RETRANS_SEGS));
            script.peer("A 0 ack 8000").after(50);
            assertEquals(0, script.count(Counter.TCP_RETRANS_SEGS));
            assertEquals(1, script.count(Counter.TCP_SACK_REORDER));
        }

        @Test
        @Requirement("G18")
        void anAckThatCoversAndSacksAtOnceIsNoReordering() {
            script.write(5000).forget().after(100).peer("A 0 ack 3000 sack 4000:5000");
            assertEquals(0, script.count(Counter.TCP_SACK_REORDER));
        }

        @Test
        @Requirement({"G20", "rfc8985#6.2"})
        void duplicateReportsWidenTheWindowOncePerRoundTripAndForSixteenRecoveries() {
            net.braid.tcp.Rack rack = script.flow.sender().recovery().rack();
            script.write(4000).after(100).peer("A 0 ack 0 sack 1000:2000", "A 0 ack 2000", "A 0 ack 4000");
            assertEquals(25 * Script.MILLIS, rack.reorderingWindow(false, 1000));
            script.write(1000).peer("A 0 ack 4000 sack 0:1000", "A 0 ack 4000 sack 1000:2000");
            assertEquals(50 * Script.MILLIS, rack.reorderingWindow(false, 1000));
            script.after(100).peer("A 0 ack 5000 sack 0:1000");
            assertEquals(75 * Script.MILLIS, rack.reorderingWindow(false, 1000));
            for (int i = 0; i < 10; i++) {
                script.write(1000).after(100).peer("A 0 ack " + (6000 + i * 1000) + " sack 0:1000");
            }
            assertEquals(script.flow.smoothedRttNanos(), rack.reorderingWindow(false, 1000));
            for (int i = 0; i < 16; i++) {
                assertTrue(rack.reorderingWindow(false, 1000) > 25 * Script.MILLIS, "recovery " + i);
                rack.onRecoveryEnded();
            }
            assertEquals(25 * Script.MILLIS, rack.reorderingWindow(false, 1000));
        }

        @Test
        @Requirement({"G26", "rfc8985#9.3", "rfc5681#4.3"})
        void aLostRetransmissionIsFoundAndCountsAgain() {
            script.write(20_000).forget().after(100);
            script.peer("A 0 ack 0 sack 1000:4000").emits("A 0:1000 ack 0");
            script.after(1).peer("A 0 ack 0 sack 1000:10000");
            assertEquals("A 10000:11000 ack 0", script.next().toString());
            assertEquals(0, script.count(Counter.TCP_LOST_RETRANSMIT));
            // What was sent after the retransmission arrives, the retransmission does not.
            script.forget().after(100).peer("A 0 ack 0 sack 1000:11000");
            assertEquals("A 0:1000 ack 0", script.next().toString());
            assertEquals(1, script.count(Counter.TCP_LOST_RETRANSMIT));
            assertEquals(2, script.congestion.signals.size());
            assertTrue(script.congestion.signals.get(1).startsWith("LOSS "));
        }

        @Test
        @Requirement("G26")
        void aLossIsOneReductionPerWindow() {
            script.write(10_000).forget().after(100);
            script.peer("A 0 ack 0 sack 1000:2000 3000:4000 5000:6000");
            script.peer("A 0 ack 0 sack 1000:2000 3000:4000 5000:10000");
            script.after(100).peer("A 0 ack 2000 sack 3000:4000 5000:10000", "A 0 ack 4000 sack 5000:10000");
            script.after(100).peer("A 0 ack 10000");
            signals("LOSS 10000");
            assertEquals(3, script.count(Counter.TCP_RETRANS_SEGS));
            assertEquals(5000, script.flow.congestionWindow());
        }

        @Test
        @Requirement({"G15", "rfc5681#3.2"})
        void eachSackedSegmentLetsANewOneGo() {
            script.write(20_000).forget().after(100);
            script.peer("A 0 ack 0 sack 1000:2000").emits("A 10000:11000 ack 0");
            script.peer("A 0 ack 0 sack 1000:3000").emits("A 11000:12000 ack 0");
        }
    }

    @Nested
    class LossProbe {
        @Test
        @Requirement({"G22", "rfc8985#7.2"})
        void theLostTailIsRepairedBeforeTheTimeout() {
            script.write(5000).forget().after(100).peer("A 0 ack 4000").emitsNothing();
            // One segment in flight: 2 SRTT and what the peer may delay an ACK.
            script.after(239).emitsNothing().after(1).emits("AP 4000:5000 ack 0");
            script.after(100).peer("A 0 ack 5000").after(10_000).emitsNothing();
            assertEquals(0, script.count(Counter.TCP_TIMEOUTS));
            assertEquals(1, script.count(Counter.TCP_LOSS_PROBES));
        }

        @Test
        @Requirement({"G24", "rfc8985#7.4.2"})
        void aRepairWithoutOtherSignIsALoss() {
            script.write(5000).after(100).peer("A 0 ack 4000").after(340).peer("A 0 ack 5000");
            script.write(1000).after(100).peer("A 0 ack 6000");
            assertEquals(1, script.count(Counter.TCP_LOSS_PROBE_RECOVERY));
            assertEquals(1, script.congestion.signals.size());
        }

        @Test
        @Requirement({"G24", "rfc8985#7.4.2"})
        void aNeedlessProbeIsNoLoss() {
            script.write(5000).after(100).peer("A 0 ack 4000").after(340).peer("A 0 ack 5000 sack 4000:5000");
            script.write(1000).after(100).peer("A 0 ack 6000");
            signals();
        }

        @Test
        @Requirement({"G24", "rfc8985#7.4.2"})
        void aPlainDuplicateAckAlsoShowsANeedlessProbe() {
            script.write(5000).after(100).peer("A 0 ack 4000").after(340).peer("A 0 ack 5000", "A 0 ack 5000");
            script.write(1000).after(100).peer("A 0 ack 6000");
            signals();
        }

        @Test
        @Requirement({"G22", "rfc8985#7.4.1"})
        void theSackOfTheProbeShowsWhatWasLostBeforeIt() {
            script.write(3000).forget().after(200).emits("AP 2000:3000 ack 0");
            script.after(100).peer("A 0 ack 0 sack 2000:3000").emits("A 0:1000 ack 0");
            script.after(100).peer("A 0 ack 1000 sack 2000:3000").emits("A 1000:2000 ack 0");
            assertEquals(0, script.count(Counter.TCP_TIMEOUTS));
        }

        @Test
        @Requirement("rfc8985#7.3")
        void newDataIsTheBetterProbeEvenBeyondTheWindow() {
            script.write(20_000).forget().after(200).emits("A 10000:11000 ack 0");
        }

        @Test
        @Requirement({"G23", "rfc8985#7.3"})
        void thereIsOneProbeAndThenTheTimeout() {
            script.write(3000).forget().after(200).emits("AP 2000:3000 ack 0");
            script.after(299).emitsNothing().after(1).emits("A 0:1000 ack 0");
            assertEquals(1, script.count(Counter.TCP_TIMEOUTS));
        }

        @Test
        @Requirement({"G23", "rfc8985#7.3"})
        void noProbeWithoutARoundTripSampleSinceTheLast() {
            // The probe is answered, but the answer is no sample: it may be for the original.
            script.write(1000).after(240).forget().after(50).peer("A 0 ack 1000");
            script.write(1000).forget().after(299).emitsNothing().after(1).emits("AP 1000:2000 ack 0");
            assertEquals(1, script.count(Counter.TCP_LOSS_PROBES));
            assertEquals(1, script.count(Counter.TCP_TIMEOUTS));
        }

        @Test
        void noProbeWithoutSack() {
            Script plain = Script.established(Script.PLAIN, NO_SACK);
            plain.write(1000).forget().after(299).emitsNothing().after(1).emits("AP 0:1000 ack 0");
            assertEquals(0, plain.count(Counter.TCP_LOSS_PROBES));
        }

        @Test
        void aProbeThatNewDataCannotBeIsARetransmission() {
            // The window lets less than a segment through: the owner could not use it.
            script.peer("A 0 ack 0 win 3500").write(3000).forget().write(2000).emitsNothing();
            script.after(200).emits("AP 2000:3000 ack 0");
        }
    }

    @Nested
    class Timeout {
        private final Script plain = Script.established(Script.PLAIN, NO_SACK);

        @Test
        @Requirement({"F14", "G12", "rfc6298#5"})
        void isDoubledEachTime() {
            plain.write(1000).forget();
            long start = plain.now;
            plain.after(10_000);
            long[] due = {300, 900, 2100, 4500, 9300};
            List<Segment> sent = plain.all();
            assertEquals(due.length, sent.size());
            for (int i = 0; i < due.length; i++) {
                assertEquals(due[i], (sent.get(i).at() - start) / Script.MILLIS);
                assertEquals("AP 0:1000 ack 0", sent.get(i).toString());
            }
        }

        @Test
        @Requirement("rfc6298#5")
        void anAckOfNewDataRestartsIt() {
            plain.write(3000).forget().after(100).peer("A 0 ack 1000").after(299).emitsNothing();
            plain.after(1).emits("A 1000:2000 ack 0");
        }

        @Test
        @Requirement({"G14", "rfc5681#3.1"})
        void theWindowIsOneSegmentAndSlowStartFollows() {
            plain.write(10_000).forget().after(300).emits("A 0:1000 ack 0");
            assertEquals(1000, plain.flow.congestionWindow());
            assertEquals(5000, plain.flow.slowStartThreshold());
            plain.after(100).peer("A 0 ack 1000").emits("A 1000:2000 ack 0", "A 2000:3000 ack 0");
            assertEquals(List.of("RETRANSMISSION_TIMEOUT 10000"), plain.congestion.signals);
        }

        @Test
        @Requirement({"G21", "rfc8985#6.3"})
        void theHeadLeavesThoughLaterSegmentsMayStillBeUnderWay() {
            script.write(1000).after(230);
            script.write(8000).forget().after(400);
            // The probe and then the timeout: whatever RACK still believes in, the first byte goes again.
            assertTrue(script.all().stream().anyMatch(s -> s.toString().equals("A 0:1000 ack 0")));
        }

        @Test
        @Requirement({"F15", "rfc9293#3.8.3"})
        void r1TellsTheOwnerAndR2GivesUp() {
            plain.write(1000);
            plain.owner.events.clear();
            long start = plain.now;
            plain.after(3_600_000).in(TcpState.CLOSED);
            assertEquals(15, plain.count(Counter.TCP_TIMEOUTS));
            assertTrue(plain.owner.events.contains("trouble 3"));
            assertEquals("closed TimedOut[retransmissions=15]", plain.owner.events.getLast());
            assertTrue(plain.all().getLast().at() - start > 100 * Script.SECONDS);
        }

        @Test
        @Requirement("F15")
        void theUserTimeoutEndsItEarlier() {
            Script impatient = Script.established(
                    Script.PLAIN.toBuilder().userTimeoutNanos(10 * Script.SECONDS).build(), NO_SACK);
            impatient.write(1000).after(9_999).in(TcpState.ESTABLISHED).after(1).in(TcpState.CLOSED);
        }

        @Test
        @Requirement("F15")
        void theUserTimeoutCountsFromTheLastProgress() {
            Script impatient = Script.established(
                    Script.PLAIN.toBuilder().userTimeoutNanos(10 * Script.SECONDS).build());
            impatient.write(2000).after(5_000).peer("A 0 ack 1000").after(9_999).in(TcpState.ESTABLISHED);
            impatient.after(1).in(TcpState.CLOSED);
        }

        @Test
        @Requirement({"G27", "rfc3522#3"})
        void aDelaySpikeIsRecognizedByTimestampsAndUndone() {
            Script timed = Script.established(SubflowConfig.DEFAULT.toBuilder().pacing(false).sack(false).build(),
                    "SA -1 ack 0 win 65535 mss 1012 ts 100:1000");
            timed.write(5000).forget().after(300);
            assertEquals(1, timed.count(Counter.TCP_TIMEOUTS));
            timed.forget().after(50).peer("A 0 ack 1000 ts 101:1100");
            assertEquals(1, timed.count(Counter.TCP_SPURIOUS_RTOS));
            // As before the timeout, and slow start goes on.
            assertEquals(11_000, timed.flow.congestionWindow());
            timed.emitsNothing().peer("A 0 ack 5000 ts 101:1100").emitsNothing();
        }

        @Test
        @Requirement("G27")
        void anAnswerToTheRetransmissionIsNotUndone() {
            Script timed = Script.established(SubflowConfig.DEFAULT.toBuilder().pacing(false).sack(false).build(),
                    "SA -1 ack 0 win 65535 mss 1012 ts 100:1000");
            timed.write(5000).after(300).forget().after(50).peer("A 0 ack 1000 ts 101:1400");
            assertEquals(0, timed.count(Counter.TCP_SPURIOUS_RTOS));
        }

        @Test
        @Requirement({"G09", "rfc2018#8"})
        void whatAPeerRenegesOnIsSentAgain() {
            script.write(5000).forget().after(100).peer("A 0 ack 0 sack 1000:5000").emits("A 0:1000 ack 0");
            // The head arrives, but the peer has thrown away what it had SACKed.
            script.after(100).peer("A 0 ack 1000").after(3000);
            assertEquals(1, script.count(Counter.TCP_SACK_RENEGING));
            assertEquals("A 1000:2000 ack 0", script.next().toString());
            script.peer("A 0 ack 2000", "A 0 ack 3000", "A 0 ack 4000", "A 0 ack 5000");
            assertEquals(5000, script.owner.acknowledged);
        }

        @Test
        @Requirement({"G13", "rfc6298#3"})
        void theAckOfARetransmissionIsNoSampleAndKeepsTheBackoff() {
            plain.write(1000).after(300).peer("A 0 ack 1000");
            assertEquals(600 * Script.MILLIS, plain.flow.retransmissionTimeoutNanos());
            plain.write(1000).after(100).peer("A 0 ack 2000");
            assertEquals(300 * Script.MILLIS, plain.flow.retransmissionTimeoutNanos());
        }

        @Test
        @Requirement({"H17", "G09"})
        void rangesBeyondTheScoreboardAreIgnoredAndCounted() {
            script.owner.pushAll = true;
            int segments = 2 * Sender.SCOREBOARD_LIMIT + 4;
            for (int i = 0; i < segments; i++) {
                script.write(1);
            }
            script.forget().after(10);
            for (int i = 1; i + 1 < segments; i += 2) {
                if (i < 2 * Sender.SCOREBOARD_LIMIT + 1) {
                    assertEquals(0, script.count(Counter.TCP_SACK_SCOREBOARD_FULL));
                }
                script.inject("A 0 ack 0 sack " + i + ":" + (i + 1));
            }
            assertEquals(1, script.count(Counter.TCP_SACK_SCOREBOARD_FULL));
            script.peer("A 0 ack " + segments);
            assertEquals(segments, script.owner.acknowledged);
        }

        @Test
        void aClockThatJumpsByAnHourEndsNothing() {
            script.write(3000).forget().jump(3_600_000).in(TcpState.ESTABLISHED).after(1000);
            assertTrue(script.all().size() <= 3);
            script.peer("A 0 ack 3000").in(TcpState.ESTABLISHED);
        }
    }

    @Nested
    @Requirement({"G27", "rfc2883#5"})
    class UndoByDuplicateSack {
        @BeforeEach
        void segmentOneIsSentAgain() {
            script.write(1000).after(100).peer("A 0 ack 1000").write(10_000).forget().after(100);
            script.peer("A 0 ack 1000 sack 2000:5000").emits("A 1000:2000 ack 0");
            assertEquals(1, script.congestion.signals.size());
        }

        private void undone(int times) {
            assertEquals(times, script.count(Counter.TCP_DSACK_UNDO));
        }

        @Test
        void theRetransmissionWasNeedless() {
            script.peer("A 0 ack 5000", "A 0 ack 5000 sack 1000:2000");
            undone(1);
        }

        @Test
        void oneAckMayTellOfOriginalAndRetransmission() {
            script.peer("A 0 ack 5000 sack 1000:2000");
            undone(1);
        }

        @Test
        void aDuplicateOfWhatWasAcknowledgedBeforeSaysNothing() {
            script.peer("A 0 ack 1000 sack 0:1000 2000:5000");
            undone(0);
            script.peer("A 0 ack 5000", "A 0 ack 5000 sack 1000:2000");
            undone(1);
        }

        @Test
        void aDuplicateOfWhatWasSentOnceSaysNothing() {
            script.peer("A 0 ack 1000 sack 3000:4000 2000:5000");
            undone(0);
        }
    }

    @Nested
    @Requirement("rfc6582#3.2")
    class WithoutSack {
        private final Script plain = Script.established(Script.PLAIN, NO_SACK);

        @Test
        @Requirement({"G15", "rfc5681#3.2"})
        void twoDuplicatesLetNewDataGoAndTheThirdRetransmits() {
            plain.write(20_000).forget().after(100);
            plain.peer("A 0 ack 0").emits("A 10000:11000 ack 0");
            plain.peer("A 0 ack 0").emits("A 11000:12000 ack 0");
            plain.peer("A 0 ack 0").emits("A 0:1000 ack 0");
        }

        @Test
        @Requirement({"A05", "rfc8684#3.4.1"})
        void duplicatesThatCarryASignalOfMultipathDoNotCount() {
            plain.write(20_000).forget().after(100);
            for (int i = 0; i < 5; i++) {
                plain.peer("A 0 ack 0 prio").emitsNothing();
            }
            assertEquals(List.of(), plain.congestion.signals);
        }

        @Test
        void partialAcksRepairOneHoleEach() {
            plain.write(10_000).forget().after(100);
            plain.peer("A 0 ack 0", "A 0 ack 0", "A 0 ack 0").emits("A 0:1000 ack 0");
            plain.after(100).peer("A 0 ack 3000").emits("A 3000:4000 ack 0");
            plain.after(100).peer("A 0 ack 10000").emitsNothing();
            assertEquals(List.of("LOSS 10000"), plain.congestion.signals);
            assertEquals(5000, plain.flow.congestionWindow());
            assertEquals(0, plain.count(Counter.TCP_TIMEOUTS));
        }

        @Test
        void duplicatesCausedByOurOwnRepairsDoNotStartAnother() {
            plain.write(10_000).after(300).peer("A 0 ack 1000");
            plain.peer("A 0 ack 10000").write(5000).forget();
            plain.peer("A 0 ack 10000", "A 0 ack 10000", "A 0 ack 10000");
            assertEquals(1, plain.congestion.signals.size());
        }

        @Test
        @Requirement("rfc5681#2")
        void windowUpdatesAndDataAreNoDuplicates() {
            plain.write(10_000).forget().after(100);
            plain.peer("A 0 ack 0 win 60000", "A 0 ack 0 win 61000", "A 0 ack 0 win 62000", "A 0 ack 0 win 63000");
            plain.peer("A 0:10 ack 0 win 63000", "A 10:20 ack 0 win 63000", "A 20:30 ack 0 win 63000");
            assertEquals(0, plain.count(Counter.TCP_RETRANS_SEGS));
        }

        @Test
        void theRoundTripIsNotMeasuredFromWhatWaitedForARepair() {
            plain.write(10_000).after(100).peer("A 0 ack 0", "A 0 ack 0", "A 0 ack 0").after(150);
            plain.peer("A 0 ack 10000");
            assertEquals(100 * Script.MILLIS, plain.flow.smoothedRttNanos());
        }
    }

    @Nested
    @Requirement({"G30", "rfc3168#6.1.2"})
    class CongestionEcho {
        private final Script ecn = Script.established(Script.PLAIN.toBuilder().ecn(true).build(),
                "SAE -1 ack 0" + Script.PEER_SYN_OPTIONS);

        @Test
        void onlyNewDataIsEcnCapable() {
            assertEquals(Ecn.ECT_0, ecn.write(1000).next().ecn());
            ecn.peer("A 0:10 ack 0");
            assertEquals(Ecn.NOT_ECT, ecn.next().ecn());
            assertEquals(Ecn.NOT_ECT, ecn.after(240).next().ecn());
        }

        @Test
        void reducesOncePerWindowAndSaysSoOnce() {
            ecn.write(40_000).forget().after(100);
            ecn.peer("AE 0 ack 1000");
            for (int i = 2; i <= 10; i++) {
                ecn.peer("AE 0 ack " + i * 1000);
            }
            assertEquals(List.of("ECN 10000"), ecn.congestion.signals);
            List<Segment> sent = ecn.all();
            assertEquals(1, sent.stream().filter(s -> s.has(TcpFlags.CWR)).count());
            assertTrue(sent.getFirst().has(TcpFlags.CWR));
            ecn.after(100).peer("AE 0 ack " + (sent.getLast().end()));
            assertEquals(2, ecn.congestion.signals.size());
        }

        @Test
        void anyReductionIsAnnounced() {
            ecn.write(20_000).forget().after(100).peer("A 0 ack 0 sack 1000:4000");
            ecn.after(100).peer("A 0 ack 10000");
            assertEquals(1, ecn.all().stream().filter(s -> s.has(TcpFlags.CWR)).count());
        }
    }

    @Nested
    class SuperSegments {
        private final Script large = Script.established(Script.PLAIN, new PathProperties(1500, false, 65_535),
                "SA -1 ack 0" + Script.PEER_SYN_OPTIONS);

        @Test
        void theOddEndLeavesAlone() {
            large.write(9500);
            Segment first = large.next();
            assertEquals("A 0:9000 ack 0", first.toString());
            assertEquals(1000, first.segmentSize());
            Segment end = large.next();
            assertEquals("AP 9000:9500 ack 0", end.toString());
            assertEquals(0, end.segmentSize());
        }

        @Test
        @Requirement("G18")
        void sackEdgesInsideSplitThem() {
            large.write(9500).forget().after(100);
            large.peer("A 0 ack 0 sack 3000:5000", "A 0 ack 0 sack 7000:9000 3000:5000");
            // 2000 bytes were delivered by the ACK that shows the loss: so many may leave (RFC 6937).
            large.emits("A 0:2000 ack 0");
            // The repair was sent after 9000:9500 and has arrived: that is lost too.
            large.after(100).peer("A 0 ack 2000 sack 7000:9000 3000:5000");
            large.emits("A 2000:3000 ack 0", "A 5000:6000 ack 0");
            large.after(100).peer("A 0 ack 9500");
            assertEquals(9500, large.owner.acknowledged);
        }

        @Test
        void theProbeIsTheLastSegmentOnly() {
            large.owner.pushAll = true;
            large.write(9000).forget().after(200).emits("AP 8000:9000 ack 0");
        }

        @Test
        void acksInsideThemAreFine() {
            large.write(9500).after(100).peer("A 0 ack 3500").after(1).peer("A 0 ack 9500");
            assertEquals(9500, large.owner.acknowledged);
            assertEquals(0, large.flow.bytesInFlight());
        }
    }
}
