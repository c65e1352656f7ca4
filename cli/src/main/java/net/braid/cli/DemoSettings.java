package net.braid.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import net.braid.mptcp.ConnectionConfig;
import net.braid.mptcp.MultipathConfig;

/**
 * All that decides a run of the demo.
 *
 * @param file what is sent; null: {@code bytes} random bytes
 * @param paths the first one carries the first subflow
 * @param multipath false: plain TCP over the first path
 * @param version of Multipath TCP, 0 or 1
 * @param buffer receive buffer in bytes; 0: tuned by need
 */
record DemoSettings(Path file, long bytes, List<DemoPath> paths, List<DemoEvent> events, boolean multipath, int version,
        boolean checksum, String pathManager, String scheduler, String congestionControl, int buffer, long seed) {
    private static final long MILLI = 1_000_000;
    private static final long SHORTEST_NANOS = 1_000 * MILLI;
    private static final long LONGEST_OUTAGE_NANOS = 5_000 * MILLI;

    /**
     * The first path dies when five sixteenths of the time have gone that the transfer would take over all of them, and
     * comes back in time to be used again. Nothing happens to a transfer that is over in a second.
     */
    static List<DemoEvent> usualEvents(List<DemoPath> paths, long bytes) {
        long rate = paths.stream().mapToLong(DemoPath::rateBits).sum();
        double ideal = bytes * 8e9 / rate;
        if (ideal < SHORTEST_NANOS) {
            return List.of();
        }
        long step = ideal > 3e9 ? 100 * MILLI : MILLI;
        long down = Math.round(ideal * 5 / 16 / step) * step;
        long outage = Math.max(step, Math.round(Math.min(LONGEST_OUTAGE_NANOS, ideal * 25 / 64) / step) * step);
        String first = paths.getFirst().name();
        return List.of(new DemoEvent(down, first, new DemoEvent.Down()),
                new DemoEvent(down + outage, first, new DemoEvent.Up()));
    }

    /** The same file and the same events, but plain TCP over the first path alone. */
    DemoSettings plain() {
        List<DemoPath> first = paths.subList(0, 1);
        List<DemoEvent> its = events.stream().filter(event -> event.path().equals(first.getFirst().name())).toList();
        return new DemoSettings(file, bytes, first, its, false, version, checksum, pathManager, scheduler,
                congestionControl, buffer, seed);
    }

    ConnectionConfig connection() {
        ConnectionConfig.Builder config = ConnectionConfig.builder().congestionControl(congestionControl);
        if (buffer > 0) {
            config.receiveBuffer(buffer, buffer);
        }
        if (multipath) {
            config.multipath(MultipathConfig.builder().version(version).acceptVersion0(version == 0).checksum(checksum)
                    .subflows(7).pathManager(pathManager).scheduler(scheduler).build());
        }
        return config.build();
    }

    DemoPath path(String name) {
        return paths.stream().filter(path -> path.name().equals(name)).findFirst().orElse(null);
    }

    /** The command that repeats this run in virtual time, for reports. */
    String command() {
        List<String> words = new ArrayList<>(List.of("./braid", "demo", "--fast"));
        if (file != null) {
            words.addAll(List.of("--file", "'" + file + "'"));
        } else {
            words.addAll(List.of("--size", Quantity.exactSize(bytes)));
        }
        for (DemoPath path : paths) {
            words.addAll(List.of("--path", path.toOption()));
        }
        for (DemoEvent event : events) {
            words.addAll(List.of("--at", event.toString()));
        }
        words.addAll(List.of("--path-manager", pathManager, "--scheduler", scheduler));
        words.addAll(List.of("--congestion", congestionControl, "--mptcp-version", Integer.toString(version)));
        words.addAll(List.of("--seed", Long.toString(seed)));
        if (checksum) {
            words.add("--checksum");
        }
        if (buffer > 0) {
            words.addAll(List.of("--buffer", Quantity.exactSize(buffer)));
        }
        if (events.isEmpty()) {
            words.add("--steady");
        }
        return String.join(" ", words);
    }
}
