package net.braid.stack;

import java.util.Arrays;
import net.braid.base.DeadlineHeap;
import net.braid.base.RandomSource;
import net.braid.base.SipHash;
import net.braid.tcp.Counter;
import net.braid.tcp.Counters;
import net.braid.wire.SegmentView;
import net.braid.wire.TcpFlags;
import net.braid.wire.TcpOptions;

/**
 * Connections in TIME-WAIT: one row of primitive arrays each, about 100 bytes, instead of a connection.
 *
 * <p>Bounded: when full, the row that would expire first makes room and is counted.
 */
final class TimeWaitTable {
    /** No row. */
    static final int NONE = -1;
    /** An acknowledgment of a bad segment at most this often per row (Linux {@code tcp_invalid_ratelimit}). */
    static final long INVALID_ACK_NANOS = 500_000_000L;
    /** RFC 7323 section 5.5: a TS.Recent older than this says nothing any more. */
    private static final long TIMESTAMP_OUTDATED_NANOS = 24L * 86_400 * 1_000_000_000L;
    private static final int SMALLEST = 16;

    /** What a segment for a row asks for. */
    enum Answer {
        NOTHING, ACKNOWLEDGE, NEW_CONNECTION
    }

    private final int limit;
    private final Counters counters;
    private final SipHash key;
    private final DeadlineHeap deadlines = new DeadlineHeap();
    private long[] localHigh = new long[0];
    private long[] localLow = new long[0];
    private long[] remoteHigh = new long[0];
    private long[] remoteLow = new long[0];
    private int[] ports = new int[0];
    private int[] sndNxt = new int[0];
    private int[] rcvNxt = new int[0];
    private int[] tsRecent = new int[0];
    private int[] tsOffset = new int[0];
    private boolean[] timestamps = new boolean[0];
    private long[] duration = new long[0];
    private long[] lastHeard = new long[0];
    private long[] nextInvalidAck = new long[0];
    private int[] rowHash = new int[0];
    private int[] nextFree = new int[0];
    private int firstFree = NONE;
    /** Open-addressed index of rows by four-tuple: row + 1, 0 for empty. */
    private int[] index = new int[SMALLEST];
    private int size;

    TimeWaitTable(int limit, Counters counters, RandomSource random) {
        this.limit = limit;
        this.counters = counters;
        this.key = new SipHash(random);
    }

    int size() {
        return size;
    }

    /** The earliest expiry, or Long.MAX_VALUE. */
    long deadline() {
        return deadlines.next();
    }

    /** Forgets what has stayed its time. */
    void expire(long now) {
        for (int row = deadlines.poll(now); row != NONE; row = deadlines.poll(now)) {
            remove(row);
        }
    }

    /**
     * Adds a connection.
     *
     * @param next SND.NXT as a wire number, behind our FIN
     * @param expected RCV.NXT as a wire number, behind the peer's FIN
     */
    void add(FlowSlot flow, int next, int expected, boolean withTimestamps, int recent, int offset, long nanos,
            long now) {
        if (limit == 0) {
            counters.increment(Counter.TW_OVERFLOW);
            return;
        }
        if (size == limit) {
            int oldest = deadlines.poll(DeadlineHeap.NEVER - 1);
            assert oldest != NONE;
            remove(oldest);
            counters.increment(Counter.TW_OVERFLOW);
        }
        counters.increment(Counter.TW);
        int row = take();
        localHigh[row] = flow.localHigh;
        localLow[row] = flow.localLow;
        remoteHigh[row] = flow.remoteHigh;
        remoteLow[row] = flow.remoteLow;
        ports[row] = flow.ports;
        sndNxt[row] = next;
        rcvNxt[row] = expected;
        timestamps[row] = withTimestamps;
        tsRecent[row] = recent;
        tsOffset[row] = offset;
        duration[row] = nanos;
        lastHeard[row] = now;
        nextInvalidAck[row] = now;
        rowHash[row] = hash(flow.localHigh, flow.localLow, flow.remoteHigh, flow.remoteLow, flow.ports);
        //= rfc9293#3.6.1
        //# When a connection is closed actively, it MUST linger in the TIME-WAIT
        //# state for a time 2xMSL (Maximum Segment Lifetime) (MUST-13).
        deadlines.set(row, now + nanos);
        insert(row);
    }

    /** The row with this four-tuple, or {@link #NONE}. */
    int find(long lh, long ll, long rh, long rl, int p) {
        if (size == 0) {
            return NONE;
        }
        int hash = hash(lh, ll, rh, rl, p);
        int mask = index.length - 1;
        for (int i = hash & mask; index[i] != 0; i = i + 1 & mask) {
            int row = index[i] - 1;
            if (ports[row] == p && remoteLow[row] == rl && localLow[row] == ll && remoteHigh[row] == rh
                    && localHigh[row] == lh) {
                return row;
            }
        }
        return NONE;
    }

    /**
     * What to do about a segment that belongs to {@code row}. After NEW_CONNECTION the row is still there: it goes with
     * {@link #recycle}, when the new connection is made.
     */
    Answer onSegment(int row, SegmentView segment, boolean newUsesTimestamps, long now) {
        if (segment.has(TcpFlags.RST)) {
            // RFC 1337 section 3, fix (1): ignore RST segments in TIME-WAIT. Else an old duplicate ends it too early.
            return Answer.NOTHING;
        }
        if (segment.has(TcpFlags.SYN) && !segment.has(TcpFlags.ACK)) {
            return onSyn(row, segment, newUsesTimestamps, now);
        }
        boolean bad = timestamps[row] && isOld(row, segment, now);
        int length = segment.payloadLength + (segment.has(TcpFlags.FIN) ? 1 : 0);
        if (bad || length == 0 && segment.sequenceNumber != rcvNxt[row] || length > 0 && !endsWithFin(row, segment)) {
            return onUnacceptable(row, now);
        }
        if (length > 0) {
            //= rfc9293#3.10.7.4
            //# The only thing that can arrive in this state is a
            //# retransmission of the remote FIN.  Acknowledge it, and
            //# restart the 2 MSL timeout.
            deadlines.set(row, now + duration[row]);
            if (timestamps[row] && segment.options.has(TcpOptions.TIMESTAMPS)) {
                tsRecent[row] = segment.options.timestampValue;
            }
            lastHeard[row] = now;
            return Answer.ACKNOWLEDGE;
        }
        return Answer.NOTHING;
    }

    private boolean endsWithFin(int row, SegmentView segment) {
        return segment.has(TcpFlags.FIN) && segment.sequenceNumber + segment.payloadLength + 1 == rcvNxt[row];
    }

    private boolean isOld(int row, SegmentView segment, long now) {
        return segment.options.has(TcpOptions.TIMESTAMPS) && segment.options.timestampValue - tsRecent[row] < 0
                && now - lastHeard[row] < TIMESTAMP_OUTDATED_NANOS;
    }

    /** An unacceptable segment is answered with what we expect, but not more often than twice a second. */
    private Answer onUnacceptable(int row, long now) {
        if (now < nextInvalidAck[row]) {
            counters.increment(Counter.TCP_ACK_SKIPPED_TIME_WAIT);
            return Answer.NOTHING;
        }
        nextInvalidAck[row] = now + INVALID_ACK_NANOS;
        return Answer.ACKNOWLEDGE;
    }

    private Answer onSyn(int row, SegmentView syn, boolean newUsesTimestamps, long now) {
        boolean with = newUsesTimestamps && syn.options.has(TcpOptions.TIMESTAMPS);
        boolean laterSequence = syn.sequenceNumber - (rcvNxt[row] - 1) > 0;
        boolean accept;
        if (timestamps[row] && with) {
            //= rfc6191#2
            //# If TCP Timestamps would be enabled for the new incarnation of
            //#         the connection, and the timestamp contained in the incoming SYN
            //#         segment is greater than the last timestamp seen on the previous
            //#         incarnation of the connection (for that direction of the data
            //#         transfer), honor the connection request (creating a connection
            //#         in the SYN-RECEIVED state).
            int age = syn.options.timestampValue - tsRecent[row];
            accept = age > 0 || age == 0 && laterSequence;
        } else if (with) {
            //= rfc6191#2
            //# If TCP Timestamps would be enabled for the new incarnation of
            //#         the connection, honor the incoming connection request (creating
            //#         a connection in the SYN-RECEIVED state).
            accept = true;
        } else {
            accept = laterSequence;
        }
        //= rfc6191#2
        //# Otherwise, silently drop the incoming SYN segment, thus leaving
        //#         the previous incarnation of the connection in the TIME-WAIT
        //#         state.
        return accept ? Answer.NEW_CONNECTION : Answer.NOTHING;
    }

    /** A new connection takes the place of {@code row}. */
    void recycle(int row) {
        deadlines.remove(row);
        remove(row);
        counters.increment(Counter.TW_RECYCLED);
    }

    /** SND.NXT of a row, also right after {@link #recycle}. */
    int sndNxt(int row) {
        return sndNxt[row];
    }

    int rcvNxt(int row) {
        return rcvNxt[row];
    }

    boolean timestamps(int row) {
        return timestamps[row];
    }

    int tsRecent(int row) {
        return tsRecent[row];
    }

    int tsOffset(int row) {
        return tsOffset[row];
    }

    private int hash(long lh, long ll, long rh, long rl, int p) {
        return (int) key.hash(lh, ll, rh, rl, p);
    }

    private int take() {
        if (firstFree == NONE) {
            grow();
        }
        int row = firstFree;
        firstFree = nextFree[row];
        size++;
        return row;
    }

    private void grow() {
        int old = ports.length;
        int length = Math.min(limit, Math.max(SMALLEST, 2 * old));
        localHigh = Arrays.copyOf(localHigh, length);
        localLow = Arrays.copyOf(localLow, length);
        remoteHigh = Arrays.copyOf(remoteHigh, length);
        remoteLow = Arrays.copyOf(remoteLow, length);
        ports = Arrays.copyOf(ports, length);
        sndNxt = Arrays.copyOf(sndNxt, length);
        rcvNxt = Arrays.copyOf(rcvNxt, length);
        tsRecent = Arrays.copyOf(tsRecent, length);
        tsOffset = Arrays.copyOf(tsOffset, length);
        timestamps = Arrays.copyOf(timestamps, length);
        duration = Arrays.copyOf(duration, length);
        lastHeard = Arrays.copyOf(lastHeard, length);
        nextInvalidAck = Arrays.copyOf(nextInvalidAck, length);
        rowHash = Arrays.copyOf(rowHash, length);
        nextFree = Arrays.copyOf(nextFree, length);
        for (int row = length - 1; row >= old; row--) {
            nextFree[row] = firstFree;
            firstFree = row;
        }
    }

    private void insert(int row) {
        if (2 * size > index.length) {
            int[] old = index;
            index = new int[2 * old.length];
            for (int entry : old) {
                if (entry != 0) {
                    place(entry);
                }
            }
        }
        place(row + 1);
    }

    private void place(int entry) {
        int mask = index.length - 1;
        int i = rowHash[entry - 1] & mask;
        while (index[i] != 0) {
            i = i + 1 & mask;
        }
        index[i] = entry;
    }

    private void remove(int row) {
        int mask = index.length - 1;
        int gap = rowHash[row] & mask;
        while (index[gap] != row + 1) {
            gap = gap + 1 & mask;
        }
        for (int i = gap + 1 & mask; index[i] != 0; i = i + 1 & mask) {
            if ((i - rowHash[index[i] - 1] & mask) >= (i - gap & mask)) {
                index[gap] = index[i];
                gap = i;
            }
        }
        index[gap] = 0;
        nextFree[row] = firstFree;
        firstFree = row;
        size--;
    }
}
