package net.braid.cli;

import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.Callable;
import net.braid.sim.PipeProperties;
import net.braid.sim.QueueProperties;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Shows the engine at work: one transfer over an emulated cable, live, and a verdict at its end. */
@Command(name = "demo",
        description = "Show one TCP transfer over an emulated cable, live.",
        mixinStandardHelpOptions = true,
        footer = {"", "Exit code 0 when every byte arrived as it was sent, 1 when not."})
final class Demo implements Callable<Integer> {
    private static final long FRAME_NANOS = 50_000_000;
    private static final long LONGEST_NANOS = 3_600_000_000_000L;

    @Spec
    private CommandSpec spec;

    @Option(names = "--bytes", defaultValue = "40MB", converter = Quantity.Size.class, paramLabel = "SIZE",
            description = "How much to transfer (default: ${DEFAULT-VALUE}).")
    private long bytes;

    @Option(names = "--rate", defaultValue = "50mbit", converter = Quantity.Rate.class, paramLabel = "RATE",
            description = "Rate of the cable (default: ${DEFAULT-VALUE}).")
    private long rate;

    @Option(names = "--delay", defaultValue = "20ms", converter = Quantity.Time.class, paramLabel = "TIME",
            description = "Delay of the cable in each direction (default: ${DEFAULT-VALUE}).")
    private long delayNanos;

    @Option(names = "--loss", defaultValue = "0%", converter = Quantity.Share.class, paramLabel = "SHARE",
            description = "Share of packets that are lost at random (default: ${DEFAULT-VALUE}).")
    private double loss;

    @Option(names = "--congestion", defaultValue = "cubic", paramLabel = "NAME",
            description = "Congestion control: reno or cubic (default: ${DEFAULT-VALUE}).")
    private String congestion;

    @Option(names = "--seed", defaultValue = "1", paramLabel = "N",
            description = "Decides everything that is random (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Option(names = "--fast", description = "Do not wait for the clock: run as fast as the machine can.")
    private boolean fast;

    @Option(names = "--json", description = "Print the verdict as JSON, and no picture.")
    private boolean json;

    @Override
    public Integer call() throws InterruptedException {
        if (bytes < 1 || rate < 1000) {
            throw new ParameterException(spec.commandLine(), bytes < 1 ? "--bytes must be at least 1"
                    : "--rate must be at least 1kbit, and not infinite");
        }
        try (Transfer transfer = open()) {
            PrintWriter out = spec.commandLine().getOut();
            DemoPicture picture = json ? null : new DemoPicture(out, transfer, rate, delayNanos, loss, congestion);
            long began = System.nanoTime();
            run(transfer, picture, began);
            if (json) {
                printJson(out, transfer);
            } else {
                picture.finish(System.nanoTime() - began);
            }
            return transfer.isComplete() ? Braid.SUCCESS : Braid.FAILED;
        }
    }

    private Transfer open() {
        // One bandwidth-delay product of queue, and never less than twenty packets.
        long queueBytes = Math.max((long) (rate / 8.0 * 2 * delayNanos / 1e9), 30_000);
        try {
            PipeProperties pipe = PipeProperties.of(rate, delayNanos).toBuilder()
                    .queue(new QueueProperties.Bytes(queueBytes)).loss(loss).build();
            return new Transfer(seed, bytes, pipe, congestion);
        } catch (IllegalArgumentException wrong) {
            throw new ParameterException(spec.commandLine(), wrong.getMessage(), wrong);
        }
    }

    /** Real time: the world's clock follows ours. Fast: the world's clock leaps. */
    private void run(Transfer transfer, DemoPicture picture, long began) throws InterruptedException {
        while (!transfer.isOver() && transfer.simulation().now() < LONGEST_NANOS) {
            if (fast || json) {
                transfer.simulation().advanceTo(transfer.simulation().now() + FRAME_NANOS);
            } else {
                transfer.simulation().advanceTo(System.nanoTime() - began);
            }
            if (picture != null) {
                picture.frame();
            }
            if (!fast && !json) {
                Thread.sleep(FRAME_NANOS / 1_000_000);
            }
        }
    }

    private static void printJson(PrintWriter out, Transfer transfer) {
        out.printf(Locale.ROOT, "{\"complete\": %b, \"bytes\": %d, \"seconds\": %.6f, \"goodputBitsPerSecond\": %.0f, "
                + "\"retransmissions\": %d, \"sentSha256\": \"%s\", \"receivedSha256\": \"%s\"}%n",
                transfer.isComplete(), transfer.received(), transfer.time() / 1e9,
                transfer.received() * 8e9 / Math.max(1, transfer.time()), transfer.retransmissions(),
                transfer.sentDigest(), transfer.receivedDigest());
        out.flush();
    }
}
