package net.braid.sim;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import net.braid.base.RandomSource;

/**
 * One direction of a cable: queue, transmitter, wire.
 *
 * <pre>
 *   offer -> filter -> middleboxes -> [queue | RED, CoDel] -> transmitter (rate)
 *         -> loss, corruption, holding back, duplication
 *         -> propagation (delay, jitter) -> sink
 * </pre>
 *
 * <p>With a drop-tail queue or RED, the fate of a frame is decided when it is offered: the instant at which it will
 * have been transmitted is computed, and the only event is its arrival. CoDel decides when a frame leaves the queue,
 * and a rate that changes is known only then; such a pipe has one more event per frame that had to wait. An idle pipe
 * schedules nothing.
 */
public final class Pipe implements Actor {
    private static final long NEVER = Simulation.NEVER;
    private static final long BIT_NANOS = 8_000_000_000L;
    private static final Tap[] NO_TAPS = new Tap[0];

    private final Simulation simulation;
    private final Frames frames;
    private final RandomSource random;
    private final String name;
    private final int actor;
    private final FrameSink sink;
    private final PipeCounters counters = new PipeCounters();
    /** On the wire or, in a pipe that is not stepwise, also waiting. By arrival; other time: end of transmission. */
    private final FrameQueue flight = new FrameQueue();
    /** In a stepwise pipe: waiting. By time of arrival in the queue. */
    private final FrameQueue waiting = new FrameQueue();
    private final FrameQueue dropped = new FrameQueue();
    private final Backlog backlog = new Backlog();
    private final HeldFrames held = new HeldFrames();

    private PipeProperties properties;
    private LossProcess loss;
    private RedState red;
    private CoDelState coDel;
    private boolean faultless;
    private boolean stepwise;
    private boolean up = true;
    private long waitingBytes;
    private long busyUntil;
    /** Bits x 10^9 that the last transmission ended before the end of its nanosecond; keeps the rate exact. */
    private long remainder;
    private long lastArrival;
    private long scheduled = NEVER;
    private boolean delivering;
    private Tap[] taps = NO_TAPS;
    private FrameFilter filter;
    private Entrance entrance;

    /** What stands between the sender and the queue. It must {@link #admit} the frame, or release it. */
    @FunctionalInterface
    interface Entrance {
        void onFrame(int frame, long now);
    }

    Pipe(Simulation simulation, String name, PipeProperties properties, FrameSink sink) {
        this.simulation = simulation;
        this.frames = simulation.frames();
        this.name = name;
        this.random = simulation.random("pipe " + name);
        this.sink = sink;
        this.actor = simulation.register(this);
        apply(properties);
    }

    public String name() {
        return name;
    }

    public PipeCounters counters() {
        return counters;
    }

    public PipeProperties properties() {
        return properties;
    }

    /**
     * Exchanges all properties now. Frames that are on the wire are not touched. From here on the pipe works stepwise,
     * so that a later change of the rate applies to waiting frames too; frames that were waiting at the first change
     * keep the old rate unless {@link #changing} had been called.
     */
    public void properties(PipeProperties changed) {
        makeStepwise();
        apply(changed);
        reschedule();
    }

    /** Announces that properties will change, so that even the first change of the rate applies to waiting frames. */
    public void changing() {
        makeStepwise();
    }

    public boolean isUp() {
        return up;
    }

    /** A pipe that goes down loses what waits and what is being transmitted; what is on the wire still arrives. */
    public void up(boolean nowUp) {
        if (up && !nowUp) {
            flushQueue();
        }
        up = nowUp;
    }

    /** Adds an observer. */
    public void tap(Tap tap) {
        taps = Arrays.copyOf(taps, taps.length + 1);
        taps[taps.length - 1] = tap;
    }

    /** Sets the one filter, or null. */
    public void filter(FrameFilter frameFilter) {
        filter = frameFilter;
    }

    /** Whether the queue would take {@code length} bytes now. RED and CoDel may drop them all the same. */
    public boolean hasRoom(int length) {
        backlog.advance(simulation.now());
        return isIdle() || !isFull(length);
    }

    /** When there is more room than now: the next waiting frame leaves, or the transmitter becomes idle; or NEVER. */
    public long nextDeparture() {
        if (stepwise && !waiting.isEmpty()) {
            return busyUntil;
        }
        backlog.advance(simulation.now());
        if (backlog.packets() > 0) {
            return backlog.nextLeaves();
        }
        // Nothing waits, but a queue smaller than the frame has room for it only when the transmitter is idle.
        return busyUntil > simulation.now() ? busyUntil : NEVER;
    }

    /** Frames that wait in the queue now; the one that is being transmitted is not among them. */
    public int waitingPackets() {
        backlog.advance(simulation.now());
        return backlog.packets() + waiting.size();
    }

    public long waitingBytes() {
        backlog.advance(simulation.now());
        return backlog.bytes() + waitingBytes;
    }

    /** Takes over a frame at the sender's end. */
    void offer(int frame) {
        long now = simulation.now();
        int length = frames.length(frame);
        long index = counters.offered++;
        counters.offeredBytes += length;
        simulation.digestFrame(actor, frame);
        observe(Tap.Point.OFFERED, frame, now);
        if (!up) {
            counters.droppedWhileDown++;
            drop(frame, now);
        } else if (length > properties.mtu()) {
            counters.tooBig++;
            drop(frame, now);
        } else if (filter != null && !filter.pass(frames.memory(frame), length, index, now)) {
            counters.filtered++;
            drop(frame, now);
        } else if (entrance != null) {
            entrance.onFrame(frame, now);
        } else {
            enqueue(frame, length, now);
        }
    }

    /** For tests: a packet of {@code length} bytes enters behind the filter, as if its sender had sent it. */
    public void inject(MemorySegment packet, int length) {
        int frame = frames.allocate(length);
        MemorySegment.copy(packet, 0, frames.memory(frame), 0, length);
        TcpChecksums.complete(frames.memory(frame), length);
        enqueue(frame, length, simulation.now());
    }

    void entrance(Entrance value) {
        entrance = value;
    }

    /** Takes a frame from a middlebox, which may be longer than the MTU: what receive offload makes is. */
    void admit(int frame) {
        long now = simulation.now();
        if (up) {
            enqueue(frame, frames.length(frame), now);
        } else {
            counters.droppedWhileDown++;
            drop(frame, now);
        }
    }

    @Override
    public void onEvent(long now) {
        scheduled = NEVER;
        delivering = true;
        boolean any = false;
        if (held.nextGiveUp() <= now) {
            releaseHeld(now);
        }
        if (stepwise) {
            transmitDue(now);
        }
        while (!flight.isEmpty() && flight.headTime() <= now) {
            int frame = flight.headFrame();
            flight.removeHead();
            counters.delivered++;
            counters.deliveredBytes += frames.length(frame);
            observe(Tap.Point.DELIVERED, frame, now);
            sink.onFrame(frame, now);
            any = true;
        }
        delivering = false;
        reschedule();
        if (any) {
            sink.onBatchEnd(now);
        }
    }

    private void apply(PipeProperties changed) {
        if (properties == null || !properties.queue().equals(changed.queue()) || properties.mtu() != changed.mtu()) {
            red = changed.queue() instanceof QueueProperties.Red r ? new RedState(r) : null;
            coDel = changed.queue() instanceof QueueProperties.CoDel c ? new CoDelState(c, changed.mtu()) : null;
        }
        if (properties == null || !properties.loss().equals(changed.loss())) {
            loss = new LossProcess(changed.loss());
        }
        faultless = changed.reorder() == 0 && changed.duplicate() == 0 && changed.corrupt() == 0;
        properties = changed;
        if (coDel != null) {
            makeStepwise();
        }
    }

    private void makeStepwise() {
        stepwise = true;
    }

    private void enqueue(int frame, int length, long now) {
        backlog.advance(now);
        if (!isIdle() && isFull(length)) {
            counters.droppedByQueue++;
            drop(frame, now);
            return;
        }
        if (red != null && !passesRed(frame, now)) {
            counters.droppedEarly++;
            drop(frame, now);
            return;
        }
        if (stepwise) {
            waiting.addLast(frame, now, 0);
            waitingBytes += length;
            if (busyUntil <= now) {
                transmitDue(now);
            }
            noteWaiting();
            reschedule();
            return;
        }
        long start = busyUntil;
        if (start <= now) {
            start = now;
        } else {
            backlog.add(length, start);
            noteWaiting();
        }
        busyUntil = start + transmissionNanos(length);
        launch(frame, busyUntil, now);
        if (!delivering) {
            reschedule();
        }
    }

    private boolean isIdle() {
        return busyUntil <= simulation.now() && waiting.isEmpty();
    }

    private boolean isFull(int length) {
        return switch (properties.queue()) {
            case QueueProperties.Packets packets -> backlog.packets() + waiting.size() >= packets.limit();
            case QueueProperties.Bytes bytes -> backlog.bytes() + waitingBytes + length > bytes.limit();
            case QueueProperties.Red r -> backlog.bytes() + waitingBytes + length > r.limit();
            case QueueProperties.CoDel c -> backlog.packets() + waiting.size() >= c.limit();
        };
    }

    private boolean passesRed(int frame, long now) {
        long queued = backlog.bytes() + waitingBytes;
        long idle = queued == 0 ? now - Math.max(busyUntil, backlog.emptySince()) : 0;
        long packetNanos = properties.rateBits() == 0 ? 1 : 1000 * BIT_NANOS / properties.rateBits();
        return switch (red.onArrival(queued, idle, packetNanos, random)) {
            case PASS -> true;
            case MARK -> mark(frame);
            case DROP -> false;
        };
    }

    /** False: the packet cannot be marked. */
    private boolean mark(int frame) {
        if (!Packets.markCongestion(frames.memory(frame), frames.length(frame))) {
            return false;
        }
        counters.marked++;
        return true;
    }

    private void transmitDue(long now) {
        while (!waiting.isEmpty() && busyUntil <= now) {
            int frame = waiting.headFrame();
            int length = frames.length(frame);
            long waited = now - waiting.headTime();
            waiting.removeHead();
            waitingBytes -= length;
            if (coDel != null && coDel.onDequeue(waited, waitingBytes, now)
                    && !(((QueueProperties.CoDel) properties.queue()).ecn() && mark(frame))) {
                counters.droppedEarly++;
                drop(frame, now);
            } else {
                busyUntil = now + transmissionNanos(length);
                launch(frame, busyUntil, now);
            }
        }
        if (waiting.isEmpty() && coDel != null) {
            coDel.onEmpty();
        }
    }

    private long transmissionNanos(int length) {
        long rate = properties.rateBits();
        if (rate == 0) {
            return 0;
        }
        long bits = length * BIT_NANOS + remainder;
        long nanos = bits / rate;
        remainder = bits - nanos * rate;
        return nanos;
    }

    /** The frame is on the wire as of {@code sent}, which may lie ahead. */
    private void launch(int frame, long sent, long now) {
        if (loss.losesNext(random)) {
            counters.lost++;
            drop(frame, now);
            return;
        }
        long arrival = sent + properties.delayNanos();
        if (properties.jitterNanos() > 0) {
            arrival += (long) (random.nextDouble() * (properties.jitterNanos() + 1));
        }
        if (!properties.jitterReorders()) {
            arrival = Math.max(arrival, lastArrival);
            lastArrival = arrival;
        }
        if (!faultless && launchWithFaults(frame, sent, arrival)) {
            return;
        }
        flight.insert(frame, arrival, sent);
        if (!held.isEmpty()) {
            held.onOvertaken(flight, arrival, sent);
        }
    }

    /** True: the frame has been held back. */
    private boolean launchWithFaults(int frame, long sent, long arrival) {
        if (properties.corrupt() > 0 && random.nextDouble() < properties.corrupt()) {
            flipBits(frame);
        }
        if (properties.duplicate() > 0 && random.nextDouble() < properties.duplicate()) {
            counters.duplicated++;
            flight.insert(frames.copy(frame), arrival, sent);
        }
        if (properties.reorder() == 0 || random.nextDouble() >= properties.reorder()) {
            return false;
        }
        counters.heldBack++;
        if (properties.holdNanos() > 0) {
            flight.insert(frame, arrival + properties.holdNanos(), sent);
        } else {
            held.add(frame, properties.holdPackets(), arrival + PipeProperties.LONGEST_HOLD_NANOS);
        }
        return true;
    }

    /**
     * Flips one to three bits of one 16-bit word: an error that the Internet checksum always finds, where it covers the
     * word at all.
     */
    private void flipBits(int frame) {
        counters.corrupted++;
        MemorySegment memory = frames.memory(frame);
        int word = random.nextInt(frames.length(frame) / 2) * 2;
        int flips = 1 + random.nextInt(3);
        int mask = 0;
        while (Integer.bitCount(mask) < flips) {
            mask |= 1 << random.nextInt(16);
        }
        short old = memory.get(ValueLayout.JAVA_SHORT_UNALIGNED, word);
        memory.set(ValueLayout.JAVA_SHORT_UNALIGNED, word, (short) (old ^ mask));
    }

    private void releaseHeld(long now) {
        held.releaseAll(flight, now);
    }

    private void flushQueue() {
        long now = simulation.now();
        flight.moveLater(now, dropped);
        while (!waiting.isEmpty()) {
            dropped.addLast(waiting.headFrame(), 0, 0);
            waiting.removeHead();
        }
        while (!dropped.isEmpty()) {
            counters.droppedWhileDown++;
            drop(dropped.headFrame(), now);
            dropped.removeHead();
        }
        waitingBytes = 0;
        backlog.clear(now);
        busyUntil = now;
        lastArrival = 0;
        remainder = 0;
        if (!delivering) {
            reschedule();
        }
    }

    private void noteWaiting() {
        counters.mostWaiting = Math.max(counters.mostWaiting, backlog.packets() + waiting.size());
        counters.mostWaitingBytes = Math.max(counters.mostWaitingBytes, backlog.bytes() + waitingBytes);
    }

    private void drop(int frame, long now) {
        observe(Tap.Point.DROPPED, frame, now);
        frames.release(frame);
    }

    private void observe(Tap.Point point, int frame, long now) {
        for (Tap tap : taps) {
            tap.onFrame(this, point, frames.memory(frame), frames.length(frame), now);
        }
    }

    private void reschedule() {
        if (delivering) {
            return;
        }
        long next = flight.isEmpty() ? NEVER : flight.headTime();
        if (stepwise && !waiting.isEmpty()) {
            next = Math.min(next, busyUntil);
        }
        if (!held.isEmpty()) {
            next = Math.min(next, held.nextGiveUp());
        }
        if (next != scheduled) {
            scheduled = next;
            simulation.schedule(actor, Math.max(next, simulation.now()));
        }
    }

    @Override
    public String toString() {
        return name;
    }
}
