package net.braid.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import net.braid.sim.PipeProperties;
import net.braid.sim.Quantities;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Joins two interfaces by a link of the simulator, in real time. */
@Command(name = "emulate",
        description = "Join two network interfaces by a simulated link, in real time.",
        mixinStandardHelpOptions = true,
        footer = {"",
            "While it runs, lines on standard input change the link: down, up, loss 5%%, rate 4mbit, delay 50ms.",
            "It runs until it is interrupted. The hosts at both ends must not use offloads: ethtool -K DEVICE tx off."})
final class EmulateCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(index = "0", paramLabel = "A", description = "One interface.")
    private String first;

    @Parameters(index = "1", paramLabel = "B", description = "The other one.")
    private String second;

    @Option(names = "--rate", paramLabel = "RATE", converter = Quantity.Rate.class,
            description = "Rate in each direction (default: as fast as this machine can).")
    private Long rate;

    @Option(names = "--delay", paramLabel = "TIME", converter = Quantity.Time.class, defaultValue = "0ms",
            description = "One-way delay (default: ${DEFAULT-VALUE}).")
    private long delay;

    @Option(names = "--loss", paramLabel = "SHARE", converter = Quantity.Share.class, defaultValue = "0%",
            description = "Share of frames lost (default: ${DEFAULT-VALUE}).")
    private double loss;

    @Option(names = "--queue", paramLabel = "TIME", converter = Quantity.Time.class,
            description = "How long the queue is at --rate.")
    private Long queue;

    @Option(names = "--down", paramLabel = "FROM..TO", description = "Dark from one time to another, as 3s..5s.")
    private List<String> dark = new ArrayList<>();

    @Option(names = "--seed", paramLabel = "N", defaultValue = "1", description = "Seed of the losses.")
    private long seed;

    @Override
    public Integer call() {
        try (Emulator emulator = new Emulator(first, second, properties(), seed)) {
            for (String text : dark) {
                darken(emulator, text);
            }
            Thread.ofPlatform().daemon(true).name("orders").start(() -> readOrders(emulator));
            PrintWriter out = spec.commandLine().getOut();
            out.println(first + " and " + second + " are joined");
            out.flush();
            emulator.run();
            return Braid.SUCCESS;
        } catch (IOException | IllegalArgumentException problem) {
            throw new UserError(problem.getMessage());
        }
    }

    private PipeProperties properties() {
        PipeProperties.Builder builder = PipeProperties.builder().delay(delay).loss(loss);
        if (rate != null) {
            builder.rate(rate);
        }
        if (queue != null) {
            if (rate == null) {
                throw new UserError("--queue is a time at --rate, which is missing");
            }
            builder.queue(Emulator.queue(rate, queue));
        }
        return builder.build();
    }

    private static void darken(Emulator emulator, String text) {
        String[] ends = text.split("\\.\\.", -1);
        if (ends.length != 2) {
            throw new UserError("--down " + text + ": two times are needed, as in 3s..5s");
        }
        long from = Quantities.time(ends[0]);
        long to = Quantities.time(ends[1]);
        if (from >= to) {
            throw new UserError("--down " + text + ": the first time must be the earlier one");
        }
        emulator.darken(from, to);
    }

    private void readOrders(Emulator emulator) {
        PrintWriter err = spec.commandLine().getErr();
        try {
            BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (!line.isBlank()) {
                    try {
                        emulator.order(line);
                    } catch (UserError wrong) {
                        err.println("braid: " + wrong.getMessage());
                        err.flush();
                    }
                }
            }
        } catch (IOException gone) {
            // Nobody gives orders any more.
        }
    }
}
