package net.braid.bench;

import java.util.concurrent.TimeUnit;
import net.braid.base.DeadlineHeap;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.Warmup;

/** The timers of 100,000 connections. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class DeadlineBenchmark {
    private static final int CONNECTIONS = 100_000;

    private final DeadlineHeap heap = new DeadlineHeap();
    private long now;
    private int slot;

    @Setup
    public void fill() {
        for (int i = 0; i < CONNECTIONS; i++) {
            heap.set(i, 1_000_000L + i * 7919L % CONNECTIONS);
        }
    }

    /** As a timer of TCP: moved to a later time for every acknowledgment, among 100,000 others. */
    @Benchmark
    public long deadlineMoved() {
        slot = (slot + 7919) % CONNECTIONS;
        now += 10;
        heap.set(slot, now + 200_000_000);
        return heap.next();
    }
}
