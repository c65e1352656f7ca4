package net.braid.stack;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import net.braid.base.BlockPool;
import net.braid.base.DeadlineHeap;
import net.braid.base.LongIntMap;
import net.braid.base.RandomSource;
import net.braid.link.ChecksumState;
import net.braid.link.Link;
import net.braid.mptcp.Connection;
import net.braid.mptcp.ConnectionConfig;
import net.braid.mptcp.ConnectionListener;
import net.braid.mptcp.MemoryBudget;
import net.braid.mptcp.PathManager;
import net.braid.tcp.CloseReason;
import net.braid.tcp.Counter;
import net.braid.tcp.Counters;
import net.braid.tcp.PathProperties;
import net.braid.tcp.Subflow;
import net.braid.wire.DropReason;
import net.braid.wire.IpAddress;
import net.braid.wire.MptcpCrypto;
import net.braid.wire.MptcpOption;
import net.braid.wire.MptcpOptionDecoder;
import net.braid.wire.OptionFault;
import net.braid.wire.SegmentDecoder;
import net.braid.wire.SegmentView;
import net.braid.wire.TcpFlags;
import net.braid.wire.TcpOptions;

/**
 * The engine of one shard: links below, connections above, and time as an argument ({@code now}, nanoseconds that never
 * go back). One thread calls it, in a duty cycle:
 *
 * <pre>
 *   receive(64, now)                         or onPacket(...) for each packet
 *   if (deadline() &lt;= now) onDeadline(now)
 *   transmit(budget, now)                    again soon if it says true, or when a full link has room
 *   flush of each link
 * </pre>
 */
public final class Stack {
    /** Segments that one connection may send before the next has its turn. */
    private static final int TURN = 16;
    /** A new connection out of TIME-WAIT starts this far behind the old one's last number, as Linux does. */
    private static final int REUSE_GAP = 65_537;
    private static final long NO_FLOOR = Long.MIN_VALUE;

    private final StackConfig config;
    private final RandomSource random;
    private final Counters counters = new Counters();
    private final BlockPool pool;
    private final MemoryBudget memory;
    private final MemoryWaiters waiters;
    private final RouteTable routes = new RouteTable();
    private final List<Link> links = new ArrayList<>();
    private final Policies policies = new Policies();
    private final PathSettings pathSettings = new PathSettings(this);
    private final MptcpCrypto crypto = new MptcpCrypto();
    private final TokenTable tokens;
    private final RefusedMultipath refusedMultipath = new RefusedMultipath();
    private final Demultiplexer flows;
    private final ListenerTable listeners = new ListenerTable();
    private final TimeWaitTable timeWait;
    private final EphemeralPorts ports;
    private final InitialSequenceNumbers sequenceNumbers;
    private final DestinationCache destinations;
    private final Transmitter transmitter;
    private final Replies replies;
    private final FastCloseTable fastCloses;
    private final IcmpInput icmp;
    private final SegmentView view = new SegmentView();
    private final DeadlineHeap deadlines = new DeadlineHeap();
    private final TransmitQueue queue = new TransmitQueue();
    private final TransmitQueue blocked = new TransmitQueue();
    private final Link.PacketHandler handler = this::onReceived;
    private final ConnectionSlots slots = new ConnectionSlots();
    private int connections;
    /** Time of the latest call, for what happens between calls. */
    private long lastNow;

    public Stack(StackConfig config, RandomSource random) {
        this(config, random, Arena.ofAuto());
    }

    /** With native memory from {@code arena}, which must outlive the stack. */
    public Stack(StackConfig config, RandomSource random, Arena arena) {
        this.config = config;
        this.random = random;
        this.pool = new BlockPool(arena, config.blockBytes(), config.memoryBlocks());
        this.memory = new MemoryBudget(pool);
        this.waiters = new MemoryWaiters(memory, counters);
        this.flows = new Demultiplexer(random);
        this.tokens = new TokenTable(random, crypto);
        this.timeWait = new TimeWaitTable(config.timeWaitLimit(), counters, random);
        this.ports = new EphemeralPorts(config.firstEphemeralPort(), config.lastEphemeralPort(), random);
        this.sequenceNumbers = new InitialSequenceNumbers(random);
        this.destinations = new DestinationCache(config.destinationLimit(), counters);
        this.transmitter = new Transmitter(arena, counters);
        this.icmp = new IcmpInput(flows, counters);
        this.replies = new Replies(arena, counters, config.resetsPerSecond(), random);
        this.fastCloses = new FastCloseTable(config.timeWaitLimit(), replies, random);
    }

    // ---- set up

    /** A link that {@link #receive} polls. Routes say what leaves by it. */
    public void addLink(Link link) {
        links.add(link);
    }

    public RouteTable routes() {
        return routes;
    }

    public PathSettings pathSettings() {
        return pathSettings;
    }

    // ---- the application's side

    /**
     * Waits for connections.
     *
     * @param local an address of ours, or ANY_V4 or ANY_V6 for all of one family
     * @param port 1 to 65,535
     * @param backlog most handshakes under way at a time, at least 1; above it the oldest gives way
     * @throws IllegalStateException when something listens there already
     * @throws IllegalArgumentException when a number is out of range or the congestion control is unknown
     */
    public Listener listen(IpAddress local, int port, int backlog, ConnectionConfig config, Acceptor acceptor) {
        checkPort("port", port, 1);
        if (backlog < 1) {
            throw new IllegalArgumentException("backlog must be at least 1: " + backlog);
        }
        policies.check(config);
        Listener listener = new Listener(this, local, port, backlog, config, acceptor);
        listeners.add(listener);
        return listener;
    }

    /**
     * Opens a connection; a SYN leaves with the next {@link #transmit}.
     *
     * @param local address of ours, or null: chosen by route
     * @param localPort 0: an ephemeral port
     * @throws IllegalArgumentException when there is no route, an address is not unicast, a number is out of range or
     *     the congestion control is unknown
     * @throws IllegalStateException when the four-tuple is in use, no port is free or there are too many connections
     */
    public Connection connect(IpAddress local, int localPort, IpAddress remote, int remotePort,
            ConnectionConfig config, ConnectionListener listener, long now) {
        checkPort("local port", localPort, 0);
        checkPort("remote port", remotePort, 1);
        if (!IpAddress.isUnicast(remote.high(), remote.low())) {
            throw new IllegalArgumentException("not a unicast address: " + remote);
        }
        policies.check(config);
        Route route = routes.find(local, remote);
        if (route == null) {
            throw new IllegalArgumentException("no route to " + remote + (local == null ? "" : " from " + local));
        }
        if (connections >= this.config.connectionLimit()) {
            counters.increment(Counter.TCP_CONNECTION_LIMIT);
            throw new IllegalStateException("too many connections: " + connections);
        }
        int port = localPort != 0 ? localPort : choosePort(route.local(), remote, remotePort, now);
        if (!isFree(route.local(), port, remote, remotePort)) {
            throw new IllegalStateException("connection already exists: " + route.local() + " port " + port + " to "
                    + remote + " port " + remotePort);
        }
        counters.increment(Counter.TCP_ACTIVE_OPENS);
        ConnectionSlot slot = create(config, route.local(), port, remote, remotePort);
        slot.connection.listener(listener);
        FlowSlot flow = createFlow(slot, 0, route, port, remote, remotePort, NO_FLOOR, now);
        slot.connection.open(flow.subflow, now);
        enqueue(slot);
        return slot.connection;
    }

    private int choosePort(IpAddress local, IpAddress remote, int remotePort, long now) {
        int port = findPort(local, remote, remotePort, now);
        if (port < 0) {
            counters.increment(Counter.TCP_NO_PORTS);
            throw new IllegalStateException("no free port for " + remote + " port " + remotePort);
        }
        return port;
    }

    private int findPort(IpAddress local, IpAddress remote, int remotePort, long now) {
        timeWait.expire(now);
        return ports.choose(local.high(), local.low(), remote.high(), remote.low(), remotePort,
                candidate -> !listeners.isTaken(local, candidate) && isFree(local, candidate, remote, remotePort));
    }

    private boolean isFree(IpAddress local, int port, IpAddress remote, int remotePort) {
        int packed = Demultiplexer.ports(port, remotePort);
        return flows.find(local.high(), local.low(), remote.high(), remote.low(), packed) == null
                && timeWait.find(local.high(), local.low(), remote.high(), remote.low(), packed) == TimeWaitTable.NONE;
    }

    /** The connection with this four-tuple, or null. */
    public Connection find(IpAddress local, int localPort, IpAddress remote, int remotePort) {
        FlowSlot flow = flows.find(local.high(), local.low(), remote.high(), remote.low(),
                Demultiplexer.ports(localPort, remotePort));
        return flow == null ? null : flow.owner.connection;
    }

    // ---- input

    /** Takes at most {@code limit} packets from each link, and returns how many there were. */
    public int receive(int limit, long now) {
        lastNow = now;
        int received = 0;
        for (int i = 0; i < links.size(); i++) {
            received += links.get(i).receive(handler, limit);
        }
        return received;
    }

    private void onReceived(Link link, MemorySegment memory, long offset, int length, int segmentSize,
            ChecksumState state) {
        onPacket(link, memory, offset, length, segmentSize, state, lastNow);
    }

    /** One IP packet, as {@link Link.PacketHandler} describes it. Whatever is in it, this does not throw. */
    public void onPacket(Link link, MemorySegment packet, long offset, int length, int segmentSize,
            ChecksumState state, long now) {
        lastNow = now;
        DropReason reason = SegmentDecoder.decode(packet, offset, length, state == ChecksumState.UNVERIFIED, view);
        if (reason == DropReason.NONE) {
            view.segmentSize = segmentSize;
            counters.add(Counter.TCP_IN_SEGS, view.wireSegments());
            onSegment(link, now);
        } else if (reason == DropReason.NOT_TCP) {
            FlowSlot flow = icmp.onPacket(view, now);
            if (flow != null) {
                queue.add(flow.owner);
            }
        } else {
            drop(reason);
        }
    }

    private void drop(DropReason reason) {
        counters.increment(switch (reason) {
            case SOURCE_ADDRESS, DESTINATION_ADDRESS -> Counter.IP_IN_ADDR_ERRORS;
            case FRAGMENT -> Counter.IP_REASM_FAILS;
            case TCP_TRUNCATED, TCP_DATA_OFFSET -> Counter.TCP_IN_ERRS;
            case TCP_CHECKSUM -> Counter.TCP_IN_CSUM_ERRORS;
            default -> Counter.IP_IN_HDR_ERRORS;
        });
        if (reason == DropReason.TCP_CHECKSUM) {
            counters.increment(Counter.TCP_IN_ERRS);
        }
    }

    private void onSegment(Link link, long now) {
        FlowSlot flow = flows.find(view.destinationHigh, view.destinationLow, view.sourceHigh, view.sourceLow,
                Demultiplexer.ports(view.destinationPort, view.sourcePort));
        if (flow != null) {
            onSegment(flow, now);
        } else if (!config.anyDestination() && !routes.isLocal(view.destinationHigh, view.destinationLow)) {
            counters.increment(Counter.IP_IN_ADDR_ERRORS);
        } else {
            onUnmatched(link, now);
        }
    }

    private void onSegment(FlowSlot flow, long now) {
        ConnectionSlot slot = flow.owner;
        if (slot.listener != null && !view.has(TcpFlags.RST) && !slot.listener.acceptor().canAccept()) {
            counters.increment(Counter.LISTEN_OVERFLOWS);
            return;
        }
        slot.connection.onSegment(flow.subflow, view, now);
        queue.add(slot);
    }

    /** A segment without a connection: TIME-WAIT, then listeners, then a reset. */
    private void onUnmatched(Link link, long now) {
        if (fastCloses.onSegment(link, view, now)) {
            return;
        }
        Listener listener = listeners.find(view.destinationHigh, view.destinationLow, view.destinationPort);
        timeWait.expire(now);
        int row = timeWait.find(view.destinationHigh, view.destinationLow, view.sourceHigh, view.sourceLow,
                Demultiplexer.ports(view.destinationPort, view.sourcePort));
        if (row != TimeWaitTable.NONE) {
            boolean usesTimestamps = listener != null && listener.config().flow().timestamps();
            switch (timeWait.onSegment(row, view, usesTimestamps, now)) {
                case NOTHING -> {
                    return;
                }
                case ACKNOWLEDGE -> {
                    replies.acknowledge(link, view, timeWait, row, now);
                    return;
                }
                case NEW_CONNECTION -> {
                    // The row stays until there is a connection: else one forged SYN to a port where nobody listens
                    // would end TIME-WAIT.
                }
            }
        }
        if (view.has(TcpFlags.SYN) && !view.has(TcpFlags.ACK) && view.options.has(TcpOptions.MP_JOIN)) {
            onJoin(link, row, now);
        } else if (listener == null || view.has(TcpFlags.ACK)) {
            replies.reset(link, view, now);
        } else if (view.has(TcpFlags.SYN) && !view.has(TcpFlags.RST)) {
            onSyn(listener, row, now);
        }
    }

    /** Ends the TIME-WAIT of {@code row}, if there is one; where the next connection may begin its numbers. */
    private long recycle(int row) {
        if (row == TimeWaitTable.NONE) {
            return NO_FLOOR;
        }
        timeWait.recycle(row);
        return timeWait.sndNxt(row) + REUSE_GAP;
    }

    private void onSyn(Listener listener, int row, long now) {
        if (!listener.acceptor().canAccept()) {
            counters.increment(Counter.LISTEN_OVERFLOWS);
            counters.increment(Counter.LISTEN_DROPS);
            return;
        }
        if (Connection.ignoresSyn(listener.config(), view)) {
            counters.increment(Counter.LISTEN_DROPS);
            return;
        }
        IpAddress local = new IpAddress(view.destinationHigh, view.destinationLow);
        IpAddress remote = new IpAddress(view.sourceHigh, view.sourceLow);
        Route route = routes.find(local, remote);
        if (route == null || connections >= config.connectionLimit()) {
            counters.increment(Counter.LISTEN_DROPS);
            if (route != null) {
                counters.increment(Counter.TCP_CONNECTION_LIMIT);
            }
            return;
        }
        if (listener.halfOpen() >= listener.backlog()) {
            // RFC 4987 section 3.4: when the backlog is exhausted, the oldest half-open connection gives way.
            counters.increment(Counter.LISTEN_DROPS);
            forget(listener.oldestHalfOpen(), "backlog full", now);
        }
        ConnectionSlot slot = create(listener.config(), local, view.destinationPort, remote, view.sourcePort);
        listener.addHalfOpen(slot);
        FlowSlot flow = createFlow(slot, 0, route, view.destinationPort, remote, view.sourcePort, recycle(row), now);
        slot.connection.accept(flow.subflow, view, now);
        queue.add(slot);
    }

    /** A SYN with MP_JOIN: its token, not its port, says where it belongs (RFC 8684 section 3.2). */
    private void onJoin(Link link, int row, long now) {
        MptcpOption.JoinSyn join = joinSyn();
        if (join == null || view.has(TcpFlags.RST)) {
            return;
        }
        int number = tokens.find(join.token());
        //= rfc8684#3.2 B01 B03
        //# Demultiplexing subflow SYNs MUST be done using the token
        //
        //= rfc8684#3.2 B03
        //# If the token received at Host B is unknown or local policy prohibits
        //# the acceptance of the new subflow, the recipient MUST respond with a
        //# TCP RST for the subflow.
        if (number == LongIntMap.ABSENT) {
            counters.increment(Counter.MPTCP_JOIN_NO_TOKEN);
            replies.refuseJoin(link, view, MptcpOption.ResetReason.MPTCP_ERROR, now);
            return;
        }
        Connection connection = slots.get(number).connection;
        IpAddress local = new IpAddress(view.destinationHigh, view.destinationLow);
        IpAddress remote = new IpAddress(view.sourceHigh, view.sourceLow);
        Route route = routes.find(local, remote);
        int refusal = route == null ? MptcpOption.ResetReason.PROHIBITED : connection.judgeJoin(now);
        if (refusal >= 0) {
            counters.increment(Counter.MPTCP_JOIN_REJECTED);
            replies.refuseJoin(link, view, refusal, now);
            return;
        }
        FlowSlot flow = createFlow(slots.get(number), connection.freeIndex(), route, view.destinationPort, remote,
                view.sourcePort, recycle(row), now);
        connection.acceptJoin(flow.subflow, local, view.destinationPort, remote, view.sourcePort, join, view, now);
        queue.add(slots.get(number));
    }

    private MptcpOption.JoinSyn joinSyn() {
        for (int i = 0; i < view.options.mptcpCount; i++) {
            if (MptcpOptionDecoder.check(view, i, 1) == OptionFault.NONE
                    && MptcpOptionDecoder.read(view, i, 1) instanceof MptcpOption.JoinSyn join) {
                return join;
            }
        }
        return null;
    }

    private ConnectionSlot create(ConnectionConfig settings, IpAddress local, int localPort, IpAddress remote,
            int remotePort) {
        ConnectionSlot slot = slots.add(this);
        slot.connection = new Connection(settings, slot, memory, counters, local, localPort, remote, remotePort);
        connections++;
        return slot;
    }

    private FlowSlot createFlow(ConnectionSlot slot, int index, Route route, int localPort, IpAddress remote,
            int remotePort, long floor, long now) {
        Connection connection = slot.connection;
        ConnectionConfig settings = connection.config();
        FlowSlot flow = new FlowSlot(slot, route.local(), localPort, remote, remotePort, route.link(),
                random.nextInt());
        int iss = sequenceNumbers.next(flow.localHigh, flow.localLow, flow.remoteHigh, flow.remoteLow, flow.ports, now);
        //= rfc9293#3.6.1
        //# assigns its initial sequence number for the new connection to be
        //#         larger than the largest sequence number it used on the previous
        //#         connection incarnation
        if (floor != NO_FLOOR && iss - (int) floor < 0) {
            iss = (int) floor;
        }
        int offset = sequenceNumbers.timestampOffset(flow.localHigh, flow.localLow, flow.remoteHigh, flow.remoteLow);
        int largestPacket = Math.max(route.mtu(), route.link().properties().maximumPacketBytes());
        PathProperties path = new PathProperties(route.mtu(), flow.ipv6,
                route.link().properties().segmentationOffload() ? largestPacket : route.mtu());
        flow.subflow = new Subflow(connection.subflowOwner(), settings.flow(), path,
                policies.congestionController(settings.congestionControl()), connection.coupling(), index, counters,
                        random,
                iss,
                offset);
        flow.subflow.restore(destinations.get(remote, now));
        slot.add(flow, index);
        fastCloses.forget(flow.localHigh, flow.localLow, flow.remoteHigh, flow.remoteLow, flow.ports);
        flows.add(flow);
        return flow;
    }

    /** One more subflow for a connection, or null: no route, no port, or in use. */
    Subflow openSubflow(ConnectionSlot slot, int index, IpAddress local, int localPort, IpAddress remote,
            int remotePort, long now) {
        Route route = routes.find(local, remote);
        if (route == null) {
            return null;
        }
        int port = localPort != 0 ? localPort : findPort(local, remote, remotePort, now);
        if (port < 0 || !isFree(local, port, remote, remotePort)) {
            return null;
        }
        return createFlow(slot, index, route, port, remote, remotePort, NO_FLOOR, now).subflow;
    }

    // ---- output

    /**
     * Sends what connections have to send, each at most {@link #TURN} segments in turn.
     *
     * @param budget most segments and super-segments, at least 1
     * @return true when the budget ended and more could be sent at once; false when all is sent, or a link is full
     */
    public boolean transmit(int budget, long now) {
        lastNow = now;
        waiters.wake(now);
        int left = budget;
        while (left > 0 && !queue.isEmpty()) {
            ConnectionSlot slot = queue.poll();
            left -= Math.max(1, transmit(slot, Math.min(left, TURN), now));
            if (transmitter.isBlocked() && !anyLinkReady()) {
                break;
            }
        }
        boolean more = left <= 0 && !queue.isEmpty();
        queue.prepend(blocked);
        return more;
    }

    private int transmit(ConnectionSlot slot, int budget, long now) {
        transmitter.begin(slot);
        boolean more = slot.connection.transmit(transmitter, budget, now);
        if (transmitter.isBlocked()) {
            if (!slot.queued) {
                blocked.add(slot);
            }
        } else if (more) {
            queue.add(slot);
        } else if (slot.gone && !slot.queued) {
            // Once released it may come again, to tell its application of an end of stream that it has read up to.
            if (slots.get(slot.number) == slot) {
                release(slot);
            }
            return transmitter.committed();
        }
        if (!slot.gone) {
            deadlines.set(slot.number, slot.connection.deadline());
        }
        return transmitter.committed();
    }

    private boolean anyLinkReady() {
        for (int i = 0; i < links.size(); i++) {
            if (links.get(i).ready()) {
                return true;
            }
        }
        return false;
    }

    /** The earliest instant at which {@link #onDeadline} must be called, or Long.MAX_VALUE. */
    public long deadline() {
        return Math.min(deadlines.next(), Math.min(timeWait.deadline(), fastCloses.deadline()));
    }

    public void onDeadline(long now) {
        timeWait.expire(now);
        fastCloses.onDeadline(now);
        for (int number = deadlines.poll(now); number != DeadlineHeap.NONE; number = deadlines.poll(now)) {
            ConnectionSlot slot = slots.get(number);
            slot.connection.onDeadline(now);
            queue.add(slot);
            // The visit of transmit sets the next one; until then only what lies ahead, lest this loop never end.
            long next = slot.gone ? DeadlineHeap.NEVER : slot.connection.deadline();
            if (next > now) {
                deadlines.set(number, next);
            }
        }
    }

    // ---- what connections report

    void enqueue(ConnectionSlot slot) {
        queue.add(slot);
    }

    void onEstablished(ConnectionSlot slot, long now) {
        Listener listener = slot.listener;
        if (listener == null) {
            return;
        }
        listener.removeHalfOpen(slot);
        counters.increment(Counter.TCP_PASSIVE_OPENS);
        ConnectionListener application = listener.acceptor().onConnection(slot.connection, now);
        if (application == null) {
            slot.connection.abort(now);
        } else {
            slot.connection.listener(application);
        }
    }

    void onTimeWait(ConnectionSlot slot, FlowSlot flow, long now) {
        Subflow subflow = flow.subflow;
        timeWait.add(flow, subflow.sendNextWire(), subflow.receiveNextWire(), subflow.timestampsEnabled(),
                subflow.recentTimestamp(), subflow.timestampOffset(), subflow.config().timeWaitNanos(), now);
        leaveNetwork(slot, flow, now);
    }

    void onFastClosed(ConnectionSlot slot, FlowSlot flow, long peerKey, int version, long now) {
        fastCloses.add(flow, peerKey, version, now);
        leaveNetwork(slot, flow, now);
    }

    /** No segment finds the flow any more. */
    void leaveNetwork(ConnectionSlot slot, FlowSlot flow, long now) {
        flows.remove(flow);
        slot.remove(flow.subflow.index());
        IpAddress remote = new IpAddress(flow.remoteHigh, flow.remoteLow);
        destinations.put(remote, flow.subflow.metrics(), now);
    }

    /** The connection is over; a last reset may still wait to be sent. */
    void onClosed(ConnectionSlot slot, long now) {
        assert !slot.gone;
        slot.gone = true;
        if (slot.listener != null) {
            slot.listener.removeHalfOpen(slot);
        }
        deadlines.remove(slot.number);
        connections--;
        queue.add(slot);
    }

    /** Drops a half-open connection without a word to the peer. */
    private void forget(ConnectionSlot slot, String why, long now) {
        slot.connection.drop(new CloseReason.Aborted(why), now);
    }

    void onMemoryWanted(ConnectionSlot slot) {
        waiters.add(slot);
    }

    void remove(Listener listener) {
        listeners.remove(listener);
        while (listener.oldestHalfOpen() != null) {
            forget(listener.oldestHalfOpen(), "listener closed", lastNow);
        }
    }

    private void release(ConnectionSlot slot) {
        assert slot.gone;
        for (int i = 0; i < slot.places(); i++) {
            FlowSlot flow = slot.flow(i);
            if (flow != null) {
                flows.remove(flow);
                slot.remove(i);
            }
        }
        slots.remove(slot);
    }

    /** An address of ours has come (its route is there) or gone: connections may open or give up subflows. */
    public void onLocalAddress(IpAddress address, boolean added, long now) {
        onPathEvent(added ? new PathManager.Event.LocalAddressAdded(address)
                : new PathManager.Event.LocalAddressRemoved(address), now);
    }

    void onPathEvent(PathManager.Event event, long now) {
        for (int i = 0; i < slots.bound(); i++) {
            if (slots.get(i) != null && !slots.get(i).gone) {
                slots.get(i).connection.onPathEvent(event, now);
            }
        }
    }

    // ---- for connections

    RandomSource random() {
        return random;
    }

    MptcpCrypto crypto() {
        return crypto;
    }

    TokenTable tokens() {
        return tokens;
    }

    RefusedMultipath refusedMultipath() {
        return refusedMultipath;
    }

    Policies policies() {
        return policies;
    }

    // ---- queries

    public Counters counters() {
        return counters;
    }

    /** Connections on the network, handshakes included, TIME-WAIT not. */
    public int connectionCount() {
        return connections;
    }

    public int timeWaitCount() {
        return timeWait.size();
    }

    /** Subflows that have ended with MP_FASTCLOSE, which their peers may have to hear again. */
    public int fastCloseCount() {
        return fastCloses.size();
    }

    /** Connections that an MP_JOIN could find. */
    public int tokenCount() {
        return tokens.size();
    }

    /** Where all buffers come from; after all connections are closed and read, nothing of it is in use. */
    public BlockPool pool() {
        return pool;
    }

    public StackConfig config() {
        return config;
    }

    /** Packets that a link has refused though it had said it was ready. */
    public long refusedByLinks() {
        return transmitter.refused();
    }

    private static void checkPort(String name, int port, int low) {
        if (port < low || port > 65_535) {
            throw new IllegalArgumentException(name + " must be in " + low + "..65535: " + port);
        }
    }
}
