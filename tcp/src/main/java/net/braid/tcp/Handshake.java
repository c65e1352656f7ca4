package net.braid.tcp;

import net.braid.tcp.Timers.Timer;
import net.braid.wire.OptionWriter;
import net.braid.wire.SegmentView;
import net.braid.wire.TcpFlags;
import net.braid.wire.TcpOptions;

/** What the SYNs agree on, and their retransmission. */
final class Handshake {
    /** RFC 9293 MUST-15, RFC 6691: the peer's MSS when its SYN names none. */
    private static final int DEFAULT_MSS_V4 = 536;
    private static final int DEFAULT_MSS_V6 = 1220;
    /** A smaller MSS is not believed: it would make each byte cost a segment (Linux: tcp_min_snd_mss 48). */
    private static final int SMALLEST_MSS = 48;
    //= rfc7323#2.3
    //# the shift count MUST be limited to 14
    private static final int MAXIMUM_SHIFT = 14;

    /** A SYN of one of several flows is repeated each second for a minute. */
    private static final long STEADY_NANOS = 1_000_000_000L;
    private static final int STEADY_RETRIES = 60;

    private final Subflow flow;
    private final SubflowConfig config;
    private final Timers timers;
    private final RttEstimator rtt;
    private final Counters counters;

    private boolean synDue;
    private boolean patient;
    private boolean answering;
    private int retransmissions;
    /** Our SYN or SYN/ACK left more than once, whatever the reason: an ACK cannot tell which one it answers. */
    private boolean ambiguous;
    private boolean everSent;
    private long firstSentAt;
    private boolean ecnRefused;

    private boolean timestamps;
    private boolean sack;
    private boolean scaling;
    private int sendScale;
    private int receiveScale;
    private int peerMss;

    Handshake(Subflow flow, SubflowConfig config, Timers timers, RttEstimator rtt, Counters counters) {
        this.flow = flow;
        this.config = config;
        this.timers = timers;
        this.rtt = rtt;
        this.counters = counters;
        peerMss = flow.path().ipv6() ? DEFAULT_MSS_V6 : DEFAULT_MSS_V4;
    }

    // ---- what was agreed

    boolean timestamps() {
        return timestamps;
    }

    boolean sack() {
        return sack;
    }

    int sendScale() {
        return sendScale;
    }

    int receiveScale() {
        return receiveScale;
    }

    int peerMss() {
        return peerMss;
    }

    boolean wasRetransmitted() {
        return retransmissions > 0;
    }

    int retransmissions() {
        return retransmissions;
    }

    // ---- segments

    /** See {@link Subflow#limitBackoff}. */
    void limitBackoff() {
        patient = true;
    }

    void begin() {
        synDue = true;
    }

    /** The peer's SYN or SYN/ACK: takes over what both sides offer. */
    void onSyn(SegmentView syn, boolean answersOurs, long now) {
        TcpOptions options = syn.options;
        if (options.has(TcpOptions.MAXIMUM_SEGMENT_SIZE)) {
            peerMss = Math.max(SMALLEST_MSS, options.maximumSegmentSize);
        }
        timestamps = config.timestamps() && options.has(TcpOptions.TIMESTAMPS);
        sack = config.sack() && options.has(TcpOptions.SACK_PERMITTED);
        scaling = config.windowScaling() && options.has(TcpOptions.WINDOW_SCALE);
        if (scaling) {
            sendScale = Math.min(options.windowScale, MAXIMUM_SHIFT);
            receiveScale = config.windowScale();
        }
        negotiateEcn(syn, answersOurs);
    }

    private void negotiateEcn(SegmentView syn, boolean answersOurs) {
        boolean ece = syn.has(TcpFlags.ECE);
        boolean cwr = syn.has(TcpFlags.CWR);
        // A SYN asks with both bits, a SYN/ACK agrees with ECE alone (RFC 3168 section 6.1.1).
        boolean agreed = answersOurs ? config.ecn() && ece && !cwr : ece && cwr;
        if (agreed) {
            flow.ecn().enable();
        }
        if (ecnRefused) {
            flow.ecn().forbidMarking();
        }
    }

    /** Our SYN was answered by a SYN: from now on SYN/ACK leaves instead. */
    void answer() {
        answering = true;
        synDue = true;
    }

    /** The peer's SYN once more: our SYN/ACK seems lost. */
    void repeat(SegmentView syn) {
        synDue = true;
        ambiguous = true;
        if (!syn.has(TcpFlags.ECE) || !syn.has(TcpFlags.CWR)) {
            flow.ecn().forbidMarking();
        }
    }

    boolean isDue() {
        return synDue;
    }

    boolean emit(SegmentSink sink, long now) {
        if (!synDue || !sink.claim(flow)) {
            return false;
        }
        synDue = false;
        if (!everSent) {
            everSent = true;
            firstSentAt = now;
        }
        flow.builder().syn(sink, answering, now);
        long next = now + (patient ? Math.min(rtt.timeout(), STEADY_NANOS) : rtt.timeout());
        if (config.userTimeoutNanos() > 0) {
            next = Math.min(next, Math.max(now, firstSentAt + config.userTimeoutNanos()));
        }
        timers.set(Timer.RETRANSMISSION, next);
        return true;
    }

    int flags() {
        boolean askEcn = config.ecn() && retransmissions == 0;
        if (answering) {
            boolean agree = flow.ecn().mayMark() && retransmissions == 0;
            return TcpFlags.SYN | TcpFlags.ACK | (agree ? TcpFlags.ECE : 0);
        }
        return TcpFlags.SYN | (askEcn ? TcpFlags.ECE | TcpFlags.CWR : 0);
    }

    /** A SYN names what we offer; a SYN/ACK only what the peer offered too. */
    void writeOptions(OptionWriter options, long now) {
        options.maximumSegmentSize(flow.sizes().announced());
        boolean withTimestamps = answering ? timestamps : config.timestamps();
        boolean withSack = answering ? sack : config.sack();
        int echo = answering ? flow.recentTimestamp() : 0;
        if (withTimestamps && withSack) {
            options.sackPermittedAndTimestamps(flow.timestamp(now), echo);
        } else if (withTimestamps) {
            options.timestamps(flow.timestamp(now), echo);
        } else if (withSack) {
            options.sackPermitted();
        }
        if (answering ? scaling : config.windowScaling()) {
            options.windowScale(config.windowScale());
        }
    }

    /** The SYN was not answered in time. False: it was repeated often enough. */
    boolean onTimer(long now) {
        int limit = answering ? config.synAckRetries() : patient ? STEADY_RETRIES : config.synRetries();
        boolean overdue = config.userTimeoutNanos() > 0 && now - firstSentAt >= config.userTimeoutNanos();
        if (overdue || retransmissions >= limit) {
            return false;
        }
        retransmissions++;
        // RFC 3168 section 6.1.1.1: a path that eats ECN-setup SYNs must not keep us out.
        ecnRefused = true;
        flow.ecn().forbidMarking();
        ambiguous = true;
        counters.increment(Counter.TCP_SYN_RETRANS);
        counters.increment(Counter.TCP_RETRANS_SEGS);
        rtt.onTimeout();
        synDue = true;
        return true;
    }

    /** The handshake is complete: first RTT sample, or the rule for a SYN that had to be repeated. */
    void onComplete(SegmentView segment, long now) {
        synDue = false;
        timers.clear(Timer.RETRANSMISSION);
        if (!ambiguous) {
            rtt.onMinimumSample(now - firstSentAt, now);
            rtt.onSample(now - firstSentAt, now);
            return;
        }
        int millis = flow.timestamp(now) - segment.options.timestampEcho;
        boolean echoed = timestamps && segment.options.has(TcpOptions.TIMESTAMPS)
                && millis >= 0 && millis * 1_000_000L <= now - firstSentAt;
        if (echoed) {
            rtt.onSample(Math.max(millis, 1) * 1_000_000L, now);
        } else if (retransmissions > 0) {
            rtt.onSynTimeoutSurvived();
        }
    }
}
