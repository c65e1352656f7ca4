package net.braid.tcp;

import net.braid.wire.SegmentView;
import net.braid.wire.TcpFlags;
import net.braid.wire.TcpOptions;

/**
 * SEGMENT ARRIVES of RFC 9293 section 3.10.7, in its order, with the changes of RFC 7323 (PAWS) and RFC 5961 (blind
 * attacks). One method per numbered check.
 */
final class Arrival {
    private final Subflow flow;
    private final Sender sender;
    private final Receiver receiver;
    private final Handshake handshake;
    private final Counters counters;
    private final RecentTimestamp recentTimestamp;

    Arrival(Subflow flow, Counters counters) {
        this.flow = flow;
        this.counters = counters;
        sender = flow.sender();
        receiver = flow.receiver();
        handshake = flow.handshake();
        recentTimestamp = flow.timestampState();
    }

    void onSegment(SegmentView view, long now) {
        switch (flow.state()) {
            case CLOSED, TIME_WAIT -> {
            }
            case SYN_SENT -> inSynSent(view, now);
            default -> inLaterState(view, now);
        }
    }

    // ---- SYN-SENT (section 3.10.7.3)

    private void inSynSent(SegmentView view, long now) {
        boolean ack = view.has(TcpFlags.ACK);
        boolean acceptable = ack && view.acknowledgmentNumber == sender.wire(0);
        if (ack && !acceptable) {
            if (!view.has(TcpFlags.RST)) {
                flow.answerWithReset(view.acknowledgmentNumber);
            }
            return;
        }
        if (view.has(TcpFlags.RST)) {
            if (acceptable) {
                counters.increment(Counter.TCP_ATTEMPT_FAILS);
                // It may say why.
                flow.owner().onOptions(flow, view, now);
                flow.close(new CloseReason.Refused(), now);
            }
            return;
        }
        if (!view.has(TcpFlags.SYN)) {
            return;
        }
        flow.onPeerSyn(view, ack, now);
        if (acceptable) {
            if (!flow.owner().onOptions(flow, view, now)) {
                return;
            }
            flow.establish(view, 0, 0, now);
            flow.ackNow();
            // Data and FIN may ride on the SYN/ACK: both lie behind the SYN, at offset 0.
            if (flow.state() == TcpState.ESTABLISHED) {
                onText(view, 0, now);
            }
        } else {
            // Simultaneous open: SYN crosses SYN (RFC 9293 section 3.5, figure 8).
            handshake.answer();
            flow.enter(TcpState.SYN_RECEIVED);
        }
    }

    // ---- all other states (section 3.10.7.4)

    private void inLaterState(SegmentView view, long now) {
        long offset = receiver.offsetOf(view.sequenceNumber);
        boolean synReceived = flow.state() == TcpState.SYN_RECEIVED;
        boolean repeatedSyn = synReceived && view.has(TcpFlags.SYN) && offset == -1 && !view.has(TcpFlags.RST);
        if (repeatedSyn) {
            if (!view.has(TcpFlags.ACK)) {
                handshake.repeat(view);
                return;
            }
            // The SYN/ACK of a simultaneous open: its SYN has been seen, its ACK counts.
            offset = 0;
        } else if (!isInSequence(view, offset, now)) {
            return;
        }
        if (view.has(TcpFlags.RST)) {
            onReset(view, offset, now);
            return;
        }
        if (view.has(TcpFlags.SYN) && !repeatedSyn) {
            if (synReceived && flow.isPassive() && receiver.isAcceptable(offset, 1)) {
                //= rfc9293#3.10.7.4
                //# If the connection was initiated with a passive OPEN, then return
                //# this connection to the LISTEN state and return.
                counters.increment(Counter.TCP_ATTEMPT_FAILS);
                flow.close(new CloseReason.Refused(), now);
                return;
            }
            //= rfc5961#4.2
            //# If the SYN bit is set, irrespective of the sequence number, TCP
            //# MUST send an ACK (also referred to as challenge ACK) to the remote
            //# peer
            counters.increment(Counter.TCP_SYN_CHALLENGE);
            flow.challenge(now);
            return;
        }
        if (!view.has(TcpFlags.ACK)) {
            return;
        }
        long ack = sender.offsetOf(view.acknowledgmentNumber);
        if (synReceived && !completes(view, ack) || !isAcceptableAck(ack, now)) {
            return;
        }
        updateTimestamp(view, offset, now);
        flow.onHeard(now);
        if (!flow.owner().onOptions(flow, view, now)) {
            return;
        }
        if (synReceived) {
            flow.establish(view, offset, ack, now);
        }
        onAcknowledgment(view, offset, ack, now);
        if (flow.state() == TcpState.CLOSED) {
            return;
        }
        onText(view, offset, now);
    }

    /** First check: PAWS, then the sequence number. */
    private boolean isInSequence(SegmentView view, long offset, long now) {
        boolean reset = view.has(TcpFlags.RST);
        if (handshake.timestamps() && !reset) {
            if (!view.options.has(TcpOptions.TIMESTAMPS)) {
                // Peers drop timestamps to make room for an address with port (Linux: ADD_ADDR for IPv6).
                if (!(view.payloadLength == 0 && view.options.has(TcpOptions.MPTCP))) {
                    //= rfc7323#3.2
                    //# If a non-<RST> segment is received without a TSopt, a
                    //# TCP SHOULD silently drop the segment.
                    counters.increment(Counter.TCP_TIMESTAMP_MISSING);
                    return false;
                }
            } else if (recentTimestamp.rejects(view.options.timestampValue, now)) {
                counters.increment(Counter.PAWS_ESTAB_REJECTED);
                receiver.reportOld(offset, view.payloadLength);
                answerUnacceptable(view, now);
                return false;
            }
        }
        int length = view.payloadLength + (view.has(TcpFlags.SYN) ? 1 : 0) + (view.has(TcpFlags.FIN) ? 1 : 0);
        if (receiver.isAcceptable(offset, length)) {
            return true;
        }
        if (view.has(TcpFlags.SYN) && !reset) {
            return true;
        }
        if (!reset) {
            if (!receiver.reportOld(offset, view.payloadLength)) {
                counters.increment(Counter.TCP_OUT_OF_WINDOW);
            }
            answerUnacceptable(view, now);
        }
        return false;
    }

    /** An ACK for what was out of sequence: always for data, which the peer repeats no faster than its timers allow. */
    private void answerUnacceptable(SegmentView view, long now) {
        if (view.payloadLength > 0 || view.has(TcpFlags.FIN)) {
            flow.ackNow();
        } else {
            flow.challenge(now);
        }
    }

    /** Second check. */
    private void onReset(SegmentView view, long offset, long now) {
        if (offset != receiver.acknowledged()) {
            //= rfc5961#3.2
            //# If the RST bit is set and the sequence number does not exactly
            //# match the next expected sequence value, yet is within the current
            //# receive window (RCV.NXT < SEG.SEQ < RCV.NXT+RCV.WND), TCP MUST
            //# send an acknowledgment (challenge ACK)
            flow.challenge(now);
            return;
        }
        if (!flow.owner().onOptions(flow, view, now)) {
            return;
        }
        TcpState state = flow.state();
        if (state == TcpState.SYN_RECEIVED) {
            counters.increment(Counter.TCP_ATTEMPT_FAILS);
            flow.close(new CloseReason.Refused(), now);
        } else if (state == TcpState.CLOSING || state == TcpState.LAST_ACK) {
            flow.close(new CloseReason.Finished(), now);
        } else {
            counters.increment(Counter.TCP_ESTAB_RESETS);
            flow.close(new CloseReason.ResetByPeer(0), now);
        }
    }

    /** Fifth check in SYN-RECEIVED: this ACK completes the handshake, or it deserves a reset. */
    private boolean completes(SegmentView view, long ack) {
        if (ack < 0 || ack > sender.sendNext()) {
            flow.answerWithReset(view.acknowledgmentNumber);
            return false;
        }
        return true;
    }

    private boolean isAcceptableAck(long ack, long now) {
        if (sender.isAcceptableAck(ack)) {
            return true;
        }
        //= rfc5961#5.2
        //# All incoming segments whose ACK value
        //# doesn't satisfy the above condition MUST be discarded and an ACK sent
        //# back.
        counters.increment(Counter.TCP_ACK_UNACCEPTABLE);
        flow.challenge(now);
        return false;
    }

    private void updateTimestamp(SegmentView view, long offset, long now) {
        if (handshake.timestamps() && view.options.has(TcpOptions.TIMESTAMPS)) {
            recentTimestamp.update(view.options.timestampValue, offset, flow.lastAckSent(), now);
        }
    }

    private void onAcknowledgment(SegmentView view, long offset, long ack, long now) {
        if (flow.ecn().onSegment(view)) {
            flow.onCongestionMarked();
        }
        sender.onAck(view, offset, ack, now);
        if (sender.finAcknowledged()) {
            flow.onFinAcknowledged(now);
        }
    }

    /** Sixth to eighth check: urgent pointer (tolerated, the bytes stay in line), text, FIN. */
    private void onText(SegmentView view, long offset, long now) {
        if (view.has(TcpFlags.URG)) {
            counters.increment(Counter.TCP_URGENT);
        }
        if (view.payloadLength == 0 && !view.has(TcpFlags.FIN)) {
            return;
        }
        boolean finBefore = receiver.finReceived();
        Receiver.Outcome outcome = receiver.onText(view, offset, now);
        flow.onTextOutcome(outcome, view, now);
        if (receiver.finReceived() && !finBefore) {
            flow.onPeerFin(now);
        }
    }
}
