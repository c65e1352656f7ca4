package net.braid.sim;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import net.braid.mptcp.ConnectionConfig;
import net.braid.stack.StackConfig;
import net.braid.wire.IpAddress;

/**
 * An experiment: a network, flows, events over time, and what is expected of it. Read from text by
 * {@link ScenarioParser} or built in Java with {@link #builder}; run by {@link ScenarioRun}.
 *
 * @param seed decides everything random
 * @param durationNanos when the experiment ends
 */
public record Scenario(
        long seed,
        long durationNanos,
        List<HostSpec> hosts,
        List<RouterSpec> routers,
        List<LinkSpec> links,
        List<MiddleboxSpec> middleboxes,
        List<FlowSpec> flows,
        List<Event> events,
        List<CaptureSpec> captures,
        List<TraceSpec> traces,
        List<Expectation> expectations) {

    public Scenario {
        hosts = List.copyOf(hosts);
        routers = List.copyOf(routers);
        links = List.copyOf(links);
        middleboxes = List.copyOf(middleboxes);
        flows = List.copyOf(flows);
        events = List.copyOf(events);
        captures = List.copyOf(captures);
        traces = List.copyOf(traces);
        expectations = List.copyOf(expectations);
    }

    /** @param stack limits of the host's engine */
    public record HostSpec(String name, StackConfig stack) {
    }

    /** @param blackHole sends no ICMP errors */
    public record RouterSpec(String name, boolean blackHole) {
    }

    /** One end of a link: a host with its addresses there, or a router without. */
    public record EndSpec(String node, List<IpAddress> addresses) {
        public EndSpec {
            addresses = List.copyOf(addresses);
        }
    }

    /** Forward is from the first end to the second. */
    public record LinkSpec(String name, EndSpec first, EndSpec second, PipeProperties forward, PipeProperties backward,
            LinkOffload offload) {
    }

    /** @param box kind and settings, for {@link Middlebox#parse} */
    public record MiddleboxSpec(String link, String box) {
    }

    /** What the two applications do. */
    public sealed interface Work {
        /** The client sends {@code forward} bytes and the server {@code backward}, both at once. */
        record Bulk(long forward, long backward) implements Work {
        }

        /** The client sends bytes that the server sends back. */
        record Echo(long bytes) implements Work {
        }

        /** The client asks {@code count} times and waits for each answer. */
        record Requests(long request, long response, int count, long pauseNanos) implements Work {
        }
    }

    /**
     * @param from address of the client, or null: by route
     * @param to address of the server
     * @param cork both ends hold back segments that are not full (TCP_CORK)
     */
    public record FlowSpec(String name, String client, String server, IpAddress from, IpAddress to, int port,
            long startNanos, Work work, ReadPace pace, boolean cork, ConnectionConfig config) {
    }

    /** Something that happens at a time. */
    public sealed interface Event {
        long atNanos();

        record LinkUp(long atNanos, String link, boolean up) implements Event {
        }

        record LinkChange(long atNanos, String link, UnaryOperator<PipeProperties> forward,
                UnaryOperator<PipeProperties> backward) implements Event {
        }

        record RouterBlackHole(long atNanos, String router, boolean blackHole) implements Event {
        }

        record FlowAbort(long atNanos, String flow) implements Event {
        }

        record FlowPace(long atNanos, String flow, ReadPace pace) implements Event {
        }
    }

    /**
     * A pcapng file of a link, or of all links of a host.
     *
     * @param link null for a host
     * @param host null for a link
     * @param points where on the link, each an interface of its own in each direction
     * @param forward of a link: the direction from the first end to the second
     * @param backward of a link: the other direction
     */
    public record CaptureSpec(String file, String link, String host, List<Tap.Point> points, boolean forward,
            boolean backward) {
        public CaptureSpec {
            points = List.copyOf(points);
        }
    }

    /** A file with the congestion window of a flow's client over time. */
    public record TraceSpec(String file, String flow, long intervalNanos) {
    }

    /** What must hold in the end. {@link #where} says where it was asked for. */
    public sealed interface Expectation {
        String where();

        record Completes(String where, String flow, long beforeNanos) implements Expectation {
        }

        record Fails(String where, String flow) implements Expectation {
        }

        /** {@code atLeast}: the value must be at least the bound, else at most. */
        record Goodput(String where, String flow, boolean atLeast, long bits) implements Expectation {
        }

        record Retransmissions(String where, String flow, boolean atLeast, long count) implements Expectation {
        }

        record Drops(String where, String link, boolean atLeast, long count) implements Expectation {
        }

        /** Bytes of packets that a link has delivered, in both directions. */
        record Delivered(String where, String link, boolean atLeast, long bytes) implements Expectation {
        }
    }

    public static Builder builder() {
        return new Builder();
    }

    /** Collects the parts; nothing is checked before the run. */
    public static final class Builder {
        private long seed = 1;
        private long durationNanos = 60_000_000_000L;
        private final List<HostSpec> hosts = new ArrayList<>();
        private final List<RouterSpec> routers = new ArrayList<>();
        private final List<LinkSpec> links = new ArrayList<>();
        private final List<MiddleboxSpec> middleboxes = new ArrayList<>();
        private final List<FlowSpec> flows = new ArrayList<>();
        private final List<Event> events = new ArrayList<>();
        private final List<CaptureSpec> captures = new ArrayList<>();
        private final List<TraceSpec> traces = new ArrayList<>();
        private final List<Expectation> expectations = new ArrayList<>();

        public Builder seed(long value) {
            seed = value;
            return this;
        }

        public Builder duration(long nanos) {
            durationNanos = nanos;
            return this;
        }

        public Builder host(String name) {
            return host(new HostSpec(name, StackConfig.DEFAULT));
        }

        public Builder host(HostSpec host) {
            hosts.add(host);
            return this;
        }

        public Builder router(String name, boolean blackHole) {
            routers.add(new RouterSpec(name, blackHole));
            return this;
        }

        public Builder link(LinkSpec link) {
            links.add(link);
            return this;
        }

        public Builder middlebox(MiddleboxSpec box) {
            middleboxes.add(box);
            return this;
        }

        public Builder flow(FlowSpec flow) {
            flows.add(flow);
            return this;
        }

        public Builder event(Event event) {
            events.add(event);
            return this;
        }

        public Builder capture(CaptureSpec capture) {
            captures.add(capture);
            return this;
        }

        public Builder trace(TraceSpec trace) {
            traces.add(trace);
            return this;
        }

        public Builder expect(Expectation expectation) {
            expectations.add(expectation);
            return this;
        }

        public Scenario build() {
            return new Scenario(seed, durationNanos, hosts, routers, links, middleboxes, flows, events, captures,
                    traces, expectations);
        }
    }
}
