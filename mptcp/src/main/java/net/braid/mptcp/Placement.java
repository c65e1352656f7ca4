package net.braid.mptcp;

import java.lang.foreign.MemorySegment;
import net.braid.base.Pieces;
import net.braid.wire.Checksum;
import net.braid.wire.DssChecksum;

/**
 * From subflow bytes to their place in the data stream (RFC 8684 sections 3.3.1 and 3.3.4): at once where the mapping
 * is
 * known and no checksum is in use, else by way of {@link ParkedBytes}.
 */
final class Placement {
    /** What became of bytes that arrived. */
    enum Outcome {
        TAKEN, REFUSED,
        /** A checksum was wrong; see {@link #failedData}. */
        CHECKSUM_FAILED
    }

    /** Bytes of one subflow that may wait for a mapping; twice the largest mapping, and a window of small ones. */
    static final long PARKED_LIMIT = 1 << 18;

    /** A mapping covers a part of the segment that brings it, and at most 64 KiB: later than this there is none. */
    private static final long LATEST_MAPPING = 1 << 17;

    private final ReceiveStream receive;
    private final DataSequence remoteSequence;
    private final Pieces pieces = new Pieces();
    private boolean checksum;
    private long failedData;

    Placement(ReceiveStream receive, DataSequence remoteSequence) {
        this.receive = receive;
        this.remoteSequence = remoteSequence;
    }

    /** DSS checksums were negotiated. */
    void verifyChecksums(boolean value) {
        checksum = value;
    }

    /** Data offset of the mapping whose checksum was wrong. */
    long failedData() {
        return failedData;
    }

    /** Bytes of {@code context}'s subflow at {@code offset}, in order of arrival. */
    Outcome onPayload(SubflowContext context, long offset, MemorySegment memory, long at, int length) {
        if (checksum) {
            return park(context, offset, memory, at, length);
        }
        long position = offset;
        long end = offset + length;
        while (position < end) {
            int index = context.mappings.find(position);
            if (index == MappingTable.NONE) {
                return park(context, position, memory, at + (position - offset), (int) (end - position));
            }
            int part = (int) (Math.min(end, context.mappings.to(index)) - position);
            long data = context.mappings.data(index) + (position - context.mappings.from(index));
            if (!offer(data, memory, at + (position - offset), part)) {
                // Custody of what was placed before is no harm: it will come again and be known.
                return Outcome.REFUSED;
            }
            position += part;
        }
        return Outcome.TAKEN;
    }

    private Outcome park(SubflowContext context, long offset, MemorySegment memory, long at, int length) {
        long floor = Math.min(offset, context.flow.receiveNext());
        return context.parked.put(floor, offset, memory, at, length, parkedLimit()) ? Outcome.TAKEN : Outcome.REFUSED;
    }

    /** Under checksums all bytes behind a hole wait, as many as the window lets in; else only those without mapping. */
    long parkedLimit() {
        return checksum ? Math.max(receive.limit(), PARKED_LIMIT) : PARKED_LIMIT;
    }

    private boolean offer(long data, MemorySegment memory, long at, int length) {
        return receive.offer(data, memory, at, length) == ReceiveStream.Custody.TAKEN;
    }

    /** A mapping was added, or bytes became complete: places what can be placed now, and forgets what is done. */
    Outcome settle(SubflowContext context) {
        return checksum ? settleVerified(context) : settleParked(context);
    }

    private Outcome settleParked(SubflowContext context) {
        MappingTable mappings = context.mappings;
        if (!context.parked.isEmpty()) {
            for (int i = 0; i < mappings.size(); i++) {
                place(context, mappings.from(i), mappings.to(i), mappings.data(i) - mappings.from(i));
            }
        }
        int done = 0;
        long rcvNxt = context.flow.receiveNext();
        while (done < mappings.size() && mappings.to(done) <= rcvNxt) {
            done++;
        }
        if (done > 0) {
            mappings.removeFirst(done);
        }
        return Outcome.TAKEN;
    }

    /** Bytes lie so far behind that no mapping for them can still come. */
    //= rfc8684#3.3.1 C09
    //# If a mapping for that subflow-level
    //# sequence space does not arrive within a receive window of data, that
    //# subflow SHOULD be treated as broken, closed with a RST
    boolean lacksMapping(SubflowContext context) {
        if (context.parked.isEmpty()) {
            return false;
        }
        long first = context.parked.firstIn(0, Long.MAX_VALUE);
        return context.flow.receiveNext() - first > Math.min(receive.limit(), LATEST_MAPPING)
                && context.mappings.find(first) == MappingTable.NONE;
    }

    /** Moves what is parked of subflow bytes [from, to) into the stream, {@code shift} further. */
    void place(SubflowContext context, long from, long to, long shift) {
        long start = context.parked.firstIn(from, to);
        while (start >= 0) {
            long end = Math.min(to, context.parked.endOf(start));
            copy(context, start, end, shift);
            context.parked.remove(start, end, context.flow.receiveNext());
            start = context.parked.firstIn(end, to);
        }
    }

    private void copy(SubflowContext context, long from, long to, long shift) {
        long at = from;
        while (at < to) {
            int part = (int) Math.min(to - at, 16 * 1024);
            pieces.clear();
            context.parked.gather(at, part, pieces);
            long data = at + shift;
            for (int i = 0; i < pieces.count(); i++) {
                offer(data, pieces.memory(i), pieces.offset(i), pieces.length(i));
                data += pieces.length(i);
            }
            at += part;
        }
    }

    /** With checksums: whole mappings, strictly in subflow order, so that all behind a bad one stays parked. */
    private Outcome settleVerified(SubflowContext context) {
        MappingTable mappings = context.mappings;
        long rcvNxt = context.flow.receiveNext();
        while (mappings.size() > 0 && mappings.to(0) <= rcvNxt) {
            long from = mappings.from(0);
            long to = mappings.to(0);
            if (context.parked.holds(from, to)) {
                if (!verify(context)) {
                    failedData = mappings.data(0);
                    return Outcome.CHECKSUM_FAILED;
                }
                place(context, from, to, mappings.data(0) - from);
            }
            mappings.removeFirst(1);
        }
        return Outcome.TAKEN;
    }

    private boolean verify(SubflowContext context) {
        MappingTable mappings = context.mappings;
        int sum = 0;
        long at = mappings.from(0);
        long end = mappings.to(0);
        while (at < end) {
            int part = (int) Math.min(end - at, 16 * 1024);
            pieces.clear();
            context.parked.gather(at, part, pieces);
            sum = DssChecksum.add(sum, at - mappings.from(0), Checksum.sum(pieces));
            at += part;
        }
        int fin = context.finMappingLength == mappings.length(0) + 1 && context.finMappingFrom == mappings.from(0)
                ? 1 : 0;
        return DssChecksum.matches(mappings.checksum(0), remoteSequence.toWire(mappings.data(0)),
                (int) (mappings.from(0) + 1), mappings.length(0) + fin, sum);
    }
}
