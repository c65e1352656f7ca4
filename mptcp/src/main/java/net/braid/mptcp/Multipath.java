package net.braid.mptcp;

import java.lang.foreign.MemorySegment;
import java.util.List;
import net.braid.mptcp.SubflowContext.Stage;
import net.braid.tcp.CloseReason;
import net.braid.tcp.Counter;
import net.braid.tcp.Counters;
import net.braid.wire.IpAddress;
import net.braid.wire.MptcpCrypto;
import net.braid.wire.MptcpOption;
import net.braid.wire.MptcpOption.ResetReason;
import net.braid.wire.SegmentView;

/**
 * What makes a connection Multipath TCP (RFC 8684; version 0: RFC 6824). Plain TCP connections have none of it.
 *
 * <pre>
 *   Connection --- Multipath --- OptionInput    options of arriving segments
 *                     |     \--- OptionOutput   options of leaving segments
 *                     |--- Transmission         which stretch goes next, on which subflow
 *                     |--- Placement            where arriving bytes belong
 *                     |--- DataLevel            DATA_ACK, window, DATA_FIN, reinjection
 *                     |--- Paths, Signals       addresses, subflows, path manager
 *                     |--- Ending               how it ends in order, and what it waits for without a subflow
 *                     |--- CapableHandshake, JoinHandshake, MultipathKeys
 * </pre>
 */
final class Multipath {
    /** How sure it is that both ends, and all between, speak Multipath TCP. */
    enum Phase {
        /** The handshake of the first subflow is under way. */
        NEGOTIATING,
        /** Keys are known, but no DSS has come: the path may still eat options (RFC 8684 section 3.7). */
        UNPROVEN,
        PROVEN,
        /** One subflow with an infinite mapping, for good. */
        FALLBACK
    }

    /** Most mappings of one subflow whose bytes have not all arrived: one per 1 KiB of a window of 4 MiB. */
    static final int MAPPING_LIMIT = 4096;
    private static final long NEVER = Long.MAX_VALUE;
    /** The third packet of a join is given up after so many repeats. */
    private static final int JOIN_ACK_REPEATS = 6;

    private final Connection connection;
    private final MultipathConfig config;
    private final ConnectionHost host;
    private final Counters counters;
    private final Flows flows;
    private final SendStream send;
    private final ReceiveStream receive;
    private final boolean client;

    private final MultipathKeys keys;
    private final CapableHandshake capable;
    private final JoinHandshake joins;
    private final DataSequence localSequence = new DataSequence();
    private final DataSequence remoteSequence = new DataSequence();
    private final DataLevel data;
    private final Placement placement;
    private final Signals signals = new Signals();
    private final Paths paths;
    private final Joins opening;
    private final Probes probes;
    private final OptionInput input;
    private final OptionOutput output;
    private final Transmission transmission;
    private final Farewell farewell = new Farewell(this);
    private final Ending ending;

    private Phase phase = Phase.NEGOTIATING;
    /** In fallback: data offset minus subflow offset, in each direction. */
    private long receiveShift;
    private long sendShift;
    private boolean alignmentDue;
    private boolean infiniteDue;
    /** Something for {@link #afterInput} to do. */
    private boolean workDue;
    private boolean joined;
    /** The connection resets all its subflows. */
    private boolean closing;

    Multipath(Connection connection, MultipathConfig config, ConnectionHost host, MemoryBudget memory,
            Counters counters, Flows flows, SendStream send, ReceiveStream receive, boolean client, MptcpCrypto crypto,
            PathManager pathManager, PacketScheduler scheduler) {
        this.connection = connection;
        this.config = config;
        this.host = host;
        this.counters = counters;
        this.flows = flows;
        this.send = send;
        this.receive = receive;
        this.client = client;
        keys = new MultipathKeys(crypto);
        keys.version(config.version());
        capable = new CapableHandshake(config, keys);
        joins = new JoinHandshake(keys);
        data = new DataLevel(send, receive);
        placement = new Placement(receive, remoteSequence);
        paths = new Paths(this, config, pathManager);
        opening = new Joins(this, host, memory);
        probes = new Probes(this, host);
        ending = new Ending(this, host);
        input = new OptionInput(this);
        output = new OptionOutput(this);
        transmission = new Transmission(this, scheduler);
    }

    // ---- parts

    Phase phase() {
        return phase;
    }

    boolean isMultipath() {
        return phase == Phase.UNPROVEN || phase == Phase.PROVEN;
    }

    boolean isClient() {
        return client;
    }

    MultipathConfig config() {
        return config;
    }

    Flows flows() {
        return flows;
    }

    Counters counters() {
        return counters;
    }

    MultipathKeys keys() {
        return keys;
    }

    CapableHandshake capable() {
        return capable;
    }

    JoinHandshake joins() {
        return joins;
    }

    Joins opening() {
        return opening;
    }

    Probes probes() {
        return probes;
    }

    Ending ending() {
        return ending;
    }

    DataSequence localSequence() {
        return localSequence;
    }

    DataSequence remoteSequence() {
        return remoteSequence;
    }

    DataLevel data() {
        return data;
    }

    Placement placement() {
        return placement;
    }

    Signals signals() {
        return signals;
    }

    Paths paths() {
        return paths;
    }

    OptionInput input() {
        return input;
    }

    OptionOutput output() {
        return output;
    }

    Transmission transmission() {
        return transmission;
    }

    SendStream send() {
        return send;
    }

    ReceiveStream receive() {
        return receive;
    }

    Connection connection() {
        return connection;
    }

    boolean remoteRefusesInitialAddress() {
        return capable.peerRefusesInitialAddress();
    }

    ConnectionHost host() {
        return host;
    }

    // ---- handshake of the first subflow

    /** We open: draws a key. */
    void begin(long now) {
        keys.local(host.drawKey(connection, keys.version()));
    }

    /** The peer opens with MP_CAPABLE. False: plain TCP. */
    boolean accept(MptcpOption.Capable offer, long now) {
        counters.increment(Counter.MPTCP_CAPABLE_SYN_RX);
        if (!capable.onOffer(offer)) {
            return false;
        }
        keys.local(host.drawKey(connection, keys.version()));
        return true;
    }

    /** The path eats SYNs with MP_CAPABLE: remembered, so that the next connection does not wait for that again. */
    void onRefused(long now) {
        host.onMultipathRefused(connection, now);
    }

    /** Both keys are known. */
    void agree(long now) {
        localSequence.start(keys.localInitialSequence());
        remoteSequence.start(keys.remoteInitialSequence());
        placement.verifyChecksums(capable.checksum());
        phase = Phase.UNPROVEN;
    }

    /** The peer's DSS has shown that options pass in both directions. */
    void prove(long now) {
        if (phase == Phase.UNPROVEN) {
            phase = Phase.PROVEN;
            paths.onFullyEstablished(now);
            workDue = true;
        }
    }

    /** RFC 8684 section 3.7: from {@code context} on, one subflow with an infinite mapping. */
    void fallBack(SubflowContext context, long newReceiveShift, long newSendShift, boolean announce, long now) {
        //= rfc8684#3.7 D24
        //# Once MPTCP falls back to
        //# regular TCP, it MUST NOT revert to MPTCP later in the connection.
        if (phase == Phase.FALLBACK) {
            return;
        }
        counters.increment(Counter.MPTCP_DSS_FALLBACK);
        phase = Phase.FALLBACK;
        receiveShift = newReceiveShift;
        sendShift = newSendShift;
        infiniteDue = announce;
        data.stop();
        signals.clear();
        placement.place(context, 0, Long.MAX_VALUE, receiveShift);
        context.parked.discard();
        context.stage = Stage.ESTABLISHED;
        context.suspect = false;
        for (int i = 0; i < flows.places(); i++) {
            SubflowContext other = flows.at(i);
            if (other != null && other != context) {
                reset(other, ResetReason.MPTCP_ERROR);
            }
        }
        flows.carryAll(context);
        context.flow.onOptionBytesChanged();
        connection.onReceived(now);
        ending.onFallback(context, now);
        host.releaseToken(connection);
        workDue = true;
    }

    /** Where the peer's bytes go was guessed: its next mapping, if there is one, says it. */
    void awaitAlignment() {
        alignmentDue = true;
    }

    boolean isAlignmentDue() {
        return alignmentDue;
    }

    void align(long shift) {
        alignmentDue = false;
        receiveShift = shift;
    }

    long sendShift() {
        return sendShift;
    }

    boolean infiniteDue() {
        return infiniteDue;
    }

    void announceInfinite(SubflowContext context) {
        infiniteDue = true;
        context.flow.onOptionBytesChanged();
    }

    void infiniteArrived() {
        infiniteDue = false;
        flows.carrier().flow.onOptionBytesChanged();
    }

    /** All that the peer needs from us is outstanding on this subflow, in one piece, or acknowledged. */
    boolean isContiguous(SubflowContext context) {
        SentMappings sent = context.sent;
        if (!data.reinjection().isEmpty()) {
            return false;
        }
        return sent.isEmpty() ? !data.hasOutstanding()
                : sent.data(0) <= data.dataUna() && sent.areShiftedBy(send.assigned() - context.flow.sendNext());
    }

    // ---- subflows

    void onJoined(SubflowContext context, long now) {
        joined = true;
        context.stage = Stage.ESTABLISHED;
        context.joinAckDeadline = NEVER;
        context.joinedAt = now;
        context.progressAt = now;
        ending.onSubflowJoined();
        paths.onSubflowEstablished(context, now);
        workDue = true;
    }

    void closeSubflow(int index, long now) {
        SubflowContext context = flows.at(index);
        if (context != null && flows.count() > 1) {
            //= rfc8684#3.4.2 D11
            //# A subflow that is still functioning MUST be closed with a FIN
            //# exchange as in regular TCP, rather than using this option.
            context.finishing = true;
            reinject(context);
            context.finish(now);
            host.onWork(connection);
        }
    }

    /** Marks a subflow for a reset with a reason, to be sent once the input under way is over. */
    void reset(SubflowContext context, int reason) {
        if (context.resetReason < 0) {
            context.resetReason = reason;
            // Slowness and want of room pass: the peer may try this path again (RFC 8684 section 3.6).
            context.resetTemporary = reason == ResetReason.UNACCEPTABLE_PERFORMANCE
                    || reason == ResetReason.LACK_OF_RESOURCES;
            context.resetDue = true;
            workDue = true;
        }
    }

    /** What is outstanding on a subflow shall be carried by others too. */
    void reinject(SubflowContext context) {
        SentMappings sent = context.sent;
        for (int i = 0; i < sent.size(); i++) {
            data.reinject(sent.data(i), sent.data(i) + sent.length(i));
        }
    }

    /** REMOVE_ADDR of the peer: asks the subflows to that address whether they still live. False: there is none. */
    boolean probeSubflowsTo(int remoteId, long now) {
        return probes.askThoseTo(remoteId, now);
    }

    /**
     * Nothing leaves from an address that is gone: its subflows end, and others take over. Where no other could,
     * because the peer may not have the keys yet or takes no more subflows to where it is, the last one waits for its
     * address to come back, as plain TCP does.
     */
    void onLocalAddressGone(IpAddress address, long now) {
        boolean elsewhere = paths.hasTarget() || flows.hasOpenElsewhere(address);
        for (int i = 0; elsewhere && phase == Phase.PROVEN && i < flows.places(); i++) {
            SubflowContext context = flows.at(i);
            if (context != null && context.local.equals(address)) {
                reinject(context);
                reset(context, ResetReason.UNSPECIFIED);
            }
        }
    }

    void signal(MptcpOption option, SubflowContext on, Counter counter, long now) {
        SubflowContext carrier = on != null && on.isEstablished() ? on : on == null ? transmission.best() : null;
        if (on != null && carrier == null) {
            return;
        }
        if (signals.add(option, on)) {
            counters.increment(counter);
            if (carrier != null) {
                transmission.requestSignal(carrier, now);
            }
            host.onWork(connection);
        }
    }

    /** An address comes or goes. Version 0 has no echo for that: what is said once may be lost. */
    void signalAddress(MptcpOption option, Counter counter, long now) {
        if (keys.version() == 1) {
            signal(option, null, counter, now);
            return;
        }
        //= rfc6824#3.4.1 E08
        //# In order to minimize the impact of the loss of these
        //# options, however, it is RECOMMENDED that a sender should send these
        //# options on all available subflows.
        for (int i = 0; i < flows.places(); i++) {
            SubflowContext context = flows.at(i);
            if (context != null && context.isEstablished()) {
                signal(option, context, counter, now);
            }
        }
    }

    /** The reset that ends everything, on every subflow (RFC 8684 section 3.5; version 0 knows it on an ACK only). */
    void fastClose(CloseReason reason, long now) {
        closing = true;
        farewell.say(reason, isMultipath() && !ending.isFinished(), now);
    }

    Farewell farewell() {
        return farewell;
    }

    // ---- inputs, as the owner of the subflows

    boolean onOptions(SubflowContext context, SegmentView view, long now) {
        probes.onHeard(context, now);
        return input.onOptions(context, view, now);
    }

    boolean onPayload(SubflowContext context, long offset, MemorySegment segment, long at, int length, long now) {
        if (phase == Phase.FALLBACK) {
            return receive.offer(offset + receiveShift, segment, at, length) == ReceiveStream.Custody.TAKEN;
        }
        Placement.Outcome outcome = placement.onPayload(context, offset, segment, at, length);
        if (outcome == Placement.Outcome.REFUSED && context.parked.bytes() >= placement.parkedLimit() / 2
                && context.mappings.find(offset) == MappingTable.NONE) {
            //= rfc8684#3.3.1 C09
            //# If a mapping for that subflow-level
            //# sequence space does not arrive within a receive window of data, that
            //# subflow SHOULD be treated as broken, closed with a RST
            reset(context, ResetReason.MIDDLEBOX_INTERFERENCE);
        }
        return outcome == Placement.Outcome.TAKEN;
    }

    void onReceiveNext(SubflowContext context, long now) {
        if (phase != Phase.FALLBACK && (context.mappings.size() > 0 || !context.parked.isEmpty())
                && placement.settle(context) == Placement.Outcome.CHECKSUM_FAILED) {
            input.onChecksumFailure(context, placement.failedData(), now);
        }
        if (phase != Phase.FALLBACK && placement.lacksMapping(context)) {
            reset(context, ResetReason.MIDDLEBOX_INTERFERENCE);
        }
        if (data.takeRemoteFinReached()) {
            context.flow.requestAck();
            connection.onRemoteFin(now);
        }
    }

    void onAcknowledged(SubflowContext context, long tag, long length, long now) {
        transmission.onProgress(context, now);
        context.sent.releaseTo(context.flow.sendUnacknowledged());
        if (phase == Phase.FALLBACK) {
            send.onAcknowledged(tag + length);
            return;
        }
        release();
        if (data.hasOutstanding()) {
            ending.futility().onAcknowledged(data.dataUna(), now);
        }
    }

    //= rfc8684#3.3.2 C13
    //# An MPTCP sender MUST NOT free data from the send buffer until it has
    //# been acknowledged by both a Data ACK received on any subflow and at
    //# the subflow level by all subflows on which the data was sent.
    void release() {
        long lowest = data.dataUna();
        for (int i = 0; i < flows.places(); i++) {
            SubflowContext context = flows.at(i);
            if (context != null) {
                lowest = Math.min(lowest, context.sent.lowestData());
            }
        }
        send.onDataAcknowledged(data.dataUna());
        send.onAcknowledged(lowest);
        connection.raiseWritable();
        if (data.dataUna() - lowest > send.pinnedLimit()) {
            resetWhoPins(lowest);
        }
    }

    /** A stale subflow must not keep the buffer full of what the peer has long had. */
    private void resetWhoPins(long lowest) {
        for (int i = 0; i < flows.places(); i++) {
            SubflowContext context = flows.at(i);
            if (context != null && context.suspect && context.sent.lowestData() == lowest && flows.count() > 1) {
                reset(context, ResetReason.UNACCEPTABLE_PERFORMANCE);
            }
        }
    }

    void onRetransmissionTimeout(SubflowContext context, long now) {
        transmission.suspect(context, now);
    }

    void onSubflowFin(SubflowContext context, long now) {
        ending.onSubflowFin(context, now);
        workDue = true;
    }

    /** There has been a second subflow: both ends know that they speak Multipath TCP. */
    boolean hasJoined() {
        return joined;
    }

    /**
     * A DSS of ours has been seen to arrive: the peer goes on with Multipath TCP. MP_CAPABLE with data is no DSS. Until
     * then the peer may fall back without our knowledge, and take all bytes of the subflow for the stream.
     */
    boolean peerIsProven() {
        return joined || data.localFinAcknowledged() || data.dataUna() > output.capableDataBytes();
    }

    int optionBytes() {
        return phase != Phase.FALLBACK || infiniteDue ? OptionOutput.DATA_BYTES : 0;
    }

    void remove(SubflowContext context, CloseReason reason, long now) {
        boolean wasEstablished = context.stage == Stage.ESTABLISHED;
        context.stage = Stage.CLOSED;
        flows.remove(context);
        reinject(context);
        context.sent.clear();
        context.parked.discard();
        if (!flows.isEmpty() && isMultipath()) {
            transmission.reinjectWhatNobodyCarries();
        }
        for (MptcpOption option : signals.drop(context)) {
            signals.add(option, null);
        }
        if (isMultipath() && !context.first || wasEstablished) {
            paths.onSubflowClosed(context, reason, now);
        }
        if (wasEstablished && data.hasOutstanding()) {
            ending.futility().onSubflowGone(context, reason, data.dataUna(), now);
        }
        release();
        workDue = true;
        ending.onSubflowGone(context, reason);
        if (!flows.isEmpty()) {
            return;
        }
        if (isMultipath() && !closing && !ending.isBarred(context, reason)) {
            ending.onNoSubflow(context, now);
        } else {
            connection.closedByMultipath(ending.isFinished() ? new CloseReason.Finished() : reason, now);
        }
    }

    /** MP_FASTCLOSE of the peer. */
    void onPeerFastClose(long now) {
        counters.increment(Counter.MPTCP_MP_FASTCLOSE_RX);
        CloseReason reason = ending.isFinished() ? new CloseReason.Finished() : new CloseReason.ResetByPeer(0);
        closing = true;
        for (int i = 0; i < flows.places(); i++) {
            SubflowContext context = flows.at(i);
            if (context != null) {
                reset(context, ResetReason.UNSPECIFIED);
            }
        }
        connection.closedByMultipath(reason, now);
    }

    /** Runs once after each input: what must not happen inside a subflow. */
    void afterInput(long now) {
        if (workDue) {
            workDue = false;
            for (int i = 0; i < flows.places(); i++) {
                SubflowContext context = flows.at(i);
                if (context != null && context.resetDue) {
                    context.resetDue = false;
                    counters.increment(Counter.MPTCP_MP_RST_TX);
                    context.flow.abort(new CloseReason.Aborted("MPTCP reason " + context.resetReason), now);
                    host.onWork(connection);
                }
            }
        }
        if (paths.hasCommands()) {
            paths.runCommands();
        }
        ending.endWhatIsOver(now);
    }

    // ---- time

    long deadline() {
        long earliest = Math.min(ending.deadline(), Math.min(data.deadline(), paths.deadline()));
        for (int i = 0; i < flows.places(); i++) {
            SubflowContext context = flows.at(i);
            if (context != null) {
                earliest = Math.min(earliest, Math.min(context.joinAckDeadline, context.suspectDeadline));
                earliest = Math.min(earliest, context.signalPace.deadline());
            }
        }
        return Math.min(Math.min(earliest, probes.deadline()), transmission.deadline());
    }

    void onDeadline(long now) {
        if (ending.onDeadline(now)) {
            return;
        }
        for (int i = 0; i < flows.places(); i++) {
            SubflowContext context = flows.at(i);
            if (context != null) {
                onDeadline(context, now);
            }
        }
        if (data.deadline() <= now) {
            transmission.onDataTimer(now);
        }
        if (paths.deadline() <= now) {
            paths.onDeadline(now);
        }
        transmission.onDeadline(now);
        probes.onDeadline(now);
        workDue = true;
    }

    private void onDeadline(SubflowContext context, long now) {
        if (context.joinAckDeadline <= now) {
            //= rfc8684#3.2 B06
            //# receipt of this packet MUST trigger a regular TCP
            //# ACK in response, and the packet MUST be retransmitted if this ACK is
            //# not received.
            if (++context.joinAckRepeats > JOIN_ACK_REPEATS) {
                context.joinAckDeadline = NEVER;
                reset(context, ResetReason.MPTCP_ERROR);
            } else {
                output.armJoinAck(context, now);
                context.flow.requestAck();
            }
        }
        if (context.suspectDeadline <= now) {
            transmission.onSuspectTimer(context, now);
        }
        if (context.signalPace.deadline() <= now) {
            context.signalPace.onDeadline();
            if (signals.waitFor(context)) {
                context.flow.requestAck();
                host.onWork(connection);
            }
        }
    }

    /** The peer acknowledges nothing at the data level any more. */
    void giveUp(long now) {
        counters.increment(Counter.TCP_ABORT_ON_TIMEOUT);
        CloseReason reason = new CloseReason.TimedOut(data.repeats());
        fastClose(reason, now);
        connection.closedByMultipath(reason, now);
    }

    /** The application is gone: the rest may take {@link MultipathConfig#closeNanos}. */
    void orphan(long now) {
        if (phase == Phase.FALLBACK) {
            SubflowContext context = flows.carrier();
            if (context != null) {
                context.flow.orphan(now);
            }
        } else {
            ending.orphan(now);
        }
    }

    void stop() {
        ending.stop();
        data.stop();
        signals.clear();
    }
}
