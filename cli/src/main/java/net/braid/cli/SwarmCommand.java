package net.braid.cli;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import net.braid.sim.MultipathSwarm;
import net.braid.sim.Swarm;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Runs many seeds of the swarm, on all cores. Which thread runs which seed does not matter: each is a world. */
@Command(name = "swarm",
        description = "Run many small worlds with faults, one per seed, and check that every byte arrives.",
        mixinStandardHelpOptions = true,
        footer = {"", "A failure prints the command that repeats it. Exit code 1 when there was one."})
final class SwarmCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(names = "--seeds", defaultValue = "1000", paramLabel = "N",
            description = "How many seeds (default: ${DEFAULT-VALUE}).")
    private long seeds;

    @Option(names = "--from", defaultValue = "1", paramLabel = "S",
            description = "The first seed (default: ${DEFAULT-VALUE}).")
    private long from;

    @Option(names = "--multipath",
            description = "Worlds with 1 to 8 paths and Multipath TCP; without it plain TCP over one.")
    private boolean multipath;

    @Option(names = "--threads", defaultValue = "0", paramLabel = "N",
            description = "How many at a time (default: one for each core).")
    private int threads;

    @Option(names = "--failures", defaultValue = "10", paramLabel = "N",
            description = "Stop after so many failures (default: ${DEFAULT-VALUE}).")
    private int mostFailures;

    @Option(names = "--describe", description = "Show what the seeds stand for, and do not run them.")
    private boolean describe;

    @Option(names = "--trace", description = "Print every packet of the seeds, on one thread.")
    private boolean trace;

    @Option(names = "--json", description = "Print the result as one line of JSON.")
    private boolean json;

    /** What runs one seed, for tests; null: what the options say. */
    private final LongFunction<Optional<Swarm.Failure>> runner;

    SwarmCommand() {
        this(null);
    }

    SwarmCommand(LongFunction<Optional<Swarm.Failure>> runner) {
        this.runner = runner;
    }

    private record Outcome(long done, long nanos, ConcurrentSkipListMap<Long, Swarm.Failure> failures) {
    }

    @Override
    public Integer call() throws InterruptedException {
        check(seeds >= 1, "--seeds must be at least 1");
        check(from <= Long.MAX_VALUE - seeds, "--from plus --seeds is too large");
        check(threads >= 0 && threads <= 1024, "--threads must be in 1..1024");
        check(mostFailures >= 1, "--failures must be at least 1");
        PrintWriter out = spec.commandLine().getOut();
        if (describe) {
            for (long seed = from; seed < from + seeds; seed++) {
                out.println(multipath ? MultipathSwarm.describe(seed) : Swarm.describe(seed));
            }
            return Braid.SUCCESS;
        }
        Outcome outcome = run(trace ? 1 : threads > 0 ? threads : Runtime.getRuntime().availableProcessors());
        report(out, outcome);
        return outcome.failures.isEmpty() ? Braid.SUCCESS : Braid.FAILED;
    }

    private void check(boolean holds, String message) {
        if (!holds) {
            throw new ParameterException(spec.commandLine(), message);
        }
    }

    private Consumer<String> tracer() {
        return trace ? spec.commandLine().getOut()::println : null;
    }

    private Outcome run(int threadCount) throws InterruptedException {
        LongFunction<Optional<Swarm.Failure>> world = runner != null ? runner
                : multipath ? seed -> MultipathSwarm.run(seed, tracer()) : seed -> Swarm.run(seed, tracer());
        AtomicLong next = new AtomicLong(from);
        AtomicLong done = new AtomicLong();
        ConcurrentSkipListMap<Long, Swarm.Failure> failures = new ConcurrentSkipListMap<>();
        long began = System.nanoTime();
        Thread[] workers = new Thread[(int) Math.min(threadCount, seeds)];
        for (int i = 0; i < workers.length; i++) {
            workers[i] = Thread.ofPlatform().name("swarm-" + i).daemon().start(() -> {
                long seed;
                while (failures.size() < mostFailures && (seed = next.getAndIncrement()) < from + seeds) {
                    world.apply(seed).ifPresent(failure -> failures.put(failure.seed(), failure));
                    done.incrementAndGet();
                }
            });
        }
        boolean terminal = !json && System.console() != null && System.console().isTerminal();
        for (Thread worker : workers) {
            while (!worker.join(Duration.ofMillis(500))) {
                if (terminal) {
                    System.err.printf("\r%d of %d seeds, %d failed ", done.get(), seeds, failures.size());
                }
            }
        }
        if (terminal) {
            System.err.print("\r\033[K");
        }
        return new Outcome(done.get(), System.nanoTime() - began, failures);
    }

    private void report(PrintWriter out, Outcome outcome) {
        if (json) {
            out.printf(Locale.ROOT, "{\"seeds\": %d, \"from\": %d, \"failed\": %s, \"seconds\": %.3f}%n", outcome.done,
                    from, outcome.failures.keySet(), outcome.nanos / 1e9);
        } else {
            outcome.failures.values().forEach(out::println);
            out.printf(Locale.ROOT, "%d seeds from %d, %d failed, %s%n", outcome.done, from, outcome.failures.size(),
                    Quantity.time(outcome.nanos));
        }
        out.flush();
    }
}
