package net.braid.mptcp;

import net.braid.base.RangeSet;
import net.braid.tcp.Counter;
import net.braid.tcp.FlowView;
import net.braid.tcp.SegmentSink;
import net.braid.tcp.Subflow;
import net.braid.tcp.TcpState;
import net.braid.wire.MptcpOption.ResetReason;

/**
 * What leaves next, and on which subflow: reinjections before new data, each stretch on the flows that the scheduler
 * chooses among those that could send it now. Late binding: a stretch is given to a flow in the moment in which it
 * leaves.
 */
final class Transmission implements PacketScheduler.Context {
    private static final long NEVER = Long.MAX_VALUE;
    /** A flow without progress for this long, or two round trips, is suspected to have failed. */
    private static final long SUSPECT_NANOS = 50_000_000L;
    /** The data level repeats later than any subflow does. */
    private static final long MINIMUM_DATA_TIMEOUT_NANOS = 400_000_000L;
    /** Without any DATA_ACK although subflows acknowledge: R2 of RFC 9293 section 3.8.3, at the data level. */
    private static final long LONGEST_STALL_NANOS = 100_000_000_000L;
    /** Expiries of the data timer, each twice as long as the last, before subflows are blamed. */
    private static final int REPEATS_BEFORE_RESET = 3;
    private static final long PERSIST_NANOS = 200_000_000L;
    private static final int REINJECTED_SEGMENTS_ON_TIMER = 10;

    private final Multipath multipath;
    private final PacketScheduler scheduler;
    private final Flows flows;
    private final DataLevel data;
    private final SendStream send;

    private long persistDeadline = NEVER;
    private int persistProbes;
    /** Flows that still owe the DATA_FIN that is due, and flows that owe an ACK for a signal. */
    private long finOwed;
    private long ackWanted;
    /** What the data timer repeats goes over one flow at a time, each time another. */
    private long repeatOn;
    private long repeatedTo;
    private int firstTurn;
    private long lastChoice;
    /** The head of a full window that was sent once more; it is done only once. */
    private long rescuedHead = -1;
    private final int[] quotas = new int[Flows.LIMIT];

    // The question to the scheduler.
    private long ready;
    private long carrying;
    private int length;
    private boolean reinjecting;
    private long now;

    Transmission(Multipath multipath, PacketScheduler scheduler) {
        this.multipath = multipath;
        this.scheduler = scheduler;
        flows = multipath.flows();
        data = multipath.data();
        send = multipath.send();
    }

    // ---- the pull

    /** True when the budget ended, false when nothing more can be sent now. */
    boolean transmit(SegmentSink sink, int budget, long time) {
        now = time;
        oweDataFin();
        int left = emitControl(sink, budget, true);
        long blocked = 0;
        // A closed connection has no bytes any more.
        while (left > 0 && multipath.connection().closeReason() == null) {
            long sentOn = sendStretch(sink, blocked);
            if (sentOn < 0) {
                break;
            }
            if (sentOn == 0) {
                blocked |= lastChoice;
            }
            left--;
        }
        // Acknowledgments that hoped to ride on data and did not.
        left = emitControl(sink, left, false);
        watch();
        return left <= 0;
    }

    private int emitControl(SegmentSink sink, int budget, boolean newData) {
        int left = budget;
        int places = flows.places();
        for (int k = 0; k < places && left > 0; k++) {
            int place = firstTurn + k;
            SubflowContext context = flows.at(place < places ? place : place - places);
            if (context == null) {
                continue;
            }
            // In version 0 the third packet of the handshake has no room for data (RFC 6824 section 3.6).
            boolean confirms = multipath.keys().version() == 0 && multipath.phase() == Multipath.Phase.UNPROVEN;
            // So has a signal: data leaves no room for it.
            boolean waiting = newData && !confirms && context.isUsable() && hasWork()
                    && !(multipath.signals().waitFor(context) && maySignal(context));
            while (left > 0 && emitControl(context, sink, waiting)) {
                left--;
            }
            if ((ackWanted & context.bit()) != 0) {
                ackWanted &= ~context.bit();
                context.flow.requestAck();
            }
        }
        firstTurn = firstTurn + 1 < places ? firstTurn + 1 : 0;
        return left;
    }

    /** A closed connection has nothing left to send again: only its farewell, and resets. */
    private boolean emitControl(SubflowContext context, SegmentSink sink, boolean newDataWaiting) {
        if (multipath.connection().closeReason() != null && context.flow.state() != TcpState.CLOSED) {
            return context.farewellDue && context.flow.emitBareAcknowledgment(sink, now);
        }
        return context.flow.emit(sink, newDataWaiting, now);
    }

    private boolean hasWork() {
        return !data.reinjection().isEmpty() && multipath.peerIsProven() || newBytes() > 0;
    }

    private long newBytes() {
        return Math.min(send.pending(), data.edge() - send.assigned());
    }

    /** Bits of the flows on which something left; 0: the chosen flows' links are full; -1: nothing to send. */
    private long sendStretch(SegmentSink sink, long blocked) {
        RangeSet reinjection = data.reinjection();
        // A peer that may have fallen back without our knowledge would take what comes again for new bytes.
        if (!reinjection.isEmpty() && multipath.peerIsProven()) {
            long sent = sendAgain(sink, reinjection, blocked);
            if (sent >= 0) {
                return sent;
            }
        }
        if (!multipath.isMultipath()) {
            return -1;
        }
        long pending = newBytes();
        if (pending <= 0) {
            return send.pending() > 0 && flows.count() > 1 ? sendHeadOfWindow(sink, blocked) : -1;
        }
        reinjecting = false;
        carrying = 0;
        long flowBits = choose(pending, blocked, 0);
        if (flowBits == PacketScheduler.WAIT) {
            return -1;
        }
        return emit(sink, flowBits, send.assigned(), pending);
    }

    private long sendAgain(SegmentSink sink, RangeSet reinjection, long blocked) {
        long from = reinjection.from(0);
        long to = reinjection.to(0);
        if (to <= data.dataUna()) {
            reinjection.removeBelow(data.dataUna());
            lastChoice = 0;
            return 0;
        }
        from = Math.max(from, data.dataUna());
        carrying = carriers(from);
        reinjecting = true;
        long tried = from < repeatedTo && (usable() & repeatOn) != 0 ? ~repeatOn : 0;
        long flowBits = choose(to - from, blocked, carrying | tried);
        if (flowBits == PacketScheduler.WAIT) {
            if (tried != 0 && (carrying & repeatOn) != 0) {
                lastChoice = 0;
                repeatOn = 0;
                return 0;
            }
            if (carrying != 0 && (carrying & usable()) == usable()) {
                // Every flow that works carries it already.
                lastChoice = 0;
                reinjection.remove(from, Math.min(to, from + 1500));
                return 0;
            }
            return -1;
        }
        long sent = emit(sink, flowBits, from, to - from);
        if (sent > 0) {
            multipath.counters().increment(Counter.MPTCP_RETRANS);
            reinjection.remove(reinjection.from(0), from + length);
        }
        return sent;
    }

    /**
     * The window is full, and what it waits for is on its way over a slow flow: a flow that is at least twice as fast
     * sends it too, and the slow one gets nothing new for one of its round trips (opportunistic retransmission and
     * penalisation, Raiciu et al., NSDI 2012).
     */
    private long sendHeadOfWindow(SegmentSink sink, long blocked) {
        long head = data.dataUna();
        if (head == rescuedHead || head >= send.assigned()) {
            return -1;
        }
        carrying = carriers(head);
        reinjecting = true;
        long slowest = 0;
        for (long bits = carrying; bits != 0; bits &= bits - 1) {
            slowest = Math.max(slowest, flows.at(Long.numberOfTrailingZeros(bits)).flow.smoothedRttNanos());
        }
        long flowBits = carrying == 0 ? 0 : choose(send.assigned() - head, blocked, carrying);
        if (Long.bitCount(flowBits) != 1) {
            return -1;
        }
        Subflow fast = flows.at(Long.numberOfTrailingZeros(flowBits)).flow;
        if (2 * fast.smoothedRttNanos() > slowest) {
            return -1;
        }
        length = Math.min(length, fast.maximumSegmentSize());
        long sent = emit(sink, flowBits, head, send.assigned() - head);
        if (sent > 0) {
            rescuedHead = head;
            multipath.counters().increment(Counter.MPTCP_RETRANS);
            penalise(carrying, fast.smoothedRttNanos());
        }
        return sent;
    }

    /** At most once in a round trip of the fast flow. */
    private void penalise(long slowFlows, long fastRtt) {
        for (long bits = slowFlows; bits != 0; bits &= bits - 1) {
            SubflowContext slow = flows.at(Long.numberOfTrailingZeros(bits));
            if (now - slow.penalisedAt >= fastRtt) {
                slow.penalisedAt = now;
                slow.penaltyEnd = now + slow.flow.smoothedRttNanos();
            }
        }
    }

    private long carriers(long offset) {
        long bits = 0;
        for (int i = 0; i < flows.places(); i++) {
            SubflowContext context = flows.at(i);
            if (context != null && !context.sent.isEmpty() && context.sent.carries(offset)) {
                bits |= context.bit();
            }
        }
        return bits;
    }

    /** Asks the scheduler; sets {@link #length} to what its first choice can take. */
    private long choose(long pending, long blocked, long excluded) {
        ready = 0;
        int shortest = Integer.MAX_VALUE;
        long candidates = usable() & ~blocked & ~excluded;
        for (long bits = candidates; bits != 0; bits &= bits - 1) {
            int i = Long.numberOfTrailingZeros(bits);
            long quota = quota(flows.at(i), pending);
            quotas[i] = (int) quota;
            if (quota > 0) {
                ready |= 1L << i;
                shortest = (int) Math.min(shortest, quota);
            }
        }
        if (ready == 0) {
            return PacketScheduler.WAIT;
        }
        length = shortest;
        long chosen = scheduler.select(this) & ready;
        if (Long.bitCount(chosen) == 1) {
            length = quotas[Long.numberOfTrailingZeros(chosen)];
        }
        return chosen;
    }

    private long quota(SubflowContext context, long pending) {
        Subflow flow = context.flow;
        if (flows.count() > 1 && (context.queue.isFull(flow, now) || !reinjecting && isPenalised(context))) {
            return 0;
        }
        long quota = flow.sendQuota(pending, now);
        if (multipath.phase() == Multipath.Phase.UNPROVEN) {
            // One segment, one mapping, until options are known to pass.
            quota = Math.min(quota, flow.maximumSegmentSize());
        }
        if (!reinjecting) {
            quota = send.quantum(quota, flow.maximumSegmentSize());
        }
        return quota;
    }

    /** Only while it carries something: a round-trip time that an outage has stretched must not silence a flow. */
    private boolean isPenalised(SubflowContext context) {
        return now < context.penaltyEnd && context.hasOutstanding();
    }

    private long emit(SegmentSink sink, long flowBits, long from, long pending) {
        lastChoice = flowBits;
        long sentOn = 0;
        int most = length;
        int sent = 0;
        for (long bits = flowBits; bits != 0; bits &= bits - 1) {
            SubflowContext context = flows.at(Long.numberOfTrailingZeros(bits));
            int part = sentOn == 0 ? most : sent;
            boolean push = !reinjecting && send.endsWith(part);
            int taken = context.flow.emitData(sink, from, part, push, false, now);
            if (taken > 0 && sentOn == 0) {
                sent = taken;
            }
            if (taken > 0) {
                sentOn |= context.bit();
                startWatching(context);
            }
        }
        length = sent;
        if (sent > 0 && !reinjecting) {
            send.onSent(sent, flows.at(Long.numberOfTrailingZeros(sentOn)).flow.maximumSegmentSize());
        }
        return sentOn;
    }

    // ---- DATA_FIN and signals

    private void oweDataFin() {
        if (send.isShut() && send.pending() == 0 && !data.isFinishing() && multipath.isMultipath()) {
            data.finish(send.written());
        }
        if (!data.finDue()) {
            return;
        }
        for (int i = 0; i < flows.places(); i++) {
            SubflowContext context = flows.at(i);
            if (context != null && context.isEstablished() && context.flow.state().isSynchronized()) {
                finOwed |= context.bit();
                context.flow.requestAck();
            }
        }
        if (finOwed != 0) {
            data.finSent();
        }
    }

    boolean owesDataFin(SubflowContext context) {
        return (finOwed & context.bit()) != 0 && !data.localFinAcknowledged();
    }

    void dataFinSent(SubflowContext context) {
        finOwed &= ~context.bit();
    }

    /** One more acknowledgment shall leave on this flow, for the next signal. */
    void wantAck(SubflowContext context) {
        ackWanted |= context.bit();
    }

    /** Whether an acknowledgment on this flow may carry a signal now. */
    boolean maySignal(SubflowContext context) {
        return context.signalPace.allows(context.flow.receiveNext(), context.flow.sendNext(), now);
    }

    /** A signal leaves on this flow. */
    void onSignal(SubflowContext context) {
        Subflow flow = context.flow;
        context.signalPace.onSignal(flow.receiveNext(), flow.sendNext(), flow.smoothedRttNanos(), now);
    }

    /** A signal has been put into the queue. */
    void requestSignal(SubflowContext context, long time) {
        now = time;
        if (maySignal(context)) {
            context.flow.requestAck();
        } else {
            context.signalPace.await();
        }
    }

    /** If something waits for this flow: another acknowledgment, now or after a pause. */
    void wantSignal(SubflowContext context) {
        if (!multipath.signals().waitFor(context)) {
            return;
        }
        if (maySignal(context)) {
            wantAck(context);
        } else {
            context.signalPace.await();
        }
    }

    /** The flow for a signal: the fastest of those that work, or that stand at all; null when none does. */
    SubflowContext best() {
        SubflowContext found = null;
        for (int i = 0; i < flows.places(); i++) {
            SubflowContext context = flows.at(i);
            if (context != null && context.isEstablished() && context.flow.state().isSynchronized()
                    && (found == null || isBetter(context, found))) {
                found = context;
            }
        }
        return found;
    }

    private static boolean isBetter(SubflowContext one, SubflowContext other) {
        if (one.isUsable() != other.isUsable()) {
            return one.isUsable();
        }
        return one.flow.smoothedRttNanos() < other.flow.smoothedRttNanos();
    }

    // ---- suspicion

    private void startWatching(SubflowContext context) {
        if (context.suspectDeadline == NEVER) {
            context.progressAt = now;
            context.progressMark = context.flow.deliveredBytes();
            context.suspectDeadline = now + patience(context);
        }
    }

    private long patience(SubflowContext context) {
        return Math.max(SUSPECT_NANOS, 2 * context.flow.smoothedRttNanos());
    }

    /** The peer acknowledged something on this flow. */
    void onProgress(SubflowContext context, long time) {
        context.progressAt = time;
        if (context.suspect) {
            context.suspect = false;
            multipath.counters().increment(Counter.MPTCP_SUBFLOW_RECOVER);
        }
    }

    void onSuspectTimer(SubflowContext context, long time) {
        context.suspectDeadline = NEVER;
        if (!context.hasOutstanding()) {
            return;
        }
        long delivered = context.flow.deliveredBytes();
        if (delivered != context.progressMark) {
            context.progressMark = delivered;
            context.progressAt = Math.max(context.progressAt, time - patience(context) / 2);
        }
        long due = context.progressAt + patience(context);
        if (due > time) {
            context.suspectDeadline = due;
        } else {
            suspect(context, time);
        }
    }

    /** No answer: while another flow works, it takes over what this one carries (RFC 8684 section 3.3.6). */
    void suspect(SubflowContext context, long time) {
        if (context.suspect || !hasAlternative(context) || !multipath.isMultipath()) {
            return;
        }
        context.suspect = true;
        multipath.counters().increment(Counter.MPTCP_SUBFLOW_STALE);
        multipath.reinject(context);
    }

    /** Another flow could take over, be it a backup. */
    private boolean hasAlternative(SubflowContext context) {
        for (int i = 0; i < flows.places(); i++) {
            SubflowContext other = flows.at(i);
            if (other != null && other != context && other.isOpen() && !other.suspect) {
                return true;
            }
        }
        return false;
    }

    // ---- timers

    private void watch() {
        if (!multipath.isMultipath()) {
            return;
        }
        if (!flows.isEmpty()) {
            data.watch(dataTimeout(), now);
        }
        long pending = send.pending();
        boolean shut = pending > 0 && newBytes() <= 0 && !data.hasOutstanding() && !flows.isEmpty();
        if (!shut) {
            persistDeadline = NEVER;
            persistProbes = 0;
        } else if (persistDeadline == NEVER) {
            persistDeadline = now + (PERSIST_NANOS << Math.min(persistProbes, 8));
        }
        if (pending > 0 && newBytes() > 0) {
            for (int i = 0; i < flows.places(); i++) {
                SubflowContext context = flows.at(i);
                if (context != null && context.isUsable()) {
                    context.flow.awaitQuota(newBytes(), now);
                }
            }
        }
    }

    private long dataTimeout() {
        long longest = MINIMUM_DATA_TIMEOUT_NANOS;
        for (int i = 0; i < flows.places(); i++) {
            SubflowContext context = flows.at(i);
            if (context != null && context.isUsable()) {
                longest = Math.max(longest, 2 * context.flow.retransmissionTimeoutNanos());
            }
        }
        return longest;
    }

    /** Nothing was acknowledged at the data level for too long, whatever the subflows say (RFC 8684 section 3.3.6). */
    void onDataTimer(long time) {
        if (flows.isEmpty()) {
            data.pause();
            return;
        }
        data.onTimer();
        if (!multipath.isMultipath()) {
            return;
        }
        if (data.stalledSince(time) >= LONGEST_STALL_NANOS && !isAnythingInFlight()) {
            multipath.giveUp(time);
            return;
        }
        if (data.hasOutstanding() && multipath.peerIsProven()) {
            if (data.repeats() >= REPEATS_BEFORE_RESET + Long.bitCount(usable())) {
                resetWhoDelivers();
            }
            SubflowContext best = best();
            int segment = best == null ? 1400 : best.flow.maximumSegmentSize();
            long to = Math.min(send.assigned(), data.dataUna() + (long) REINJECTED_SEGMENTS_ON_TIMER * segment);
            data.reinject(data.dataUna(), to);
            repeatedTo = to;
            repeatOn = nextUsable(repeatOn);
        }
    }

    /** The usable flow behind the one of {@code bit}, going round: a flow may acknowledge and lose all the same. */
    private long nextUsable(long bit) {
        long usable = usable();
        long behind = bit == 0 ? usable : usable & -(bit << 1);
        return Long.lowestOneBit(behind != 0 ? behind : usable);
    }

    /** Subflows that acknowledge all and whose data never gets through: something on the way eats the mappings. */
    private void resetWhoDelivers() {
        for (int i = 0; i < flows.places(); i++) {
            SubflowContext context = flows.at(i);
            if (context != null && context.isEstablished() && context.sent.isEmpty() && !context.finishing) {
                multipath.reset(context, ResetReason.MIDDLEBOX_INTERFERENCE);
            }
        }
    }

    private boolean isAnythingInFlight() {
        for (int i = 0; i < flows.places(); i++) {
            SubflowContext context = flows.at(i);
            if (context != null && !context.sent.isEmpty()) {
                return true;
            }
        }
        return false;
    }

    /** A subflow is gone which may have acknowledged what never reached the data level. */
    void reinjectWhatNobodyCarries() {
        data.reinject(data.dataUna(), send.assigned());
        for (int i = 0; i < flows.places(); i++) {
            SubflowContext context = flows.at(i);
            for (int k = 0; context != null && !context.suspect && k < context.sent.size(); k++) {
                long from = context.sent.data(k);
                data.reinjection().remove(from, from + context.sent.length(k));
            }
        }
    }

    long deadline() {
        return persistDeadline;
    }

    /** The peer's window is shut at the data level: ask (RFC 9293 section 3.8.6.1), each time on another flow. */
    void onDeadline(long time) {
        if (persistDeadline > time) {
            return;
        }
        persistDeadline = NEVER;
        int places = flows.places();
        for (int k = 0; k < places; k++) {
            SubflowContext context = flows.at((persistProbes + k) % places);
            if (context != null && context.isEstablished()) {
                context.flow.requestProbe();
                break;
            }
        }
        persistProbes++;
    }

    // ---- the scheduler's view

    /** Established flows that are not suspected; backups only when no other is left (RFC 8684 section 3.3.8). */
    @Override
    public long usable() {
        long regular = 0;
        long backups = 0;
        long suspects = 0;
        for (int i = 0; i < flows.places(); i++) {
            SubflowContext context = flows.at(i);
            if (context == null || !context.isOpen()) {
                continue;
            }
            if (context.suspect) {
                suspects |= context.bit();
            } else if (context.isBackup()) {
                backups |= context.bit();
            } else {
                regular |= context.bit();
            }
        }
        return regular != 0 ? regular : backups != 0 ? backups : suspects;
    }

    @Override
    public long ready() {
        return ready;
    }

    @Override
    public FlowView flow(int index) {
        SubflowContext context = flows.at(index);
        return context == null ? null : context.flow;
    }

    @Override
    public long now() {
        return now;
    }

    @Override
    public int length() {
        return length;
    }

    @Override
    public long unsentBytes() {
        return send.pending();
    }

    @Override
    public long windowBytes() {
        return Math.max(0, data.edge() - send.assigned());
    }

    @Override
    public boolean isReinjection() {
        return reinjecting;
    }

    @Override
    public long alreadyOn() {
        return carrying;
    }
}
