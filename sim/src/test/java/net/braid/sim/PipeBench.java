package net.braid.sim;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import net.braid.wire.Ipv4Header;

/** A pipe with a sink that writes down what arrives: frames are numbered. */
final class PipeBench implements FrameSink, AutoCloseable {
    record Arrival(int number, long time) {
    }

    static final long MILLIS = 1_000_000;
    static final long SECOND = 1_000_000_000;

    final Simulation simulation;
    final Pipe pipe;
    final List<Arrival> arrivals = new ArrayList<>();
    long arrivedBytes;
    int marked;
    private int sent;

    PipeBench(long seed, PipeProperties properties) {
        simulation = new Simulation(seed);
        pipe = new Pipe(simulation, "pipe", properties, this);
    }

    void send(int length) {
        send(length, 0);
    }

    /** An IPv4 packet without a transport, its number behind the header. */
    void send(int length, int ecn) {
        int frame = simulation.frames().allocate(length);
        MemorySegment memory = simulation.frames().memory(frame);
        Ipv4Header.write(memory, 0, ecn, length, 0, 0, 64, 253, 1, 2);
        memory.set(ValueLayout.JAVA_INT_UNALIGNED, 20, sent++);
        pipe.offer(frame);
    }

    /** One packet each {@code gap}, from now on for {@code duration}. */
    void sendSteadily(int length, int ecn, long gap, long duration) {
        long end = simulation.now() + duration;
        for (long time = simulation.now(); time < end; time += gap) {
            simulation.runUntil(time);
            send(length, ecn);
        }
    }

    List<Integer> numbers() {
        return arrivals.stream().map(Arrival::number).toList();
    }

    @Override
    public void onFrame(int frame, long now) {
        MemorySegment memory = simulation.frames().memory(frame);
        arrivals.add(new Arrival(memory.get(ValueLayout.JAVA_INT_UNALIGNED, 20), now));
        arrivedBytes += simulation.frames().length(frame);
        marked += (Ipv4Header.trafficClass(memory, 0) & 3) == 3 ? 1 : 0;
        simulation.frames().release(frame);
    }

    @Override
    public void onBatchEnd(long now) {
        // Each frame has been noted.
    }

    @Override
    public void close() {
        simulation.close();
    }
}
