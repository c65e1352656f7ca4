package net.braid.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import net.braid.base.Requirement;
import net.braid.wire.TcpFlags;
import net.braid.wire.TcpOptions;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** CLOSED to ESTABLISHED: RFC 9293 sections 3.5 and 3.10.7.3, what the SYNs agree on, and their retransmission. */
class OpeningTest {
    private static final String OFFER = " win 65535 mss 1000 sackok ws 7";

    @Nested
    class InSynSent {
        private final Script script = new Script(Script.PLAIN).connect();

        @Test
        @Requirement("F05")
        void synAckEstablishes() {
            script.emits("S -1");
            script.peer("SA -1 ack 0" + OFFER).emits("A 0 ack 0").in(TcpState.ESTABLISHED).told("established");
        }

        @Test
        @Requirement({"F05", "rfc9293#3.10.7.3"})
        void wrongAcknowledgmentIsAnsweredWithReset() {
            script.forget().peer("SA -1 ack 5" + OFFER).emits("R 5").in(TcpState.SYN_SENT);
            script.peer("A 0 ack -1").emits("R -1").in(TcpState.SYN_SENT);
        }

        @Test
        @Requirement("F07")
        void resetIsNeverAnsweredWithReset() {
            script.forget().peer("RA 0 ack 5").emitsNothing().in(TcpState.SYN_SENT);
        }

        @Test
        @Requirement("rfc9293#3.10.7.3")
        void resetWithOurAcknowledgmentRefuses() {
            script.peer("RA 0 ack 0").in(TcpState.CLOSED).told("closed Refused[]");
        }

        @Test
        @Requirement("H01")
        void resetWithoutAcknowledgmentIsIgnored() {
            script.peer("R 0").in(TcpState.SYN_SENT).told();
        }

        @Test
        void segmentWithoutSynIsIgnored() {
            script.forget().peer("A 0 ack 0").emitsNothing().in(TcpState.SYN_SENT);
        }

        @Test
        @Requirement("F05")
        void crossingSynLeadsToSynReceivedAndTheSynAckEstablishes() {
            script.forget().peer("S -1" + OFFER).emits("SA -1 ack 0").in(TcpState.SYN_RECEIVED);
            script.peer("SA -1 ack 0" + OFFER).in(TcpState.ESTABLISHED).told("established");
        }

        @Test
        @Requirement("F27")
        void dataAndFinOnTheSynAckCount() {
            script.forget().peer("SAF -1:4 ack 0" + OFFER).emits("A 0 ack 5").in(TcpState.CLOSE_WAIT);
        }

        @Test
        @Requirement("rfc9293#3.10.4")
        void closeWhileConnectingEndsSilently() {
            script.flow.finish(script.now);
            script.forget().pump().emitsNothing().in(TcpState.CLOSED);
        }

        @Test
        @Requirement("F15")
        void synIsRepeatedWithBackoffForAtLeastThreeMinutes() {
            long start = script.now;
            script.after(1000 * 600);
            long[] due = {0, 1, 3, 7, 15, 31, 63, 127};
            int i = 0;
            for (Segment syn : script.all()) {
                assertEquals("S -1", syn.toString());
                assertEquals(due[i++], (syn.at() - start) / Script.SECONDS);
            }
            assertEquals(due.length, i);
            script.in(TcpState.CLOSED).told("trouble 3", "closed TimedOut[retransmissions=7]");
        }

        @Test
        @Requirement("F25")
        void hardIcmpErrorEndsTheAttempt() {
            script.flow.onUnreachable(3, 3, script.wire(-1), script.now);
            script.told("closed Unreachable[icmpType=3, icmpCode=3]");
        }

        @Test
        @Requirement("F25")
        void softIcmpErrorIsOnlyReported() {
            script.flow.onUnreachable(3, 1, script.wire(-1), script.now);
            script.in(TcpState.SYN_SENT).told("trouble 0");
        }

        @Test
        @Requirement("F25")
        void icmpThatQuotesSomethingElseIsIgnored() {
            script.flow.onUnreachable(3, 3, script.wire(0), script.now);
            script.in(TcpState.SYN_SENT).told();
            assertEquals(1, script.count(Counter.LOCK_DROPPED_ICMPS));
        }
    }

    @Nested
    class InSynReceived {
        private final Script script = new Script(Script.PLAIN).accept("S -1" + OFFER);

        @Test
        @Requirement("F05")
        void acknowledgmentEstablishes() {
            script.emits("SA -1 ack 0").after(50).peer("A 0 ack 0").in(TcpState.ESTABLISHED).told("established");
            script.emitsNothing();
        }

        @Test
        void dataOnTheAcknowledgmentIsTaken() {
            script.forget().peer("AP 0:100 ack 0").emits("A 0 ack 100");
        }

        @Test
        void finOnTheAcknowledgmentIsTaken() {
            script.forget().peer("AF 0:100 ack 0").emits("A 0 ack 101").in(TcpState.CLOSE_WAIT);
        }

        @Test
        @Requirement("rfc9293#3.10.7.4")
        void wrongAcknowledgmentIsAnsweredWithReset() {
            script.forget().peer("A 0 ack 1").emits("R 1").in(TcpState.SYN_RECEIVED);
            script.peer("A 0 ack -1").emits("R -1").in(TcpState.SYN_RECEIVED);
        }

        @Test
        @Requirement("F06")
        void resetReturnsToListen() {
            script.peer("R 0").told("closed Refused[]");
            assertTrue(script.flow.isPassive());
        }

        @Test
        @Requirement("H01")
        void resetThatDoesNotMatchIsChallenged() {
            script.forget().peer("R 5").emits("A 0 ack 0").in(TcpState.SYN_RECEIVED);
        }

        @Test
        @Requirement("rfc9293#3.10.7.4")
        void synInTheWindowReturnsToListen() {
            script.forget().peer("S 7" + OFFER).emitsNothing().in(TcpState.CLOSED);
        }

        @Test
        void repeatedSynIsAnsweredAgain() {
            script.forget().after(300).peer("S -1" + OFFER).emits("SA -1 ack 0").in(TcpState.SYN_RECEIVED);
        }

        @Test
        @Requirement("G13")
        void acknowledgmentOfARepeatedSynAckIsNoSample() {
            script.after(800).peer("S -1" + OFFER).after(100).peer("A 0 ack 0");
            assertEquals(0, script.flow.smoothedRttNanos());
        }

        @Test
        void synAckIsRepeatedAndGivenUp() {
            script.after(600_000);
            assertEquals(6, script.all().size());
            script.in(TcpState.CLOSED);
        }

        @Test
        @Requirement("F23")
        void closeBeforeTheHandshakeIsCompleteSendsFinAfterIt() {
            script.flow.finish(script.now);
            script.forget().peer("A 0 ack 0").emits("AF 0 ack 0").in(TcpState.FIN_WAIT_1);
        }

        @Test
        void abortSendsReset() {
            script.flow.abort(new CloseReason.Aborted("test"), script.now);
            script.forget().pump().emits("RA 0 ack 0").in(TcpState.CLOSED);
        }
    }

    @Nested
    class Options {
        @Test
        @Requirement({"G01", "G03", "G07", "F11"})
        void synOffersEverything() {
            Segment syn = new Script(SubflowConfig.DEFAULT).connect().next();
            assertTrue(syn.hasOption(TcpOptions.SACK_PERMITTED) && syn.hasOption(TcpOptions.TIMESTAMPS));
            assertEquals(1460, syn.mss());
            assertEquals(10, syn.windowScale());
            assertEquals(0, syn.timestampEcho());
            assertEquals(65_535, syn.window());
            assertEquals(40, syn.headerLength());
        }

        @Test
        @Requirement({"G01", "G03", "G07"})
        void synAckAnswersOnlyWhatWasOffered() {
            for (int offer = 0; offer < 8; offer++) {
                String options = ((offer & 1) != 0 ? " ws 5" : "") + ((offer & 2) != 0 ? " sackok" : "")
                        + ((offer & 4) != 0 ? " ts 77:0" : "");
                Segment synAck = new Script(SubflowConfig.DEFAULT).accept("S -1 mss 1000" + options).next();
                assertEquals((offer & 1) != 0, synAck.hasOption(TcpOptions.WINDOW_SCALE), options);
                assertEquals((offer & 2) != 0, synAck.hasOption(TcpOptions.SACK_PERMITTED), options);
                assertEquals((offer & 4) != 0, synAck.hasOption(TcpOptions.TIMESTAMPS), options);
                if ((offer & 4) != 0) {
                    assertEquals(77, synAck.timestampEcho());
                }
            }
        }

        @Test
        @Requirement({"F11", "rfc9293#3.7.1"})
        void missingMssMeans536And1220() {
            Script v4 = Script.established(Script.PLAIN, "SA -1 ack 0 win 65535");
            assertEquals(536, v4.flow.maximumSegmentSize());
            PathProperties path6 = new PathProperties(1500, true, 1500);
            Script v6 = new Script(Script.PLAIN, path6).connect().peer("SA -1 ack 0 win 65535");
            assertEquals(1220, v6.flow.maximumSegmentSize());
        }

        @Test
        @Requirement({"F11", "rfc9293#3.7.1"})
        void segmentSizeIsTheLeastOfAllMinusOptions() {
            assertEquals(1448, sizeWith(SubflowConfig.DEFAULT, 1500, 1460));
            assertEquals(1460, sizeWith(Script.PLAIN, 1500, 1460));
            assertEquals(988, sizeWith(SubflowConfig.DEFAULT, 1500, 1000));
            assertEquals(1348, sizeWith(SubflowConfig.DEFAULT, 1400, 1460));
            assertEquals(700, sizeWith(SubflowConfig.builder().maximumSegmentSize(700).build(), 1500, 1460));
            assertEquals(48, sizeWith(Script.PLAIN, 1500, 1));
        }

        private int sizeWith(SubflowConfig config, int mtu, int mss) {
            String timestamps = config.timestamps() ? " ts 1:1000" : "";
            Script script = new Script(config, new PathProperties(mtu, false, mtu)).connect();
            script.peer("SA -1 ack 0 win 65535 mss " + mss + timestamps);
            return script.flow.maximumSegmentSize();
        }

        @Test
        @Requirement("F11")
        void mssOnALaterSegmentIsIgnored() {
            Script script = Script.established();
            script.peer("A 0 ack 0 mss 500");
            assertEquals(1000, script.flow.maximumSegmentSize());
        }

        @Test
        @Requirement({"G01", "F03"})
        void windowOfTheSynAckIsNotScaledAndLaterOnesAre() {
            Script script = Script.established(SubflowConfig.DEFAULT, "SA -1 ack 0 win 65535 mss 1000 ws 14");
            assertEquals(65_535, script.flow.sendWindow());
            script.peer("A 0 ack 0 win 65535");
            assertEquals(65_535L << 14, script.flow.sendWindow());
        }

        @Test
        @Requirement("G01")
        void shiftOfWindowScaleAbove14CountsAs14() {
            Script script = new Script(SubflowConfig.DEFAULT).connect();
            script.flow.handshake();
            Script other = Script.established(SubflowConfig.DEFAULT, "SA -1 ack 0 win 65535 mss 1000 ws 14");
            other.peer("A 0 ack 0 win 1");
            assertEquals(1 << 14, other.flow.sendWindow());
        }

        @Test
        @Requirement("G01")
        void withoutWindowScaleOfThePeerNothingIsScaled() {
            Script script = Script.established(SubflowConfig.DEFAULT, "SA -1 ack 0 win 65535 mss 1000");
            script.owner.receiveBuffer = 1 << 20;
            assertEquals(65_535, script.peer("A 0:10 ack 0").next().window());
        }

        @Test
        @Requirement("G06")
        void timestampClockTicksInMilliseconds() {
            Script script = new Script(SubflowConfig.DEFAULT).connect();
            int first = script.next().timestampValue();
            script.after(1000);
            assertEquals(1000, script.next().timestampValue() - first);
        }
    }

    @Nested
    class Congestion {
        private final SubflowConfig ecn = Script.PLAIN.toBuilder().ecn(true).build();

        @Test
        @Requirement({"G30", "rfc3168#6.1.1"})
        void ecnIsAskedAndAgreed() {
            Script script = new Script(ecn).connect().emits("SEC -1");
            script.peer("SAE -1 ack 0" + OFFER);
            assertTrue(script.flow.ecnEnabled());
        }

        @Test
        @Requirement("G30")
        void synAckThatMirrorsBothBitsDoesNotAgree() {
            Script script = new Script(ecn).connect().peer("SAEC -1 ack 0" + OFFER);
            assertFalse(script.flow.ecnEnabled());
        }

        @Test
        @Requirement("G31")
        void repeatedSynDoesNotAsk() {
            new Script(ecn).connect().after(1000).emits("SEC -1", "S -1");
        }

        @Test
        @Requirement({"G31", "rfc3168#6.1.1"})
        void afterASynWithoutEcnNothingIsMarkedButMarksAreEchoed() {
            Script script = new Script(ecn).connect().after(1000).peer("SAE -1 ack 0" + OFFER).forget();
            assertEquals(Ecn.NOT_ECT, script.write(500).next().ecn());
            script.peer("A 0:1000 ack 500 ce");
            assertTrue(script.next().has(TcpFlags.ECE));
        }

        @Test
        @Requirement("G30")
        void requestOfThePeerIsAnsweredWithoutConfiguration() {
            new Script(Script.PLAIN).accept("SEC -1" + OFFER).emits("SAE -1 ack 0");
            new Script(Script.PLAIN).accept("SE -1" + OFFER).emits("SA -1 ack 0");
        }

        @Test
        @Requirement("rfc5681#3.1")
        void lostSynMeansAWindowOfOneSegment() {
            Script script = new Script(Script.PLAIN).connect().after(1000).peer("SA -1 ack 0" + OFFER).forget();
            script.write(5000).emits("A 0:1000 ack 0");
        }

        @Test
        @Requirement({"G12", "rfc6298#5"})
        void lostSynMeansThreeSecondsForTheFirstData() {
            Script script = new Script(Script.PLAIN).connect().after(1000).peer("SA -1 ack 0" + OFFER);
            assertEquals(3 * Script.SECONDS, script.flow.retransmissionTimeoutNanos());
        }

        @Test
        @Requirement("G13")
        void timestampsTellWhichSynWasAnswered() {
            Script script = new Script(SubflowConfig.DEFAULT).connect().after(1200);
            script.peer("SA -1 ack 0" + OFFER + " ts 5:2000");
            assertEquals(200 * Script.MILLIS, script.flow.smoothedRttNanos());
        }

        @Test
        @Requirement("G14")
        void initialWindowIsTenSegmentsOrLess() {
            Script script = Script.established();
            script.write(100_000);
            assertEquals(10, script.all().size());
            assertEquals(10 * 1448, InitialWindow.bytes(1448));
            assertEquals(14_600, InitialWindow.bytes(2000));
            assertEquals(17_896, InitialWindow.bytes(8948));
        }
    }
}
