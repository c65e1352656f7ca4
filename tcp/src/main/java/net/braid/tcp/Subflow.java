package net.braid.tcp;

import net.braid.base.RandomSource;
import net.braid.tcp.Timers.Timer;
import net.braid.wire.SegmentView;
import net.braid.wire.TcpFlags;

/**
 * One TCP flow on one path (RFC 9293). Inputs are {@code on...}; outputs are pulled with {@link #emit} and
 * {@link #emitData}; nothing happens in between. A thin class: it owns the state of RFC 9293 section 3.3.2 and ties
 * together {@link Handshake}, {@link Arrival}, {@link Sender} and {@link Receiver}.
 *
 * <p>Every method is called on one thread, with a clock that never runs backwards.
 */
public final class Subflow implements FlowView {
    private final SubflowOwner owner;
    private final SubflowConfig config;
    private final PathProperties path;
    private final CongestionController.Factory congestionFactory;
    private final CouplingGroup group;
    private final int index;
    private final Counters counters;
    private final int timestampOffset;

    private final Timers timers = new Timers();
    private final RttEstimator rtt;
    private final Ecn ecn = new Ecn();
    private final RecentTimestamp recentTimestamp = new RecentTimestamp();
    private final AckPolicy acks = new AckPolicy();
    private final ChallengeAcks challenges;
    private final PathMtu pathMtu;
    private final Handshake handshake;
    private final Sender sender;
    private final Receiver receiver;
    private final SegmentBuilder builder;
    private final Arrival arrival;
    private final KeepAlive keepAlive;
    private final Deadlines deadlines;
    private final SegmentSizes sizes;
    private final Resets resets;
    private final PathErrors pathErrors;
    private final Orphan orphan;

    private TcpState state = TcpState.CLOSED;
    private boolean passive;
    private long lastAckSent;

    /**
     * @param congestion creates the controller once the handshake is complete and the segment size known
     * @param iss initial send sequence number (RFC 6528), from the stack
     * @param timestampOffset added to the millisecond clock in the timestamps option (RFC 7323 section 5.4)
     */
    public Subflow(SubflowOwner owner, SubflowConfig config, PathProperties path,
            CongestionController.Factory congestion, CouplingGroup group, int index, Counters counters,
            RandomSource random, int iss, int timestampOffset) {
        this.owner = owner;
        this.config = config;
        this.path = path;
        this.congestionFactory = congestion;
        this.group = group;
        this.index = index;
        this.counters = counters;
        this.timestampOffset = timestampOffset;
        rtt = new RttEstimator(config);
        challenges = new ChallengeAcks(config.challengeAcksPerSecond(), random);
        pathMtu = new PathMtu(this, config, path, timers, counters);
        handshake = new Handshake(this, config, timers, rtt, counters);
        sender = new Sender(this, config, timers, rtt, counters, iss);
        receiver = new Receiver(this, counters, config.receiveHoles());
        builder = new SegmentBuilder(this);
        arrival = new Arrival(this, counters);
        keepAlive = new KeepAlive(config, timers, counters);
        sizes = new SegmentSizes(this, handshake, pathMtu);
        resets = new Resets(this, counters);
        pathErrors = new PathErrors(this, counters);
        orphan = new Orphan(this, config, timers);
        deadlines = new Deadlines(this, timers, acks, keepAlive, orphan, counters);
    }

    // ---- opening

    /** Active open: a SYN leaves with the next {@link #emit}. */
    public void connect(long now) {
        assert state == TcpState.CLOSED;
        state = TcpState.SYN_SENT;
        handshake.begin();
    }

    /** Passive open from a decoded SYN: a SYN/ACK leaves with the next {@link #emit}. */
    public void accept(SegmentView syn, long now) {
        assert state == TcpState.CLOSED;
        passive = true;
        onPeerSyn(syn, false, now);
        state = TcpState.SYN_RECEIVED;
        handshake.answer();
    }

    /** Starts from what was remembered of this path (RFC 9040); before {@link #connect} or {@link #accept}. */
    public void restore(PathMetrics remembered) {
        assert state == TcpState.CLOSED;
        rtt.restore(remembered.smoothedRttNanos(), remembered.rttVarianceNanos());
        pathMtu.restore(remembered.pathMtu());
        sizes.update();
    }

    void onPeerSyn(SegmentView syn, boolean answersOurs, long now) {
        receiver.start(syn.sequenceNumber);
        handshake.onSyn(syn, answersOurs, now);
        if (handshake.timestamps()) {
            recentTimestamp.start(syn.options.timestampValue, now);
        }
    }

    void establish(SegmentView view, long segmentOffset, long ack, long now) {
        if (state == TcpState.SYN_RECEIVED && handshake.isDue()) {
            // Simultaneous open, and the peer's SYN/ACK came before ours could leave: its SYN is still to acknowledge.
            ackNow();
        }
        state = TcpState.ESTABLISHED;
        handshake.onComplete(view, now);
        pathMtu.start(sizes.overhead(), now);
        sizes.update();
        sender.start(congestionFactory.create(this, group, now));
        boolean syn = view.has(TcpFlags.SYN);
        sender.window().start(syn ? view.window : (long) view.window << handshake.sendScale(), segmentOffset, ack);
        keepAlive.start(now);
        owner.onEstablished(this, now);
    }

    // ---- inputs

    /** A decoded segment for this flow's four-tuple, in any state but TIME_WAIT. */
    public void onSegment(SegmentView segment, long now) {
        arrival.onSegment(segment, now);
    }

    /** To be called when {@link #deadline} has come. */
    public void onDeadline(long now) {
        deadlines.onDeadline(now);
    }

    /** See {@link PathErrors#onPacketTooBig}: ICMP "fragmentation needed" or "packet too big"; mtu 0: not named. */
    public void onPacketTooBig(int mtu, int sequenceNumber, long now) {
        pathErrors.onPacketTooBig(mtu, sequenceNumber, now);
    }

    /** See {@link PathErrors#onUnreachable}: ICMP unreachable (type 3) or ICMPv6 unreachable (type 1). */
    public void onUnreachable(int icmpType, int icmpCode, int sequenceNumber, long now) {
        pathErrors.onUnreachable(icmpType, icmpCode, sequenceNumber, now);
    }

    // ---- the owner's wishes

    /** Payload bytes of new data that may leave now, of {@code pending} that wait; 0 when fewer than a full segment. */
    public long sendQuota(long pending, long now) {
        return state.canSendData() ? sender.sendQuota(pending, now) : 0;
    }

    /**
     * Sends the next bytes of this flow, [tag, tag + length), at most {@link #sendQuota} of them.
     *
     * @param push the last of these bytes ends what the owner has to send now
     * @param last the last of these bytes ends the stream: FIN rides along where it fits; the owner calls
     *     {@link #finish} in any case
     * @return how many bytes left: all, or a multiple of the segment size, or 0 when the link is full
     */
    public int emitData(SegmentSink sink, long tag, int length, boolean push, boolean last, long now) {
        assert state.canSendData();
        int sent = sender.emitData(sink, tag, length, push, last, now);
        if (sender.finSent()) {
            onFinSent();
        }
        return sent;
    }

    /**
     * The owner has data that {@link #sendQuota} did not let through: arms the persist timer when the window is shut.
     */
    public void awaitQuota(long pending, long now) {
        if (state.canSendData()) {
            sender.awaitQuota(pending, now);
        }
    }

    /** An acknowledgment must leave soon even if nothing else does (for example the data-level ACK advanced). */
    public void requestAck() {
        ackNow();
    }

    /**
     * The owner can receive more than it last advertised. A window update leaves when the window has at least doubled
     * and grown by a segment (RFC 9293 section 3.8.6.2.2; the owner rations its answer in the same spirit).
     */
    public void onReceiveWindowOpened(long now) {
        if (!state.canReceiveData()) {
            return;
        }
        long offered = Math.max(0, receiver.edge() - receiver.rcvNxt());
        long window = owner.receiveWindow(this);
        if (window >= 2 * offered && window - offered >= Math.min(acks.peerSegment(), window)
                && window >> handshake.receiveScale() > offered >> handshake.receiveScale()) {
            ackNow();
        }
    }

    /** No more data will come: FIN follows the last byte sent. */
    public void finish(long now) {
        if (state == TcpState.SYN_SENT) {
            close(new CloseReason.Aborted("closed while connecting"), now);
        } else if (state.canSendData() || state == TcpState.SYN_RECEIVED) {
            sender.finish();
        }
    }

    /** Sends RST (if the state calls for one), forgets everything, and reports {@code reason} to the owner. */
    public void abort(CloseReason reason, long now) {
        switch (state) {
            case SYN_RECEIVED, ESTABLISHED, FIN_WAIT_1, FIN_WAIT_2, CLOSE_WAIT -> {
                state = TcpState.CLOSED;
                timers.clearAll();
                resets.end(reason);
            }
            case CLOSED -> {
            }
            default -> close(reason, now);
        }
    }

    /** A segment without data leaves that the peer must answer, whatever its state. */
    public void requestProbe() {
        keepAlive.requestProbe();
    }

    /**
     * This flow is one of several: while it does not answer it is probed each second for a minute, so that it is found
     * again soon after its path returns, and only then at doubled intervals.
     */
    public void limitBackoff() {
        sender.recovery().limitBackoff();
        handshake.limitBackoff();
    }

    /** {@link SubflowOwner#optionBytes} answers differently from now on. */
    public void onOptionBytesChanged() {
        sizes.update();
    }

    /** The application is gone: from now on the peer's patience counts, and FIN-WAIT-2 is limited in time. */
    public void orphan(long now) {
        orphan.begin(now);
    }

    // ---- outputs

    /**
     * Writes at most one segment of control, retransmission, probe or acknowledgment. False: nothing to send, or the
     * link is full.
     *
     * @param newDataWaiting the owner will offer new data next: a loss probe may be made of it, an ACK may ride on it
     */
    public boolean emit(SegmentSink sink, boolean newDataWaiting, long now) {
        if (resets.isAnswerDue()) {
            return resets.emitAnswer(sink);
        }
        return switch (state) {
            case CLOSED -> resets.emitFinal(sink, now);
            case SYN_SENT -> handshake.emit(sink, now);
            case SYN_RECEIVED -> handshake.emit(sink, now) || emitAcknowledgment(sink, false, now);
            case TIME_WAIT -> emitLast(sink, now);
            default -> emitRepair(sink, newDataWaiting, now) || sender.emitFin(sink, now) && onFinSent()
                    || emitProbe(sink, now) || emitAcknowledgment(sink, newDataWaiting, now);
        };
    }

    /** Of what {@link #emit} would send, only the acknowledgment: the owner has no bytes any more. */
    public boolean emitBareAcknowledgment(SegmentSink sink, long now) {
        return emitAcknowledgment(sink, false, now);
    }

    private boolean emitRepair(SegmentSink sink, boolean newDataWaiting, long now) {
        if (sender.hasLost() && sender.emitRetransmission(sink, now)) {
            return true;
        }
        if (!sender.recovery().probePending()) {
            return false;
        }
        return !(newDataWaiting && mayOfferSegment(now)) && sender.emitProbe(sink, now);
    }

    private boolean emitProbe(SegmentSink sink, long now) {
        boolean persist = sender.window().isProbeDue();
        if (!persist && !keepAlive.isProbeDue() || !sink.claim(this)) {
            return false;
        }
        builder.probe(sink, now);
        if (persist) {
            sender.window().onProbeSent(now);
        }
        keepAlive.onProbeSent();
        return true;
    }

    private boolean emitAcknowledgment(SegmentSink sink, boolean newDataWaiting, long now) {
        if (!acks.isDue()) {
            return false;
        }
        boolean rides = newDataWaiting && !receiver.mustReport() && mayOfferSegment(now);
        if (rides || !sink.claim(this)) {
            return false;
        }
        builder.acknowledgment(sink, now);
        return true;
    }

    /** New data of any length up to a segment would be let through: what waits for it may ride on it. */
    private boolean mayOfferSegment(long now) {
        return sendQuota(sizes.segment(), now) >= sizes.segment();
    }

    /** TIME-WAIT: the last ACK, then a table entry of the stack takes over. */
    private boolean emitLast(SegmentSink sink, long now) {
        if (acks.isDue()) {
            return emitAcknowledgment(sink, false, now);
        }
        state = TcpState.CLOSED;
        owner.onTimeWait(this, now);
        return false;
    }

    /** Earliest instant at which {@link #onDeadline} must be called, or Long.MAX_VALUE. */
    public long deadline() {
        return timers.earliest();
    }

    // ---- what arrival found

    void answerWithReset(int sequence) {
        resets.answer(sequence);
    }

    void challenge(long now) {
        if (challenges.allow(now)) {
            counters.increment(Counter.TCP_CHALLENGE_ACK);
            ackNow();
        } else {
            counters.increment(Counter.TCP_ACK_SKIPPED_CHALLENGE);
        }
    }

    void ackNow() {
        acks.immediately();
    }

    void onHeard(long now) {
        keepAlive.onHeard(now);
    }

    void onCongestionMarked() {
        acks.onOutOfOrder();
    }

    void onTextOutcome(Receiver.Outcome outcome, SegmentView view, long now) {
        if (acks.onText(outcome, view) && !timers.isSet(Timer.DELAYED_ACK)) {
            timers.set(Timer.DELAYED_ACK, now + config.delayedAckNanos());
        }
    }

    void onPeerFin(long now) {
        ackNow();
        switch (state) {
            case ESTABLISHED -> state = TcpState.CLOSE_WAIT;
            case FIN_WAIT_1 -> state = TcpState.CLOSING;
            case FIN_WAIT_2 -> enterTimeWait();
            default -> {
            }
        }
        owner.onPeerFin(this, receiver.rcvNxt(), now);
    }

    void onFinAcknowledged(long now) {
        switch (state) {
            case FIN_WAIT_1 -> {
                state = TcpState.FIN_WAIT_2;
                orphan.onFinWait2(now);
            }
            case CLOSING -> enterTimeWait();
            case LAST_ACK -> close(new CloseReason.Finished(), now);
            default -> {
            }
        }
    }

    private boolean onFinSent() {
        if (state == TcpState.ESTABLISHED) {
            state = TcpState.FIN_WAIT_1;
        } else if (state == TcpState.CLOSE_WAIT) {
            state = TcpState.LAST_ACK;
        }
        return true;
    }

    private void enterTimeWait() {
        state = TcpState.TIME_WAIT;
        timers.clearAll();
    }

    void enter(TcpState next) {
        state = next;
    }

    /** Ends without a word to the peer. */
    public void close(CloseReason reason, long now) {
        state = TcpState.CLOSED;
        timers.clearAll();
        resets.cancel();
        owner.onClosed(this, reason, now);
    }

    void onAcknowledgmentSent(boolean withData, long now) {
        lastAckSent = receiver.acknowledged();
        if (withData && receiver.mustReport() && acks.isDue()) {
            // Data segments have no room for SACK blocks: the pure ACK that carries them is still owed.
            return;
        }
        acks.onSent(withData);
        timers.clear(Timer.DELAYED_ACK);
    }

    // ---- queries

    public TcpState state() {
        return state;
    }

    /** Whether the peer opened. */
    public boolean isPassive() {
        return passive;
    }

    /** RCV.NXT as an offset: the first byte that has not arrived. */
    public long receiveNext() {
        return receiver.rcvNxt();
    }

    /** Whether every byte of [from, to) has arrived. */
    public boolean hasReceived(long from, long to) {
        return receiver.hasReceived(from, to);
    }

    /** SND.NXT as an offset: bytes ever given to this flow, and one more once FIN was sent. */
    public long sendNext() {
        return sender.sendNext();
    }

    /** Gives back what memory it can; to be called when the flow has been idle for a while. */
    public void trim() {
        sender.trim();
        receiver.trim();
    }

    /** Payload bytes sent again, over the whole life of the flow. */
    public long bytesRetransmitted() {
        return sender.bytesRetransmitted();
    }

    /** SND.UNA as an offset. */
    public long sendUnacknowledged() {
        return sender.sendUnacknowledged();
    }

    /** Subflow offset of a sequence number of the peer, nearest to RCV.NXT. */
    public long receiveOffset(int wire) {
        return receiver.offsetOf(wire);
    }

    /** Subflow offset of an acknowledgment number of the peer, nearest to SND.UNA. */
    public long sendOffset(int wire) {
        return sender.offsetOf(wire);
    }

    /** The window field of a segment of the peer in bytes: scaled, but on a SYN. */
    public long scaledWindow(SegmentView segment) {
        return segment.has(TcpFlags.SYN) ? segment.window : (long) segment.window << handshake.sendScale();
    }

    /** Bytes known to have arrived, acknowledged or SACKed; never falls. */
    public long deliveredBytes() {
        return sender.delivered();
    }

    /** Largest delivery rate of the last round trips, bytes per second, or 0. */
    public long maximumDeliveryRate() {
        return sender.maximumDeliveryRate();
    }

    /** SACK blocks are owed to the peer. */
    public boolean mustReportSack() {
        return handshake.sack() && receiver.mustReport();
    }

    /** The peer's window in bytes, counted from SND.UNA at its last update. */
    public long sendWindow() {
        return sender.window().size();
    }

    /** For the TIME-WAIT table: SND.NXT and RCV.NXT as wire numbers. */
    public int sendNextWire() {
        return sender.wire(sender.sendNext());
    }

    public int receiveNextWire() {
        return receiver.acknowledgmentNumber();
    }

    /** For the TIME-WAIT table: TS.Recent, our offset, and whether timestamps are in use at all. */
    public int recentTimestamp() {
        return recentTimestamp.value();
    }

    public int timestampOffset() {
        return timestampOffset;
    }

    public boolean timestampsEnabled() {
        return handshake.timestamps();
    }

    /** What should be remembered of this path (RFC 9040); nothing of one that did not answer in the end. */
    public PathMetrics metrics() {
        if (sender.recovery().consecutiveTimeouts() > 0 || !rtt.hasSample()) {
            return PathMetrics.UNKNOWN;
        }
        return new PathMetrics(rtt.smoothed(), rtt.variance(), pathMtu.isReduced() ? pathMtu.mtu() : 0);
    }

    public SubflowConfig config() {
        return config;
    }

    /** Largest IP packet that is believed to pass, in bytes. */
    public int pathMtuBytes() {
        return pathMtu.mtu();
    }

    /** Whether routers may cut our packets: no "don't fragment" in IPv4, because the path is too narrow for all. */
    public boolean isFragmentable() {
        return pathMtu.isFragmentable();
    }

    /** RTO in force, with its back-off, in nanoseconds. */
    public long retransmissionTimeoutNanos() {
        return rtt.timeout();
    }

    /** Timeouts in a row without progress. */
    public int consecutiveTimeouts() {
        return sender.recovery().consecutiveTimeouts();
    }

    /** Whether both ends agreed on ECN. */
    public boolean ecnEnabled() {
        return ecn.enabled();
    }

    @Override
    public int index() {
        return index;
    }

    @Override
    public long smoothedRttNanos() {
        return rtt.smoothed();
    }

    /** The last sample of the round-trip time, or 0. */
    public long latestRttNanos() {
        return rtt.latest();
    }

    @Override
    public long minimumRttNanos() {
        return rtt.minimum();
    }

    @Override
    public long congestionWindow() {
        return sender.congestionWindow();
    }

    @Override
    public long slowStartThreshold() {
        CongestionController congestion = sender.congestion();
        return congestion == null ? Long.MAX_VALUE : congestion.slowStartThreshold();
    }

    @Override
    public long initialWindow() {
        //= rfc5681#3.1
        //# If the SYN or SYN/ACK is lost, the initial window used by a
        //# sender after a correctly transmitted SYN MUST be one segment
        //# consisting of at most SMSS bytes.
        return handshake.wasRetransmitted() ? sizes.segment() : InitialWindow.bytes(sizes.segment());
    }

    @Override
    public long bytesInFlight() {
        return sender.pipe();
    }

    @Override
    public int maximumSegmentSize() {
        return sizes.segment();
    }

    @Override
    public long deliveryRate() {
        return sender.deliveryRate();
    }

    @Override
    public boolean inRecovery() {
        return sender.recovery().isReducing();
    }

    @Override
    public boolean isWindowLimited() {
        return sender.isWindowLimited();
    }

    @Override
    public long bytesBetweenLosses() {
        return sender.intervals().longest();
    }

    @Override
    public boolean isBackup() {
        return owner.isBackup(this);
    }

    @Override
    public boolean isUsable() {
        return state.canSendData() && owner.isUsable(this);
    }

    // ---- parts, for each other

    SubflowOwner owner() {
        return owner;
    }

    PathProperties path() {
        return path;
    }

    PathMtu pathMtu() {
        return pathMtu;
    }

    Handshake handshake() {
        return handshake;
    }

    Sender sender() {
        return sender;
    }

    Receiver receiver() {
        return receiver;
    }

    SegmentSizes sizes() {
        return sizes;
    }

    SegmentBuilder builder() {
        return builder;
    }

    Ecn ecn() {
        return ecn;
    }

    RecentTimestamp timestampState() {
        return recentTimestamp;
    }

    long lastAckSent() {
        return lastAckSent;
    }

    /** Value of our timestamps option: a millisecond clock (RFC 7323 section 5.4) with an offset per connection. */
    int timestamp(long now) {
        return (int) (now / 1_000_000) + timestampOffset;
    }
}
