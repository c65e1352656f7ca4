package net.braid.sim;

import java.util.List;
import java.util.Locale;

/**
 * What came of a scenario.
 *
 * @param endNanos virtual time at the end
 * @param violations of the protocol or of the byte streams, found by checkers
 * @param leaks what hosts still held after all flows had ended; empty too when some had not
 * @param unmet expectations that do not hold, one line each
 * @param digest of all bytes on all wires with their times: equal for equal seeds
 */
public record ScenarioResult(long endNanos, List<FlowResult> flows, List<LinkResult> links, List<String> violations,
        List<String> leaks, List<String> unmet, long digest) {

    /**
     * One flow. Times in nanoseconds, {@link Simulation#NEVER} for what has not happened.
     *
     * @param end why the client's end is gone, in words; "open" while it lives
     * @param completed both ends have read everything up to the end of the stream
     * @param forwardBytes read by the server
     * @param backwardBytes read by the client
     * @param completedNanos when the later end had read everything
     * @param forwardBits goodput from client to server in bit/s, from opening to the last byte
     * @param retransmissions segments of both ends that carried nothing new
     * @param dataSegments segments of both ends with payload
     * @param requests answered, for an app that asks
     * @param medianLatencyNanos of those, 0 when none
     */
    public record FlowResult(String name, String end, boolean completed, long forwardBytes, long backwardBytes,
            long openedNanos, long establishedNanos, long completedNanos, double forwardBits, double backwardBits,
            long retransmissions, long dataSegments, int requests, long medianLatencyNanos) {
    }

    /** One direction of a link. */
    public record LinkResult(String name, long offered, long delivered, long deliveredBytes, long droppedByQueue,
            long droppedEarly, long lost, long tooBig, long droppedWhileDown, long marked, int mostWaiting) {
        public long dropped() {
            return droppedByQueue + droppedEarly + lost + tooBig + droppedWhileDown;
        }
    }

    public ScenarioResult {
        flows = List.copyOf(flows);
        links = List.copyOf(links);
        violations = List.copyOf(violations);
        leaks = List.copyOf(leaks);
        unmet = List.copyOf(unmet);
    }

    /** Nothing was violated or leaked, and every expectation is met. */
    public boolean isGood() {
        return violations.isEmpty() && leaks.isEmpty() && unmet.isEmpty();
    }

    /** For people: a line for each flow and each direction of a link, then what is wrong. */
    public String toText() {
        StringBuilder text = new StringBuilder();
        text.append(String.format(Locale.ROOT, "%-12s %14s %14s %12s %12s %8s %12s  %s%n", "flow", "forward",
                "backward", "bytes", "bytes back", "resent", "completed", "end"));
        for (FlowResult flow : flows) {
            text.append(String.format(Locale.ROOT, "%-12s %14s %14s %12d %12d %8d %12s  %s%n", flow.name,
                    Quantities.formatRate(flow.forwardBits), Quantities.formatRate(flow.backwardBits),
                    flow.forwardBytes, flow.backwardBytes, flow.retransmissions,
                    Quantities.formatTime(flow.completedNanos), flow.end));
            if (flow.requests > 0) {
                text.append(String.format(Locale.ROOT, "             %d requests answered, median latency %s%n",
                        flow.requests, Quantities.formatTime(flow.medianLatencyNanos)));
            }
        }
        text.append(String.format(Locale.ROOT, "%n%-20s %10s %10s %8s %8s %8s %8s %8s %8s %8s%n", "link", "offered",
                "delivered", "queue", "early", "lost", "too big", "down", "marked", "waiting"));
        for (LinkResult link : links) {
            text.append(String.format(Locale.ROOT, "%-20s %10d %10d %8d %8d %8d %8d %8d %8d %8d%n", link.name,
                    link.offered, link.delivered, link.droppedByQueue, link.droppedEarly, link.lost, link.tooBig,
                    link.droppedWhileDown, link.marked, link.mostWaiting));
        }
        text.append(String.format(Locale.ROOT, "%nended at %s, digest %016x%n", Quantities.formatTime(endNanos),
                digest));
        append(text, "violation", violations);
        append(text, "leak", leaks);
        append(text, "expectation not met", unmet);
        return text.toString();
    }

    private static void append(StringBuilder text, String what, List<String> lines) {
        for (String each : lines) {
            text.append(what).append(": ").append(each).append('\n');
        }
    }
}
