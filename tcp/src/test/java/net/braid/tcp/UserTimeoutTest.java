package net.braid.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import net.braid.base.Requirement;
import org.junit.jupiter.api.Test;

/** A user timeout of 10 s, wherever it is the peer's turn to speak. The round trip is 100 ms. */
@Requirement({"F15", "rfc9293#3.9.1"})
class UserTimeoutTest {
    private static final SubflowConfig CONFIG = Script.PLAIN.toBuilder().userTimeoutNanos(10 * Script.SECONDS).build();
    private final Script script = Script.established(CONFIG);

    @Test
    void endsAnUnansweredSyn() {
        Script opening = new Script(CONFIG).connect();
        opening.after(9_999).in(TcpState.SYN_SENT).after(1).told("trouble 3", "closed TimedOut[retransmissions=3]");
    }

    @Test
    void endsAnUnansweredSynAck() {
        Script opening = new Script(CONFIG).accept("S -1" + Script.PEER_SYN_OPTIONS);
        opening.after(9_999).in(TcpState.SYN_RECEIVED).after(1).in(TcpState.CLOSED);
    }

    @Test
    void endsAShutWindowWhoseProbesAreNotAnswered() {
        script.peer("A 0 ack 0 win 0").write(3000);
        // The first probe leaves after the timeout of 300 ms; from there on the peer is silent.
        script.after(10_299).in(TcpState.ESTABLISHED).after(1).in(TcpState.CLOSED);
        assertEquals(1, script.count(Counter.TCP_ABORT_ON_TIMEOUT));
    }

    @Test
    void leavesAShutWindowAloneWhileProbesAreAnswered() {
        script.peer("A 0 ack 0 win 0").write(3000);
        answerFor(1000, "A 0 ack 0 win 0");
        script.in(TcpState.ESTABLISHED);
    }

    @Test
    void leavesDataAloneThatWasUnderWayWhenTheWindowShutWhileThePeerAnswers() {
        script.write(3000).after(100).peer("A 0 ack 1000 win 0");
        answerFor(1000, "A 0 ack 1000 win 0");
        script.in(TcpState.ESTABLISHED).forget().after(30_000).in(TcpState.CLOSED);
    }

    private void answerFor(int seconds, String answer) {
        long end = script.now + seconds * Script.SECONDS;
        while (script.now < end) {
            script.forget().afterNanos(Math.max(0, script.flow.deadline() - script.now));
            if (!script.all().isEmpty()) {
                script.afterNanos(100 * Script.MILLIS).peer(answer);
            }
        }
    }

    @Test
    void takesThePlaceOfTheNumberOfKeepAliveProbes() {
        Script kept = Script.established(Script.PLAIN.toBuilder().keepAliveIdleNanos(60 * Script.SECONDS)
                .keepAliveIntervalNanos(10 * Script.SECONDS).userTimeoutNanos(95 * Script.SECONDS).build());
        kept.after(94_999).in(TcpState.ESTABLISHED);
        assertEquals(4, kept.all().size());
        kept.after(1).emitsNothing().in(TcpState.CLOSED);
    }

    @Test
    void countsKeepAliveFromTheLastAnswer() {
        Script kept = Script.established(Script.PLAIN.toBuilder().keepAliveIdleNanos(60 * Script.SECONDS)
                .keepAliveIntervalNanos(10 * Script.SECONDS).userTimeoutNanos(95 * Script.SECONDS).build());
        kept.after(90_000).peer("A 0 ack 0").after(94_999).in(TcpState.ESTABLISHED).after(1).in(TcpState.CLOSED);
    }
}
