package net.braid.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.StringJoiner;
import net.braid.tcp.CloseReason;
import net.braid.tcp.Counter;

/**
 * What is to be said of a run at its end.
 *
 * @param complete every byte arrived, in order, once
 * @param multipath whether the connection was Multipath TCP; false after a handshake without
 * @param readBytes what the reader got
 * @param nanos until the reader had everything; before that, how long it lasted
 * @param stallNanos longest time between two reads
 * @param stallAtNanos when that began
 * @param repeated segments sent again on the same path
 * @param failure why it ended before its time, or null
 */
record DemoVerdict(boolean complete, boolean multipath, long totalBytes, long readBytes, long nanos, long stallNanos,
        long stallAtNanos, long repeated, List<PathShare> paths, String sentSha256, String receivedSha256,
        String failure) {

    /**
     * @param bytes payload that came out of the path at its far end, repetitions included
     * @param share of what came over all paths
     */
    record PathShare(String name, String title, long bytes, double share) {
    }

    static DemoVerdict of(DemoWorld world) {
        DemoEnds.Sink sink = world.sink();
        List<DemoPath> paths = world.settings().paths();
        long all = 0;
        for (int i = 0; i < paths.size(); i++) {
            all += world.delivered(i);
        }
        List<PathShare> shares = new ArrayList<>();
        for (int i = 0; i < paths.size(); i++) {
            shares.add(new PathShare(paths.get(i).name(), paths.get(i).title(), world.delivered(i),
                    all == 0 ? 0 : (double) world.delivered(i) / all));
        }
        long end = sink.isEnded() ? sink.endedAt() : world.now();
        return new DemoVerdict(world.isComplete(), world.wasMultipath(), world.settings().bytes(), sink.bytes, end,
                sink.longestStall(), sink.longestStallAt(), world.counter(Counter.TCP_RETRANS_SEGS),
                List.copyOf(shares), world.source().digest(), sink.digest(), failureOf(world));
    }

    private static String failureOf(DemoWorld world) {
        if (world.isComplete()) {
            return null;
        }
        return world.failure() == null ? "only " + world.sink().bytes + " of " + world.settings().bytes()
                + " bytes arrived, or others" : inWords(world.failure());
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

    double bitsPerSecond() {
        return readBytes * 8e9 / Math.max(1, nanos);
    }

    /** Payload that arrived on more than one path, or twice, as a share of what was sent. */
    double surplus() {
        long all = paths.stream().mapToLong(PathShare::bytes).sum();
        return readBytes == 0 ? 0 : Math.max(0, (double) (all - readBytes) / readBytes);
    }

    String kind() {
        return multipath ? "Multipath TCP" : "plain TCP";
    }

    /** One line, the most important thing. */
    String sentence() {
        return complete ? "every byte arrived, in order, once" : "FAILED: " + failure;
    }

    /** One JSON object. */
    String json() {
        StringJoiner json = new StringJoiner(", ", "{", "}")
                .add("\"complete\": " + complete)
                .add("\"multipath\": " + multipath)
                .add("\"bytes\": " + totalBytes)
                .add("\"received\": " + readBytes)
                .add("\"seconds\": " + seconds(nanos))
                .add("\"goodputBitsPerSecond\": " + Math.round(bitsPerSecond()))
                .add("\"longestStallSeconds\": " + seconds(stallNanos))
                .add("\"longestStallAtSeconds\": " + seconds(stallAtNanos))
                .add("\"retransmissions\": " + repeated)
                .add("\"surplus\": " + fraction(surplus()));
        StringJoiner shares = new StringJoiner(", ", "[", "]");
        for (PathShare path : paths) {
            shares.add("{\"name\": " + ScenarioJson.string(path.name()) + ", \"bytes\": " + path.bytes()
                    + ", \"share\": " + fraction(path.share()) + "}");
        }
        return json.add("\"paths\": " + shares)
                .add("\"sentSha256\": \"" + sentSha256 + "\"")
                .add("\"receivedSha256\": \"" + receivedSha256 + "\"")
                .add("\"failure\": " + (failure == null ? "null" : ScenarioJson.string(failure)))
                .toString();
    }

    private static String seconds(long nanos) {
        return String.format(Locale.ROOT, "%.6f", nanos / 1e9);
    }

    private static String fraction(double value) {
        return String.format(Locale.ROOT, "%.4f", value);
    }
}
