package net.braid.runtime;

import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;
import net.braid.base.MpscQueue;
import net.braid.link.Link;
import net.braid.stack.Stack;

/**
 * One thread that owns links, connections and timers, and runs the duty cycle of {@link Stack}. Other threads hand it
 * {@link ShardTask}s and share nothing else with it but the rings of {@link Stream}.
 */
final class Shard implements Runnable {
    /** Packets from each link before anything else has its turn. */
    private static final int RECEIVE_BATCH = 64;
    /** Segments before packets are looked for again: acknowledgments must not wait behind a long burst. */
    private static final int TRANSMIT_BATCH = 32;
    private static final int TASKS = 1 << 14;
    private static final int TASK_BATCH = 1024;
    /** After a gap of this length the clock is not trusted to blame the peer: see {@link #catchUp}. */
    private static final long GAP_NANOS = 10_000_000L;
    /** Packets to take in after a gap before deadlines fire all the same. */
    private static final int CATCH_UP_LIMIT = 1 << 14;
    private static final long LONGEST_SLEEP_NANOS = 1_000_000_000L;

    private final String name;
    private final Stack stack;
    private final List<Link> links = new ArrayList<>();
    private final Waiter waiter;
    private final long spinNanos;
    private final long origin = System.nanoTime();
    /** Pumps with a reader to wake. */
    private final List<Pump> readers = new ArrayList<>();
    /** Pumps that hold bytes back. */
    private final List<Pump> writers = new ArrayList<>();
    private final MpscQueue<ShardTask> tasks = new MpscQueue<>(TASKS);
    private final Thread thread;
    private volatile boolean sleeping;
    private volatile boolean stopping;
    private volatile Throwable failure;
    private Runnable onEnd = () -> { };
    private long lastNow;
    private long idleSince = -1;
    private volatile long gaps;
    private volatile long longestGapNanos;

    Shard(String name, Stack stack, Waiter waiter, IdleStrategy idle) {
        this.name = name;
        this.stack = stack;
        this.waiter = waiter;
        this.spinNanos = idle.spinNanos();
        this.thread = Thread.ofPlatform().name(name).daemon(true).unstarted(this);
    }

    /** Before {@link #start}, or on the shard's thread. */
    void addLink(Link link) {
        links.add(link);
        stack.addLink(link);
    }

    /** @param end runs on the shard's thread as the last thing it does, whatever ended it */
    void start(Runnable end) {
        onEnd = end;
        thread.start();
    }

    Stack stack() {
        return stack;
    }

    /** Nanoseconds since the shard was made. */
    long now() {
        return System.nanoTime() - origin;
    }

    boolean isShardThread() {
        return Thread.currentThread() == thread;
    }

    /** Why the shard has ended by itself; null while it runs, and after {@link #stop}. */
    Throwable failure() {
        return failure;
    }

    boolean hasEnded() {
        return stopping && !thread.isAlive();
    }

    /** Times that more than {@link #GAP_NANOS} went by between two looks at the clock while there was work. */
    long gaps() {
        return gaps;
    }

    long longestGapNanos() {
        return longestGapNanos;
    }

    /** Hands over a task; false after the shard has ended. From any thread. */
    boolean submit(ShardTask task) {
        while (!tasks.offer(task)) {
            if (stopping) {
                return false;
            }
            waiter.wake();
            Thread.onSpinWait();
        }
        // Either we see that it sleeps, or it sees our task before it does.
        VarHandle.fullFence();
        if (sleeping) {
            waiter.wake();
        }
        return !stopping;
    }

    /** Ends the thread after the tasks that are there, and waits for it. */
    void stop() throws InterruptedException {
        stopping = true;
        waiter.wake();
        if (!isShardThread()) {
            thread.join();
        }
    }

    @Override
    public void run() {
        try {
            lastNow = now();
            while (!stopping) {
                turn();
            }
            while (runTasks(now()) > 0) {
                wakeReaders();
            }
            finish();
        } catch (Throwable problem) {
            failure = problem;
            stopping = true;
        } finally {
            onEnd.run();
        }
    }

    private void turn() {
        long now = now();
        int received = stack.receive(RECEIVE_BATCH, now);
        if (now - lastNow > GAP_NANOS) {
            received += catchUp(now);
        }
        lastNow = now;
        int done = runTasks(now);
        if (stack.deadline() <= now) {
            stack.onDeadline(now);
            done++;
        }
        wakeReaders();
        boolean more = stack.transmit(TRANSMIT_BATCH, now);
        flush();
        more |= resumeWriters(now);
        wakeReaders();
        if (received == 0 && done == 0 && !more) {
            rest(now);
        } else {
            idleSince = -1;
        }
    }

    /**
     * We were away: a collection, a stopped process, a suspended machine. What the peer has answered meanwhile lies at
     * the links, and must be heard before timers conclude that it has not.
     */
    private int catchUp(long now) {
        gaps++;
        longestGapNanos = Math.max(longestGapNanos, now - lastNow);
        ShardGapEvent.commit(name, now - lastNow);
        int total = 0;
        while (total < CATCH_UP_LIMIT) {
            int received = stack.receive(RECEIVE_BATCH, now);
            if (received == 0) {
                break;
            }
            total += received;
        }
        return total;
    }

    /** On the shard's thread: calls {@link Pump#onInputDone} before anything is sent. */
    void afterInput(Pump pump) {
        readers.add(pump);
    }

    private void wakeReaders() {
        for (int i = 0; i < readers.size(); i++) {
            readers.get(i).onInputDone();
        }
        readers.clear();
    }

    /** On the shard's thread: calls {@link Pump#onOutputDone} after each transmission until it says true. */
    void afterOutput(Pump pump) {
        writers.add(pump);
    }

    /** Whether any went on. */
    private boolean resumeWriters(long now) {
        int waiting = writers.size();
        int kept = 0;
        for (int i = 0; i < waiting; i++) {
            Pump pump = writers.get(i);
            if (!pump.onOutputDone(now)) {
                writers.set(kept++, pump);
            }
        }
        boolean resumed = kept < waiting;
        // Who went on may have been added again, behind the others.
        for (int i = waiting; i < writers.size(); i++) {
            writers.set(kept++, writers.get(i));
        }
        while (writers.size() > kept) {
            writers.removeLast();
        }
        return resumed;
    }

    private int runTasks(long now) {
        int count = 0;
        for (ShardTask task = tasks.poll(); task != null; task = tasks.poll()) {
            task.run(stack, now);
            if (++count == TASK_BATCH) {
                break;
            }
        }
        return count;
    }

    private void flush() {
        for (int i = 0; i < links.size(); i++) {
            links.get(i).flush();
        }
    }

    private void rest(long now) {
        if (spinNanos > 0) {
            if (idleSince < 0) {
                idleSince = now;
            }
            if (now - idleSince < spinNanos) {
                Thread.onSpinWait();
                return;
            }
        }
        sleeping = true;
        VarHandle.fullFence();
        if (tasks.isEmpty() && !stopping) {
            long nanos = Math.min(stack.deadline() - now(), LONGEST_SLEEP_NANOS);
            if (nanos > 0) {
                waiter.await(nanos);
            }
        }
        sleeping = false;
        lastNow = now();
    }

    /** Sends what a last task has left behind, resets above all, as far as the links take it. */
    private void finish() {
        long now = now();
        while (stack.transmit(TRANSMIT_BATCH, now)) {
            flush();
        }
        flush();
    }
}
