package net.braid.sim;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import net.braid.mptcp.Connection;
import net.braid.wire.DropReason;
import net.braid.wire.IpAddress;
import net.braid.wire.MptcpCrypto;
import net.braid.wire.MptcpOption.Capable;
import net.braid.wire.MptcpOptionDecoder;
import net.braid.wire.OptionFault;
import net.braid.wire.SegmentDecoder;
import net.braid.wire.SegmentView;
import net.braid.wire.TcpFlags;
import net.braid.wire.TcpOptions;

/**
 * Watches what two hosts send of Multipath TCP, on all their links, and says what they do wrong at the data level (RFC
 * 8684 section 3.3):
 *
 * <ul>
 * <li>a data sequence number stands for one byte of the stream, on whichever subflow and however often it is sent;
 * <li>DATA_ACK acknowledges no more than the peer has sent, and never moves back;
 * <li>the right edge of the window, DATA_ACK and window together, never moves back on any subflow, but by what its
 * scale and its 16 bits cannot say.
 * </ul>
 *
 * <p>The keys are read from the handshake; which connection a segment belongs to is asked of the host that sends it.
 */
final class DataChecker {
    private static final int MOST_VIOLATIONS = 20;
    private static final int BOTH = TcpOptions.DSS_ACK | TcpOptions.DSS_ACK_64;
    private static final int MAPPING = TcpOptions.DSS_MAPPING | TcpOptions.DSS_DSN_64;

    /** What one end of a connection has said. Data offsets count from the first byte of the stream. */
    private static final class End {
        final Pattern stream;
        /** Number of the first byte; both ends' are known once the client has sent both keys. */
        long start;
        boolean known;
        long sentTo;
        long acknowledged;
        long edge;

        End(Pattern stream) {
            this.stream = stream;
        }
    }

    private static final class Pair {
        final End client;
        final End server;

        Pair(End client, End server) {
            this.client = client;
            this.server = server;
        }
    }

    /** One subflow at one host. */
    private static final class Flow {
        int iss;
        int sentScale = -1;
        int gotScale = -1;

        int scale() {
            return sentScale >= 0 && gotScale >= 0 ? sentScale : 0;
        }
    }

    private final Function<Connection, SwarmFlows.Running> connections;
    private final MptcpCrypto crypto = new MptcpCrypto();
    private final SegmentView view = new SegmentView();
    private final Map<FlowKey, Flow> flows = new HashMap<>();
    private final Map<SwarmFlows.Running, Pair> pairs = new IdentityHashMap<>();
    private final List<String> violations = new ArrayList<>();
    private long mappedBytes;
    private long dataAcks;

    /** @param connections which of those that are watched a connection of a host is; null: none */
    DataChecker(Function<Connection, SwarmFlows.Running> connections) {
        this.connections = connections;
    }

    /** One link of a host: what it sends into, and what it receives from. */
    void watch(Host host, boolean client, Pipe out, Pipe in) {
        out.tap((pipe, point, memory, length, now) -> {
            if (point == Tap.Point.OFFERED && isSegment(memory, length)) {
                onSent(host, client, memory, now);
            }
        });
        in.tap((pipe, point, memory, length, now) -> {
            if (point == Tap.Point.DELIVERED && isSegment(memory, length) && view.has(TcpFlags.SYN)) {
                flow(Middlebox.Direction.BACKWARD).gotScale = scaleOfSyn();
            }
        });
    }

    List<String> violations() {
        return List.copyOf(violations);
    }

    /** How much has been judged: bytes with a mapping, and DATA_ACKs. */
    long mappedBytes() {
        return mappedBytes;
    }

    long dataAcks() {
        return dataAcks;
    }

    private boolean isSegment(MemorySegment memory, int length) {
        return SegmentDecoder.decode(memory, 0, length, true, view) == DropReason.NONE;
    }

    private Flow flow(Middlebox.Direction direction) {
        return flows.computeIfAbsent(FlowKey.of(direction, view), key -> new Flow());
    }

    private int scaleOfSyn() {
        return view.options.has(TcpOptions.WINDOW_SCALE) ? Math.min(14, view.options.windowScale) : -1;
    }

    private void onSent(Host host, boolean client, MemorySegment memory, long now) {
        if (view.has(TcpFlags.SYN)) {
            Flow flow = flow(Middlebox.Direction.FORWARD);
            flow.iss = view.sequenceNumber;
            flow.sentScale = scaleOfSyn();
            if (!view.has(TcpFlags.ACK)) {
                flow.gotScale = -1;
            }
            return;
        }
        if (view.has(TcpFlags.RST) || !view.options.has(TcpOptions.DSS | TcpOptions.MP_CAPABLE)) {
            return;
        }
        SwarmFlows.Running running = connections.apply(host.stack().find(
                new IpAddress(view.sourceHigh, view.sourceLow), view.sourcePort,
                new IpAddress(view.destinationHigh, view.destinationLow), view.destinationPort));
        if (running == null) {
            return;
        }
        Pair pair = pairs.computeIfAbsent(running,
                key -> new Pair(new End(key.client().outgoing()), new End(key.server().outgoing())));
        End end = client ? pair.client : pair.server;
        if (view.options.has(TcpOptions.MP_CAPABLE)) {
            onCapable(pair, client, memory, now);
        } else if (end.known) {
            onDss(end, client ? pair.server : pair.client, memory, now);
        }
    }

    private void onCapable(Pair pair, boolean client, MemorySegment memory, long now) {
        for (int version = 0; client && version <= 1; version++) {
            for (int i = 0; i < view.options.mptcpCount; i++) {
                if (MptcpOptionDecoder.check(view, i, version) == OptionFault.NONE
                        && MptcpOptionDecoder.read(view, i, version) instanceof Capable keys
                        && keys.version() == version && keys.length() >= 20) {
                    learn(pair.client, version, keys.senderKey());
                    learn(pair.server, version, keys.receiverKey());
                    if (keys.hasData()) {
                        onMapping(pair.client, 0, 1, keys.dataLength(), memory, now);
                    }
                    return;
                }
            }
        }
    }

    private void learn(End end, int version, long key) {
        if (!end.known) {
            end.known = true;
            end.start = crypto.initialDataSequenceNumber(version, key) + 1;
        }
    }

    private void onDss(End end, End peer, MemorySegment memory, long now) {
        TcpOptions options = view.options;
        if ((options.present & MAPPING) == MAPPING && options.dataLength > 0) {
            long offset = options.dataSequence - end.start;
            end.sentTo = Math.max(end.sentTo, offset + options.dataLength);
            int fin = options.has(TcpOptions.DSS_DATA_FIN) ? 1 : 0;
            onMapping(end, offset, options.subflowSequence, options.dataLength - fin, memory, now);
        }
        if ((options.present & BOTH) == BOTH) {
            onDataAck(end, options.dataAck - peer.start, peer.sentTo, now);
        }
    }

    /** Compares what this segment has of a mapping with the stream. */
    private void onMapping(End end, long offset, int subflowSequence, int length, MemorySegment memory, long now) {
        end.sentTo = Math.max(end.sentTo, offset + length);
        int first = view.sequenceNumber - flow(Middlebox.Direction.FORWARD).iss - subflowSequence;
        int from = Math.max(0, first);
        int to = Math.min(length, first + view.payloadLength);
        if (from >= to) {
            return;
        }
        mappedBytes += to - from;
        if (offset < 0 || end.stream.mismatch(memory, view.payload + (from - first), to - from, offset + from) >= 0) {
            violation(now, "sends other bytes as " + (offset + from) + " to " + (offset + to) + " of its stream");
        }
    }

    private void onDataAck(End end, long acknowledged, long sentTo, long now) {
        dataAcks++;
        if (acknowledged > sentTo) {
            violation(now, "acknowledges " + acknowledged + " where " + sentTo + " has been sent");
        }
        if (acknowledged < end.acknowledged) {
            violation(now, "acknowledges " + acknowledged + " after " + end.acknowledged);
        }
        end.acknowledged = Math.max(end.acknowledged, acknowledged);
        int scale = flow(Middlebox.Direction.FORWARD).scale();
        long edge = acknowledged + ((long) view.window << scale);
        if (edge + (1L << scale) <= end.edge && view.window != 0xffff) {
            violation(now, "takes its window back from " + end.edge + " to " + edge);
        }
        end.edge = Math.max(end.edge, edge);
    }

    private void violation(long now, String what) {
        if (violations.size() < MOST_VIOLATIONS) {
            violations.add("data level, port " + view.sourcePort + " to " + view.destinationPort + ", at " + now
                    + " ns: " + what);
        }
    }
}
