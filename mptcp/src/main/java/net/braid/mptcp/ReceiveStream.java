package net.braid.mptcp;

import java.lang.foreign.MemorySegment;
import net.braid.base.RangeSet;
import net.braid.base.StreamRing;

/**
 * Incoming bytes of a connection, from arrival to the application's read, addressed by data offset.
 *
 * <pre>
 *    read          received                       edge      read + limit
 *     |  readable     |    ...xxxx....xx....        |           |
 *                     |  window that was offered    | reduction |
 * </pre>
 *
 * Bytes are placed where they belong as they arrive. What was once taken is never dropped; what cannot be kept is not
 * taken. The right edge of the window never moves left (RFC 9293 SHLD-14).
 */
public final class ReceiveStream {
    private static final int MULTIPATH_HOLES = 1024;
    private final StreamRing ring;
    private final MemoryBudget memory;
    private final RangeSet ahead;
    private final ReceiveBufferTuner tuner;
    private final long maximum;
    /** A subflow rounds the window up by less than this, so that its edge never moves left. */
    private final long slack;
    private long limit;
    private long read;
    private long received;
    private long edge;
    private DirectReader reader;
    /** The reader has taken bytes since {@link #takeWhetherReadDirectly}. */
    private boolean readDirectly;
    /** Where the peer has said that its stream ends. */
    private long end = Long.MAX_VALUE;

    public ReceiveStream(MemoryBudget memory, ConnectionConfig config) {
        this.memory = memory;
        this.maximum = config.receiveBufferMaximum();
        this.limit = config.receiveBufferInitial();
        this.slack = 1L << config.flow().windowScale();
        this.edge = limit;
        // One hole in each subflow is many here: a peer that is refused too much cannot send what would fill them.
        int holes = config.flow().receiveHoles();
        this.ahead = new RangeSet(config.multipath().enabled() ? Math.max(MULTIPATH_HOLES, holes) : holes);
        this.tuner = config.autoTuning() ? new ReceiveBufferTuner(limit) : null;
        this.ring = new StreamRing(memory.pool(), 0, maximum + slack);
    }

    // ---- the network's side

    /** What became of bytes that were offered. */
    public enum Custody {
        TAKEN, OUT_OF_MEMORY, BEYOND_WINDOW, TOO_MANY_HOLES
    }

    /** Puts bytes in their place. Any answer but TAKEN: they count as never seen. */
    public Custody offer(long offset, MemorySegment source, long at, int length) {
        long stop = offset + length;
        if (stop > end) {
            // Behind DATA_FIN there is nothing: such bytes are dropped.
            return offset >= end ? Custody.TAKEN : offer(offset, source, at, (int) (end - offset));
        }
        // Not by stop: a mapping of the peer may lie so far off that its end has no number.
        if (offset > edge + slack - length) {
            return Custody.BEYOND_WINDOW;
        }
        if (offset < received) {
            // Twice sent at the data level (other subflows, in time to come): the first copy stays.
            long known = Math.min(received, stop) - offset;
            if (known == length) {
                return Custody.TAKEN;
            }
            return offer(received, source, at + known, (int) (length - known));
        }
        boolean inOrder = offset == received;
        if (!inOrder && !memory.allowsOutOfOrder()) {
            return Custody.OUT_OF_MEMORY;
        }
        if (inOrder && ahead.isEmpty()) {
            int direct = reader != null && read == received ? hand(source, at, length) : 0;
            if (direct < length && !ring.put(offset + direct, source, at + direct, length - direct)) {
                return Custody.OUT_OF_MEMORY;
            }
            received = stop;
            return Custody.TAKEN;
        }
        return offerBesideHoles(offset, stop, source, at);
    }

    /** Nothing is readable: these bytes may go past the ring. */
    private int hand(MemorySegment source, long at, int length) {
        int taken = reader.take(source, at, length);
        if (taken > 0) {
            read += taken;
            received = read;
            ring.releaseTo(read);
            readDirectly = true;
        }
        return taken;
    }

    private Custody offerBesideHoles(long offset, long stop, MemorySegment source, long at) {
        if (!putIntoGaps(offset, stop, source, at)) {
            return Custody.OUT_OF_MEMORY;
        }
        if (offset == received) {
            received = Math.max(stop, ahead.firstGap(stop));
            ahead.removeBelow(received);
            return Custody.TAKEN;
        }
        return ahead.add(offset, stop) ? Custody.TAKEN : Custody.TOO_MANY_HOLES;
    }

    /** Writes only what is not there yet: the first copy of a byte is what counts (RFC 8684 section 3.3.1). */
    private boolean putIntoGaps(long offset, long stop, MemorySegment source, long at) {
        long position = offset;
        while (position < stop) {
            int index = ahead.indexAfter(position);
            boolean last = index >= ahead.size();
            if (!last && ahead.from(index) <= position) {
                position = ahead.to(index);
                continue;
            }
            long next = last ? stop : Math.min(stop, ahead.from(index));
            if (!ring.put(position, source, at + (position - offset), (int) (next - position))) {
                return false;
            }
            position = next;
        }
        return true;
    }

    /** The peer's stream ends at {@code offset}; bytes from there on are dropped. */
    public void endAt(long offset) {
        end = offset;
    }

    /** One past the last byte that has arrived without a gap before it. */
    public long received() {
        return received;
    }

    /** Separate ranges that wait for a gap to close. */
    public int holes() {
        return ahead.size();
    }

    /** Bytes that wait for a gap to close. */
    public long aheadBytes() {
        return ahead.covered();
    }

    /**
     * The window to offer now, in bytes beyond {@link #received}. Moves the edge, so call it for a segment that will
     * leave.
     *
     * @param segmentSize our own effective send MSS, taken for the peer's
     */
    public long window(int segmentSize) {
        if (mayOpen(segmentSize)) {
            edge = read + limit;
        }
        return Math.max(0, edge - received);
    }

    /** Whether {@link #window} would move the edge: then a window update may be worth a segment. */
    public boolean mayOpen(int segmentSize) {
        //= rfc9293#3.8.6.2.2
        //# The suggested SWS avoidance algorithm for the receiver is to keep
        //# RCV.NXT+RCV.WND fixed until the reduction satisfies:
        //#
        //#              RCV.BUFF - RCV.USER - RCV.WND  >=
        //#
        //#                     min( Fr * RCV.BUFF, Eff.snd.MSS )
        long reduction = read + limit - edge;
        return reduction > 0 && reduction >= Math.min(limit / 2, segmentSize)
                && (memory.allowsWiderWindow() || edge <= received && memory.pool().available() > 0);
    }

    public long limit() {
        return limit;
    }

    // ---- the application's side

    public long readable() {
        return received - read;
    }

    /** Copies at most {@code length} readable bytes out, and returns how many. */
    public int read(MemorySegment target, long at, int length) {
        int taken = (int) Math.min(length, readable());
        if (taken > 0) {
            ring.get(read, target, at, taken);
            read += taken;
            ring.releaseTo(read);
        }
        return taken;
    }

    /** From now on bytes that come in order, with nothing readable before them, are offered to {@code value} first. */
    public void directReader(DirectReader value) {
        reader = value;
    }

    /** Whether the direct reader has taken anything since this was asked last. */
    boolean takeWhetherReadDirectly() {
        boolean was = readDirectly;
        readDirectly = false;
        return was;
    }

    /** Position of the reader: how many bytes it has taken so far. */
    public long position() {
        return read;
    }

    /** A data segment echoes timestamp {@code echo}; our own clock, in milliseconds, shows {@code clock}. */
    public void measureByEcho(int echo, int clock) {
        if (tuner != null) {
            tuner.onEcho(echo, clock);
        }
    }

    /** Data has arrived on a flow without timestamps. */
    public void measureByWindow(long now) {
        if (tuner != null) {
            tuner.onReceived(received, edge, now);
        }
    }

    /** Right-sizes the buffer by what the application has taken in the last round trip. */
    public void tune(int segmentSize, long slowestRttNanos, long now) {
        if (tuner != null && !memory.underPressure()) {
            limit = Math.min(maximum, Math.max(limit, tuner.wanted(read, segmentSize, slowestRttNanos, now)));
        }
    }

    /** Gives back what is not needed; for a connection that has gone idle. */
    void trim() {
        ring.trim();
        ahead.trim();
    }

    /** Gives all memory back; nothing more will be read. */
    public void discard() {
        ring.close();
        read = received;
        ahead.clear();
    }
}
