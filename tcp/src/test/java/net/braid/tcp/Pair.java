package net.braid.tcp;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.PriorityQueue;
import net.braid.base.Xoshiro256;
import net.braid.wire.OptionWriter;
import net.braid.wire.SegmentView;
import net.braid.wire.TcpFlags;
import net.braid.wire.TcpHeader;

/** Two flows joined by a wire with delay, loss, duplication and reordering; the clock jumps to the next event. */
final class Pair {
    private static final int ISS_A = 0xfffffff0;
    private static final int ISS_B = 0x7ffffff0;

    /** What becomes of a segment on its way. */
    interface Fate {
        int DROP = -1;

        /**
         * @param index of the segment in its direction, from 0
         * @return extra delay in nanoseconds, or {@link #DROP}
         */
        long decide(int index, Segment segment);
    }

    final class End {
        final String name;
        final FakeOwner owner = new FakeOwner();
        final FakeSink sink = new FakeSink();
        final Counters counters = new Counters();
        final Subflow flow;
        final int iss;
        RenoModel congestion;
        End peer;
        Fate fate = (index, segment) -> 0;
        /** Probability that a segment arrives twice. */
        double duplication;
        /** Probability that a router marks an ECN-capable segment. */
        double marking;
        /** Bytes per second; 0: no limit. */
        long rate;
        private long wireFreeAt;
        int emittedCount;
        boolean started;

        End(String name, SubflowConfig config, PathProperties path, int iss, long seed) {
            this.name = name;
            this.iss = iss;
            CongestionController.Factory factory = new CongestionController.Factory() {
                @Override
                public String name() {
                    return "model";
                }

                @Override
                public CongestionController create(FlowView view, CouplingGroup group, long at) {
                    congestion = new RenoModel(view);
                    return congestion;
                }
            };
            flow = new Subflow(owner, config, path, factory, null, 0, counters, new Xoshiro256(seed), iss,
                    (int) (seed * 77));
        }

        boolean isDone() {
            return owner.closed != null || owner.timeWait;
        }

        private void pump() {
            if (!started) {
                return;
            }
            boolean wasDone = isDone() && flow.state() == TcpState.CLOSED;
            owner.pump(flow, sink, now);
            for (Packet packet = sink.take(); packet != null; packet = sink.take()) {
                if (wasDone) {
                    throw new AssertionError(name + " emits after the end");
                }
                transmit(packet);
            }
            Pair.this.check(this);
        }

        private void transmit(Packet packet) {
            Segment segment = Segment.of(packet.decode(view), iss + 1, peer.iss + 1, now);
            checkWindow(segment);
            int index = emittedCount++;
            if (trace) {
                System.out.printf("%.6f %s %s%n", now / 1e9, name, segment);
            }
            long extra = fate.decide(index, segment);
            if (rate > 0) {
                wireFreeAt = Math.max(wireFreeAt, now) + packet.bytes().length * 1_000_000_000L / rate;
                extra = extra == Fate.DROP ? Fate.DROP : extra + wireFreeAt - now;
            }
            if (extra != Fate.DROP) {
                boolean marked = segment.ecn() != Ecn.NOT_ECT && random.nextDouble() < marking;
                events.add(new Event(now + delay + extra, order++, peer, packet, marked));
                if (random.nextDouble() < duplication) {
                    events.add(new Event(now + delay + extra + random.nextInt(1000), order++, peer, packet, marked));
                }
            }
        }

        private void checkWindow(Segment segment) {
            if (segment.length() > 0 && segment.end() > peer.largestEdge()) {
                throw new AssertionError(name + " sends beyond the window: " + segment);
            }
        }

        private long largestEdge() {
            return flow.receiver().edge();
        }

        /** What the table of the stack does. */
        private void answerFromTimeWait() {
            options.begin(buffer, TcpHeader.LENGTH);
            if (flow.timestampsEnabled()) {
                options.timestamps(flow.timestamp(now), flow.recentTimestamp());
            }
            int length = TcpHeader.LENGTH + options.finish();
            TcpHeader.write(buffer, 0, 0, 0, flow.sendNextWire(), flow.receiveNextWire(), length, TcpFlags.ACK,
                    1000, 0);
            transmit(Packet.of(buffer, 0, length, new byte[0], 0, 0));
        }

        private void deliver(Event event) {
            SegmentView decoded = event.marked ? event.packet.decodeMarked(view) : event.packet.decode(view);
            if (isDone()) {
                if (owner.timeWait && decoded.has(TcpFlags.FIN)) {
                    answerFromTimeWait();
                }
                return;
            }
            if (!started) {
                if (decoded.has(TcpFlags.SYN) && !decoded.has(TcpFlags.ACK)) {
                    started = true;
                    flow.accept(decoded, now);
                }
                return;
            }
            flow.onSegment(decoded, now);
        }
    }

    private record Event(long at, long order, End target, Packet packet, boolean marked) implements Comparable<Event> {
        @Override
        public int compareTo(Event other) {
            int byTime = Long.compare(at, other.at);
            return byTime != 0 ? byTime : Long.compare(order, other.order);
        }
    }

    final End a;
    final End b;
    final Xoshiro256 random;
    long now = 1_000_000_000L;
    long delay = 10_000_000L;
    boolean trace;
    private final SegmentView view = new SegmentView();
    private final PriorityQueue<Event> events = new PriorityQueue<>();
    private final OptionWriter options = new OptionWriter();
    private final MemorySegment buffer = Arena.ofAuto().allocate(TcpHeader.MAXIMUM_LENGTH, 8);
    private long order;

    Pair(long seed, SubflowConfig config) {
        this(seed, config, config, new PathProperties(1500, false, 1500));
    }

    Pair(long seed, SubflowConfig configA, SubflowConfig configB, PathProperties path) {
        this(seed, configA, configB, path, path);
    }

    /** Each end knows only the MTU of its own link. */
    Pair(long seed, SubflowConfig configA, SubflowConfig configB, PathProperties pathA, PathProperties pathB) {
        random = new Xoshiro256(seed);
        a = new End("A", configA, pathA, ISS_A, seed);
        b = new End("B", configB, pathB, ISS_B, seed + 1);
        a.peer = b;
        b.peer = a;
    }

    Pair connect() {
        a.started = true;
        a.flow.connect(now);
        a.pump();
        return this;
    }

    /** Both ends open at once. */
    Pair connectBoth() {
        b.started = true;
        b.flow.connect(now);
        connect();
        b.pump();
        return this;
    }

    /** Runs until {@code end}, or until nothing can happen any more. */
    Pair runUntil(long end) {
        pump();
        for (int guard = 0; guard < 10_000_000; guard++) {
            long next = Math.min(events.isEmpty() ? Long.MAX_VALUE : events.peek().at,
                    Math.min(a.flow.deadline(), b.flow.deadline()));
            if (next > end || next == Long.MAX_VALUE) {
                now = end == Long.MAX_VALUE ? now : Math.max(now, end);
                return this;
            }
            now = Math.max(now, next);
            while (!events.isEmpty() && events.peek().at <= now) {
                Event event = events.poll();
                event.target.deliver(event);
            }
            fire(a);
            fire(b);
            pump();
        }
        throw new AssertionError("does not come to rest");
    }

    Pair runFor(long nanos) {
        return runUntil(now + nanos);
    }

    Pair pump() {
        a.pump();
        b.pump();
        return this;
    }

    private void fire(End end) {
        if (end.flow.deadline() <= now) {
            end.flow.onDeadline(now);
        }
    }

    private void check(End end) {
        end.flow.sender().checkInvariants();
    }
}
