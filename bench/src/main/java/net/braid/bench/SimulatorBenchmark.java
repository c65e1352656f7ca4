package net.braid.bench;

import java.util.concurrent.TimeUnit;
import net.braid.mptcp.Connection;
import net.braid.mptcp.ConnectionConfig;
import net.braid.sim.Host;
import net.braid.sim.LinkOffload;
import net.braid.sim.Pattern;
import net.braid.sim.PipeProperties;
import net.braid.sim.QueueProperties;
import net.braid.sim.ReadPace;
import net.braid.sim.Simulation;
import net.braid.sim.StreamEndpoint;
import net.braid.sim.Topology;
import net.braid.wire.IpAddress;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Speed of the whole: two hosts that run the real engine, one cable of 10 Gbit/s, a bulk transfer, full wire format,
 * every byte checked by the receiver. The counter {@code segments} is delivered data segments of 1,448 bytes per second
 * of our time, on one core.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 4, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class SimulatorBenchmark {
    private static final long STEP_NANOS = 1_000_000;
    private static final int SEGMENT = 1448;

    @Param({"none", "full"})
    String offload;

    @Param({"cubic"})
    String congestion;

    private Simulation simulation;
    private StreamEndpoint sink;

    /** What JMH reports beside operations. */
    @AuxCounters
    @State(Scope.Thread)
    public static class Delivered {
        public double segments;
    }

    @Setup(Level.Trial)
    public void open() {
        simulation = new Simulation(1);
        Topology topology = new Topology(simulation);
        Host client = topology.host("client");
        Host server = topology.host("server");
        LinkOffload links = offload.equals("full") ? LinkOffload.FULL : LinkOffload.NONE;
        PipeProperties pipe = PipeProperties.of(10_000_000_000L, 50_000).toBuilder()
                .queue(new QueueProperties.Bytes(500_000)).build();
        topology.cable("cable", Topology.AtHost.of(client, links, "10.0.0.1"),
                Topology.AtHost.of(server, links, "10.0.0.2"), pipe);
        topology.computeRoutes();
        Pattern up = new Pattern(simulation.arena(), 1);
        Pattern down = new Pattern(simulation.arena(), 2);
        StreamEndpoint source = new StreamEndpoint(client, up, down, StreamEndpoint.ENDLESS, false, ReadPace.EAGER);
        sink = new StreamEndpoint(server, down, up, 0, true, ReadPace.EAGER);
        ConnectionConfig config = ConnectionConfig.builder().congestionControl(congestion).build();
        IpAddress address = IpAddress.parse("10.0.0.2");
        server.stack().listen(address, 5001, 16, config, (connection, now) -> {
            sink.attach(connection, now);
            return sink;
        });
        Connection connection = client.stack().connect(null, 0, address, 5001, config, source, simulation.now());
        source.attach(connection, simulation.now());
        client.wake();
    }

    @TearDown(Level.Trial)
    public void close() {
        simulation.close();
    }

    /** One millisecond of the world's time. */
    @Benchmark
    public void bulkTransfer(Delivered delivered) {
        long before = sink.received();
        simulation.advanceTo(simulation.now() + STEP_NANOS);
        delivered.segments += (double) (sink.received() - before) / SEGMENT;
    }
}
