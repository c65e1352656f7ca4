package net.braid.tcp;

import net.braid.tcp.Timers.Timer;
import net.braid.wire.SegmentView;
import net.braid.wire.TcpFlags;

/** The window that the peer offers: what fits, and what to do while nothing does (RFC 9293 section 3.8.6). */
final class PeerWindow {
    private final SubflowConfig config;
    private final Timers timers;
    private final RttEstimator rtt;
    private final Counters counters;

    /** SND.WND, in bytes from SND.WL2, and the largest that was ever offered (Max(SND.WND)). */
    private long sndWnd;
    private long maximum;
    /** SND.WL1 and SND.WL2: sequence and acknowledgment of the segment that brought the window. */
    private long updateSegment;
    private long updateAck;
    /** Window probes sent since the window shut, and how many of them had been sent when the peer was last heard. */
    private int probes;
    private int answeredProbes;
    private boolean probeDue;
    /** When the first probe was due that has not been answered. */
    private long silentSince;
    /** The persist timer fired on a window too small for a segment: what fits may go (section 3.8.6.2.1). */
    private boolean override;

    PeerWindow(SubflowConfig config, Timers timers, RttEstimator rtt, Counters counters) {
        this.config = config;
        this.timers = timers;
        this.rtt = rtt;
        this.counters = counters;
    }

    // ---- queries

    long size() {
        return sndWnd;
    }

    long maximum() {
        return maximum;
    }

    boolean isShut() {
        return sndWnd == 0;
    }

    /**
     * What the peer has offered, as an offset: counted from the acknowledgment that came with the window. Counted from
     * SND.UNA, an ACK on a retransmission, whose window is too old to count (SND.WL1), would widen the offer.
     */
    long edge() {
        return updateAck + sndWnd;
    }

    /** Sender's silly window avoidance (section 3.8.6.2.1): may {@code room} be used when {@code least} is wanted? */
    boolean allows(long room, long least) {
        return room >= least || room > 0 && (room >= maximum / 2 || override);
    }

    // ---- updates

    void start(long bytes, long segmentOffset, long ack) {
        sndWnd = bytes;
        maximum = Math.max(maximum, bytes);
        updateSegment = segmentOffset;
        updateAck = ack;
    }

    /** True: the window changed. */
    boolean update(SegmentView view, int scale, long segmentOffset, long ack, long sndUna) {
        //= rfc9293#3.10.7.4
        //# If SND.UNA =< SEG.ACK =< SND.NXT, the send window should be
        //# updated.  If (SND.WL1 < SEG.SEQ or (SND.WL1 = SEG.SEQ and
        //# SND.WL2 =< SEG.ACK)), set SND.WND <- SEG.WND, set SND.WL1 <-
        //# SEG.SEQ, and set SND.WL2 <- SEG.ACK.
        // SND.WL1 and SND.WL2, but the acknowledgment decides first: a retransmission that fills a hole has an old
        // sequence number and yet the newest window, and if it moved SND.UNA without the window, the right edge would
        // move beyond what the peer has offered. Of two segments, the one that acknowledges more was sent later.
        boolean newer = updateAck < ack || updateAck == ack && updateSegment <= segmentOffset;
        if (!newer || ack < sndUna) {
            return false;
        }
        long window = (long) view.window << (view.has(TcpFlags.SYN) ? 0 : scale);
        boolean changed = window != sndWnd;
        start(window, segmentOffset, ack);
        if (changed && window > 0) {
            timers.clear(Timer.PERSIST);
            probeDue = false;
        }
        return changed;
    }

    // ---- a window that is shut, or as good as shut

    /** Arms the persist timer when only the window keeps {@code pending} bytes back (section 3.8.6.1). */
    void await(long pending, long room, int segmentSize, long now) {
        if (!timers.isSet(Timer.PERSIST) && !probeDue && !allows(room, Math.min(segmentSize, pending))) {
            //= rfc9293#3.8.6.1
            //# The transmitting host SHOULD send the first zero-window probe when a
            //# zero window has existed for the retransmission timeout period (SHLD-
            //# 29) (Section 3.8.1), and SHOULD increase exponentially the interval
            //# between successive probes (SHLD-30).
            schedule(now);
        }
    }

    private void schedule(long now) {
        long next = now + rtt.backedOff(probes);
        if (config.userTimeoutNanos() > 0 && probes > answeredProbes) {
            next = Math.min(next, Math.max(now, silentSince + config.userTimeoutNanos()));
        }
        timers.set(Timer.PERSIST, next);
    }

    /** False: the peer has not answered for too long. */
    boolean onTimer(long room, long now) {
        if (config.userTimeoutNanos() > 0 && probes > answeredProbes
                && now - silentSince >= config.userTimeoutNanos()) {
            return false;
        }
        if (probes == answeredProbes) {
            silentSince = now;
        }
        override = true;
        probes++;
        if (room <= 0) {
            probeDue = true;
            counters.increment(Counter.TCP_WIN_PROBE);
        }
        return config.userTimeoutNanos() > 0 || probes - answeredProbes <= config.retries2();
    }

    boolean isProbeDue() {
        return probeDue;
    }

    void onProbeSent(long now) {
        probeDue = false;
        schedule(now);
    }

    void onDataSent() {
        timers.clear(Timer.PERSIST);
        probeDue = false;
        override = false;
    }

    void onPeerHeard() {
        answeredProbes = probes;
    }

    void onProgress() {
        probes = 0;
        answeredProbes = 0;
    }
}
