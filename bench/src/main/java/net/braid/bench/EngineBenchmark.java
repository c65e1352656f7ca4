package net.braid.bench;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The engine alone: nanoseconds to send and to receive a segment of 1,448 bytes, with all that belongs to it: the
 * application's write and read, one copy over the wire, and the acknowledgments on their way back. Goal below 400 ns,
 * not above 800. With Multipath TCP on one subflow a segment has 1,420 bytes and should cost less than 15 % more.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 8, time = 1)
@Fork(1)
public class EngineBenchmark {
    private static final int PLAIN_SEGMENT = 1448;
    private static final int MULTIPATH_SEGMENT = 1420;
    private static final int SEGMENTS = 1000;

    /** Whether the engine computes and verifies the TCP checksum, or a device does. */
    @Param({"engine", "device"})
    String checksums;

    /** Plain TCP, or Multipath TCP on one subflow. */
    @Param({"tcp", "mptcp"})
    String protocol;

    private JoinedStacks stacks;
    private long bytes;

    @Setup(Level.Trial)
    public void open() {
        boolean multipath = protocol.equals("mptcp");
        stacks = new JoinedStacks(checksums.equals("engine"), multipath);
        bytes = (long) SEGMENTS * (multipath ? MULTIPATH_SEGMENT : PLAIN_SEGMENT);
    }

    @TearDown(Level.Trial)
    public void close() {
        stacks.close();
    }

    @Benchmark
    @OperationsPerInvocation(SEGMENTS)
    public long sendAndReceive() {
        stacks.transfer(bytes);
        return stacks.received();
    }
}
