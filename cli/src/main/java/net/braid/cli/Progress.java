package net.braid.cli;

import java.io.PrintWriter;
import java.util.Locale;

/** One line that shows how far a transfer is; only where somebody looks, at a terminal. */
final class Progress {
    private static final int WIDTH = 30;
    private static final long INTERVAL_NANOS = 200_000_000L;

    private final PrintWriter out;
    private final long total;
    private final boolean shown;
    private final long began = System.nanoTime();
    private long last = began;
    private long bytes;

    /** @param total bytes that will come */
    Progress(PrintWriter out, long total, boolean shown) {
        this.out = out;
        this.total = total;
        this.shown = shown;
    }

    /** Whether standard error is a terminal, as far as Java can tell. */
    static boolean isTerminal() {
        return System.console() != null && System.console().isTerminal();
    }

    void add(long more) {
        bytes += more;
        long now = System.nanoTime();
        if (shown && now - last >= INTERVAL_NANOS) {
            last = now;
            out.print("\r" + line(bytes, total, now - began));
            out.flush();
        }
    }

    /** The last state stays. */
    void end() {
        if (shown) {
            out.println("\r" + line(bytes, total, System.nanoTime() - began));
            out.flush();
        }
    }

    double seconds() {
        return (System.nanoTime() - began) / 1e9;
    }

    static String line(long bytes, long total, long nanos) {
        double share = total == 0 ? 1 : Math.min(1, bytes / (double) total);
        int filled = (int) (share * WIDTH);
        return String.format(Locale.ROOT, "[%s%s] %3d %%  %s of %s  %s   ", "#".repeat(filled),
                "-".repeat(WIDTH - filled), (int) (share * 100), Quantity.bytes(bytes), Quantity.bytes(total),
                Quantity.bitsPerSecond(nanos == 0 ? 0 : bytes * 8e9 / nanos));
    }
}
