package net.braid.mptcp;

import java.lang.foreign.MemorySegment;
import net.braid.base.Pieces;
import net.braid.tcp.CloseReason;
import net.braid.tcp.Counter;
import net.braid.tcp.Counters;
import net.braid.tcp.CouplingGroup;
import net.braid.tcp.FlowView;
import net.braid.tcp.SegmentKind;
import net.braid.tcp.SegmentSink;
import net.braid.tcp.Subflow;
import net.braid.tcp.SubflowOwner;
import net.braid.tcp.TcpState;
import net.braid.wire.IpAddress;
import net.braid.wire.OptionWriter;
import net.braid.wire.SegmentView;
import net.braid.wire.TcpOptions;

/**
 * A stream in each direction between two applications, carried by subflows. For plain TCP there is one, and tags are
 * its own offsets.
 *
 * <p>Three kinds of methods: what the application calls, inputs that the stack hands down ({@code on...}), and pulled
 * output ({@link #transmit}, {@link #deadline}). All run on the shard's thread. The application is never called from
 * inside a subflow: events are noted and told at the end of the input.
 */
public final class Connection implements SubflowOwner, CouplingGroup {
    /** A corked tail waits no longer than this ({@code TCP_CORK} of Linux). */
    public static final long CORK_NANOS = 200_000_000L;
    private static final long NEVER = Long.MAX_VALUE;
    private static final long NANOS_PER_MILLI = 1_000_000L;

    private static final int ESTABLISHED = 1;
    private static final int READABLE = 2;
    private static final int WRITABLE = 4;
    private static final int TIME_WAIT = 8;
    private static final int CLOSED = 16;

    private final ConnectionConfig config;
    private final ConnectionHost host;
    private final Counters counters;
    private final IpAddress localAddress;
    private final int localPort;
    private final IpAddress remoteAddress;
    private final int remotePort;
    private final SendStream send;
    private final ReceiveStream receive;
    private final Subflow[] flows = new Subflow[1];
    private int size;
    private ConnectionListener listener = ConnectionListener.NONE;
    private int dscp;
    private int timeToLive;
    private boolean resetOnClose;

    /** Events that the application has not been told yet. */
    private int events;
    private boolean telling;
    /** Raise READABLE with the next byte or the end of the stream. */
    private boolean readerWaits = true;
    private boolean established;
    private boolean peerFinished;
    private boolean finished;
    private boolean applicationGone;
    /** Forgotten by the stack: nothing may be sent any more. */
    private boolean dropped;
    /** Why a reset is due that could not be sent where its cause was found, inside a subflow. */
    private String abortDue;
    private CloseReason closeReason;
    private long corkDeadline = NEVER;
    /** The cork has held pending bytes for as long as it may. */
    private boolean corkExpired;

    public Connection(ConnectionConfig config, ConnectionHost host, MemoryBudget memory, Counters counters,
            IpAddress localAddress, int localPort, IpAddress remoteAddress, int remotePort) {
        this.config = config;
        this.host = host;
        this.counters = counters;
        this.localAddress = localAddress;
        this.localPort = localPort;
        this.remoteAddress = remoteAddress;
        this.remotePort = remotePort;
        this.send = new SendStream(memory, config);
        this.receive = new ReceiveStream(memory, config);
        this.dscp = config.dscp();
        this.timeToLive = config.timeToLive();
        this.resetOnClose = config.resetOnClose();
    }

    /** The stack has made a subflow for this connection. */
    public void add(Subflow flow) {
        assert flow.index() == size;
        flows[size++] = flow;
    }

    // ---- the application's side

    /**
     * Takes bytes to send.
     *
     * @return how many were taken, 0 to {@code length}; after fewer than all, {@code onWritable} says when to go on
     * @throws IllegalStateException after {@link #shutdownOutput} or {@link #close}
     */
    public int write(MemorySegment source, long offset, int length, long now) {
        if (closeReason != null || abortDue != null) {
            return 0;
        }
        if (send.isShut()) {
            throw new IllegalStateException("output is shut");
        }
        int taken = length == 0 ? 0 : send.write(source, offset, length);
        if (taken < length) {
            send.grow(flows[0].congestionWindow(), flows[0].maximumSegmentSize());
            if (send.wantsMemory()) {
                host.onMemoryWanted(this);
            }
        }
        if (taken > 0) {
            host.onWork(this);
        }
        return taken;
    }

    /**
     * Takes bytes that have arrived.
     *
     * @return more than 0: so many bytes; 0: none yet, or none ever after a reset (see {@link #closeReason}); -1: the
     *     peer has ended its stream and everything has been read
     */
    public int read(MemorySegment target, long offset, int length, long now) {
        int taken = receive.read(target, offset, length);
        if (taken > 0) {
            onRead(now);
        } else if (receive.readable() == 0) {
            if (peerFinished) {
                return -1;
            }
            readerWaits = true;
        }
        return taken;
    }

    private void onRead(long now) {
        int segmentSize = flows[0].maximumSegmentSize();
        receive.tune(segmentSize, now);
        if (receive.readable() == 0) {
            readerWaits = true;
            if (peerFinished) {
                raiseReadable();
                host.onWork(this);
            }
        }
        if (closeReason == null && !peerFinished && receive.mayOpen(segmentSize)) {
            flows[0].onReceiveWindowOpened(now);
            host.onWork(this);
        }
    }

    /** Bytes that {@link #read} would give now. */
    public long readableBytes() {
        return receive.readable();
    }

    /** Bytes that {@link #write} has room for; memory of the shard may allow fewer. */
    public long writableBytes() {
        return closeReason != null || send.isShut() ? 0 : send.writable();
    }

    /** Half-close: what was written still goes out, then FIN. Reading goes on. */
    public void shutdownOutput(long now) {
        if (!send.isShut() && closeReason == null) {
            send.shut();
            host.onWork(this);
        }
    }

    /** Ends both directions: in order if all that has arrived was read, else with a reset. */
    public void close(long now) {
        if (applicationGone) {
            return;
        }
        applicationGone = true;
        if (closeReason != null) {
            receive.discard();
            return;
        }
        //= rfc9293#3.6.1
        //# If such a host issues a CLOSE call while
        //# received data is still pending in the TCP connection, or if new data
        //# is received after CLOSE is called, its TCP implementation SHOULD send
        //# a RST to show that data was lost (SHLD-3).
        if (receive.readable() > 0) {
            counters.increment(Counter.TCP_ABORT_ON_CLOSE);
            abort("closed with unread data", now);
        } else if (resetOnClose) {
            counters.increment(Counter.TCP_ABORT_ON_DATA);
            abort("closed with linger time 0", now);
        } else if (flows[0].state() == TcpState.SYN_SENT || flows[0].state() == TcpState.CLOSED) {
            abort("closed while connecting", now);
        } else {
            receive.discard();
            shutdownOutput(now);
            flows[0].orphan(now);
            host.onWork(this);
        }
    }

    /** Ends both directions at once: RST to the peer, and everything that waits is thrown away. */
    public void abort(long now) {
        applicationGone = true;
        if (closeReason == null) {
            abort("aborted by the application", now);
        } else {
            receive.discard();
        }
    }

    /** The stack forgets the connection without a word to the peer, for want of room. */
    public void drop(CloseReason reason, long now) {
        dropped = true;
        closed(reason);
        tell(now);
    }

    private void abort(String why, long now) {
        abortDue = null;
        flows[0].abort(new CloseReason.Aborted(why), now);
        host.onWork(this);
    }

    public void listener(ConnectionListener value) {
        listener = value == null ? ConnectionListener.NONE : value;
    }

    /** Nagle's algorithm off or on. */
    public void noDelay(boolean value) {
        send.noDelay(value);
        if (value) {
            host.onWork(this);
        }
    }

    /** While on, only full segments leave, but nothing waits longer than {@link #CORK_NANOS}. */
    public void cork(boolean value) {
        send.cork(value);
        if (!value) {
            uncork();
            host.onWork(this);
        }
    }

    private void uncork() {
        corkDeadline = NEVER;
        corkExpired = false;
    }

    public void resetOnClose(boolean value) {
        resetOnClose = value;
    }

    /** Differentiated services code point of the segments to come, 0 to 63. */
    public void dscp(int value) {
        dscp = ConnectionConfig.inRange("dscp", value, 0, 63);
    }

    public int dscp() {
        return dscp;
    }

    /** TTL or hop limit of the segments to come, 1 to 255. */
    public void timeToLive(int value) {
        timeToLive = ConnectionConfig.inRange("timeToLive", value, 1, 255);
    }

    public int timeToLive() {
        return timeToLive;
    }

    /** Null while the connection is alive on the network. */
    public CloseReason closeReason() {
        return closeReason;
    }

    public boolean isEstablished() {
        return established;
    }

    public ConnectionConfig config() {
        return config;
    }

    public IpAddress localAddress() {
        return localAddress;
    }

    public int localPort() {
        return localPort;
    }

    public IpAddress remoteAddress() {
        return remoteAddress;
    }

    public int remotePort() {
        return remotePort;
    }

    public Subflow subflow(int index) {
        return flows[index];
    }

    public SendStream sendStream() {
        return send;
    }

    public ReceiveStream receiveStream() {
        return receive;
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    public FlowView flow(int index) {
        return flows[index];
    }

    // ---- inputs from the stack

    /** A decoded segment for {@code flow}. */
    public void onSegment(Subflow flow, SegmentView segment, long now) {
        flow.onSegment(segment, now);
        tell(now);
    }

    /** To be called when {@link #deadline} has come. */
    public void onDeadline(long now) {
        for (int i = 0; i < size; i++) {
            if (flows[i].deadline() <= now) {
                flows[i].onDeadline(now);
            }
        }
        if (corkDeadline <= now) {
            corkDeadline = NEVER;
            corkExpired = true;
        }
        tell(now);
    }

    /** See {@link Subflow#onPacketTooBig}. */
    public void onPacketTooBig(Subflow flow, int mtu, int sequenceNumber, long now) {
        flow.onPacketTooBig(mtu, sequenceNumber, now);
        tell(now);
    }

    /** See {@link Subflow#onUnreachable}. */
    public void onUnreachable(Subflow flow, int icmpType, int icmpCode, int sequenceNumber, long now) {
        flow.onUnreachable(icmpType, icmpCode, sequenceNumber, now);
        tell(now);
    }

    /** The shard has memory again. */
    public void onMemory(long now) {
        raiseWritable();
        tell(now);
    }

    // ---- output

    /**
     * Sends what may be sent now, at most {@code budget} segments or super-segments.
     *
     * @return false when nothing more can be sent now (or the link of {@code sink} is full), true when the budget ended
     */
    public boolean transmit(SegmentSink sink, int budget, long now) {
        tell(now);
        int left = budget;
        while (left > 0 && !dropped && transmitOne(sink, now)) {
            left--;
        }
        tell(now);
        return left == 0;
    }

    private boolean transmitOne(SegmentSink sink, long now) {
        Subflow flow = flows[0];
        if (corkExpired) {
            return flow.emit(sink, true, now) || sendCorked(flow, sink, now);
        }
        long pending = flow.state().canSendData() ? send.pending() : 0;
        boolean hasNewData = pending > 0 && send.quantum(pending, flow.maximumSegmentSize()) > 0;
        if (flow.emit(sink, hasNewData, now)) {
            return true;
        }
        if (pending == 0) {
            return false;
        }
        long quota = flow.sendQuota(pending, now);
        int length = send.quantum(quota, flow.maximumSegmentSize());
        if (length > 0) {
            return sendNew(flow, sink, length, now);
        }
        if (quota == 0) {
            flow.awaitQuota(pending, now);
        } else if (send.isCorked() && corkDeadline == NEVER) {
            corkDeadline = now + CORK_NANOS;
        }
        return false;
    }

    /** The cork has held a tail for as long as it may: lift it for what is there now. */
    private boolean sendCorked(Subflow flow, SegmentSink sink, long now) {
        long quota = flow.sendQuota(send.pending(), now);
        int length = (int) Math.min(quota, send.pending());
        if (length > 0) {
            return sendNew(flow, sink, length, now);
        }
        if (send.pending() > 0) {
            flow.awaitQuota(send.pending(), now);
        }
        return false;
    }

    private boolean sendNew(Subflow flow, SegmentSink sink, int length, long now) {
        //= rfc9293#3.9.1.2
        //# If
        //# PUSH flags are not implemented, then the sending TCP peer: (1) MUST
        //# NOT buffer data indefinitely (MUST-60), and (2) MUST set the PSH bit
        //# in the last buffered segment (i.e., when there is no more queued data
        //# to be sent) (MUST-61).
        boolean push = send.endsWith(length);
        int sent = flow.emitData(sink, send.assigned(), length, push, push && send.isShut(), now);
        if (sent == 0) {
            return false;
        }
        assert sent <= length;
        send.onSent(sent, flow.maximumSegmentSize());
        if (send.pending() == 0) {
            uncork();
            finishIfDue(now);
        }
        return true;
    }

    private void finishIfDue(long now) {
        if (send.isShut() && !finished && closeReason == null && send.pending() == 0
                && flows[0].state().isSynchronized()) {
            // Does nothing when FIN has left with the last bytes.
            finished = true;
            flows[0].finish(now);
        }
    }

    /** Earliest instant at which {@link #onDeadline} must be called, or Long.MAX_VALUE. */
    public long deadline() {
        if (closeReason != null) {
            return NEVER;
        }
        long earliest = corkDeadline;
        for (int i = 0; i < size; i++) {
            earliest = Math.min(earliest, flows[i].deadline());
        }
        return earliest;
    }

    // ---- the subflows' owner

    @Override
    public void onEstablished(Subflow subflow, long now) {
        established = true;
        events |= ESTABLISHED;
    }

    @Override
    public boolean onOptions(Subflow subflow, SegmentView segment, long now) {
        if (segment.payloadLength > 0 && segment.options.has(TcpOptions.TIMESTAMPS)) {
            receive.measureByEcho(segment.options.timestampEcho,
                    (int) (now / NANOS_PER_MILLI) + subflow.timestampOffset());
        }
        return true;
    }

    @Override
    public boolean onPayload(Subflow subflow, long offset, MemorySegment memory, long at, int length, long now) {
        if (applicationGone) {
            if (abortDue == null && closeReason == null) {
                counters.increment(Counter.TCP_ABORT_ON_DATA);
                abortDue = "data arrived after close";
            }
            return false;
        }
        boolean outOfOrder = offset > receive.received();
        ReceiveStream.Custody custody = receive.offer(offset, memory, at, length);
        if (custody != ReceiveStream.Custody.TAKEN) {
            if (outOfOrder && custody == ReceiveStream.Custody.OUT_OF_MEMORY) {
                counters.increment(Counter.OFO_PRUNED);
            }
            return false;
        }
        if (!outOfOrder) {
            raiseReadable();
        }
        return true;
    }

    @Override
    public void onReceiveNext(Subflow subflow, long rcvNxt, long now) {
        if (!subflow.timestampsEnabled()) {
            receive.measureByWindow(now);
        }
    }

    @Override
    public void onAcknowledged(Subflow subflow, long tag, long length, long now) {
        send.onAcknowledged(tag + length);
        send.grow(subflow.congestionWindow(), subflow.maximumSegmentSize());
        raiseWritable();
    }

    @Override
    public void onRetransmissionTimeout(Subflow subflow, int consecutive, long now) {
        // With one path there is nowhere else to send it.
    }

    @Override
    public void onPeerFin(Subflow subflow, long finalOffset, long now) {
        peerFinished = true;
        raiseReadable();
    }

    @Override
    public void onTimeWait(Subflow subflow, long now) {
        events |= TIME_WAIT;
        closed(new CloseReason.Finished());
    }

    @Override
    public void onClosed(Subflow subflow, CloseReason reason, long now) {
        closed(reason);
    }

    private void closed(CloseReason reason) {
        if (closeReason != null) {
            return;
        }
        closeReason = reason;
        abortDue = null;
        events |= CLOSED;
        uncork();
        send.discard();
        if (applicationGone || !(reason instanceof CloseReason.Finished)) {
            receive.discard();
            events &= ~(READABLE | WRITABLE);
        }
        host.onWork(this);
    }

    @Override
    public void onTrouble(Subflow subflow, int retransmissions, long now) {
        // Told to applications together with path events.
    }

    @Override
    public long receiveWindow(Subflow subflow) {
        return receive.window(subflow.maximumSegmentSize());
    }

    @Override
    public void gather(Subflow subflow, long tag, int length, Pieces pieces) {
        send.gather(tag, length, pieces);
    }

    @Override
    public int optionBytes(Subflow subflow) {
        return 0;
    }

    @Override
    public void writeOptions(Subflow subflow, SegmentKind kind, OptionWriter options, long offset, long tag,
            int length) {
        // Plain TCP has none of its own.
    }

    // ---- telling the application

    private void raiseReadable() {
        if (readerWaits && !applicationGone) {
            readerWaits = false;
            events |= READABLE;
        }
    }

    private void raiseWritable() {
        if (!applicationGone && closeReason == null && send.takeWriterMayGoOn()) {
            events |= WRITABLE;
        }
    }

    private void tell(long now) {
        if (telling) {
            return;
        }
        telling = true;
        try {
            if (abortDue != null) {
                abort(abortDue, now);
            }
            while (events != 0) {
                int due = events;
                events = 0;
                tell(due, now);
            }
            finishIfDue(now);
        } finally {
            telling = false;
        }
    }

    private void tell(int due, long now) {
        if ((due & ESTABLISHED) != 0) {
            host.onEstablished(this, now);
            listener.onEstablished(this, now);
        }
        if ((due & READABLE) != 0 && !applicationGone) {
            listener.onReadable(this, now);
        }
        if ((due & WRITABLE) != 0 && !applicationGone) {
            listener.onWritable(this, now);
        }
        if ((due & CLOSED) != 0) {
            if ((due & TIME_WAIT) != 0) {
                host.onTimeWait(this, flows[0], now);
            } else {
                host.onClosed(this, now);
            }
            listener.onClosed(this, closeReason, now);
        }
    }
}
