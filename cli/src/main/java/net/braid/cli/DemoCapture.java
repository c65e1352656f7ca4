package net.braid.cli;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import net.braid.sim.Cable;
import net.braid.sim.Tap;
import net.braid.wire.PcapngWriter;

/**
 * What the client sends and receives, each path an interface of its own. What happens to the network stands as a
 * comment on the next packet.
 */
final class DemoCapture implements AutoCloseable {
    private final OutputStream out;
    private final PcapngWriter writer;
    private final DemoTrace trace;
    private int commented;

    DemoCapture(Path file, DemoWorld world) throws IOException {
        out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 16);
        writer = new PcapngWriter(out);
        trace = world.trace();
        List<DemoPath> paths = world.settings().paths();
        for (int i = 0; i < paths.size(); i++) {
            int number = writer.addInterface(paths.get(i).name());
            Cable cable = world.cable(i);
            cable.forward().tap(recorder(Tap.Point.OFFERED, number));
            cable.backward().tap(recorder(Tap.Point.DELIVERED, number));
        }
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
            writer.write(number, now, memory, 0, length, comment());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String comment() {
        List<DemoTrace.Event> events = trace.events();
        String comment = null;
        while (commented < events.size()) {
            String text = events.get(commented++).text();
            comment = comment == null ? text : comment + "; " + text;
        }
        return comment;
    }

    void flush() throws IOException {
        out.flush();
    }

    @Override
    public void close() throws IOException {
        out.close();
    }
}
