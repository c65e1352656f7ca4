package net.braid.bench;

import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;
import net.braid.wire.Checksum;
import net.braid.wire.DropReason;
import net.braid.wire.SegmentDecoder;
import net.braid.wire.SegmentView;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** From packet to segment, and the sum over its bytes. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class WireBenchmark {
    private final MemorySegment plain = DataSegment.create(false);
    private final MemorySegment multipath = DataSegment.create(true);
    private final SegmentView view = new SegmentView();

    private int decode(MemorySegment packet, boolean verifyChecksum) {
        DropReason reason = SegmentDecoder.decode(packet, 0, DataSegment.LENGTH, verifyChecksum, view);
        if (reason != DropReason.NONE) {
            throw new IllegalStateException("the benchmark's packet is wrong: " + reason);
        }
        return view.payloadLength;
    }

    @Benchmark
    public int decodeTimestamps() {
        return decode(plain, false);
    }

    @Benchmark
    public int decodeTimestampsAndDss() {
        return decode(multipath, false);
    }

    @Benchmark
    public int decodeAndVerify() {
        return decode(plain, true);
    }

    @Benchmark
    public int checksum1460Bytes() {
        return Checksum.sum(plain, 40, 1460);
    }
}
