package net.braid.tcp;

import java.lang.foreign.MemorySegment;
import net.braid.base.RangeSet;
import net.braid.wire.OptionWriter;
import net.braid.wire.SegmentView;
import net.braid.wire.SequenceNumber;
import net.braid.wire.TcpFlags;

/** The receive half of a flow: which bytes have arrived, what window was offered, which SACK blocks to report. */
final class Receiver {
    /** What became of the payload of a segment. */
    enum Outcome {
        NOTHING, IN_ORDER, FILLED_HOLE, OUT_OF_ORDER, DUPLICATE, DROPPED
    }

    private static final int RECENT = 4;
    private static final long NO_OFFSET = -1;

    private final Subflow flow;
    private final Counters counters;
    private final RangeSet ranges;
    /** Offsets inside the ranges that changed last, newest first (RFC 2018 section 4). */
    private final long[] recent = new long[RECENT];
    private int recentCount;
    /** Indices into the ranges, while a SACK option is being written. */
    private final int[] chosen = new int[RECENT];

    /** Wire number of offset 0: IRS + 1. */
    private int origin;
    private long rcvNxt;
    private long finOffset = NO_OFFSET;
    private boolean finReceived;
    /** Highest right edge ever advertised, as an offset (RFC 7323 section 2.4). */
    private long edge;
    private boolean zeroWindow;
    private long duplicateFrom;
    private long duplicateTo;

    Receiver(Subflow flow, Counters counters, int holes) {
        this.flow = flow;
        this.counters = counters;
        ranges = new RangeSet(holes);
    }

    void start(int irs) {
        origin = irs + 1;
    }

    /** For a flow that has gone idle. */
    void trim() {
        ranges.trim();
    }

    // ---- queries

    long rcvNxt() {
        return rcvNxt;
    }

    /** What our acknowledgments say: RCV.NXT with the FIN counted. */
    long acknowledged() {
        return rcvNxt + (finReceived ? 1 : 0);
    }

    /** RCV.NXT as a wire number; the FIN counts once everything before it has arrived. */
    int acknowledgmentNumber() {
        return SequenceNumber.wrap(origin + acknowledged());
    }

    boolean finReceived() {
        return finReceived;
    }

    long edge() {
        return edge;
    }

    boolean hasHoles() {
        return !ranges.isEmpty();
    }

    /** Pure acknowledgments say more than the number on data could: SACK blocks, or to NewReno that a hole is left. */
    boolean mustReport() {
        return duplicateTo > duplicateFrom || !ranges.isEmpty();
    }

    boolean hasReceived(long from, long to) {
        return to <= rcvNxt || ranges.contains(Math.max(from, rcvNxt), to);
    }

    /** Offset of a wire number, nearest to RCV.NXT. */
    long offsetOf(int wire) {
        return SequenceNumber.unwrap(wire - origin, rcvNxt);
    }

    /**
     * RFC 9293 section 3.10.7.4: does any part of the segment lie in the window? Counted by the highest edge ever
     * offered; a segment of length 0 is acceptable at a zero window if it is exactly at RCV.NXT.
     */
    boolean isAcceptable(long offset, int sequenceLength) {
        long next = acknowledged();
        long limit = Math.max(edge, next);
        if (sequenceLength == 0) {
            return offset == next || offset >= next && offset < limit;
        }
        return offset < limit && offset + sequenceLength > next || offset == next;
    }

    // ---- payload

    Outcome onText(SegmentView view, long offset, long now) {
        int length = view.payloadLength;
        long end = offset + length;
        boolean fin = view.has(TcpFlags.FIN);
        if (length == 0 && !fin || finReceived) {
            if (length > 0 && offset < rcvNxt) {
                reportDuplicate(offset, Math.min(end, rcvNxt));
                return Outcome.DUPLICATE;
            }
            return finReceived && fin ? Outcome.DUPLICATE : Outcome.NOTHING;
        }
        long from = Math.max(offset, rcvNxt);
        long to = Math.min(end, finOffset == NO_OFFSET ? edge : Math.min(edge, finOffset));
        boolean hadHoles = !ranges.isEmpty();
        boolean inOrder = from == rcvNxt;
        Outcome outcome = Outcome.NOTHING;
        if (length > 0) {
            if (from >= to) {
                outcome = refuse(offset, end);
            } else {
                outcome = place(view, offset, from, to, now);
            }
        }
        boolean behindAll = rcvNxt <= end && (ranges.isEmpty() || ranges.last() <= end);
        if (fin && finOffset == NO_OFFSET && outcome != Outcome.DROPPED && (to >= end || length == 0) && behindAll) {
            finOffset = end;
        }
        if (finOffset != NO_OFFSET && rcvNxt == finOffset) {
            finReceived = true;
            ranges.clear();
            return Outcome.FILLED_HOLE;
        }
        if (outcome == Outcome.IN_ORDER && hadHoles && inOrder) {
            return Outcome.FILLED_HOLE;
        }
        return outcome == Outcome.NOTHING && fin ? Outcome.OUT_OF_ORDER : outcome;
    }

    private Outcome refuse(long offset, long end) {
        if (end <= rcvNxt) {
            reportDuplicate(offset, end);
            return Outcome.DUPLICATE;
        }
        counters.increment(edge <= rcvNxt ? Counter.TCP_ZERO_WINDOW_DROP : Counter.TCP_OUT_OF_WINDOW);
        return Outcome.DROPPED;
    }

    /** Hands the bytes of [from, to) that are new to the owner. */
    private Outcome place(SegmentView view, long offset, long from, long to, long now) {
        if (offset < rcvNxt) {
            reportDuplicate(offset, rcvNxt);
        }
        if (ranges.isEmpty() && from == rcvNxt) {
            if (!take(view, offset, from, to, now)) {
                return Outcome.DROPPED;
            }
            rcvNxt = to;
            flow.owner().onReceiveNext(flow, rcvNxt, now);
            return Outcome.IN_ORDER;
        }
        return placeAmongHoles(view, offset, from, to, now);
    }

    private Outcome placeAmongHoles(SegmentView view, long offset, long from, long to, long now) {
        boolean any = false;
        long at = from;
        while (at < to) {
            int index = ranges.indexOf(at);
            if (index >= 0) {
                long known = Math.min(ranges.to(index), to);
                reportDuplicate(at, known);
                // RFC 2018 section 4: the first block holds the segment that triggered this ACK, new or not.
                remember(at);
                at = known;
                continue;
            }
            int following = ranges.indexAfter(at);
            long gapEnd = following < ranges.size() ? Math.min(ranges.from(following), to) : to;
            boolean needsRange = at != rcvNxt && ranges.size() == ranges.limit()
                    && !ranges.contains(at - 1) && !ranges.contains(gapEnd);
            if (needsRange || !take(view, offset, at, gapEnd, now)) {
                counters.increment(Counter.TCP_OFO_DROP);
                return any ? Outcome.OUT_OF_ORDER : Outcome.DROPPED;
            }
            any = true;
            if (at == rcvNxt) {
                rcvNxt = gapEnd;
                absorb();
                flow.owner().onReceiveNext(flow, rcvNxt, now);
            } else {
                boolean added = ranges.add(at, gapEnd);
                assert added;
                remember(at);
                counters.increment(Counter.TCP_OFO_QUEUE);
            }
            // Filling the gap at RCV.NXT may have moved RCV.NXT over ranges that lie inside of this segment.
            at = Math.max(gapEnd, rcvNxt);
        }
        if (!any) {
            return Outcome.DUPLICATE;
        }
        return from < rcvNxt ? Outcome.IN_ORDER : Outcome.OUT_OF_ORDER;
    }

    private boolean take(SegmentView view, long offset, long from, long to, long now) {
        MemorySegment memory = view.memory;
        boolean taken =
                flow.owner().onPayload(flow, from, memory, view.payload + (from - offset), (int) (to - from), now);
        if (!taken) {
            counters.increment(Counter.TCP_RCV_Q_DROP);
        }
        return taken;
    }

    private void absorb() {
        if (!ranges.isEmpty() && ranges.from(0) <= rcvNxt) {
            rcvNxt = Math.max(rcvNxt, ranges.to(0));
            ranges.removeBelow(rcvNxt);
        }
    }

    // ---- what to report

    /** Payload of a segment that is not acceptable: if it lies left of RCV.NXT it is a duplicate. True: it was. */
    boolean reportOld(long offset, int length) {
        if (length == 0 || offset + length > rcvNxt) {
            return length == 0 && offset < rcvNxt;
        }
        reportDuplicate(offset, offset + length);
        return true;
    }

    /**
     * Without SACK nobody can be told, and what waits to be told keeps acknowledgments from riding on data. Bytes left
     * of the first one are no duplicates: they are of an earlier connection between the same ports.
     */
    private void reportDuplicate(long start, long to) {
        long from = Math.max(0, start);
        if (from >= to || !flow.handshake().sack()) {
            return;
        }
        counters.increment(from < rcvNxt ? Counter.TCP_DSACK_OLD_SENT : Counter.TCP_DSACK_OFO_SENT);
        duplicateFrom = from;
        duplicateTo = to;
    }

    /** Puts {@code offset} in front; an older offset in the same range says nothing new and leaves. */
    private void remember(long offset) {
        int index = ranges.indexOf(offset);
        int last = Math.min(recentCount, RECENT - 1);
        for (int i = 0; i < last; i++) {
            if (ranges.indexOf(recent[i]) == index) {
                last = i;
            }
        }
        if (last == recentCount) {
            recentCount++;
        }
        System.arraycopy(recent, 0, recent, 1, last);
        recent[0] = offset;
    }

    /**
     * Writes as many SACK blocks as fit: a duplicate first (RFC 2883), then newest ranges first (RFC 2018 section 4).
     */
    void writeSack(OptionWriter options) {
        int room = Math.min((options.remaining() - 4) / 8, chosen.length);
        if (room <= 0 || !mustReport()) {
            return;
        }
        boolean duplicate = duplicateTo > duplicateFrom;
        int blocks = chooseRanges(room - (duplicate ? 1 : 0));
        options.sack(blocks + (duplicate ? 1 : 0));
        if (duplicate) {
            options.sackBlock(wire(duplicateFrom), wire(duplicateTo));
            duplicateTo = duplicateFrom;
        }
        for (int i = 0; i < blocks; i++) {
            options.sackBlock(wire(ranges.from(chosen[i])), wire(ranges.to(chosen[i])));
        }
    }

    /** The ranges that changed last, newest first, then others from the highest down. */
    private int chooseRanges(int room) {
        int count = 0;
        for (int i = 0; i < recentCount && count < room; i++) {
            count = choose(ranges.indexOf(recent[i]), count);
        }
        for (int i = ranges.size() - 1; i >= 0 && count < room; i--) {
            count = choose(i, count);
        }
        return count;
    }

    private int choose(int index, int count) {
        if (index < 0) {
            return count;
        }
        for (int i = 0; i < count; i++) {
            if (chosen[i] == index) {
                return count;
            }
        }
        chosen[count] = index;
        return count + 1;
    }

    private int wire(long offset) {
        return SequenceNumber.wrap(origin + offset);
    }

    // ---- window

    /**
     * The window field for a segment that leaves now. Rounded up to the scale, so that the edge advertised is never
     * left of the owner's; it may retreat by less than one unit of the scale, which RFC 7323 section 2.4 foresees, and
     * data is accepted up to the highest edge ever advertised.
     */
    int windowField(long ownerWindow, int scale) {
        long unit = 1L << scale;
        long field = Math.min((ownerWindow + unit - 1) >> scale, 0xffff);
        edge = Math.max(edge, rcvNxt + (field << scale));
        boolean zero = field == 0;
        if (zero != zeroWindow) {
            counters.increment(zero ? Counter.TCP_TO_ZERO_WINDOW_ADV : Counter.TCP_FROM_ZERO_WINDOW_ADV);
            zeroWindow = zero;
        }
        return (int) field;
    }
}
