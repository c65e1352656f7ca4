package net.braid.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import net.braid.base.Requirement;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** ESTABLISHED to CLOSED: RFC 9293 section 3.6, and what blind attackers may not do (RFC 5961). */
class ClosingTest {
    private final Script script = Script.established();

    private Script told() {
        script.owner.events.clear();
        return script;
    }

    @Nested
    @Requirement("F05")
    class WeCloseFirst {
        @Test
        void finAloneThenFinWait2ThenTimeWait() {
            told().shutdown().emits("AF 0 ack 0").in(TcpState.FIN_WAIT_1);
            script.peer("A 0 ack 1").emitsNothing().in(TcpState.FIN_WAIT_2);
            script.peer("AF 0 ack 1").emits("A 1 ack 1").told("fin 0", "time-wait");
        }

        @Test
        void finRidesOnTheLastData() {
            script.owner.shutdown();
            script.write(1500).emits("A 0:1000 ack 0", "APF 1000:1500 ack 0").in(TcpState.FIN_WAIT_1);
            script.peer("A 0 ack 1501").in(TcpState.FIN_WAIT_2);
        }

        @Test
        void acknowledgmentOfTheDataAloneDoesNotAcknowledgeTheFin() {
            script.owner.shutdown();
            script.write(500).peer("A 0 ack 500").in(TcpState.FIN_WAIT_1);
        }

        @Test
        void bothAtOnceGoesThroughClosing() {
            told().shutdown().emits("AF 0 ack 0").peer("AF 0 ack 0").emits("A 1 ack 1").in(TcpState.CLOSING);
            script.peer("A 1 ack 1").emitsNothing().told("fin 0", "time-wait");
        }

        @Test
        void finThatAcknowledgesOursSkipsClosing() {
            told().shutdown().peer("AF 0 ack 1").emits("AF 0 ack 0", "A 1 ack 1").told("fin 0", "time-wait");
        }

        @Test
        void dataIsStillTakenInFinWait() {
            script.shutdown().forget().peer("A 0:1000 ack 1").emits("A 1 ack 1000");
            script.peer("A 1000:2000 ack 1").emits("A 1 ack 2000").in(TcpState.FIN_WAIT_2);
        }

        @Test
        void lostFinIsRepeated() {
            script.shutdown().after(2000);
            assertEquals("AF 0 ack 0", script.next().toString());
            assertEquals("AF 0 ack 0", script.next().toString());
            script.peer("A 0 ack 1").in(TcpState.FIN_WAIT_2);
        }

        @Test
        void orphanedFinWait2Ends() {
            told().shutdown().peer("A 0 ack 1");
            script.flow.orphan(script.now);
            script.forget().after(60_000).emitsNothing().told("closed TimedOut[retransmissions=0]");
            assertEquals(1, script.count(Counter.TCP_ABORT_ON_TIMEOUT));
        }

        @Test
        void finWait2WithAReaderWaitsForEver() {
            script.shutdown().peer("A 0 ack 1").after(36_000_000).in(TcpState.FIN_WAIT_2);
        }
    }

    /** The application has closed, and the peer does not let the flow end. */
    @Nested
    @Requirement({"F05", "H17"})
    class Orphaned {
        private static final String TIMED_OUT = "closed TimedOut[retransmissions=0]";

        /** The peer acknowledges each probe, and nothing but probes, for so many seconds. */
        private void probesAreAnswered(int seconds) {
            for (int i = 0; i < seconds && script.flow.state() != TcpState.CLOSED; i++) {
                script.after(1000);
                if (!script.all().isEmpty() && script.flow.state() != TcpState.CLOSED) {
                    script.peer("A 0 ack " + script.flow.sendUnacknowledged() + " win 0");
                }
            }
        }

        @Test
        void aPeerWithAShutWindowIsGivenUpAfter100SecondsWithAReset() {
            script.peer("A 0 ack 0 win 0").write(1000).shutdown();
            told().flow.orphan(script.now);
            probesAreAnswered(99);
            script.in(TcpState.ESTABLISHED).told();
            script.forget().after(1000).emits("RA 0 ack 0").told(TIMED_OUT);
            assertEquals(1, script.count(Counter.TCP_ABORT_ON_TIMEOUT));
        }

        @Test
        void aPeerThatNeverAcknowledgesTheFinIsGivenUp() {
            script.shutdown().after(50).peer("A 0 ack 0 win 0");
            told().flow.orphan(script.now);
            probesAreAnswered(101);
            script.in(TcpState.CLOSED);
            assertEquals(1, script.count(Counter.TCP_ABORT_ON_TIMEOUT));
        }

        @Test
        void aSlowPeerMayTakeAsLongAsItLikes() {
            script.peer("A 0 ack 0 win 0").write(5000).shutdown();
            script.flow.orphan(script.now);
            for (int taken = 0; taken < 5000; taken += 1000) {
                probesAreAnswered(90);
                script.peer("A 0 ack " + taken + " win 1000").after(100).peer("A 0 ack " + (taken + 1000) + " win 0");
            }
            script.peer("A 0 ack 5000").after(100).peer("A 0 ack 5001").in(TcpState.FIN_WAIT_2);
        }

        /** Timeouts back off to 120 s, and each repetition brings a little: the flow lives while that goes on. */
        @Test
        void aTimeoutLongerThanThePatienceIsWaitedFor() {
            script.write(5000).shutdown();
            script.all();
            for (int i = 0; i < 4; i++) {
                script.after(120_000);
                script.all();
            }
            script.peer("A 0 ack 1000");
            script.flow.orphan(script.now);
            script.after(119_000);
            script.all();
            script.in(TcpState.FIN_WAIT_1);
        }

        @Test
        void whileTheApplicationIsThereTheWindowMayStayShut() {
            script.peer("A 0 ack 0 win 0").write(1000).shutdown();
            probesAreAnswered(1000);
            script.in(TcpState.ESTABLISHED);
        }
    }

    @Nested
    @Requirement("F05")
    class ThePeerClosesFirst {
        @Test
        void closeWaitThenLastAckThenClosed() {
            told().peer("AF 0 ack 0").emits("A 0 ack 1").in(TcpState.CLOSE_WAIT).told("fin 0");
            script.write(500).emits("AP 0:500 ack 1");
            script.shutdown().emits("AF 500 ack 1").in(TcpState.LAST_ACK);
            script.peer("A 1 ack 501").in(TcpState.CLOSED).told("closed Finished[]");
            script.emitsNothing();
        }

        @Test
        void repeatedFinIsAcknowledgedAgain() {
            script.peer("AF 0 ack 0").forget().peer("AF 0 ack 0").emits("A 0 ack 1").in(TcpState.CLOSE_WAIT);
        }

        @Test
        void finBeforeTheDataWaits() {
            told().peer("AF 1000 ack 0").emits("A 0 ack 0").in(TcpState.ESTABLISHED).told();
            script.peer("A 0:1000 ack 0").emits("A 0 ack 1001").in(TcpState.CLOSE_WAIT).told("fin 1000");
        }

        @Test
        void finWithDataBeforeTheHoleWaits() {
            script.peer("AF 1000:1500 ack 0").emits("A 0 ack 0 sack 1000:1500").in(TcpState.ESTABLISHED);
            script.peer("A 0:1000 ack 0").emits("A 0 ack 1501").in(TcpState.CLOSE_WAIT);
        }

        @Test
        @Requirement("F27")
        void dataBehindTheFinIsIgnored() {
            script.peer("AF 0:100 ack 0").forget().peer("A 101:200 ack 0");
            assertEquals(100, script.owner.receiveNext);
        }

        @Test
        @Requirement("F27")
        void finInsideWhatHasArrivedIsIgnored() {
            script.peer("A 200:300 ack 0", "AF 100 ack 0", "A 0:200 ack 0");
            script.in(TcpState.ESTABLISHED);
            assertEquals(300, script.owner.receiveNext);
        }
    }

    @Nested
    @Requirement({"H01", "rfc5961#3.2"})
    class ResetOfThePeer {
        @Test
        void exactlyAtReceiveNextResets() {
            told().peer("R 0").emitsNothing().told("closed ResetByPeer[mptcpReason=0]");
        }

        @Test
        void insideTheWindowIsChallenged() {
            told().peer("R 1").emits("A 0 ack 0").in(TcpState.ESTABLISHED).told();
            script.peer("RA 65534 ack 0").emits("A 0 ack 0");
        }

        @Test
        void outsideTheWindowIsDropped() {
            told().peer("R -1", "R 65536", "RA 100000 ack 0").emitsNothing().in(TcpState.ESTABLISHED).told();
        }

        @Test
        @Requirement("F22")
        void countsAtAZeroWindow() {
            script.owner.readsAtOnce = false;
            script.owner.receiveBuffer = 1000;
            told().peer("A 0:40000 ack 0", "A 40000:65535 ack 0");
            assertEquals(0, script.all().getLast().window());
            script.peer("R 65535").in(TcpState.CLOSED);
        }

        @Test
        void behindTheFinCounts() {
            script.peer("AF 0 ack 0", "R 1").in(TcpState.CLOSED);
        }

        @Test
        void inLastAckIsAnOrderlyEnd() {
            script.peer("AF 0 ack 0").shutdown();
            told().peer("R 1").told("closed Finished[]");
        }
    }

    @Nested
    class SynInASynchronizedState {
        @Test
        @Requirement({"H02", "rfc5961#4.2"})
        void isChallengedWhateverItsSequence() {
            for (String sequence : new String[] {"-1", "0", "100", "-100000", "1000000"}) {
                script.forget().after(1000).peer("S " + sequence).emits("A 0 ack 0").in(TcpState.ESTABLISHED);
            }
            assertEquals(5, script.count(Counter.TCP_SYN_CHALLENGE));
        }

        @Test
        void repeatedSynAckIsAcknowledged() {
            script.peer("SA -1 ack 0" + Script.PEER_SYN_OPTIONS).emits("A 0 ack 0");
        }
    }

    @Nested
    class Acknowledgments {
        @Test
        @Requirement({"H03", "rfc5961#5.2"})
        void ofWhatWasNeverSentIsChallenged() {
            script.write(1000).forget().peer("A 0 ack 1001").emits("A 1000 ack 0");
            assertEquals(0, script.flow.sendUnacknowledged());
        }

        @Test
        @Requirement("H03")
        void olderThanTheLargestWindowIsChallengedAndItsDataDropped() {
            script.peer("A 0:100 ack -65536").emits("A 0 ack 0");
            assertEquals(0, script.owner.receiveNext);
        }

        @Test
        @Requirement("H03")
        void oldButPossibleStillDeliversData() {
            script.peer("A 0:100 ack -65535").emits("A 0 ack 100");
        }

        @Test
        void segmentWithoutAckIsDropped() {
            told().inject("P 0:100");
            script.pump().emitsNothing();
            assertEquals(0, script.owner.receiveNext);
        }

        @Test
        @Requirement("H04")
        void challengesAreRationedPerSecond() {
            int[] answers = new int[2];
            for (int second = 0; second < 2; second++) {
                for (int i = 0; i < 100; i++) {
                    script.peer("R 1");
                }
                answers[second] = script.all().size();
                script.after(1000);
            }
            for (int count : answers) {
                org.junit.jupiter.api.Assertions.assertTrue(count >= 5 && count <= 10, "challenges: " + count);
            }
            assertEquals(200 - answers[0] - answers[1], script.count(Counter.TCP_ACK_SKIPPED_CHALLENGE));
        }
    }

    @Test
    @Requirement("F08")
    void abortSendsResetAtSendNextAndReportsItsReason() {
        script.write(1500).forget();
        told().flow.abort(new CloseReason.Aborted("because"), script.now);
        script.pump().emits("RA 1500 ack 0").told("closed Aborted[why=because]");
        script.after(100_000).emitsNothing();
    }

    @Test
    @Requirement("F08")
    void abortWaitsForAFullLink() {
        script.sink.full = true;
        told().flow.abort(new CloseReason.Aborted("because"), script.now);
        script.pump().emitsNothing().told();
        script.sink.full = false;
        script.pump().emits("RA 0 ack 0").told("closed Aborted[why=because]");
    }

    @Test
    @Requirement("F05")
    void segmentsAfterTheEndAreIgnored() {
        script.peer("R 0");
        told().peer("A 0:100 ack 0", "S -1", "AF 0 ack 0").emitsNothing().told();
    }
}
