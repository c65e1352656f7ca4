package net.braid.mptcp;

import java.lang.foreign.MemorySegment;
import net.braid.base.Pieces;
import net.braid.base.StreamRing;

/**
 * Outgoing bytes of a connection, from the application's write to the peer's acknowledgment, addressed by data offset.
 *
 * <pre>
 *   released   acknowledged        assigned              written        acknowledged + limit
 *      |  pinned    |   outstanding  |  pending (unsent)   |    room          |
 * </pre>
 *
 * What the peer has, but a subflow may have to repeat, is <em>pinned</em>: it holds memory up to the maximum, but does
 * not keep the application from writing before. Plain TCP has none of it.
 *
 * Here live the decisions about unsent data: Nagle, cork and push, and how large the buffer may grow.
 */
public final class SendStream {
    private final StreamRing ring;
    private final MemoryBudget memory;
    private final boolean autoTuning;
    private final long maximum;
    private long limit;
    private long released;
    private long acknowledged;
    private long assigned;
    private long written;
    /** End of the last segment sent that was not full, the only one that Nagle waits for. */
    private long smallEnd;
    private boolean noDelay;
    private boolean corked;
    private boolean shut;
    /** A write was cut short since the last time the application was told of room. */
    private boolean writerWaits;
    private boolean memoryWanted;

    public SendStream(MemoryBudget memory, ConnectionConfig config) {
        this.memory = memory;
        this.autoTuning = config.autoTuning();
        this.maximum = config.sendBufferMaximum();
        this.limit = config.sendBufferInitial();
        this.noDelay = config.noDelay();
        this.ring = new StreamRing(memory.pool(), 0, maximum);
    }

    // ---- the application's side

    /** Takes as many of {@code length} bytes as there is room and memory for, and returns how many. */
    public int write(MemorySegment source, long at, int length) {
        assert !shut;
        int room = (int) Math.min(length, writable());
        int taken = 0;
        while (taken < room) {
            // At most up to the end of a block: a ring takes all of a put or nothing, and the pool may run dry.
            int blockBytes = memory.pool().blockBytes();
            int toBlockEnd = blockBytes - (int) (written & (blockBytes - 1));
            int part = Math.min(room - taken, toBlockEnd);
            boolean needsBlock = toBlockEnd == blockBytes || written == released;
            if (needsBlock && !memory.allowsWrite(ring.blocksHeld()) || !ring.put(written, source, at + taken, part)) {
                memoryWanted = true;
                break;
            }
            written += part;
            taken += part;
        }
        if (taken < length) {
            writerWaits = true;
        }
        return taken;
    }

    /** Bytes that the buffer has room for; the shard's memory may allow fewer. */
    public long writable() {
        long pinned = Math.min(acknowledged - released, maximum - limit);
        return Math.max(0, limit - (written - released - pinned));
    }

    /** Blocks of the shard's memory that are held. */
    public int blocksHeld() {
        return ring.blocksHeld();
    }

    /** No more writes; what is pending goes out without waiting for more. */
    public void shut() {
        shut = true;
    }

    public boolean isShut() {
        return shut;
    }

    public void noDelay(boolean value) {
        noDelay = value;
    }

    public boolean noDelay() {
        return noDelay;
    }

    /** While set, only full segments leave ({@code TCP_CORK}). */
    public void cork(boolean value) {
        corked = value;
    }

    public boolean isCorked() {
        return corked;
    }

    /** True once, after a write was cut short and at least a third of the buffer, and a block, is free again. */
    public boolean takeWriterMayGoOn() {
        if (!writerWaits || memoryWanted && !memory.allowsWrite(ring.blocksHeld()) || writable() * 3 < limit) {
            return false;
        }
        writerWaits = false;
        memoryWanted = false;
        return true;
    }

    /** Whether the shard's memory, not the buffer's limit, cut the last write short. */
    public boolean wantsMemory() {
        return memoryWanted;
    }

    // ---- the network's side

    /** Bytes written and not yet given to a subflow. */
    public long pending() {
        return written - assigned;
    }

    /** First data offset that was not yet given to a subflow. */
    public long assigned() {
        return assigned;
    }

    public long released() {
        return released;
    }

    public long written() {
        return written;
    }

    public long limit() {
        return limit;
    }

    /**
     * How many of the pending bytes should leave now.
     *
     * @param quota bytes that a subflow would take, as {@code Subflow.sendQuota} says
     * @param segmentSize payload bytes of a full segment
     */
    public int quantum(long quota, int segmentSize) {
        long length = Math.min(quota, pending());
        if (length <= 0) {
            return 0;
        }
        if (length < pending() || shut) {
            return (int) Math.min(length, Integer.MAX_VALUE);
        }
        int tail = (int) (length % segmentSize);
        return (int) Math.min(tail != 0 && holdsTail() ? length - tail : length, Integer.MAX_VALUE);
    }

    private boolean holdsTail() {
        if (corked) {
            return true;
        }
        //= rfc9293#3.7.4
        //# A TCP implementation SHOULD implement the Nagle algorithm to coalesce
        //# short segments (SHLD-7).  However, there MUST be a way for an
        //# application to disable the Nagle algorithm on an individual
        //# connection (MUST-17).
        //
        //= rfc9293#A.3
        //# A modification to the Nagle algorithm is described in [68] that
        //# improves the situation for these applications.
        //
        // As in Linux: a short segment waits only for an earlier short one, so that the tail of a large write does not
        // wait for an acknowledgment that the peer delays.
        return !noDelay && smallEnd > acknowledged;
    }

    /** Whether the next {@code length} bytes are the last that there are: then PSH goes with them (MUST-61). */
    public boolean endsWith(int length) {
        return assigned + length == written;
    }

    /** A subflow has sent the next {@code length} pending bytes. */
    public void onSent(int length, int segmentSize) {
        assert length > 0 && length <= pending();
        assigned += length;
        if (length % segmentSize != 0) {
            smallEnd = assigned;
        }
    }

    /** The peer has everything below {@code offset}. */
    public void onAcknowledged(long offset) {
        assert offset <= assigned : "acknowledged " + offset + " of " + assigned;
        if (offset > released) {
            released = offset;
            acknowledged = Math.max(acknowledged, offset);
            ring.releaseTo(offset);
        }
    }

    /** The peer has everything below {@code offset}, but a subflow may still have to repeat it. */
    void onDataAcknowledged(long offset) {
        acknowledged = Math.max(acknowledged, offset);
    }

    /**
     * How much a stale subflow may pin before it costs more than it is worth: half of what there may be in all, for one
     * that is back soon should go on as if nothing had been; at least what others do not miss.
     */
    long pinnedLimit() {
        long spare = memory.underPressure() ? 0 : Math.min(maximum / 2, maximum - limit);
        return Math.max(limit / 4, spare);
    }

    /**
     * Lets the buffer grow while the congestion window, not the application, decides what leaves: twice the window, so
     * that a window's worth of new data waits when the acknowledgments of the last arrive (Linux
     * {@code tcp_sndbuf_expand}).
     */
    public void grow(long congestionWindow, int segmentSize) {
        if (!mayGrow() || memory.underPressure()) {
            return;
        }
        long wanted = 2 * Math.max(congestionWindow, 10L * segmentSize);
        if (wanted > limit) {
            limit = Math.min(maximum, wanted);
        }
    }

    /** The same for all that {@code flows} can carry, which is summed up only where the buffer could grow. */
    void grow(Flows flows, int segmentSize) {
        if (mayGrow()) {
            grow(flows.flightTarget(), segmentSize);
        }
    }

    private boolean mayGrow() {
        return writerWaits && autoTuning && limit < maximum;
    }

    public void gather(long offset, int length, Pieces pieces) {
        ring.gather(offset, length, pieces);
    }

    /** Gives back what is not needed; for a connection that has gone idle. */
    void trim() {
        ring.trim();
    }

    /** Gives all memory back; nothing more will be sent. */
    public void discard() {
        shut = true;
        assigned = written;
        released = written;
        acknowledged = written;
        ring.close();
    }
}
