package net.braid.tcp;

import net.braid.base.RangeSet;
import net.braid.tcp.Timers.Timer;
import net.braid.wire.SegmentView;
import net.braid.wire.SequenceNumber;
import net.braid.wire.TcpFlags;
import net.braid.wire.TcpOptions;

/** The send half of a flow: sequence space, the peer's window, acknowledgments, and the choice of what leaves next. */
final class Sender {
    private static final long NO_OFFSET = -1;
    /** Most SACKed ranges that are remembered; more are ignored, which costs retransmissions, not correctness. */
    static final int SCOREBOARD_LIMIT = 4096;

    private final Subflow flow;
    private final SubflowConfig config;
    private final Counters counters;
    private final Timers timers;
    private final RttEstimator rtt;
    private final SentSegments sent = new SentSegments();
    private final RangeSet scoreboard = new RangeSet(SCOREBOARD_LIMIT);
    private final RateSampler rate = new RateSampler();
    private final LossIntervals intervals = new LossIntervals();
    private final Pacer pacer = new Pacer();
    private final AckSample sample = new AckSample();
    private final Recovery recovery;
    private final PeerWindow window;
    private CongestionController congestion;

    /** Wire number of offset 0: ISS + 1. */
    private final int origin;
    private long sndUna;
    private long sndNxt;
    private boolean finWanted;
    private long finOffset = NO_OFFSET;
    private long lastSentAt;
    private long bytesRetransmitted;
    /** While SND.UNA is below this, the congestion window was the limit in the current round. */
    private long windowLimitedUntil;

    // The acknowledgment under way.
    private long rttOldestSentAt;
    private long rttNewestSentAt;
    private boolean repairAcknowledged;
    private boolean duplicateReported;
    private boolean echoValid;
    private int echo;
    private final long[] blockFrom = new long[4];
    private final long[] blockTo = new long[4];
    private long runTag;
    private long runLength;

    Sender(Subflow flow, SubflowConfig config, Timers timers, RttEstimator rtt, Counters counters, int iss) {
        this.flow = flow;
        this.config = config;
        this.timers = timers;
        this.rtt = rtt;
        this.counters = counters;
        origin = iss + 1;
        window = new PeerWindow(config, timers, rtt, counters);
        recovery = new Recovery(this, config, sent, rtt, timers, counters);
    }

    void start(CongestionController controller) {
        congestion = controller;
    }

    // ---- queries

    long sendUnacknowledged() {
        return sndUna;
    }

    long sendNext() {
        return sndNxt;
    }

    int wire(long offset) {
        return SequenceNumber.wrap(origin + offset);
    }

    long offsetOf(int wire) {
        return SequenceNumber.unwrap(wire - origin, sndUna);
    }

    Recovery recovery() {
        return recovery;
    }

    CongestionController congestion() {
        return congestion;
    }

    AckSample sample() {
        return sample;
    }

    long congestionWindow() {
        return congestion == null ? 0 : recovery.window(congestion);
    }

    long pipe() {
        return recovery.pipe();
    }

    LossIntervals intervals() {
        return intervals;
    }

    boolean isWindowLimited() {
        return sndUna < windowLimitedUntil;
    }

    boolean isIdle() {
        return sent.isEmpty();
    }

    boolean hasLost() {
        return sent.lostBytes() > 0;
    }

    long deliveryRate() {
        return rate.rate();
    }

    long maximumDeliveryRate() {
        return rate.maximum();
    }

    long delivered() {
        return rate.delivered();
    }

    boolean sackEnabled() {
        return flow.handshake().sack();
    }

    boolean timestampsEnabled() {
        return flow.handshake().timestamps();
    }

    int timestamp(long now) {
        return flow.timestamp(now);
    }

    int segmentSize() {
        return flow.maximumSegmentSize();
    }

    boolean finSent() {
        return finOffset != NO_OFFSET;
    }

    boolean finWanted() {
        return finWanted;
    }

    boolean finAcknowledged() {
        return finOffset != NO_OFFSET && sndUna > finOffset;
    }

    /** RFC 5961 section 5.2: is an ACK value one that the peer could have sent? */
    boolean isAcceptableAck(long ack) {
        return ack <= sndNxt && ack >= sndUna - Math.max(window.maximum(), 1);
    }

    // ---- what may leave

    long sendQuota(long pending, long now) {
        if (finWanted || pending <= 0 || hasLost()) {
            return 0;
        }
        int mss = segmentSize();
        long windowRoom = window.edge() - sndNxt;
        long congestionRoom = recovery.window(congestion) - recovery.pipe();
        boolean probing = recovery.probePending();
        if (probing) {
            congestionRoom = Math.max(congestionRoom, mss);
        }
        long least = Math.min(mss, pending);
        if (congestionRoom < least) {
            windowLimitedUntil = sndNxt;
            return 0;
        }
        if (!window.allows(windowRoom, least)) {
            return 0;
        }
        if (!probing && config.pacing()) {
            long readyAt = pacer.readyAt(now);
            if (readyAt > now) {
                timers.set(Timer.PACING, readyAt);
                return 0;
            }
        }
        return roundToSegments(Math.min(Math.min(windowRoom, congestionRoom), pending), pending, mss);
    }

    private long roundToSegments(long room, long pending, int mss) {
        long most = flow.sizes().quantum();
        if (most > mss && config.pacing()) {
            // A super-segment is a burst: not longer than the pacer would make one, nor too short to be worth it.
            most = Math.min(most, Math.max(pacer.burstBytes(), 2L * mss));
            most -= most % mss;
        }
        int probe = flow.pathMtu().wantedPayload();
        if (probe > most && pending >= probe) {
            most = probe;
        }
        long quota = Math.min(room, most);
        if (quota < pending && quota > mss && quota != probe) {
            quota -= quota % mss;
        }
        return quota;
    }

    int emitData(SegmentSink sink, long tag, int length, boolean push, boolean last, long now) {
        assert length > 0 && !finWanted;
        int mss = segmentSize();
        int bytes = length;
        int probeBytes = flow.pathMtu().probePayload(length, window.edge() - sndNxt, this);
        if (probeBytes > 0) {
            bytes = probeBytes;
        } else if (length > mss) {
            // PSH and FIN never ride on a super-segment: the odd end leaves on its own.
            int odd = push || last ? (length - 1) % mss + 1 : 0;
            bytes = flow.path().segmentationOffload() ? length - odd : mss;
        }
        if (!sink.claim(flow)) {
            return 0;
        }
        restartAfterIdle(now);
        boolean whole = bytes == length;
        boolean fin = whole && last && sndNxt + bytes < window.edge();
        int flags = TcpFlags.ACK | (push && whole ? TcpFlags.PSH : 0) | (fin ? TcpFlags.FIN : 0);
        byte mark = (byte) ((fin ? SentSegments.FIN : 0) | (probeBytes > 0 ? SentSegments.MTU_PROBE : 0));
        long pipe = recovery.pipe();
        int slot = sent.append(sndNxt, sndNxt + bytes + (fin ? 1 : 0), tag, mark, now);
        rate.onSend(sent, slot, pipe, now);
        flow.builder().data(sink, sndNxt, tag, bytes, probeBytes > 0 ? bytes : mss, flags, true, now);
        sndNxt = sent.end(slot);
        if (probeBytes > 0) {
            flow.pathMtu().onProbeSent(probeBytes, sndNxt);
        }
        if (fin) {
            finWanted = true;
            finOffset = sndNxt - 1;
        }
        afterSending(bytes, false, now);
        if (whole && push && pipe + bytes < recovery.window(congestion)) {
            rate.onApplicationLimited(recovery.pipe());
        }
        return bytes;
    }

    /** For a flow that has gone idle. */
    void trim() {
        sent.trim();
        scoreboard.trim();
    }

    /** Payload bytes sent again, over the whole life of the subflow. */
    long bytesRetransmitted() {
        return bytesRetransmitted;
    }

    private void afterSending(int bytes, boolean retransmission, long now) {
        lastSentAt = now;
        congestion.onSent(now, bytes, recovery.pipe());
        if (config.pacing()) {
            pacer.onSent(bytes, now);
        }
        window.onDataSent();
        recovery.onSent(bytes, retransmission, now);
    }

    /** RFC 5681 section 4.1: after an idle RTO the window is no longer known to be right. */
    private void restartAfterIdle(long now) {
        if (config.idleRestart() && sent.isEmpty() && lastSentAt != 0 && now - lastSentAt > rtt.timeout()) {
            congestion.onCongestion(CongestionController.Signal.IDLE_RESTART, now, 0);
        }
    }

    /** Sends one lost segment again if the window allows it. */
    boolean emitRetransmission(SegmentSink sink, long now) {
        int slot = sent.firstLost();
        if (slot == SentSegments.NONE) {
            return false;
        }
        int mss = segmentSize();
        long room = recovery.window(congestion) - recovery.pipe();
        int length = sent.dataLength(slot);
        if (room < Math.min(length, mss) && recovery.pipe() > 0 && !recovery.isHeadDue()) {
            windowLimitedUntil = sndNxt;
            return false;
        }
        if (!sink.claim(flow)) {
            return false;
        }
        int most = (int) Math.min(flow.sizes().quantum(), Math.max(mss, room - room % mss));
        if (length > most) {
            sent.split(slot, sent.start(slot) + most);
        }
        resend(sink, slot, now);
        if (recovery.state() == Recovery.State.LOSS) {
            counters.increment(Counter.TCP_SLOW_START_RETRANS);
        } else {
            counters.increment(Counter.TCP_FAST_RETRANS);
        }
        return true;
    }

    /** The probe of RFC 8985 section 7.3 when there is no new data: the last segment once more. */
    boolean emitProbe(SegmentSink sink, long now) {
        int slot = sent.tail();
        if (slot == SentSegments.NONE || sent.state(slot) != SentSegments.IN_FLIGHT) {
            recovery.cancelProbe();
            return false;
        }
        if (!sink.claim(flow)) {
            return false;
        }
        int length = sent.dataLength(slot);
        int mss = segmentSize();
        if (length > mss) {
            int tail = (length - 1) % mss + 1;
            slot = sent.split(slot, sent.start(slot) + length - tail);
        }
        recovery.onProbeSent(true);
        resend(sink, slot, now);
        return true;
    }

    private void resend(SegmentSink sink, int slot, long now) {
        int length = sent.dataLength(slot);
        boolean fin = sent.has(slot, SentSegments.FIN);
        long pipe = recovery.pipe();
        int flags = TcpFlags.ACK | (fin ? TcpFlags.FIN : 0)
                | (length > 0 && sent.end(slot) == sndNxt ? TcpFlags.PSH : 0);
        sent.markRetransmitted(slot, now);
        rate.onSend(sent, slot, pipe, now);
        flow.builder().data(sink, sent.start(slot), sent.tag(slot), length, segmentSize(), flags, false, now);
        bytesRetransmitted += length;
        counters.add(Counter.TCP_RETRANS_SEGS, Math.max(1, (length + segmentSize() - 1) / segmentSize()));
        afterSending(Math.max(1, length), true, now);
    }

    /** FIN on a segment of its own, once everything assigned has left. */
    boolean emitFin(SegmentSink sink, long now) {
        if (!finWanted || finOffset != NO_OFFSET) {
            return false;
        }
        boolean inWindow = sndNxt < window.edge();
        if (!inWindow && !sent.isEmpty() || !sink.claim(flow)) {
            return false;
        }
        long pipe = recovery.pipe();
        int slot = sent.append(sndNxt, sndNxt + 1, 0, SentSegments.FIN, now);
        rate.onSend(sent, slot, pipe, now);
        flow.builder().data(sink, sndNxt, 0, 0, segmentSize(), TcpFlags.ACK | TcpFlags.FIN, false, now);
        finOffset = sndNxt;
        sndNxt++;
        afterSending(1, false, now);
        return true;
    }

    void finish() {
        finWanted = true;
    }

    PeerWindow window() {
        return window;
    }

    /** Arms the persist timer when only the peer's window keeps data back. */
    void awaitQuota(long pending, long now) {
        if (pending > 0 && sent.isEmpty()) {
            window.await(pending, window.edge() - sndNxt, segmentSize(), now);
        }
    }

    /** False: the peer has not answered for too long. */
    boolean onPersistTimer(long now) {
        return window.onTimer(window.edge() - sndNxt, now);
    }

    // ---- acknowledgments

    /**
     * An acceptable acknowledgment (RFC 9293 section 3.10.7.4, fifth step): SACK, SND.UNA, window, recovery,
     * controller, timers.
     */
    void onAck(SegmentView view, long segmentOffset, long ack, long now) {
        window.onPeerHeard();
        beginAck(view, ack, now);
        long advanced = Math.max(0, ack - sndUna);
        if (advanced > 0) {
            acknowledgeTo(ack, now);
        }
        // Behind the cumulative part and in ascending order, or RACK would see reordering where there is none.
        if (sackEnabled() && view.options.has(TcpOptions.SACK)) {
            processSack(view, ack, advanced, now);
        }
        boolean windowChanged = window.update(view, flow.handshake().sendScale(), segmentOffset, ack, sndUna);
        //= rfc5681#2
        //# An acknowledgment is considered a
        //# "duplicate" in the following algorithms when (a) the receiver of
        //# the ACK has outstanding data, (b) the incoming acknowledgment
        //# carries no data, (c) the SYN and FIN bits are both off, (d) the
        //# acknowledgment number is equal to the greatest acknowledgment
        //# received on the given connection (TCP.UNA from [RFC793]) and (e)
        //# the advertised window in the incoming acknowledgment equals the
        //# advertised window in the last incoming acknowledgment.
        // Whether data is outstanding, Recovery looks: the end of a loss probe is told by such ACKs when nothing is.
        //
        //= rfc8684#3.4.1 A05
        //# an MPTCP
        //# implementation MUST NOT treat duplicate ACKs with any MPTCP option,
        //# with the exception of the DSS option, as indications of congestion
        boolean pureDuplicate = advanced == 0 && ack == sndUna && view.payloadLength == 0 && !windowChanged
                && !view.options.has(TcpOptions.MPTCP_SIGNAL | TcpOptions.SACK)
                && !view.has(TcpFlags.SYN | TcpFlags.FIN);
        sampleRtt(advanced, now);
        finishAck(advanced, pureDuplicate, now);
    }

    private void beginAck(SegmentView view, long ack, long now) {
        sample.now = now;
        sample.inFlightBytesBefore = recovery.pipe();
        sample.windowLimited = isWindowLimited();
        sample.congestionExperienced = flow.ecn().isReduction(view);
        sample.newlyLostBytes = 0;
        sample.rttNanos = AckSample.NO_RTT;
        rttOldestSentAt = NO_OFFSET;
        rttNewestSentAt = NO_OFFSET;
        repairAcknowledged = false;
        duplicateReported = false;
        echoValid = timestampsEnabled() && view.options.has(TcpOptions.TIMESTAMPS);
        echo = view.options.timestampEcho;
        rate.beginAck();
        recovery.beginAck();
        sample.newlyDeliveredBytes = -rate.delivered();
        assert ack <= sndNxt;
    }

    private void finishAck(long advanced, boolean pureDuplicate, long now) {
        sample.newlyDeliveredBytes += rate.delivered();
        sample.newlyAckedBytes = advanced;
        sample.sndUna = sndUna;
        sample.sndNxt = sndNxt;
        rate.endAck(sample, rtt.minimum());
        intervals.onAcknowledged(advanced);
        recovery.onAck(sample, advanced, duplicateReported, pureDuplicate, echoValid, echo, now);
        sample.inFlightBytes = recovery.pipe();
        congestion.onAck(sample);
        if (config.pacing()) {
            pacer.update(congestion.pacingRate(), recovery.window(congestion), congestion.slowStartThreshold(),
                    rtt.smoothed(), now);
        }
        if (sent.isEmpty() && advanced > 0) {
            timers.clear(Timer.REORDERING);
        }
    }

    private void acknowledgeTo(long ack, long now) {
        runLength = 0;
        while (sent.head() != SentSegments.NONE && sent.start(sent.head()) < ack) {
            int slot = sent.head();
            if (sent.end(slot) > ack) {
                sent.split(slot, ack);
            }
            if (sent.state(slot) != SentSegments.SACKED) {
                onDelivered(slot, true, now);
            }
            extendRun(slot, now);
            sent.removeHead();
        }
        sndUna = ack;
        scoreboard.removeBelow(ack);
        window.onProgress();
        flow.pathMtu().onAcknowledged(ack, now);
        flushRun(now);
    }

    /** Acknowledged stretches are reported in runs that are contiguous in the owner's stream. */
    private void extendRun(int slot, long now) {
        int length = sent.dataLength(slot);
        if (length == 0) {
            return;
        }
        if (runLength > 0 && sent.tag(slot) != runTag + runLength) {
            flushRun(now);
        }
        if (runLength == 0) {
            runTag = sent.tag(slot);
        }
        runLength += length;
    }

    private void flushRun(long now) {
        if (runLength > 0) {
            long length = runLength;
            runLength = 0;
            flow.owner().onAcknowledged(flow, runTag, length, now);
        }
    }

    private void onDelivered(int slot, boolean cumulative, long now) {
        boolean retransmitted = sent.has(slot, SentSegments.RETRANSMITTED);
        // Beside a hole the peer echoes what filled the last one (RFC 7323 section 4.3 (C)): that says nothing of a
        // SACK.
        boolean echoedBefore = cumulative && echoValid && echo - timestamp(sent.sentAt(slot)) < 0;
        if (!retransmitted) {
            long at = sent.sentAt(slot);
            rttNewestSentAt = Math.max(rttNewestSentAt, at);
            if (rttOldestSentAt == NO_OFFSET || at < rttOldestSentAt) {
                rttOldestSentAt = at;
            }
        } else if (cumulative) {
            repairAcknowledged = true;
        }
        rate.onDelivered(sent, slot, now);
        recovery.onDelivered(slot, echoedBefore, now);
        if (sent.has(slot, SentSegments.MTU_PROBE)) {
            flow.pathMtu().onProbeDelivered(sent.dataLength(slot), now);
        }
    }

    /**
     * Karn's rule by segments never sent twice; where one of those acknowledged was, timestamps tell (RFC 6298
     * section 3, RFC 7323 section 4.1): others may have waited at the peer for its repair.
     */
    private void sampleRtt(long advanced, long now) {
        boolean ambiguous = repairAcknowledged && !sackEnabled();
        if (rttNewestSentAt != NO_OFFSET && !ambiguous) {
            sample.rttNanos = now - rttNewestSentAt;
            rtt.onMinimumSample(sample.rttNanos, now);
            rtt.onSample(now - rttOldestSentAt, now);
            recovery.onRttSample();
        } else if (advanced > 0 && echoValid && echo != 0) {
            int millis = timestamp(now) - echo;
            if (millis >= 0) {
                rtt.onSample(Math.max(millis, 1) * 1_000_000L, now);
                recovery.onRttSample();
            }
        }
    }

    // ---- selective acknowledgment

    private void processSack(SegmentView view, long ack, long advanced, long now) {
        TcpOptions options = view.options;
        int count = 0;
        for (int i = 0; i < options.sackCount; i++) {
            long left = offsetOf(options.sackEdges[2 * i]);
            long right = offsetOf(options.sackEdges[2 * i + 1]);
            if (left >= right || right > sndNxt || left < sndUna - Math.max(window.maximum(), 1)) {
                continue;
            }
            if (i == 0 && isDuplicateReport(options, left, right, ack)) {
                duplicateReported = true;
                recovery.onDuplicateReported(left, right, mayBeRepair(left, right, ack - advanced));
            } else if (right > sndUna) {
                insertBlock(count++, Math.max(left, sndUna), right);
            }
        }
        for (int i = 0; i < count; i++) {
            markSacked(blockFrom[i], blockTo[i], now);
        }
    }

    /** Insertion sort: a SACK option has at most four blocks. */
    private void insertBlock(int count, long from, long to) {
        int at = count;
        while (at > 0 && blockFrom[at - 1] > from) {
            blockFrom[at] = blockFrom[at - 1];
            blockTo[at] = blockTo[at - 1];
            at--;
        }
        blockFrom[at] = from;
        blockTo[at] = to;
    }

    /** RFC 2883 section 4: the first block lies below the ACK, or inside the second block. */
    private boolean isDuplicateReport(TcpOptions options, long left, long right, long ack) {
        if (right <= ack) {
            return true;
        }
        return options.sackCount > 1 && left >= offsetOf(options.sackEdges[2])
                && right <= offsetOf(options.sackEdges[3]);
    }

    /**
     * Whether a duplicate can have come of a retransmission of ours, and not of the network: all below what was
     * acknowledged before, where nothing is known any more, and above only what was sent more than once.
     */
    private boolean mayBeRepair(long left, long right, long unaBefore) {
        if (right <= unaBefore) {
            return true;
        }
        if (left < sndUna) {
            return repairAcknowledged;
        }
        return sent.has(sent.find(left), SentSegments.RETRANSMITTED);
    }

    private void markSacked(long from, long to, long now) {
        long at = from;
        while (at < to) {
            long gap = scoreboard.firstGap(at);
            if (gap >= to) {
                return;
            }
            long gapEnd = Math.min(to, scoreboard.nextChange(gap));
            if (!scoreboard.add(gap, gapEnd)) {
                counters.increment(Counter.TCP_SACK_SCOREBOARD_FULL);
                return;
            }
            markSegments(gap, gapEnd, now);
            at = gapEnd;
        }
    }

    private void markSegments(long from, long to, long now) {
        int slot = sent.find(from);
        if (sent.start(slot) < from) {
            slot = sent.split(slot, from);
        }
        while (slot != SentSegments.NONE && sent.start(slot) < to) {
            if (sent.end(slot) > to) {
                sent.split(slot, to);
            }
            if (sent.state(slot) != SentSegments.SACKED) {
                onDelivered(slot, false, now);
                sent.markSacked(slot);
            }
            slot = sent.next(slot);
        }
    }

    /**
     * RFC 2018 section 8: after a timeout with the head SACKed, what the peer claimed to hold is no longer believed.
     */
    void onReneging() {
        counters.increment(Counter.TCP_SACK_RENEGING);
        scoreboard.clear();
        for (int slot = sent.head(); slot != SentSegments.NONE; slot = sent.next(slot)) {
            if (sent.state(slot) == SentSegments.SACKED) {
                sent.markLost(slot);
            }
        }
    }

    // ---- path

    /** The segment size shrank: what is too large now counts as lost, without blame, and leaves again in pieces. */
    void onSegmentSizeReduced(int mss, long now) {
        for (int slot = sent.head(); slot != SentSegments.NONE; slot = sent.next(slot)) {
            if (sent.state(slot) == SentSegments.IN_FLIGHT && (sent.dataLength(slot) > mss)) {
                sent.markLost(slot);
            }
        }
        recovery.schedule(now);
    }

    void onWindowReduced() {
        flow.ecn().onWindowReduced();
    }

    /** For tests: sums and limits that must hold between any two inputs. */
    void checkInvariants() {
        sent.checkInvariants();
        assert sent.isEmpty() || sent.start(sent.head()) == sndUna && sent.end(sent.tail()) == sndNxt;
        assert !sent.isEmpty() || sndUna == sndNxt : sndUna + " " + sndNxt;
    }

    boolean headLargerThan(int bytes) {
        return !sent.isEmpty() && sent.dataLength(sent.head()) > bytes;
    }
}
