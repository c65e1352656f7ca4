package net.braid.tcp;

/** The RST segments of one flow (RFC 9293 section 3.5.2): one that answers a wrong segment, one that ends the flow. */
final class Resets {
    private final Subflow flow;
    private final Counters counters;
    /** An answer does not end this flow; its sequence number is the ACK of the segment that it answers. */
    private boolean answerDue;
    private int answerSequence;
    /** Why the flow ends; the owner hears of it when the RST has left. */
    private CloseReason reason;

    Resets(Subflow flow, Counters counters) {
        this.flow = flow;
        this.counters = counters;
    }

    void answer(int sequence) {
        answerDue = true;
        answerSequence = sequence;
    }

    /** The flow is gone: nothing is owed any more. */
    void cancel() {
        answerDue = false;
        reason = null;
    }

    void end(CloseReason why) {
        reason = why;
    }

    boolean isAnswerDue() {
        return answerDue;
    }

    boolean emitAnswer(SegmentSink sink) {
        if (!sink.claim(flow)) {
            return false;
        }
        answerDue = false;
        counters.increment(Counter.TCP_OUT_RSTS);
        flow.builder().reset(sink, answerSequence, false);
        return true;
    }

    boolean emitFinal(SegmentSink sink, long now) {
        if (reason == null || !sink.claim(flow)) {
            return false;
        }
        CloseReason why = reason;
        reason = null;
        counters.increment(Counter.TCP_OUT_RSTS);
        flow.builder().reset(sink, flow.sendNextWire(), true);
        flow.owner().onClosed(flow, why, now);
        return true;
    }
}
