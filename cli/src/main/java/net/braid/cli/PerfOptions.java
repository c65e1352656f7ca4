package net.braid.cli;

import java.util.concurrent.ThreadLocalRandom;
import picocli.CommandLine.Option;

/** What to measure and how to show it, for both sides. */
final class PerfOptions {
    private static final long USUAL_NANOS = 10_000_000_000L;
    private static final long SHORTEST_INTERVAL_NANOS = 10_000_000L;

    @Option(names = {"-R", "--reverse"}, description = "The server sends, not the client.")
    private boolean reverse;

    @Option(names = "--bidirectional", description = "Both send at once.")
    private boolean bidirectional;

    @Option(names = {"-t", "--time"}, paramLabel = "TIME", converter = Quantity.Time.class,
            description = "How long to send (default: 10s).")
    private Long time;

    @Option(names = {"-n", "--bytes"}, paramLabel = "SIZE", converter = Quantity.Size.class,
            description = "How much to send instead, on each connection and in each direction.")
    private Long bytes;

    @Option(names = {"-i", "--interval"}, paramLabel = "TIME", defaultValue = "1s", converter = Quantity.Time.class,
            description = "Time between two reports, 0s for none (default: ${DEFAULT-VALUE}).")
    private long interval;

    @Option(names = "--raw", description = "Only bytes, no protocol: the peer may be any program that sends or reads.")
    private boolean raw;

    @Option(names = "--json", description = "One line of JSON at the end.")
    private boolean json;

    /** @throws UserError when options contradict each other or are out of range */
    PerfRequest request(int connections) {
        if (reverse && bidirectional) {
            throw new UserError("--reverse and --bidirectional contradict each other");
        }
        if (time != null && bytes != null) {
            throw new UserError("--time and --bytes contradict each other");
        }
        if (time != null && time < 1 || bytes != null && bytes < 1) {
            throw new UserError((time != null ? "--time" : "--bytes") + " must be more than 0");
        }
        if (connections < 1 || connections > PerfRequest.MOST_CONNECTIONS) {
            throw new UserError("--parallel " + connections + ": must be 1 to " + PerfRequest.MOST_CONNECTIONS);
        }
        PerfDirection direction = bidirectional ? PerfDirection.BOTH
                : reverse ? PerfDirection.REVERSE : PerfDirection.FORWARD;
        return new PerfRequest(direction, connections, ThreadLocalRandom.current().nextLong(),
                bytes != null ? 0 : time != null ? time : USUAL_NANOS, bytes != null ? bytes : 0);
    }

    /** Whether anything was said that only the client, or a raw server, decides. */
    boolean saysWhat() {
        return reverse || bidirectional || time != null || bytes != null;
    }

    long intervalNanos() {
        if (interval < 0 || interval > 0 && interval < SHORTEST_INTERVAL_NANOS) {
            throw new UserError("--interval must be 0s, or 10ms or more");
        }
        return interval;
    }

    boolean raw() {
        return raw;
    }

    boolean json() {
        return json;
    }
}
