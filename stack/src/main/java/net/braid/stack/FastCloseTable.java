package net.braid.stack;

import java.util.Arrays;
import net.braid.base.DeadlineHeap;
import net.braid.base.RandomSource;
import net.braid.link.Link;
import net.braid.wire.SegmentView;
import net.braid.wire.TcpFlags;
import net.braid.wire.TcpOptions;

/**
 * Subflows that have ended with MP_FASTCLOSE, for as long as a peer that has not heard it may ask (RFC 8684 section
 * 3.5). A reset whose number is not what the peer expects, because data before it was lost, is answered with a
 * challenge (RFC 5961 section 3.2): a bare reset would then end the subflow, but leave the connection without one.
 *
 * <p>Version 1 says it on resets, and again to every segment that still comes. Version 0 says it on acknowledgments,
 * and again until the peer's reset has come: this table is its FASTCLOSE_WAIT. Bounded: when full, the entry that would
 * go first makes room.
 */
final class FastCloseTable {
    /** As long as a peer that has no way to us any more may try, by default. */
    private static final long STAY_NANOS = 60_000_000_000L;
    private static final int REPETITIONS = 3;

    private final int limit;
    private final Replies replies;
    private final Demultiplexer entries;
    private final DeadlineHeap deadlines = new DeadlineHeap();
    private FastClosed[] byNumber = new FastClosed[0];
    private int[] free = new int[0];
    private int freeCount;

    /** @param limit most entries */
    FastCloseTable(int limit, Replies replies, RandomSource random) {
        this.limit = limit;
        this.replies = replies;
        entries = new Demultiplexer(random);
    }

    int size() {
        return entries.size();
    }

    /** The subflow's four-tuple must not be in use any more. */
    void add(FlowSlot flow, long key, int version, long now) {
        if (limit == 0) {
            return;
        }
        if (entries.size() == limit) {
            remove(byNumber[deadlines.poll(DeadlineHeap.NEVER - 1)]);
        }
        FastClosed entry = new FastClosed(flow, key, version);
        if (freeCount == 0) {
            grow();
        }
        entry.number = free[--freeCount];
        byNumber[entry.number] = entry;
        entries.add(entry);
        deadlines.set(entry.number, now + (version == 0 ? entry.patience : STAY_NANOS));
    }

    private void grow() {
        int old = byNumber.length;
        byNumber = Arrays.copyOf(byNumber, Math.min(limit, Math.max(16, 2 * old)));
        free = Arrays.copyOf(free, byNumber.length);
        for (int number = byNumber.length - 1; number >= old; number--) {
            free[freeCount++] = number;
        }
    }

    private void remove(FastClosed entry) {
        deadlines.remove(entry.number);
        byNumber[entry.number] = null;
        free[freeCount++] = entry.number;
        entries.remove(entry);
    }

    /** A new connection has this four-tuple. */
    void forget(long localHigh, long localLow, long remoteHigh, long remoteLow, int ports) {
        FlowSlot entry = size() == 0 ? null : entries.find(localHigh, localLow, remoteHigh, remoteLow, ports);
        if (entry != null) {
            remove((FastClosed) entry);
        }
    }

    /** True: the segment was for one of these. */
    boolean onSegment(Link link, SegmentView segment, long now) {
        FastClosed entry = size() == 0 ? null : (FastClosed) entries.find(segment.destinationHigh,
                segment.destinationLow, segment.sourceHigh, segment.sourceLow,
                Demultiplexer.ports(segment.destinationPort, segment.sourcePort));
        if (entry == null) {
            return false;
        }
        if (segment.has(TcpFlags.RST)) {
            //= rfc8684#3.5 D15
            //# As soon as Host A has received the TCP RST on the remaining
            //# subflow, it can close this subflow and tear down the whole
            //# connection (transition from FASTCLOSE_WAIT state to CLOSED state).
            remove(entry);
            return true;
        }
        if (segment.has(TcpFlags.SYN) || !segment.has(TcpFlags.ACK)) {
            // Another connection may begin at once, as after every reset.
            return false;
        }
        if (entry.version == 1) {
            replies.fastCloseOnReset(link, segment, entry.key, now);
        } else if (segment.options.has(TcpOptions.MP_FASTCLOSE)) {
            //= rfc8684#3.5 D15
            //# If Host A receives an MP_FASTCLOSE instead of a TCP RST, both
            //# hosts attempted fast closure simultaneously.  Host A should reply
            //# with a TCP RST and tear down the connection.
            replies.reset(link, segment, now);
            remove(entry);
        } else {
            replies.fastCloseOnAcknowledgment(entry, now);
        }
        return true;
    }

    /** The earliest instant at which {@link #onDeadline} has something to do, or Long.MAX_VALUE. */
    long deadline() {
        return deadlines.next();
    }

    /** Says again what was not answered, and forgets what has stayed its time. */
    void onDeadline(long now) {
        for (int number = deadlines.poll(now); number != DeadlineHeap.NONE; number = deadlines.poll(now)) {
            FastClosed entry = byNumber[number];
            if (entry.version == 1) {
                remove(entry);
            } else if (entry.repeated < REPETITIONS) {
                //= rfc8684#3.5 D15
                //# If Host A does not receive a TCP RST in reply to its MP_FASTCLOSE
                //# after one retransmission timeout (RTO) (the RTO of the subflow
                //# where the MP_FASTCLOSE has been sent), it SHOULD retransmit the
                //# MP_FASTCLOSE.  To keep this connection from being retained for a
                //# long time, the number of retransmissions SHOULD be limited; this
                //# limit is implementation specific.  A RECOMMENDED number is 3.
                entry.repeated++;
                replies.fastCloseOnAcknowledgment(entry, now);
                deadlines.set(number, now + entry.patience);
            } else {
                //= rfc8684#3.5 D15
                //# If
                //# no TCP RST is received in response, Host A SHOULD send a TCP RST
                //# with the MP_FASTCLOSE option itself when it releases state in
                //# order to clear any remaining state at middleboxes.
                replies.lastReset(entry, now);
                remove(entry);
            }
        }
    }
}
