package net.braid.tcp;

import net.braid.tcp.CongestionController.Signal;
import net.braid.tcp.Timers.Timer;

/**
 * Loss recovery of one flow: what is lost (RACK, tail loss probes, the retransmission timer; three duplicate ACKs where
 * the peer has no SACK), how fast it may be repaired (proportional rate reduction), and whether it was lost at all
 * (Eifel by timestamps, RFC 3522 and 4015; DSACK).
 */
final class Recovery {
    enum State {
        OPEN,
        /** The window is being reduced for ECN; nothing is lost. */
        REDUCING,
        /** Losses found by acknowledgments are being repaired. */
        RECOVERY,
        /** The retransmission timer fired. */
        LOSS
    }

    private static final int DUPLICATE_THRESHOLD = 3;
    private static final long NONE = -1;
    /** See {@link #limitBackoff}. */
    private static final long STEADY_NANOS = 1_000_000_000L;
    private static final int STEADY_TIMEOUTS = 60;
    /** What the default of 15 doubled timeouts amounts to. */
    private static final long PATIENCE_NANOS = 924_000_000_000L;

    private final Sender sender;
    private final SubflowConfig config;
    private final SentSegments sent;
    private final RttEstimator rtt;
    private final Timers timers;
    private final Counters counters;
    private final Rack rack;
    private final RateReduction reduction = new RateReduction();
    private final TailLossProbe probe = new TailLossProbe();

    private State state = State.OPEN;
    /** SND.NXT when this episode began: it ends when that is acknowledged. */
    private long recoveryPoint = NONE;
    private int consecutiveTimeouts;
    /** When the RTO timer was last (re)started. */
    private long timerBase;
    /** Since when SND.UNA has not moved while data was outstanding. */
    private long stuckSince;
    private boolean sampledSinceProbe = true;
    private boolean patient;
    private long lastResponseAt;

    /** Eifel and DSACK undo: clock in milliseconds of the first retransmission of this episode. */
    private boolean undoPossible;
    private boolean undoStamped;
    private int undoTimestamp;
    private long undoUna;
    private long undoRetransmittedBytes;

    /** The retransmission that the last timeout calls for has not left yet: it may, whatever the window. */
    private boolean headDue;
    /** Until SND.UNA is above this, ECE speaks of data sent before the last reduction. */
    private long echoIgnoredUntil;
    /** Without SACK: until SND.UNA is above this, duplicate ACKs may answer our own retransmissions (RFC 6582). */
    private long duplicatesIgnoredUntil = NONE;
    /** The peer has spoken since the last timeout. */
    private boolean heardSinceTimeout;

    /** Duplicate ACKs since SND.UNA last advanced, for peers without SACK (RFC 6582). */
    private int duplicateAcks;
    /** Bytes that those duplicate ACKs stand for. */
    private long duplicateBytes;

    Recovery(Sender sender, SubflowConfig config, SentSegments sent, RttEstimator rtt, Timers timers,
            Counters counters) {
        this.sender = sender;
        this.config = config;
        this.sent = sent;
        this.rtt = rtt;
        this.timers = timers;
        this.counters = counters;
        rack = new Rack(sent, rtt);
    }

    // ---- queries

    State state() {
        return state;
    }

    boolean isReducing() {
        return state == State.RECOVERY || state == State.REDUCING;
    }

    /** The window in force: rate reduction's while it lasts, else the controller's. */
    long window(CongestionController congestion) {
        return isReducing() ? reduction.window() : congestion.congestionWindow();
    }

    /** Bytes in flight; for peers without SACK, duplicate ACKs are taken as arrivals. */
    long pipe() {
        return Math.max(0, sent.inFlightBytes() - duplicateBytes);
    }

    boolean probePending() {
        return probe.isPending();
    }

    int consecutiveTimeouts() {
        return consecutiveTimeouts;
    }

    Rack rack() {
        return rack;
    }

    //= rfc6298#5
    //# (5.4) Retransmit the earliest segment that has not been acknowledged
    //# by the TCP receiver.
    // What RACK still holds to be under way must not keep it back.
    boolean isHeadDue() {
        return headDue;
    }

    // ---- transmissions

    void onSent(int bytes, boolean retransmission, long now) {
        if (isReducing()) {
            reduction.onSent(bytes);
        }
        if (retransmission) {
            noteRetransmission(bytes, now);
        } else if (probe.isPending()) {
            onProbeSent(false);
        }
        if (stuckSince == 0 || sent.count() == 1 && !retransmission) {
            stuckSince = now;
        }
        if (!timers.isSet(Timer.RETRANSMISSION) && !timers.isSet(Timer.LOSS_PROBE)) {
            timerBase = now;
        }
        if (!retransmission || !timers.isSet(Timer.RETRANSMISSION)) {
            schedule(now);
        }
    }

    void cancelProbe() {
        probe.cancel();
    }

    void onProbeSent(boolean retransmission) {
        probe.onSent(sender.sendNext(), retransmission);
        sampledSinceProbe = false;
        counters.increment(Counter.TCP_LOSS_PROBES);
    }

    private void noteRetransmission(int bytes, long now) {
        headDue = false;
        undoRetransmittedBytes += bytes;
        if (undoPossible && !undoStamped) {
            undoStamped = true;
            undoTimestamp = sender.timestamp(now);
        }
    }

    /** Restarts the one timer that watches over outstanding data: the probe where it is allowed, else the RTO. */
    void schedule(long now) {
        if (sent.isEmpty()) {
            timers.clear(Timer.RETRANSMISSION);
            timers.clear(Timer.LOSS_PROBE);
            stuckSince = 0;
            return;
        }
        long rtoAt = timerBase + timeout();
        if (config.userTimeoutNanos() > 0) {
            rtoAt = Math.min(rtoAt, Math.max(now, stuckSince + config.userTimeoutNanos()));
        }
        if (mayProbe()) {
            boolean single = sent.inFlightBytes() <= sender.segmentSize();
            timers.set(Timer.LOSS_PROBE, Math.min(now + TailLossProbe.timeout(rtt, single), rtoAt));
            timers.clear(Timer.RETRANSMISSION);
        } else {
            timers.set(Timer.RETRANSMISSION, rtoAt);
            timers.clear(Timer.LOSS_PROBE);
        }
    }

    /** One of several flows is probed each second for a minute; the others carry its data meanwhile. */
    private long timeout() {
        long timeout = rtt.timeout();
        boolean steady = patient && consecutiveTimeouts <= STEADY_TIMEOUTS;
        return steady ? Math.min(timeout, Math.max(rtt.backedOff(0), STEADY_NANOS)) : timeout;
    }

    void limitBackoff() {
        patient = true;
    }

    private boolean mayProbe() {
        return sender.sackEnabled() && state == State.OPEN && sent.sackedBytes() == 0 && sent.lostBytes() == 0
                && consecutiveTimeouts == 0 && !probe.isOutstanding() && !probe.isPending() && sampledSinceProbe;
    }

    // ---- acknowledgments

    void beginAck() {
        rack.beginAck();
    }

    /** One arrival, SACKed or acknowledged, of a segment that was not known to have arrived. */
    void onDelivered(int slot, boolean echoedBeforeRetransmission, long now) {
        if (rack.onDelivered(slot, sender.timestampsEnabled(), echoedBeforeRetransmission, now)) {
            counters.increment(Counter.TCP_SACK_REORDER);
        }
    }

    void onRttSample() {
        sampledSinceProbe = true;
    }

    /** A DSACK of [from, to); {@code mayBeRepair}: it may speak of a retransmission. */
    void onDuplicateReported(long from, long to, boolean mayBeRepair) {
        counters.increment(Counter.TCP_DSACK_RECV);
        rack.onAcknowledged(sender.sendUnacknowledged());
        rack.onDuplicateReported(probe.isOutstanding(), sender.sendNext());
        if (undoPossible && undoStamped && mayBeRepair) {
            // What lies below was repaired in an earlier episode.
            undoRetransmittedBytes -= Math.max(0, to - Math.max(from, undoUna));
        }
    }

    /**
     * Everything that follows from one acceptable acknowledgment, after its arrivals were recorded in
     * {@link SentSegments}.
     *
     * @param advanced bytes by which SND.UNA moved
     * @param pureDuplicate an ACK without data, window change or SACK news while data is outstanding
     */
    void onAck(AckSample sample, long advanced, boolean dsack, boolean pureDuplicate, boolean echoValid, int echo,
            long now) {
        long una = sender.sendUnacknowledged();
        boolean wasReducing = isReducing();
        heardSinceTimeout = true;
        if (advanced > 0) {
            consecutiveTimeouts = 0;
            stuckSince = now;
            timerBase = now;
            rack.onAcknowledged(una);
        } else if (stuckSince != 0 && sender.window().isShut()) {
            // MUST-37 once more: with a shut window every answer is progress, as far as patience goes.
            stuckSince = now;
        }
        boolean probeRepaired = probe.onAck(una, dsack, pureDuplicate);
        if (!sender.sackEnabled()) {
            settleDuplicates(sample, advanced);
        }
        if (undoPossible && isSpurious(advanced, dsack, echoValid, echo, una)) {
            undo(now);
        }
        if (recoveryPoint != NONE && una >= recoveryPoint) {
            end();
        }
        long lostBefore = sent.lostBytes();
        long repairsLostBefore = sent.repairsLost();
        if (sender.sackEnabled()) {
            detect(now);
        } else {
            countDuplicates(sample, advanced, pureDuplicate && !sent.isEmpty());
        }
        long newlyLost = Math.max(0, sent.lostBytes() - lostBefore);
        sample.newlyLostBytes = newlyLost;
        if (probeRepaired && state == State.OPEN && sent.lostBytes() == 0) {
            counters.increment(Counter.TCP_LOSS_PROBE_RECOVERY);
            begin(State.REDUCING, Signal.LOSS, sample, now);
        }
        respond(sample, sent.repairsLost() > repairsLostBefore, now);
        if (isReducing()) {
            reduction.onAck(sample.newlyDeliveredBytes, advanced > 0 && newlyLost == 0, pipe(), sender.segmentSize());
        }
        //= rfc5681#3.2
        //# When the next ACK arrives that acknowledges previously
        //# unacknowledged data, a TCP MUST set cwnd to ssthresh (the value
        //# set in step 2).
        // What ends recovery acknowledges what was delivered while it lasted: no reason to grow
        // (docs/congestion-control.md has what that costs).
        sample.inRecovery = wasReducing || isReducing();
        if (advanced > 0 || newlyLost > 0 || sent.sackedBytes() > 0) {
            schedule(now);
        }
    }

    private void respond(AckSample sample, boolean repairLost, long now) {
        if (sample.congestionExperienced && state == State.OPEN && sender.sendUnacknowledged() > echoIgnoredUntil) {
            counters.increment(Counter.TCP_ECN_REDUCTION);
            begin(State.REDUCING, Signal.ECN, sample, now);
        }
        if (sent.lostBytes() == 0 || onlyMtuProbeLost()) {
            return;
        }
        switch (state) {
            case OPEN -> {
                counters.increment(sender.sackEnabled() ? Counter.TCP_SACK_RECOVERY : Counter.TCP_RENO_RECOVERY);
                begin(State.RECOVERY, Signal.LOSS, sample, now);
            }
            case REDUCING -> {
                // The window has already been cut for this round trip: repair, but do not cut again.
                state = State.RECOVERY;
                allowUndo(false);
            }
            case RECOVERY, LOSS -> {
                if (repairLost) {
                    onRepairLost(sample, now);
                }
            }
        }
    }

    private void onRepairLost(AckSample sample, long now) {
        counters.increment(Counter.TCP_LOST_RETRANSMIT);
        if (now - lastResponseAt <= rtt.smoothed()) {
            return;
        }
        //= rfc5681#4.3
        //# Loss in two successive windows of data, or the loss of a
        //# retransmission, should be taken as two indications of congestion and,
        //# therefore, cwnd (and ssthresh) MUST be lowered twice in this case.
        lastResponseAt = now;
        sender.congestion().onCongestion(Signal.LOSS, now, flightSize(sample.newlyAckedBytes));
        reduction.begin(sample.inFlightBytesBefore, sender.congestion().slowStartThreshold());
        recoveryPoint = sender.sendNext();
        undoPossible = false;
    }

    /** RFC 4821 section 7.6.2: the loss of a probe alone says that it was too large, and nothing about congestion. */
    private boolean onlyMtuProbeLost() {
        int slot = sent.firstLost();
        return sent.has(slot, SentSegments.MTU_PROBE) && sent.lostBytes() == sent.dataLength(slot);
    }

    private void begin(State next, Signal signal, AckSample sample, long now) {
        state = next;
        recoveryPoint = sender.sendNext();
        lastResponseAt = now;
        sender.congestion().onCongestion(signal, now, flightSize(sample.newlyAckedBytes));
        sender.intervals().onLoss();
        reduction.begin(sample.inFlightBytesBefore, sender.congestion().slowStartThreshold());
        allowUndo(next == State.RECOVERY);
        probe.reset();
        onWindowReduced();
    }

    private void onWindowReduced() {
        //= rfc3168#6.1.2
        //# When an ECN-Capable TCP sender reduces its congestion window for any
        //# reason (because of a retransmit timeout, a Fast Retransmit, or in
        //# response to an ECN Notification), the TCP sender sets the CWR flag in
        //# the TCP header of the first new data packet sent after the window
        //# reduction.
        sender.onWindowReduced();
        echoIgnoredUntil = sender.sendNext();
    }

    /** FlightSize of RFC 5681 before {@code acked} bytes were acknowledged: what the window is reduced from. */
    private long flightSize(long acked) {
        return sender.sendNext() - sender.sendUnacknowledged() + acked;
    }

    private void end() {
        if (state == State.RECOVERY || state == State.LOSS) {
            rack.onRecoveryEnded();
            duplicatesIgnoredUntil = recoveryPoint;
        }
        state = State.OPEN;
        headDue = false;
        recoveryPoint = NONE;
        undoPossible = false;
        duplicateAcks = 0;
        duplicateBytes = 0;
    }

    private void detect(long now) {
        long timeout = rack.detectLosses(state == State.RECOVERY || state == State.LOSS, sender.segmentSize(), now);
        if (timeout > 0) {
            timers.set(Timer.REORDERING, now + timeout);
        } else {
            timers.clear(Timer.REORDERING);
        }
    }

    /** Without SACK: what duplicate ACKs had stood for is acknowledged now, and must not count twice. */
    private void settleDuplicates(AckSample sample, long advanced) {
        if (advanced > 0) {
            duplicateAcks = 0;
            // A segment of it is the one that was missing: no duplicate ACK had stood for that.
            long settled = Math.min(duplicateBytes, Math.max(0, advanced - sender.segmentSize()));
            duplicateBytes -= settled;
            sample.newlyDeliveredBytes -= settled;
        }
    }

    /** NewReno (RFC 6582) for peers that cannot SACK: the third duplicate ACK, then each partial ACK, shows a loss. */
    private void countDuplicates(AckSample sample, long advanced, boolean pureDuplicate) {
        if (advanced > 0) {
            if (state == State.RECOVERY && !sent.isEmpty() && sent.state(sent.head()) == SentSegments.IN_FLIGHT
                    && !sent.has(sent.head(), SentSegments.RETRANSMITTED)) {
                markHeadLost();
                headDue = true;
            }
        } else if (pureDuplicate) {
            duplicateAcks++;
            long stands = Math.clamp(sent.inFlightBytes() - duplicateBytes, 0, sender.segmentSize());
            duplicateBytes += stands;
            sample.newlyDeliveredBytes += stands;
            if (duplicateAcks == DUPLICATE_THRESHOLD && state == State.OPEN
                    && sender.sendUnacknowledged() > duplicatesIgnoredUntil
                    && sent.state(sent.head()) == SentSegments.IN_FLIGHT) {
                //= rfc5681#3.2
                //# The lost segment starting at SND.UNA MUST be retransmitted and
                //# cwnd set to ssthresh plus 3*SMSS.
                // The window is the business of rate reduction; the segment leaves in any case.
                markHeadLost();
                headDue = true;
            }
        }
    }

    /** One wire segment of the head: behind it, what a super-segment carried may well have arrived. */
    private void markHeadLost() {
        int head = sent.head();
        if (sent.dataLength(head) > sender.segmentSize()) {
            sent.split(head, sent.start(head) + sender.segmentSize());
        }
        sent.markLost(head);
    }

    // ---- timers

    /** The reordering timer: what was in doubt is lost now. */
    void onReorderingTimer(long now) {
        long flight = pipe();
        long lostBefore = sent.lostBytes();
        long repairsLostBefore = sent.repairsLost();
        detect(now);
        if (sent.lostBytes() > lostBefore) {
            AckSample sample = sender.sample();
            sample.inFlightBytesBefore = flight;
            sample.newlyAckedBytes = 0;
            sample.congestionExperienced = false;
            respond(sample, sent.repairsLost() > repairsLostBefore, now);
            if (isReducing()) {
                reduction.onAck(0, false, pipe(), sender.segmentSize());
            }
            schedule(now);
        }
    }

    /** PTO: ask for a probe; the RTO stays behind it as the last resort (RFC 8985 section 7.3). */
    void onProbeTimer(long now) {
        probe.onTimer();
        timerBase = now;
        schedule(now);
    }

    /** RTO. False: too many in a row, or too long: the flow is to be given up. */
    boolean onRetransmissionTimer(long now) {
        long userTimeout = config.userTimeoutNanos();
        boolean tooMany = patient ? now - stuckSince >= PATIENCE_NANOS : consecutiveTimeouts >= config.retries2();
        if (userTimeout > 0 ? now - stuckSince >= userTimeout : tooMany) {
            return false;
        }
        counters.increment(Counter.TCP_TIMEOUTS);
        probe.reset();
        if (sent.state(sent.head()) == SentSegments.SACKED) {
            sender.onReneging();
        }
        boolean first = state != State.LOSS || sender.sendUnacknowledged() > undoUna;
        if (!(sender.window().isShut() && heardSinceTimeout)) {
            //= rfc9293#3.8.6.1
            //# As long as the receiving TCP peer continues to send
            //# acknowledgments in response to the probe segments, the sending TCP
            //# peer MUST allow the connection to stay open (MUST-37).
            // Data sent before the window shut is such a probe.
            consecutiveTimeouts++;
        }
        heardSinceTimeout = false;
        rtt.onTimeout();
        sender.congestion().onCongestion(Signal.RETRANSMISSION_TIMEOUT, now, flightSize(0));
        sender.intervals().onLoss();
        onWindowReduced();
        boolean wasRepairing = state == State.RECOVERY || state == State.LOSS;
        state = State.LOSS;
        lastResponseAt = now;
        headDue = true;
        recoveryPoint = sender.sendNext();
        duplicateAcks = 0;
        duplicateBytes = 0;
        markLost(wasRepairing, now);
        if (first) {
            allowUndo(true);
        }
        timers.clear(Timer.REORDERING);
        timerBase = now;
        schedule(now);
        return true;
    }

    private void markLost(boolean wasRepairing, long now) {
        if (sender.sackEnabled()) {
            rack.markLostOnTimeout(wasRepairing, sender.segmentSize(), now);
        } else {
            for (int slot = sent.oldest(); slot != SentSegments.NONE; slot = sent.oldest()) {
                sent.markLost(slot);
            }
        }
    }

    // ---- undo

    private void allowUndo(boolean possible) {
        undoPossible = possible;
        undoStamped = false;
        undoUna = sender.sendUnacknowledged();
        undoRetransmittedBytes = 0;
    }

    /**
     * Eifel detection (RFC 3522): the first acceptable ACK echoes a timestamp older than the retransmission, so it was
     * the original that arrived. Or DSACKs cover all that was retransmitted.
     */
    private boolean isSpurious(long advanced, boolean dsack, boolean echoValid, int echo, long una) {
        if (!undoStamped) {
            return false;
        }
        if (dsack && undoRetransmittedBytes <= 0) {
            counters.increment(Counter.TCP_DSACK_UNDO);
            return true;
        }
        if (advanced <= 0 || una - advanced > undoUna) {
            return false;
        }
        boolean spurious = echoValid && echo - undoTimestamp < 0;
        if (spurious) {
            counters.increment(state == State.LOSS ? Counter.TCP_SPURIOUS_RTOS : Counter.TCP_FULL_UNDO);
        }
        return spurious;
    }

    private void undo(long now) {
        sender.congestion().onCongestion(Signal.SPURIOUS_RECOVERY, now, pipe());
        for (int slot = sent.firstLost(); slot != SentSegments.NONE; slot = sent.firstLost()) {
            sent.markInFlightAgain(slot);
        }
        rtt.clearBackoff();
        end();
    }
}
