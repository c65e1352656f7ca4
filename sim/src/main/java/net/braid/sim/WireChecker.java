package net.braid.sim;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import net.braid.base.RangeSet;
import net.braid.mptcp.Connection;
import net.braid.tcp.Subflow;
import net.braid.wire.DropReason;
import net.braid.wire.IpAddress;
import net.braid.wire.SegmentDecoder;
import net.braid.wire.SegmentView;
import net.braid.wire.SequenceNumber;
import net.braid.wire.TcpFlags;
import net.braid.wire.TcpOptions;

/**
 * Watches the wire at one host's link and says what that host does wrong, judged only by the segments that it sends and
 * those that have been delivered to it:
 *
 * <ul>
 * <li>it acknowledges, cumulatively or selectively, only bytes that have been delivered to it;
 * <li>the right edge of the window that it offers never moves back, but by less than one unit of its scale;
 * <li>it sends no byte beyond the right edge that has been offered to it, nor behind its own FIN;
 * <li>it has no more in flight than was agreed ({@link #flightLimit});
 * <li>with {@link #engine}, it sends nothing new beyond the congestion window that its own controller has set.
 * </ul>
 *
 * <p>It knows a flow from its two SYNs on. Segments with wrong checksums count as not delivered. The window of a flow
 * whose SYNs speak of Multipath TCP counts from the DATA_ACK, and on all subflows together (RFC 8684 section 3.3.4):
 * the two rules about right edges do not judge it.
 */
public final class WireChecker {
    private static final int MOST_VIOLATIONS = 20;
    private static final int MOST_RANGES = 1 << 16;
    /** Limited transmit may exceed the congestion window by two segments (RFC 3042), a loss probe by one (RFC 8985). */
    private static final int SEGMENTS_BEYOND = 3;

    private static final class Flow {
        final long localHigh;
        final long localLow;
        final long remoteHigh;
        final long remoteLow;
        final int localPort;
        final int remotePort;

        boolean sentSyn;
        int iss;
        int sentScale = -1;
        /** Offsets from iss + 1. */
        long sentEnd;
        long sentFin = Long.MAX_VALUE;
        long acknowledged;
        /** The right edge offered to the host, and whether any has been. */
        long offeredToHost = Long.MIN_VALUE;

        boolean gotSyn;
        int irs;
        int gotScale = -1;
        /** Offsets from irs + 1; the peer's FIN takes one. */
        RangeSet delivered = new RangeSet(MOST_RANGES);
        long gotFin = Long.MAX_VALUE;
        long offeredByHost = Long.MIN_VALUE;
        boolean reset;
        /** What a SYN between the same ports would begin. */
        Flow next;

        boolean sentSackPermitted;
        boolean gotSackPermitted;
        /** What the peer has selectively acknowledged, above {@link #acknowledged}. */
        final RangeSet selected = new RangeSet(MOST_RANGES);
        /** A SYN had MP_CAPABLE or MP_JOIN. */
        boolean multipath;

        long dataSegments;
        long retransmissions;

        Flow(SegmentView view, boolean outgoing) {
            localHigh = outgoing ? view.sourceHigh : view.destinationHigh;
            localLow = outgoing ? view.sourceLow : view.destinationLow;
            localPort = outgoing ? view.sourcePort : view.destinationPort;
            remoteHigh = outgoing ? view.destinationHigh : view.sourceHigh;
            remoteLow = outgoing ? view.destinationLow : view.sourceLow;
            remotePort = outgoing ? view.destinationPort : view.sourcePort;
        }

        boolean is(SegmentView view, boolean outgoing) {
            return outgoing
                    ? localPort == view.sourcePort && remotePort == view.destinationPort
                    && localLow == view.sourceLow && remoteLow == view.destinationLow
                    && localHigh == view.sourceHigh && remoteHigh == view.destinationHigh
                    : localPort == view.destinationPort && remotePort == view.sourcePort
                    && localLow == view.destinationLow && remoteLow == view.sourceLow
                    && localHigh == view.destinationHigh && remoteHigh == view.sourceHigh;
        }

        /** The host answers a SYN for another connection between these ports, without a word about the end of this. */
        boolean isReplacedBy(SegmentView answer) {
            return next != null && answer.has(TcpFlags.SYN) && answer.has(TcpFlags.ACK)
                    && answer.sequenceNumber != iss && answer.acknowledgmentNumber == next.irs + 1;
        }

        boolean hasPorts(int port, int otherPort) {
            return localPort == port && remotePort == otherPort || localPort == otherPort && remotePort == port;
        }

        boolean isScaled() {
            return sentScale >= 0 && gotScale >= 0;
        }

        long sentOffset(int wire) {
            return SequenceNumber.unwrap(wire - iss - 1, sentEnd);
        }

        long gotOffset(int wire) {
            return SequenceNumber.unwrap(wire - irs - 1, delivered.isEmpty() ? 0 : delivered.last());
        }
    }

    private final String name;
    private final Pipe out;
    private final SegmentView view = new SegmentView();
    private final List<Flow> flows = new ArrayList<>();
    private final List<String> violations = new ArrayList<>();
    private long flightLimit = Long.MAX_VALUE;
    private NewDataLimit newDataLimit = (local, localPort, remote, remotePort) -> Long.MAX_VALUE;
    private long violationCount;

    /**
     * @param out the pipe that the host sends into
     * @param in the pipe that it receives from
     */
    public WireChecker(String name, Pipe out, Pipe in) {
        this.name = name;
        this.out = out;
        out.tap(this::onFrame);
        in.tap(this::onFrame);
    }

    /** For both ends of a cable that are hosts. */
    public static List<WireChecker> of(Cable cable) {
        return List.of(new WireChecker(cable.name() + " first end", cable.forward(), cable.backward()),
                new WireChecker(cable.name() + " second end", cable.backward(), cable.forward()));
    }

    /** From now on more than {@code bytes} of sent and not yet acknowledged sequence space is a violation. */
    public void flightLimit(long bytes) {
        flightLimit = bytes;
    }

    /** How much a flow may have in flight at this moment when it sends something new, in bytes. */
    @FunctionalInterface
    public interface NewDataLimit {
        long bytes(IpAddress local, int localPort, IpAddress remote, int remotePort);
    }

    /**
     * From now on new data of plain TCP flows with SACK is judged by {@code limit}. In flight is here what has been
     * sent and neither acknowledged nor selectively acknowledged: what is lost has been sent again before anything new,
     * so it counts once, as in the engine, but it is counted from the wire.
     */
    public WireChecker newDataLimit(NewDataLimit limit) {
        newDataLimit = limit;
        return this;
    }

    /** {@link #newDataLimit} is the congestion window of the host's own flow and what may go beyond it. */
    public WireChecker engine(Host host) {
        return newDataLimit((local, localPort, remote, remotePort) -> {
            Connection connection = host.stack().find(local, localPort, remote, remotePort);
            Subflow flow = connection == null ? null : connection.subflow(0);
            return flow == null ? Long.MAX_VALUE
                    : flow.congestionWindow() + (long) SEGMENTS_BEYOND * flow.maximumSegmentSize();
        });
    }

    /** What was wrong, in order; the first few. */
    public List<String> violations() {
        return List.copyOf(violations);
    }

    public long violationCount() {
        return violationCount;
    }

    /** Segments with payload that the host has sent, of the latest flow between these ports, in either role. */
    public long dataSegments(int port, int otherPort) {
        long sum = 0;
        for (Flow flow : flows) {
            sum += flow.hasPorts(port, otherPort) ? flow.dataSegments : 0;
        }
        return sum;
    }

    /** Those of them that carried nothing new. */
    public long retransmissions(int port, int otherPort) {
        long sum = 0;
        for (Flow flow : flows) {
            sum += flow.hasPorts(port, otherPort) ? flow.retransmissions : 0;
        }
        return sum;
    }

    private void onFrame(Pipe pipe, Tap.Point point, MemorySegment memory, int length, long now) {
        boolean outgoing = pipe == out;
        if (point != (outgoing ? Tap.Point.OFFERED : Tap.Point.DELIVERED)
                || SegmentDecoder.decode(memory, 0, length, true, view) != DropReason.NONE) {
            return;
        }
        Flow flow = find(outgoing);
        if (flow == null) {
            return;
        }
        if (view.has(TcpFlags.SYN) && view.options.has(TcpOptions.MP_CAPABLE | TcpOptions.MP_JOIN)) {
            flow.multipath = true;
        }
        if (view.has(TcpFlags.RST)) {
            flow.reset = true;
        } else if (outgoing) {
            onSent(flow, now);
        } else {
            onDelivered(flow);
        }
    }

    private Flow find(boolean outgoing) {
        for (int i = flows.size() - 1; i >= 0; i--) {
            Flow flow = flows.get(i);
            if (flow.is(view, outgoing)) {
                if (outgoing && flow.isReplacedBy(view)) {
                    flows.remove(i);
                    Flow next = flow.next;
                    flows.add(next);
                    return next;
                }
                if (view.has(TcpFlags.SYN) && !view.has(TcpFlags.ACK) && isAnother(flow, outgoing)) {
                    flows.remove(i);
                    break;
                }
                return flow;
            }
        }
        if (!view.has(TcpFlags.SYN)) {
            return null;
        }
        Flow flow = new Flow(view, outgoing);
        flows.add(flow);
        return flow;
    }

    /** A SYN that begins another connection between the same ports. */
    private boolean isAnother(Flow flow, boolean outgoing) {
        return outgoing ? flow.sentSyn && flow.iss != view.sequenceNumber
                : flow.gotSyn && flow.irs != view.sequenceNumber && (flow.reset || flow.gotFin != Long.MAX_VALUE);
    }

    private void onDelivered(Flow flow) {
        if (view.has(TcpFlags.SYN)) {
            if (!flow.gotSyn) {
                flow.gotSyn = true;
                flow.irs = view.sequenceNumber;
                flow.gotSackPermitted = view.options.has(TcpOptions.SACK_PERMITTED);
                flow.gotScale = view.options.has(TcpOptions.WINDOW_SCALE) ? Math.min(14, view.options.windowScale)
                        : -1;
            } else if (flow.irs != view.sequenceNumber) {
                // An old duplicate, or another connection: the answer of the host will tell.
                flow.next = new Flow(view, false);
                onDelivered(flow.next);
                return;
            }
        }
        if (!flow.gotSyn) {
            return;
        }
        long start = flow.gotOffset(view.sequenceNumber) + (view.has(TcpFlags.SYN) ? 1 : 0);
        long end = start + view.payloadLength;
        if (view.has(TcpFlags.FIN)) {
            flow.gotFin = end++;
        }
        if (end > start && end > 0) {
            flow.delivered.add(Math.max(0, start), end);
        }
        if (view.has(TcpFlags.ACK) && flow.sentSyn) {
            long acknowledged = flow.sentOffset(view.acknowledgmentNumber);
            flow.acknowledged = Math.max(flow.acknowledged, acknowledged);
            select(flow);
            flow.offeredToHost = Math.max(flow.offeredToHost, acknowledged + window(flow, flow.gotScale));
        }
    }

    private void select(Flow flow) {
        for (int i = 0; i < view.options.sackCount && view.options.has(TcpOptions.SACK); i++) {
            long left = Math.max(flow.acknowledged, flow.sentOffset(view.options.sackEdges[2 * i]));
            long right = Math.min(flow.sentEnd, flow.sentOffset(view.options.sackEdges[2 * i + 1]));
            if (left < right) {
                flow.selected.add(left, right);
            }
        }
        flow.selected.removeBelow(flow.acknowledged);
    }

    private void onSent(Flow flow, long now) {
        if (view.has(TcpFlags.SYN)) {
            flow.sentSackPermitted = view.options.has(TcpOptions.SACK_PERMITTED);
            flow.sentSyn = true;
            flow.iss = view.sequenceNumber;
            flow.sentScale = view.options.has(TcpOptions.WINDOW_SCALE) ? Math.min(14, view.options.windowScale) : -1;
            if (view.has(TcpFlags.ACK) && flow.gotSyn && flow.gotScale < 0) {
                flow.sentScale = -1;
            }
        }
        if (!flow.sentSyn) {
            return;
        }
        checkAcknowledgment(flow, now);
        checkData(flow, now);
    }

    private void checkData(Flow flow, long now) {
        long start = flow.sentOffset(view.sequenceNumber) + (view.has(TcpFlags.SYN) ? 1 : 0);
        long end = start + view.payloadLength;
        if (view.payloadLength > 0) {
            flow.dataSegments++;
            if (end <= flow.sentEnd) {
                flow.retransmissions++;
            }
            if (end > flow.offeredToHost && !flow.multipath && !view.has(TcpFlags.SYN)) {
                violation(flow, now, "sends up to " + end + " where the peer has offered up to " + flow.offeredToHost);
            }
            if (end > flow.sentEnd && flow.sentSackPermitted && flow.gotSackPermitted && !flow.multipath) {
                checkCongestionWindow(flow, end, now);
            }
            if (end > flow.sentFin) {
                violation(flow, now, "sends up to " + end + " after its FIN at " + flow.sentFin);
            }
        }
        flow.sentEnd = Math.max(flow.sentEnd, end);
        if (view.has(TcpFlags.FIN)) {
            if (flow.sentFin != Long.MAX_VALUE && flow.sentFin != end) {
                violation(flow, now, "sends FIN at " + end + " and before that at " + flow.sentFin);
            }
            flow.sentFin = end;
        }
        if (flow.sentEnd - flow.acknowledged > flightLimit) {
            violation(flow, now, (flow.sentEnd - flow.acknowledged) + " bytes in flight, more than " + flightLimit);
        }
    }

    private void checkCongestionWindow(Flow flow, long end, long now) {
        // A probe of the path MTU may be larger than a segment: what is sent just now is not counted.
        long flight = flow.sentEnd - flow.acknowledged - flow.selected.covered();
        long limit = newDataLimit.bytes(new IpAddress(flow.localHigh, flow.localLow), flow.localPort,
                new IpAddress(flow.remoteHigh, flow.remoteLow), flow.remotePort);
        if (flight > limit) {
            violation(flow, now, "sends up to " + end + " on top of " + flight
                    + " bytes in flight, where its congestion window allows " + limit);
        }
    }

    private void checkAcknowledgment(Flow flow, long now) {
        if (!view.has(TcpFlags.ACK) || !flow.gotSyn) {
            return;
        }
        long acknowledged = flow.gotOffset(view.acknowledgmentNumber);
        long complete = flow.delivered.firstGap(0);
        if (acknowledged > complete) {
            violation(flow, now, "acknowledges up to " + acknowledged + " where only " + complete + " has arrived");
        }
        for (int i = 0; i < view.options.sackCount && view.options.has(TcpOptions.SACK); i++) {
            checkSack(flow, flow.gotOffset(view.options.sackEdges[2 * i]),
                    flow.gotOffset(view.options.sackEdges[2 * i + 1]), now);
        }
        // Behind the peer's FIN there is nothing to offer; in the SYN the window counts for the handshake only.
        if (flow.multipath || acknowledged > flow.gotFin || view.has(TcpFlags.SYN)) {
            return;
        }
        long edge = acknowledged + window(flow, flow.sentScale);
        // RFC 7323 section 2.4: rounding may take back less than one unit of the scaled window.
        long unit = flow.isScaled() ? 1L << flow.sentScale : 1;
        if (edge + unit <= flow.offeredByHost) {
            violation(flow, now, "takes its window back from " + flow.offeredByHost + " to " + edge);
        }
        flow.offeredByHost = Math.max(flow.offeredByHost, edge);
    }

    private void checkSack(Flow flow, long left, long right, long now) {
        if (left >= right || left < 0) {
            violation(flow, now, "SACK block [" + left + ", " + right + ") is not a range");
        } else if (!flow.delivered.contains(left, right)) {
            violation(flow, now, "SACK block [" + left + ", " + right + ") has not arrived");
        }
    }

    private long window(Flow flow, int scale) {
        return view.has(TcpFlags.SYN) || !flow.isScaled() ? view.window : (long) view.window << scale;
    }

    private void violation(Flow flow, long now, String what) {
        violationCount++;
        if (violations.size() < MOST_VIOLATIONS) {
            violations.add(name + ", port " + flow.localPort + " to " + flow.remotePort + ", at " + now + " ns: "
                    + what);
        }
    }
}
