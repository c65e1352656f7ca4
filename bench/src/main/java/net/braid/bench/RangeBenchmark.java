package net.braid.bench;

import java.util.concurrent.TimeUnit;
import net.braid.base.RangeSet;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.Warmup;

/** Out-of-order arrival as the receiver books it. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class RangeBenchmark {
    @Param({"1", "16", "64"})
    int holes;

    private final RangeSet ranges = new RangeSet(1024);
    private long next;

    @Setup
    public void fill() {
        for (int i = 0; i < holes; i++) {
            ranges.add(next, next + 1448);
            next += 2 * 1448;
        }
    }

    /** One segment arrives beyond the last hole, the oldest one is closed: the number of holes stays. */
    @Benchmark
    public long rangeAddAndAdvance() {
        ranges.add(next, next + 1448);
        next += 2 * 1448;
        long from = ranges.from(0);
        ranges.removeBelow(from + 2 * 1448);
        return from;
    }
}
