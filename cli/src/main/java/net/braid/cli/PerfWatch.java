package net.braid.cli;

import java.time.Duration;
import java.util.List;

/** Looks at running connections, prints what they did, and gives up on those that do not end. */
final class PerfWatch {
    /** Paths are looked at this often, so that little of one that goes is missed. */
    private static final long LOOK_NANOS = 100_000_000L;

    private final List<PerfTalk> talks;
    private final PerfPrinter printer;
    private final long intervalNanos;
    private final long limitNanos;

    /**
     * @param intervalNanos between two reports; 0: none
     * @param limitNanos when to give up, counted from the beginning
     */
    PerfWatch(List<PerfTalk> talks, PerfPrinter printer, long intervalNanos, long limitNanos) {
        this.talks = talks;
        this.printer = printer;
        this.intervalNanos = intervalNanos;
        this.limitNanos = limitNanos;
    }

    /** Starts all, and returns when all are over. */
    void run() throws InterruptedException {
        long began = System.nanoTime();
        List<Thread> threads = talks.stream().map(talk -> Thread.ofPlatform().daemon(true)
                .name("perf-" + talk.flow().number()).start(talk)).toList();
        long look = intervalNanos == 0 ? LOOK_NANOS : Math.min(LOOK_NANOS, intervalNanos);
        long next = intervalNanos == 0 ? Long.MAX_VALUE : intervalNanos;
        while (!talks.stream().allMatch(PerfTalk::isOver)) {
            for (Thread thread : threads) {
                if (thread.isAlive()) {
                    thread.join(Duration.ofNanos(look));
                    break;
                }
            }
            long elapsed = System.nanoTime() - began;
            for (PerfTalk talk : talks) {
                talk.look(elapsed);
                if (elapsed > limitNanos) {
                    talk.giveUp("the peer has not ended in time");
                }
            }
            if (elapsed >= next) {
                next += intervalNanos * Math.max(1, (elapsed - next) / intervalNanos + 1);
                printer.interval(talks.stream().map(talk -> talk.meter().cut(System.nanoTime())).toList());
            }
        }
        printer.end(talks);
    }
}
