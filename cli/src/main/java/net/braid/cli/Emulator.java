package net.braid.cli;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import net.braid.linux.EventWaiter;
import net.braid.linux.FramePort;
import net.braid.sim.Bridge;
import net.braid.sim.Pipe;
import net.braid.sim.PipeProperties;
import net.braid.sim.Quantities;
import net.braid.sim.QueueProperties;
import net.braid.sim.Simulation;

/** Two pipes of the simulator between two interfaces, driven by the clock of this machine. */
final class Emulator implements AutoCloseable {
    private static final int BATCH = 64;
    private static final long LONGEST_SLEEP_NANOS = 1_000_000_000L;

    private final FramePort first;
    private final FramePort second;
    private final EventWaiter waiter;
    private final Simulation simulation;
    private final Bridge bridge;
    private final Queue<Runnable> orders = new ConcurrentLinkedQueue<>();
    private volatile boolean stopped;
    private long start;

    /** @throws IOException with a line that says what is wrong with an interface, or which privilege is missing */
    Emulator(String first, String second, PipeProperties properties, long seed) throws IOException {
        this.first = FramePort.open(first);
        this.second = FramePort.open(second);
        waiter = new EventWaiter();
        waiter.add(this.first);
        waiter.add(this.second);
        simulation = new Simulation(seed);
        PipeProperties frames = properties.toBuilder()
                .mtu(Math.max(this.first.mtu(), this.second.mtu()) + FramePort.HEADER).build();
        bridge = new Bridge(simulation, first + " " + second, frames, frames,
                (memory, length) -> this.first.send(memory, 0, length),
                (memory, length) -> this.second.send(memory, 0, length));
        bridge.forward().changing();
        bridge.backward().changing();
    }

    /** The link carries nothing from one time to the other, in nanoseconds after the start. Before {@link #run}. */
    void darken(long from, long to) {
        simulation.at(from, () -> up(false));
        simulation.at(to, () -> up(true));
    }

    private void up(boolean up) {
        bridge.forward().up(up);
        bridge.backward().up(up);
    }

    /**
     * Changes something while it runs, from any thread: {@code down}, {@code up}, {@code loss 5%}, {@code rate 4mbit},
     * {@code delay 50ms}, for both directions.
     *
     * @throws UserError when this is no order
     */
    void order(String line) {
        String[] words = line.strip().split("\\s+");
        Runnable order;
        try {
            order = switch (words.length + " " + words[0]) {
                case "1 down" -> () -> up(false);
                case "1 up" -> () -> up(true);
                case "2 loss" -> change(properties -> properties.loss(Quantities.probability(words[1])));
                case "2 rate" -> change(properties -> properties.rate(Quantities.rate(words[1])));
                case "2 delay" -> change(properties -> properties.delay(Quantities.time(words[1])));
                default -> throw new UserError("'" + line + "' is no order; these are: down, up, loss 5%, rate 4mbit, "
                        + "delay 50ms");
            };
        } catch (IllegalArgumentException wrong) {
            throw new UserError(wrong.getMessage());
        }
        orders.add(order);
        waiter.wake();
    }

    @FunctionalInterface
    private interface Change {
        PipeProperties.Builder apply(PipeProperties.Builder properties);
    }

    private Runnable change(Change change) {
        // Wrong values are found out here, in the thread of who gave them.
        change.apply(bridge.forward().properties().toBuilder());
        return () -> {
            for (Pipe pipe : new Pipe[] {bridge.forward(), bridge.backward()}) {
                pipe.properties(change.apply(pipe.properties().toBuilder()).build());
            }
        };
    }

    /** Bytes that a queue of so much time holds. */
    static QueueProperties queue(long rateBits, long nanos) {
        return new QueueProperties.Bytes(Math.max(2000, (long) (rateBits / 8.0 * nanos / 1e9)));
    }

    /** Carries frames until {@link #stop}. */
    void run() {
        start = System.nanoTime();
        while (!stopped) {
            simulation.advanceTo(now());
            for (Runnable order = orders.poll(); order != null; order = orders.poll()) {
                order.run();
            }
            int frames = first.receive((memory, offset, length) -> enter(true, memory, offset, length), BATCH)
                    + second.receive((memory, offset, length) -> enter(false, memory, offset, length), BATCH);
            if (frames == 0) {
                long next = simulation.nextEvent();
                long wait = next == Simulation.NEVER ? LONGEST_SLEEP_NANOS : next - now();
                if (wait > 0) {
                    waiter.await(Math.min(wait, LONGEST_SLEEP_NANOS));
                }
            }
        }
    }

    private void enter(boolean ahead, MemorySegment memory, long offset, int length) {
        // Its delay begins now, not when this thread has last looked at the clock: it may have stood still since.
        simulation.advanceTo(now());
        bridge.enter(ahead, memory, offset, length);
    }

    private long now() {
        return System.nanoTime() - start;
    }

    void stop() {
        stopped = true;
        waiter.wake();
    }

    @Override
    public void close() {
        waiter.close();
        first.close();
        second.close();
        simulation.close();
    }
}
