package net.braid.sim;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import net.braid.wire.PcapngWriter;

/** A pcapng file with what passes at places of the network, each place an interface of its own. Virtual time from 0. */
public final class Capture implements AutoCloseable {
    private final OutputStream out;
    private final PcapngWriter writer;

    public Capture(Path file) throws IOException {
        this(new BufferedOutputStream(Files.newOutputStream(file), 1 << 16));
    }

    /** Closes {@code out} in the end. */
    public Capture(OutputStream out) throws IOException {
        this.out = out;
        this.writer = new PcapngWriter(out);
    }

    /** What is sent into both ends of a cable, before queues and losses. */
    public Capture cable(Cable cable) throws IOException {
        pipe(cable.forward(), Tap.Point.OFFERED, cable.forward().name());
        pipe(cable.backward(), Tap.Point.OFFERED, cable.backward().name());
        return this;
    }

    /** What a host sends and receives on {@code cable}, which it is plugged into with {@code link}. */
    public Capture host(SimLink link, Cable cable) throws IOException {
        int number = writer.addInterface(link.name());
        Pipe in = cable.forward() == link.out() ? cable.backward() : cable.forward();
        link.out().tap(recorder(Tap.Point.OFFERED, number));
        in.tap(recorder(Tap.Point.DELIVERED, number));
        return this;
    }

    /** What passes one point of a pipe. */
    public Capture pipe(Pipe pipe, Tap.Point point, String name) throws IOException {
        pipe.tap(recorder(point, writer.addInterface(name)));
        return this;
    }

    private Tap recorder(Tap.Point wanted, int number) {
        return (pipe, point, memory, length, now) -> {
            if (point == wanted) {
                write(number, memory, length, now);
            }
        };
    }

    private void write(int number, MemorySegment memory, int length, long now) {
        try {
            writer.write(number, now, memory, 0, length, null);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        out.close();
    }
}
