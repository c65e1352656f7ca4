package net.braid.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import net.braid.base.Requirement;
import net.braid.wire.TcpFlags;
import net.braid.wire.TcpOptions;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Data that arrives: when it is acknowledged, what SACK says of it, which window is offered. */
class ReceivingTest {
    private final Script script = Script.established();

    /** The first sixteen segments are acknowledged one by one. */
    private long skipQuickAcks() {
        for (int i = 0; i < 16; i++) {
            script.peer("A " + i * 1000 + ":" + (i + 1) * 1000 + " ack 0");
        }
        script.forget();
        return 16_000;
    }

    @Nested
    class DelayedAcknowledgment {
        @Test
        void theFirstSixteenSegmentsAreAcknowledgedAtOnce() {
            for (int i = 0; i < 16; i++) {
                script.peer("A " + i * 1000 + ":" + (i + 1) * 1000 + " ack 0").emits("A 0 ack " + (i + 1) * 1000);
            }
        }

        @Test
        @Requirement({"F21", "rfc5681#4.2"})
        void thenEverySecondFullSegment() {
            skipQuickAcks();
            script.peer("A 16000:17000 ack 0").emitsNothing();
            script.peer("A 17000:18000 ack 0").emits("A 0 ack 18000");
            script.peer("A 18000:19000 ack 0").emitsNothing();
            script.peer("A 19000:20000 ack 0").emits("A 0 ack 20000");
        }

        @Test
        @Requirement("F21")
        void aLoneSegmentIsAcknowledgedAfter40Milliseconds() {
            skipQuickAcks();
            script.peer("A 16000:17000 ack 0").after(39).emitsNothing().after(1).emits("A 0 ack 17000");
            assertEquals(1, script.count(Counter.TCP_DELAYED_ACKS));
        }

        @Test
        @Requirement("F21")
        void smallSegmentsAddUp() {
            skipQuickAcks();
            script.peer("A 16000:16600 ack 0").emitsNothing();
            script.peer("A 16600:17200 ack 0").emits("A 0 ack 17200");
        }

        @Test
        @Requirement("F23")
        void aBatchIsAcknowledgedOnce() {
            script.peerBatch("A 0:1000 ack 0", "A 1000:2000 ack 0", "A 2000:3000 ack 0").emits("A 0 ack 3000");
        }

        @Test
        @Requirement("F21")
        void aCoalescedSegmentCountsAsManyOnTheWire() {
            skipQuickAcks();
            script.peer("A 16000:17000 ack 0 coalesced 500").emitsNothing();
            // The peer's segment is 1000 bytes by now; two of them under one header are due an ACK.
            script.after(40).forget().peer("A 17000:19000 ack 0 coalesced 1000").emits("A 0 ack 19000");
        }

        @Test
        void afterADuplicateTheAckStillRidesOnDataWithoutSack() {
            Script plain = Script.established(Script.PLAIN.toBuilder().sack(false).build());
            for (int i = 0; i < 16; i++) {
                plain.peer("A " + i * 1000 + ":" + (i + 1) * 1000 + " ack 0");
            }
            plain.peer("A 15000:16000 ack 0").forget();
            plain.owner.write(500);
            plain.peerBatch("A 16000:17000 ack 0", "A 17000:18000 ack 0").emits("AP 0:500 ack 18000");
        }

        @Test
        void theAckRidesOnDataInAnswer() {
            skipQuickAcks();
            script.owner.write(500);
            script.peer("A 16000:17000 ack 0").emits("AP 0:500 ack 17000").after(100).emits();
        }

        @Test
        @Requirement("rfc5681#4.2")
        void outOfOrderDataIsAcknowledgedAtOnceAndSoIsWhatFillsTheHole() {
            skipQuickAcks();
            script.peer("A 17000:18000 ack 0").emits("A 0 ack 16000 sack 17000:18000");
            script.peer("A 16000:17000 ack 0").emits("A 0 ack 18000");
        }

        @Test
        void anAckIsNotHeldForDataThatTheWindowShutsOut() {
            script.peer("A 0 ack 0 win 100").write(5000).emitsNothing();
            script.peer("A 0:1000 ack 0 win 100").emits("A 0 ack 1000");
        }
    }

    @Nested
    class SelectiveAcknowledgment {
        @Test
        @Requirement({"G08", "rfc2018#4"})
        void caseOneOfRfc2018EveryFourthSegmentOfEightIsLost() {
            // Section 7 of RFC 2018, case 2: the first segment is dropped and the other seven arrive.
            for (int i = 1; i < 8; i++) {
                script.peer("A " + i * 500 + ":" + (i + 1) * 500 + " ack 0")
                        .emits("A 0 ack 0 sack 500:" + (i + 1) * 500);
            }
        }

        @Test
        @Requirement({"G08", "rfc2018#4"})
        void newestBlockFirstThenTheOnesReportedLast() {
            // Case 3: second, fourth, sixth and eighth of eight are dropped (here with room for four blocks).
            script.peer("A 0:500 ack 0").emits("A 0 ack 500");
            script.peer("A 1000:1500 ack 0").emits("A 0 ack 500 sack 1000:1500");
            script.peer("A 2000:2500 ack 0").emits("A 0 ack 500 sack 2000:2500 1000:1500");
            script.peer("A 3000:3500 ack 0").emits("A 0 ack 500 sack 3000:3500 2000:2500 1000:1500");
            // The fourth arrives and joins two blocks; then the second.
            script.peer("A 1500:2000 ack 0").emits("A 0 ack 500 sack 1000:2500 3000:3500");
            script.peer("A 500:1000 ack 0").emits("A 0 ack 2500 sack 3000:3500");
        }

        @Test
        @Requirement({"G08", "G03"})
        void withTimestampsThreeBlocksFit() {
            Script timed = Script.established(SubflowConfig.DEFAULT, "SA -1 ack 0 win 65535 mss 1000 sackok ts 1:1000");
            for (int i = 1; i <= 5; i++) {
                timed.peer("A " + i * 2000 + ":" + (i * 2000 + 1000) + " ack 0 ts 1:1000");
            }
            assertEquals("A 0 ack 0 sack 10000:11000 8000:9000 6000:7000", timed.all().getLast().toString());
        }

        @Test
        @Requirement("G07")
        void withoutPermissionThereIsNone() {
            Script plain = Script.established(Script.PLAIN, "SA -1 ack 0 win 65535 mss 1000");
            plain.peer("A 1000:2000 ack 0").emits("A 0 ack 0");
        }

        @Test
        void aDuplicateOutOfOrderMovesItsBlockToTheFront() {
            script.peer("A 1000:1500 ack 0", "A 2000:2500 ack 0").forget();
            script.peer("A 1000:1500 ack 0").emits("A 0 ack 0 sack 1000:1500 1000:1500 2000:2500");
        }

        @Test
        void pureAckWithSackFollowsDataThatHasNoRoomForIt() {
            script.peer("A 1000:1500 ack 0").forget();
            script.owner.write(300);
            script.peer("A 2000:2500 ack 0");
            assertTrue(script.all().stream().anyMatch(s -> s.hasOption(TcpOptions.SACK)));
        }
    }

    @Nested
    @Requirement({"G10", "rfc2883#4"})
    class DuplicateSack {
        @Test
        void bytesOfAnEarlierConnectionAreNoDuplicates() {
            script.peer("A 0:1000 ack 0").forget().peer("A -5000:-4000 ack 0").emits("A 0 ack 1000");
        }

        @Test
        void aWholeDuplicateSegment() {
            // RFC 2883 section 4.1.1
            script.peer("A 0:500 ack 0", "A 500:1000 ack 0").forget();
            script.peer("A 500:1000 ack 0").emits("A 0 ack 1000 sack 500:1000");
        }

        @Test
        void aDuplicateWithAHole() {
            // Section 4.1.2: the duplicate first, then the block above the hole.
            script.peer("A 0:500 ack 0", "A 1000:1500 ack 0").forget();
            script.peer("A 0:500 ack 0").emits("A 0 ack 500 sack 0:500 1000:1500");
        }

        @Test
        void aDuplicateOfAnOutOfOrderSegment() {
            // Section 4.1.3: the duplicate lies inside the second block.
            script.peer("A 1000:1500 ack 0", "A 1500:2000 ack 0").forget();
            script.peer("A 1000:1500 ack 0").emits("A 0 ack 0 sack 1000:1500 1000:2000");
        }

        @Test
        void aPartlyDuplicateSegment() {
            // Section 4.2.1: only the part that had arrived is reported.
            script.peer("A 0:500 ack 0").forget();
            script.peer("A 0:1000 ack 0").emits("A 0 ack 1000 sack 0:500");
        }

        @Test
        void twoDuplicatePartsInOneSegmentReportOne() {
            // Section 4.2.3: "the first" or any one of the two may be reported; bytes between them are new.
            script.peer("A 500:1000 ack 0", "A 1500:2000 ack 0").forget();
            script.peer("A 500:2000 ack 0").emits("A 0 ack 0 sack 1500:2000 500:2000");
        }

        @Test
        void itIsReportedOnce() {
            script.peer("A 0:500 ack 0", "A 0:500 ack 0").forget();
            script.peer("A 500:1000 ack 0").emits("A 0 ack 1000");
        }
    }

    @Nested
    @Requirement("F27")
    class Trimming {
        @Test
        void leftOfReceiveNext() {
            script.peer("A 0:1000 ack 0", "A 500:1500 ack 0");
            assertEquals(1500, script.owner.receiveNext);
        }

        @Test
        void rightOfTheWindow() {
            script.owner.readsAtOnce = false;
            script.peer("A 0:60000 ack 0").forget();
            script.peer("A 60000:66000 ack 0").emits("A 0 ack 65535");
        }

        @Test
        void aSegmentBeyondTheWindowIsDroppedAndAnswered() {
            script.peer("A 65535:65600 ack 0").emits("A 0 ack 0");
            assertEquals(1, script.count(Counter.TCP_OUT_OF_WINDOW));
        }

        @Test
        void overHolesOnlyNewBytesAreHandedOver() {
            script.peer("A 1000:2000 ack 0", "A 3000:4000 ack 0", "A 500:3500 ack 0", "A 0:5000 ack 0");
            assertEquals(5000, script.owner.receiveNext);
        }
    }

    @Test
    void whatTheOwnerRefusesHasNotArrived() {
        script.owner.refusesPayload = true;
        script.peer("A 0:1000 ack 0").emits("A 0 ack 0");
        script.owner.refusesPayload = false;
        script.peer("A 0:1000 ack 0").emits("A 0 ack 1000");
    }

    @Test
    void oneHoleTooManyIsRefusedButHolesStillFill() {
        Script few = Script.established(Script.PLAIN.toBuilder().receiveHoles(2).build());
        few.peer("A 1000:1100 ack 0", "A 2000:2100 ack 0").forget();
        few.peer("A 3000:3100 ack 0").emits("A 0 ack 0 sack 2000:2100 1000:1100");
        assertEquals(1, few.count(Counter.TCP_OFO_DROP));
        few.peer("A 2100:2200 ack 0").emits("A 0 ack 0 sack 2000:2200 1000:1100");
        few.peer("A 0:1000 ack 0").emits("A 0 ack 1100 sack 2000:2200");
    }

    @Test
    @Requirement("F17")
    void urgentDataStaysInLine() {
        script.peer("AU 0:1000 ack 0 urg 10").emits("A 0 ack 1000");
        assertEquals(1, script.count(Counter.TCP_URGENT));
    }

    @Test
    @Requirement("G32")
    void reservedBitsAreIgnored() {
        for (int bits = 0; bits < 8; bits++) {
            script.peer("A " + bits * 10 + ":" + (bits + 1) * 10 + " ack 0 reserved " + (bits << 1 | bits >> 2));
        }
        assertEquals(80, script.owner.receiveNext);
    }

    @Nested
    class Window {
        @Test
        @Requirement({"F20", "rfc9293#3.8.6.2.2"})
        void aByteAtATimeDoesNotOpenIt() {
            script.owner.readsAtOnce = false;
            script.peer("A 0:40000 ack 0", "A 40000:65535 ack 0");
            assertEquals(0, script.all().getLast().window());
            for (int i = 0; i < 999; i++) {
                script.read(1).emitsNothing();
            }
            script.read(1);
            assertEquals(1000, script.next().window());
        }

        @Test
        @Requirement("F18")
        void theRightEdgeNeverRetreats() {
            script.owner.readsAtOnce = false;
            long edge = 0;
            for (int i = 0; i < 60; i++) {
                script.owner.receiveBuffer = 65_535 - 500 * i;
                script.peer("A " + i * 1000 + ":" + (i + 1) * 1000 + " ack 0");
                for (Segment s : script.all()) {
                    assertTrue(s.acknowledgment() + s.window() >= edge, "edge retreats at " + i);
                    edge = s.acknowledgment() + s.window();
                }
                script.owner.read(700);
            }
        }

        @Test
        @Requirement({"G02", "rfc7323#2.4"})
        void dataUpToTheHighestEdgeEverOfferedIsTaken() {
            script.peer("A 64000:65535 ack 0").emits("A 0 ack 0 sack 64000:65535");
        }

        @Test
        @Requirement("F19")
        void aProbeAtAZeroWindowIsAnswered() {
            script.owner.readsAtOnce = false;
            script.peer("A 0:40000 ack 0", "A 40000:65535 ack 0").forget();
            script.peer("A 65534 ack 0").emits("A 0 ack 65535");
            script.peer("A 65535:65536 ack 0").emits("A 0 ack 65535");
            assertEquals(1, script.count(Counter.TCP_ZERO_WINDOW_DROP));
        }

        @Test
        @Requirement("F22")
        void anAckAtAZeroWindowStillCounts() {
            script.owner.readsAtOnce = false;
            script.write(500).peer("A 0:40000 ack 0", "A 40000:65535 ack 0");
            script.peer("A 65535:65536 ack 500");
            assertEquals(500, script.flow.sendUnacknowledged());
        }
    }

    @Nested
    class Timestamps {
        private final Script timed = Script.established(SubflowConfig.DEFAULT.toBuilder().pacing(false).build(),
                "SA -1 ack 0 win 65535 mss 1012 sackok ts 100:1000");

        @Test
        @Requirement({"G03", "rfc7323#3.2"})
        void stayOnEverySegment() {
            timed.write(2000);
            for (Segment s : timed.all()) {
                assertTrue(s.hasOption(TcpOptions.TIMESTAMPS));
                assertEquals(100, s.timestampEcho());
                assertEquals(1100, s.timestampValue());
            }
        }

        @Test
        @Requirement({"G05", "rfc7323#5.3"})
        void olderOnesAreRejectedAndAnswered() {
            timed.peer("A 0:1000 ack 0 ts 99:1000").emits("A 0 ack 0");
            assertEquals(0, timed.owner.receiveNext);
            assertEquals(1, timed.count(Counter.PAWS_ESTAB_REJECTED));
        }

        @Test
        @Requirement("G05")
        void resetIsNotSubjectToThem() {
            timed.peer("R 0 ts 50:1000").in(TcpState.CLOSED);
        }

        @Test
        @Requirement("G05")
        void after24DaysTheyProveNothing() {
            timed.now += 24L * 24 * 3600 * Script.SECONDS;
            timed.peer("A 0:1000 ack 0 ts 99:1000");
            assertEquals(1000, timed.owner.receiveNext);
        }

        @Test
        @Requirement({"G04", "rfc7323#3.2"})
        void aSegmentWithoutThemIsDroppedSilently() {
            timed.peer("A 0:1000 ack 0").emitsNothing().in(TcpState.ESTABLISHED);
            assertEquals(1, timed.count(Counter.TCP_TIMESTAMP_MISSING));
        }

        @Test
        @Requirement({"G03", "rfc7323#4.3"})
        void whatIsEchoedIsTheEarliestNotYetAcknowledged() {
            // Section 4.3 example: segments A, B, C arrive in order and the ACK is delayed.
            for (int i = 0; i < 16; i++) {
                timed.peer("A " + i * 1000 + ":" + (i + 1) * 1000 + " ack 0 ts " + (101 + i) + ":1000");
            }
            timed.forget().peerBatch("A 16000:17000 ack 0 ts 200:1000", "A 17000:18000 ack 0 ts 201:1000");
            assertEquals(200, timed.next().timestampEcho());
        }

        @Test
        @Requirement({"G03", "rfc7323#4.3"})
        void outOfOrderSegmentsDoNotChangeWhatIsEchoedUntilTheHoleIsFilled() {
            timed.peer("A 0:1000 ack 0 ts 101:1000").forget();
            timed.peer("A 2000:3000 ack 0 ts 103:1000");
            assertEquals(101, timed.next().timestampEcho());
            timed.peer("A 3000:4000 ack 0 ts 104:1000");
            assertEquals(101, timed.next().timestampEcho());
            timed.peer("A 1000:2000 ack 0 ts 102:1000");
            assertEquals(102, timed.next().timestampEcho());
        }

        @Test
        void theyGoOnBehindThePeersFin() {
            timed.peer("AF 0 ack 0 ts 101:1000").write(500).forget();
            timed.peer("A 1 ack 500 ts 150:1000").write(500);
            assertEquals(150, timed.next().timestampEcho());
        }

        @Test
        @Requirement("G03")
        void notOnReset() {
            timed.flow.abort(new CloseReason.Aborted("test"), timed.now);
            assertFalse(timed.pump().next().hasOption(TcpOptions.TIMESTAMPS));
        }
    }

    @Nested
    @Requirement({"G30", "rfc3168#6.1.3"})
    class CongestionMarks {
        private final Script ecn = Script.established(Script.PLAIN.toBuilder().ecn(true).build(),
                "SAE -1 ack 0" + Script.PEER_SYN_OPTIONS);

        @Test
        void areEchoedUntilCwr() {
            ecn.peer("A 0:100 ack 0 ect").emits("A 0 ack 100");
            ecn.peer("A 100:200 ack 0 ce").emits("AE 0 ack 200");
            ecn.peer("A 200:300 ack 0 ect").emits("AE 0 ack 300");
            ecn.peer("AC 300:400 ack 0 ect").emits("A 0 ack 400");
        }

        @Test
        void cwrOnAMarkedSegmentStartsTheNextEcho() {
            ecn.peer("A 0:100 ack 0 ce").forget();
            ecn.peer("AC 100:200 ack 0 ce").emits("AE 0 ack 200");
        }

        @Test
        void areIgnoredWithoutAgreement() {
            script.peer("A 0:100 ack 0 ce");
            assertFalse(script.next().has(TcpFlags.ECE));
        }
    }
}
