package net.braid.mptcp;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import net.braid.tcp.CloseReason;
import net.braid.tcp.Counter;
import net.braid.tcp.Counters;
import net.braid.tcp.CouplingGroup;
import net.braid.tcp.SegmentSink;
import net.braid.tcp.Subflow;
import net.braid.tcp.SubflowOwner;
import net.braid.tcp.TcpState;
import net.braid.wire.IpAddress;
import net.braid.wire.MptcpOption;
import net.braid.wire.SegmentView;

/**
 * A stream in each direction between two applications, carried by subflows. For plain TCP there is one, and tags are
 * its own offsets.
 *
 * <p>Three kinds of methods: what the application calls, inputs that the stack hands down ({@code on...}), and pulled
 * output ({@link #transmit}, {@link #deadline}). All run on the shard's thread. The application is never called from
 * inside a subflow: events are noted and told at the end of the input.
 */
public final class Connection {
    /** A corked tail waits no longer than this ({@code TCP_CORK} of Linux). */
    public static final long CORK_NANOS = 200_000_000L;
    private static final long NEVER = Long.MAX_VALUE;

    private final ConnectionConfig config;
    private final ConnectionHost host;
    private final Counters counters;
    private final MemoryBudget memory;
    private final IpAddress localAddress;
    private final int localPort;
    private final IpAddress remoteAddress;
    private final int remotePort;
    private final SendStream send;
    private final ReceiveStream receive;
    private final Flows flows = new Flows();
    private final PlainTransmission plain;
    private final SubflowInput subflowInput;
    /** Null for plain TCP: because nobody asked, or because the handshake said so. */
    private Multipath multipath;
    /** The subflow that the connection began with; kept for its sizes after it is gone. */
    private Subflow origin;
    private final ApplicationEvents application = new ApplicationEvents();
    private final IdleTrim idle = new IdleTrim();
    private int dscp;
    private int timeToLive;
    private boolean resetOnClose;

    private boolean established;
    private boolean peerFinished;
    /** Forgotten by the stack: nothing may be sent any more. */
    private boolean dropped;
    /** Why a reset is due that could not be sent where its cause was found, inside a subflow. */
    private String abortDue;
    private CloseReason closeReason;

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
        this.memory = memory;
        this.plain = new PlainTransmission(send);
        this.subflowInput = new SubflowInput(this, host, flows, send, receive, counters);
        this.dscp = config.dscp();
        this.timeToLive = config.timeToLive();
        this.resetOnClose = config.resetOnClose();
    }

    // ---- opening

    /** We open, on a subflow that the stack has made: a SYN leaves with the next {@link #transmit}. */
    public void open(Subflow flow, long now) {
        origin = flow;
        if (config.multipath().enabled() && !host.isMultipathRefused(this, now)) {
            multipath = createMultipath(true);
            multipath.begin(now);
        }
        flows.add(context(flow, SubflowContext.Stage.CAPABLE_SYN));
        flow.connect(now);
    }

    /** The peer opens with {@code syn}, on a subflow that the stack has made. */
    public void accept(Subflow flow, SegmentView syn, long now) {
        origin = flow;
        MptcpOption.Capable offer = config.multipath().enabled() ? OptionInput.offer(syn) : null;
        if (offer != null) {
            multipath = createMultipath(false);
            if (!multipath.accept(offer, now)) {
                multipath = null;
            }
        }
        flows.add(context(flow, SubflowContext.Stage.CAPABLE_WAIT));
        flow.accept(syn, now);
    }

    /**
     * Whether a SYN must be dropped without an answer: version 0 with a flag whose meaning is yet to be defined (RFC
     * 6824 section 3.1). The peer will try again without.
     */
    public static boolean ignoresSyn(ConnectionConfig config, SegmentView syn) {
        MultipathConfig settings = config.multipath();
        if (!settings.enabled() || settings.version() != 0 && !settings.acceptVersion0()) {
            return false;
        }
        for (int i = 0; i < syn.options.mptcpCount; i++) {
            long at = syn.options.mptcpOffset[i];
            boolean offer = syn.memory.get(ValueLayout.JAVA_BYTE, at + 2) == 0 && syn.options.mptcpLength[i] == 12;
            if (offer && (syn.memory.get(ValueLayout.JAVA_BYTE, at + 3) & MptcpOption.Capable.EXTENSIBILITY) != 0) {
                return true;
            }
        }
        return false;
    }

    private Multipath createMultipath(boolean client) {
        MultipathConfig settings = config.multipath();
        return new Multipath(this, settings, host, memory, counters, flows, send, receive, client, host.crypto(),
                host.pathManager(settings.pathManager()), host.scheduler(settings.scheduler()));
    }

    private SubflowContext context(Subflow flow, SubflowContext.Stage stage) {
        return new SubflowContext(flow, flow.index(), localAddress, localPort, remoteAddress, remotePort, true,
                multipath == null ? SubflowContext.Stage.ESTABLISHED : stage, memory, Multipath.MAPPING_LIMIT);
    }

    /** The reason to refuse a SYN with MP_JOIN (MP_TCPRST), or -1 to make a subflow for it. */
    public int judgeJoin(long now) {
        return multipath == null ? MptcpOption.ResetReason.MPTCP_ERROR : multipath.opening().judgeJoin(now);
    }

    /** The lowest place for one more subflow, or -1. */
    public int freeIndex() {
        return flows.freeIndex();
    }

    /** The peer joins with {@code syn} on a subflow that the stack has made; {@link #judgeJoin} said yes. */
    public void acceptJoin(Subflow flow, IpAddress local, int atPort, IpAddress remote, int fromPort,
            MptcpOption.JoinSyn option, SegmentView syn, long now) {
        multipath.opening().acceptJoin(flow, local, atPort, remote, fromPort, option);
        flow.accept(syn, now);
    }

    /** An address of ours has come or gone, or what addresses are for has changed. */
    public void onPathEvent(PathManager.Event event, long now) {
        if (multipath != null) {
            multipath.paths().onEvent(event, now);
            tell(now);
            host.onWork(this);
        }
    }

    /** The handshake has decided for plain TCP: from here on both streams run in step with the only subflow. */
    void becomePlain(SubflowContext context, long now) {
        multipath.placement().place(context, 0, Long.MAX_VALUE, 0);
        context.parked.discard();
        context.stage = SubflowContext.Stage.ESTABLISHED;
        host.releaseToken(this);
        multipath = null;
        context.flow.onOptionBytesChanged();
        if (receive.readable() > 0) {
            raiseReadable();
        }
    }

    /** Null for plain TCP. */
    Multipath multipath() {
        return multipath;
    }

    boolean isPlain() {
        return multipath == null || multipath.phase() == Multipath.Phase.FALLBACK;
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
            send.grow(flows, origin.maximumSegmentSize());
            if (send.wantsMemory()) {
                host.onMemoryWanted(this);
            }
        }
        if (taken > 0) {
            idle.onActivity(now);
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
        if (taken > 0 || receive.takeWhetherReadDirectly()) {
            onRead(now);
        } else if (receive.readable() == 0) {
            if (peerFinished) {
                return -1;
            }
            application.readerWaits();
        }
        return taken;
    }

    private void onRead(long now) {
        int segmentSize = origin.maximumSegmentSize();
        receive.tune(segmentSize, multipath == null ? 0 : flows.slowestRttNanos(), now);
        if (receive.readable() == 0) {
            application.readerWaits();
            if (peerFinished) {
                raiseReadable();
                host.onWork(this);
            }
        }
        if (closeReason == null && !peerFinished && receive.mayOpen(segmentSize)) {
            flows.onReceiveWindowOpened(now);
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
        if (application.isGone()) {
            return;
        }
        application.leave();
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
        } else if (!established && origin.state() != TcpState.SYN_RECEIVED) {
            abort("closed while connecting", now);
        } else {
            receive.discard();
            shutdownOutput(now);
            if (multipath != null) {
                multipath.orphan(now);
            } else {
                origin.orphan(now);
            }
            host.onWork(this);
        }
    }

    /** Ends both directions at once: RST to the peer, and everything that waits is thrown away. */
    public void abort(long now) {
        application.leave();
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
        CloseReason.Aborted reason = new CloseReason.Aborted(why);
        if (multipath != null && established) {
            multipath.fastClose(reason, now);
            closed(reason);
        } else {
            origin.abort(reason, now);
        }
        host.onWork(this);
    }

    public void listener(ConnectionListener value) {
        application.listener(value);
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
            plain.uncork();
            host.onWork(this);
        }
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

    /** The subflow at place {@code index}, or null. Place 0 keeps the first one for plain TCP. */
    public Subflow subflow(int index) {
        SubflowContext context = flows.at(index);
        return context != null ? context.flow : index == origin.index() && multipath == null ? origin : null;
    }

    /** Whether this connection is Multipath TCP now; false before the handshake, and after a fallback. */
    public boolean isMultipath() {
        return multipath != null && multipath.isMultipath();
    }

    /** Whether, besides that, options are known to pass: from then on the connection survives the loss of any path. */
    public boolean isProven() {
        return multipath != null && multipath.phase() == Multipath.Phase.PROVEN;
    }

    /** Our token, which names this connection in the peer's MP_JOIN; 0 when there is none. */
    public int token() {
        return multipath == null ? 0 : multipath.keys().localToken();
    }

    /** Whether DSS checksums are in use. */
    public boolean usesChecksum() {
        return isMultipath() && multipath.capable().checksum();
    }

    /** The subflows that there are now, for monitoring. */
    public List<SubflowInfo> subflows() {
        return flows.describe();
    }

    /** How many subflows there are, handshakes included. */
    public int subflowCount() {
        return flows.count();
    }

    public SendStream sendStream() {
        return send;
    }

    public ReceiveStream receiveStream() {
        return receive;
    }

    /** Whom the subflows of this connection report to. */
    public SubflowOwner subflowOwner() {
        return subflowInput;
    }

    /** The subflows, for coupled congestion control. */
    public CouplingGroup coupling() {
        return flows;
    }

    // ---- inputs from the stack

    /** A decoded segment for {@code flow}. */
    public void onSegment(Subflow flow, SegmentView segment, long now) {
        idle.onActivity(now);
        flow.onSegment(segment, now);
        tell(now);
    }

    /** To be called when {@link #deadline} has come. */
    public void onDeadline(long now) {
        for (int i = 0; i < flows.places(); i++) {
            SubflowContext context = flows.at(i);
            if (context != null && context.flow.deadline() <= now) {
                context.flow.onDeadline(now);
            }
        }
        plain.onDeadline(now);
        if (idle.isDue(now)) {
            trim();
        }
        if (multipath != null && multipath.deadline() <= now) {
            multipath.onDeadline(now);
        }
        tell(now);
    }

    private void trim() {
        send.trim();
        receive.trim();
        flows.trim();
        if (multipath != null) {
            multipath.data().reinjection().trim();
        }
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
        boolean more = false;
        if (!dropped) {
            more = isPlain() && !flows.isEmpty() ? transmitPlain(sink, budget, now)
                    : multipath != null && multipath.transmission().transmit(sink, budget, now);
        }
        tell(now);
        if (multipath != null) {
            multipath.farewell().leave(now);
        }
        return more;
    }

    private boolean transmitPlain(SegmentSink sink, int budget, long now) {
        int left = budget;
        for (int i = 0; flows.count() > 1 && i < flows.places(); i++) {
            SubflowContext other = flows.at(i);
            if (other != null && other != flows.carrier() && other.flow.emit(sink, false, now)) {
                // The reset of a subflow that a fallback has ended.
                left--;
            }
        }
        while (left > 0 && !flows.isEmpty() && plain.transmitOne(flows.carrier().flow, sink, now)) {
            left--;
            finishIfDue(now);
        }
        return left <= 0;
    }

    /** Plain TCP ends its output with FIN; Multipath TCP with DATA_FIN, which {@link Transmission} sees to. */
    private void finishIfDue(long now) {
        if (!send.isShut() || closeReason != null || send.pending() > 0 || !isPlain() || flows.isEmpty()) {
            return;
        }
        SubflowContext context = flows.carrier();
        if (!context.finishing && context.flow.state().isSynchronized()) {
            // Does nothing when FIN has left with the last bytes.
            context.finishing = true;
            context.flow.finish(now);
        }
    }

    /** Earliest instant at which {@link #onDeadline} must be called, or Long.MAX_VALUE. */
    public long deadline() {
        if (closeReason != null) {
            return NEVER;
        }
        long earliest = Math.min(plain.deadline(), idle.deadline());
        for (int i = 0; i < flows.places(); i++) {
            SubflowContext context = flows.at(i);
            if (context != null) {
                earliest = Math.min(earliest, context.flow.deadline());
            }
        }
        return multipath == null ? earliest : Math.min(earliest, multipath.deadline());
    }

    // ---- what the subflows report, by way of SubflowInput

    void onEstablished(Subflow subflow) {
        if (subflow == origin) {
            established = true;
            application.raise(ApplicationEvents.ESTABLISHED);
        }
    }

    /** Data is lost, so a reset is due (RFC 9293 SHLD-3), once the input under way is over. */
    void abortLater(String why) {
        if (abortDue == null && closeReason == null) {
            counters.increment(Counter.TCP_ABORT_ON_DATA);
            abortDue = why;
        }
    }

    boolean hasReader() {
        return !application.isGone();
    }

    void gone(Subflow subflow, CloseReason reason, long now) {
        SubflowContext context = flows.of(subflow);
        if (multipath != null) {
            multipath.remove(context, reason, now);
        } else {
            flows.remove(context);
            closed(reason);
        }
    }

    // ---- what Multipath TCP reports

    /** The peer's DATA_FIN, and all before it, is here. */
    void onRemoteFin(long now) {
        peerFinished = true;
        raiseReadable();
    }

    /** Bytes may have become readable in another way than by arriving. */
    void onReceived(long now) {
        if (receive.readable() > 0) {
            raiseReadable();
        }
    }

    void onDataAcknowledged(long now) {
        send.grow(flows, origin.maximumSegmentSize());
        raiseWritable();
    }

    void closedByMultipath(CloseReason reason, long now) {
        closed(reason);
    }

    private void closed(CloseReason reason) {
        if (closeReason != null) {
            return;
        }
        closeReason = reason;
        abortDue = null;
        application.raise(ApplicationEvents.CLOSED);
        plain.uncork();
        if (multipath != null) {
            multipath.stop();
            host.releaseToken(this);
        }
        send.discard();
        if (application.isGone() || !(reason instanceof CloseReason.Finished)) {
            receive.discard();
            application.nothingToReadOrWrite();
        }
        host.onWork(this);
    }

    // ---- telling the application

    void raiseReadable() {
        application.raiseReadable();
    }

    void raiseWritable() {
        if (!application.isGone() && closeReason == null && send.takeWriterMayGoOn()) {
            application.raise(ApplicationEvents.WRITABLE);
        }
    }

    void raiseTrouble(int retransmissions) {
        application.raiseTrouble(retransmissions);
    }

    private void tell(long now) {
        if (!application.beginTelling()) {
            return;
        }
        try {
            if (abortDue != null) {
                abort(abortDue, now);
            }
            do {
                if (multipath != null) {
                    multipath.afterInput(now);
                }
                tell(application.take(), now);
            } while (application.hasNews());
            finishIfDue(now);
        } finally {
            application.endTelling();
        }
    }

    private void tell(int due, long now) {
        if ((due & ApplicationEvents.ESTABLISHED) != 0) {
            host.onEstablished(this, now);
        }
        application.tellBeforeClose(this, due, now);
        if ((due & ApplicationEvents.CLOSED) != 0) {
            host.onClosed(this, now);
            application.tellClosed(this, closeReason, now);
        }
    }
}
