package net.braid.sim;

import java.lang.foreign.MemorySegment;
import java.util.Locale;
import java.util.function.Consumer;
import net.braid.wire.SegmentPrinter;

/** Prints each packet as a line, with time and place. For people. */
public final class PrintingTap implements Tap {
    private final Consumer<String> lines;

    public PrintingTap(Consumer<String> lines) {
        this.lines = lines;
    }

    @Override
    public void onFrame(Pipe pipe, Point point, MemorySegment memory, int length, long now) {
        String mark = switch (point) {
            case OFFERED -> ">";
            case DELIVERED -> "<";
            case DROPPED -> "X";
        };
        lines.accept(String.format(Locale.ROOT, "%.9f %s %s %s", now / 1e9, pipe.name(), mark,
                SegmentPrinter.print(memory, 0, length)));
    }
}
