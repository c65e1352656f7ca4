package net.braid.cli;

import java.io.PrintWriter;
import java.util.Locale;
import net.braid.sim.PipeCounters;
import net.braid.tcp.CloseReason;

/**
 * The picture that {@link Demo} draws: redrawn in place on a terminal, else one line for each second of the world's
 * time in which something arrived.
 */
final class DemoPicture {
    private static final int WIDTH = 60;
    private static final int LINES = 6;
    private static final boolean UNICODE = System.out.charset().newEncoder().canEncode('█');
    private static final String STEPS = UNICODE ? " ▁▂▃▄▅▆▇█" : " _.-=+*#@";
    private static final String FULL = UNICODE ? "█" : "#";
    private static final String EMPTY = UNICODE ? "░" : ".";
    private static final long SAMPLE_NANOS = 100_000_000;
    private static final long SECOND = 1_000_000_000;

    private final PrintWriter out;
    private final Transfer transfer;
    private final long rate;
    private final boolean terminal = System.console() != null && System.console().isTerminal()
            && !"dumb".equals(System.getenv("TERM"));
    private final double[] goodput = new double[WIDTH];
    private int samples;
    private long sampledAt;
    private long sampledBytes;
    private long nextLine = SECOND;
    private long printedBytes;
    private boolean drawn;

    DemoPicture(PrintWriter out, Transfer transfer, long rate, long delayNanos, double loss, String congestion) {
        this.out = out;
        this.transfer = transfer;
        this.rate = rate;
        out.printf(Locale.ROOT, "%s over %s, %s each way, %.3g %% loss, %s%n", Quantity.bytes(transfer.total()),
                Quantity.bitsPerSecond(rate), Quantity.time(delayNanos), loss * 100, congestion);
    }

    void frame() {
        long now = transfer.simulation().now();
        if (now - sampledAt >= SAMPLE_NANOS) {
            sample(now);
        }
        if (terminal) {
            draw(now);
        } else if (now >= nextLine && transfer.received() > printedBytes) {
            printedBytes = transfer.received();
            nextLine = now - now % SECOND + SECOND;
            out.printf("%8s  %s%n", Quantity.time(now), progress());
            out.flush();
        }
    }

    private void sample(long now) {
        System.arraycopy(goodput, 1, goodput, 0, WIDTH - 1);
        goodput[WIDTH - 1] = (transfer.received() - sampledBytes) * 8e9 / (now - sampledAt);
        samples = Math.min(samples + 1, WIDTH);
        sampledAt = now;
        sampledBytes = transfer.received();
    }

    private void draw(long now) {
        if (drawn) {
            out.print("\033[" + LINES + "A");
        }
        drawn = true;
        PipeCounters pipe = transfer.cable().forward().counters();
        line("time      " + Quantity.time(now));
        line("arrived   " + bar((double) transfer.received() / transfer.total()) + "  " + progress());
        line("goodput   " + sparkline() + "  " + Quantity.bitsPerSecond(goodput[WIDTH - 1]));
        line("window    " + Quantity.bytes(transfer.flow().congestionWindow()) + ", in flight "
                + Quantity.bytes(transfer.flow().bytesInFlight()) + ", round trip "
                + Quantity.time(transfer.flow().smoothedRttNanos()));
        line("queue     " + Quantity.bytes(transfer.cable().forward().waitingBytes()));
        line("packets   " + pipe.offered() + " sent, " + pipe.lost() + " lost, " + pipe.droppedByQueue()
                + " dropped by the queue, " + transfer.retransmissions() + " retransmitted");
        out.flush();
    }

    private void line(String text) {
        out.print("\r\033[K" + text + "\n");
    }

    private String progress() {
        return String.format(Locale.ROOT, "%3.0f %% of %s", 100.0 * transfer.received() / transfer.total(),
                Quantity.bytes(transfer.total()));
    }

    private static String bar(double share) {
        int full = (int) Math.round(share * WIDTH);
        return FULL.repeat(full) + EMPTY.repeat(WIDTH - full);
    }

    private String sparkline() {
        StringBuilder line = new StringBuilder(WIDTH);
        for (int i = 0; i < WIDTH; i++) {
            double share = i < WIDTH - samples ? 0 : goodput[i] / rate;
            int step = (int) Math.round(share * (STEPS.length() - 1));
            line.append(STEPS.charAt(Math.clamp(step, 0, STEPS.length() - 1)));
        }
        return line.toString();
    }

    /** The verdict. {@code wallNanos} is how long we really took. */
    void finish(long wallNanos) {
        if (terminal) {
            draw(transfer.simulation().now());
        }
        out.println();
        out.println("sent      SHA-256 " + transfer.sentDigest());
        out.println("received  SHA-256 " + transfer.receivedDigest());
        out.println("time      " + Quantity.time(transfer.time()) + " of the cable's, " + Quantity.time(wallNanos)
                + " of ours");
        double share = transfer.received() * 8e9 / Math.max(1, transfer.time());
        out.printf(Locale.ROOT, "goodput   %s, %.1f %% of the cable's rate%n", Quantity.bitsPerSecond(share),
                100 * share / rate);
        out.println("resent    " + transfer.retransmissions() + " segments");
        out.println(verdict());
        out.flush();
    }

    private String verdict() {
        if (transfer.isComplete()) {
            return "verdict   every byte arrived, in order, once";
        }
        return transfer.failure() != null ? "verdict   FAILED: " + inWords(transfer.failure())
                : "verdict   FAILED: " + transfer.received() + " of " + transfer.total() + " bytes, or others";
    }

    private static String inWords(CloseReason reason) {
        return switch (reason) {
            case CloseReason.Finished() -> "the end came too early";
            case CloseReason.ResetByPeer(int ignored) -> "the peer reset the connection";
            case CloseReason.Refused() -> "the peer refused the connection";
            case CloseReason.TimedOut(int retransmissions) ->
                "no answer after " + retransmissions + " retransmissions";
            case CloseReason.Unreachable(int type, int code) -> "unreachable (ICMP " + type + "/" + code + ")";
            case CloseReason.Aborted(String why) -> "aborted: " + why;
        };
    }
}
