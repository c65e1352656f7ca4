package net.braid.sim;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import net.braid.mptcp.Connection;
import net.braid.tcp.Subflow;
import net.braid.wire.IpAddress;

/** Runs one {@link Scenario}. */
public final class ScenarioRun implements AutoCloseable {
    /** How long after the end timers may still run out before what is left counts as a leak. */
    private static final long REST_NANOS = 300_000_000_000L;
    private static final int BACKLOG = 1024;
    private static final int MOST_SUBFLOWS = 8;

    /** A flow with its two applications. */
    record Running(Scenario.FlowSpec spec, Endpoint client, Endpoint server) {
    }

    private final Scenario scenario;
    private final Simulation simulation;
    private final Topology topology;
    private final Map<String, Host> hosts = new LinkedHashMap<>();
    private final Map<String, Router> routers = new LinkedHashMap<>();
    private final Map<String, Cable> cables = new LinkedHashMap<>();
    private final Map<String, Running> flows = new LinkedHashMap<>();
    private final List<WireChecker> checkers = new ArrayList<>();
    private final List<AutoCloseable> files = new ArrayList<>();

    /**
     * Builds the world; time stands at 0.
     *
     * @param directory captures and traces are written relative to it
     * @throws ScenarioException when a file cannot be written or the parts do not fit together
     */
    public ScenarioRun(Scenario scenario, Path directory) throws ScenarioException {
        this.scenario = scenario;
        simulation = new Simulation(scenario.seed());
        topology = new Topology(simulation);
        try {
            simulation.startDigest();
            build();
            for (Scenario.CaptureSpec capture : scenario.captures()) {
                capture(capture, directory);
            }
            for (Scenario.TraceSpec trace : scenario.traces()) {
                trace(trace, directory);
            }
            for (Scenario.Event event : scenario.events()) {
                simulation.at(event.atNanos(), () -> happen(event));
            }
        } catch (IllegalArgumentException | IllegalStateException e) {
            close();
            throw new ScenarioException("scenario", e.getMessage());
        } catch (ScenarioException e) {
            close();
            throw e;
        }
    }

    /** Builds, runs to the end, and closes. */
    public static ScenarioResult run(Scenario scenario, Path directory) throws ScenarioException {
        try (ScenarioRun run = new ScenarioRun(scenario, directory)) {
            run.advanceTo(scenario.durationNanos());
            return run.result();
        }
    }

    public Simulation simulation() {
        return simulation;
    }

    public Topology topology() {
        return topology;
    }

    /** Lets everything happen until virtual time {@code nanos}, at most the scenario's duration. */
    public void advanceTo(long nanos) {
        simulation.advanceTo(Math.min(nanos, scenario.durationNanos()));
    }

    private void build() {
        for (Scenario.HostSpec spec : scenario.hosts()) {
            hosts.put(spec.name(), topology.host(spec.name(), spec.stack()));
        }
        for (Scenario.RouterSpec spec : scenario.routers()) {
            Router router = topology.router(spec.name());
            router.blackHole(spec.blackHole());
            routers.put(spec.name(), router);
        }
        for (Scenario.LinkSpec spec : scenario.links()) {
            link(spec);
        }
        for (Scenario.MiddleboxSpec spec : scenario.middleboxes()) {
            cables.get(spec.link()).add(Middlebox.parse(spec.box()));
        }
        topology.computeRoutes();
        for (Scenario.FlowSpec spec : scenario.flows()) {
            flow(spec);
        }
    }

    private void link(Scenario.LinkSpec spec) {
        Cable cable = topology.cable(spec.name(), attachment(spec.first(), spec), attachment(spec.second(), spec),
                spec.forward(), spec.backward());
        cables.put(spec.name(), cable);
        if (hosts.containsKey(spec.first().node())) {
            checkers.add(new WireChecker(spec.first().node(), cable.forward(), cable.backward())
                    .engine(host(spec.first().node())));
        }
        if (hosts.containsKey(spec.second().node())) {
            checkers.add(new WireChecker(spec.second().node(), cable.backward(), cable.forward())
                    .engine(host(spec.second().node())));
        }
        for (Scenario.Event event : scenario.events()) {
            if (event instanceof Scenario.Event.LinkChange change && change.link().equals(spec.name())) {
                cable.forward().changing();
                cable.backward().changing();
            }
        }
    }

    private Topology.Attachment attachment(Scenario.EndSpec end, Scenario.LinkSpec link) {
        Router router = routers.get(end.node());
        return router != null ? new Topology.AtRouter(router)
                : new Topology.AtHost(host(end.node()), link.offload(), end.addresses());
    }

    private Host host(String name) {
        return Objects.requireNonNull(hosts.get(name), () -> "no host " + name);
    }

    private void flow(Scenario.FlowSpec spec) {
        Host client = host(spec.client());
        Host server = host(spec.server());
        Pattern up = new Pattern(simulation.arena(), scenario.seed() * 31 + 2L * flows.size());
        Pattern down = new Pattern(simulation.arena(), scenario.seed() * 31 + 2L * flows.size() + 1);
        Endpoint atClient = switch (spec.work()) {
            case Scenario.Work.Bulk bulk -> new StreamEndpoint(client, up, down, bulk.forward(), false,
                    ReadPace.EAGER);
            case Scenario.Work.Echo echo -> new StreamEndpoint(client, up, up, echo.bytes(), false, spec.pace());
            case Scenario.Work.Requests ask -> new RequestEndpoint(client, up, down, ask.request(), ask.response(),
                    ask.count(), ask.pauseNanos());
        };
        Endpoint atServer = switch (spec.work()) {
            case Scenario.Work.Bulk bulk -> new StreamEndpoint(server, down, up, bulk.backward(), false, spec.pace());
            case Scenario.Work.Echo echo -> new EchoEndpoint(server, up);
            case Scenario.Work.Requests ask -> new ResponseEndpoint(server, down, up, ask.request(), ask.response());
        };
        flows.put(spec.name(), new Running(spec, atClient, atServer));
        IpAddress any = spec.to().isV4() ? IpAddress.ANY_V4 : IpAddress.ANY_V6;
        server.stack().listen(any, spec.port(), BACKLOG, spec.config(), (connection, now) -> {
            connection.cork(spec.cork());
            atServer.attach(connection, now);
            return atServer;
        });
        simulation.at(spec.startNanos(), () -> {
            long now = simulation.now();
            Connection opened = client.stack().connect(spec.from(), 0, spec.to(), spec.port(), spec.config(), atClient,
                    now);
            opened.cork(spec.cork());
            atClient.attach(opened, now);
            client.wake();
        });
    }

    private void happen(Scenario.Event event) {
        switch (event) {
            case Scenario.Event.LinkUp up -> cables.get(up.link()).up(up.up());
            case Scenario.Event.LinkChange change -> {
                Cable cable = cables.get(change.link());
                cable.forward().properties(change.forward().apply(cable.forward().properties()));
                cable.backward().properties(change.backward().apply(cable.backward().properties()));
            }
            case Scenario.Event.RouterBlackHole hole -> routers.get(hole.router()).blackHole(hole.blackHole());
            case Scenario.Event.FlowAbort abort -> flows.get(abort.flow()).client().abort(simulation.now());
            case Scenario.Event.FlowPace pace -> {
                if (flows.get(pace.flow()).server() instanceof StreamEndpoint stream) {
                    stream.pace(pace.pace());
                }
            }
        }
    }

    private void capture(Scenario.CaptureSpec spec, Path directory) throws ScenarioException {
        try {
            Capture capture = new Capture(directory.resolve(spec.file()));
            files.add(capture);
            if (spec.link() != null) {
                captureLink(capture, spec);
                return;
            }
            for (SimLink link : host(spec.host()).links()) {
                for (Cable cable : topology.cables()) {
                    if (cable.forward() == link.out() || cable.backward() == link.out()) {
                        capture.host(link, cable);
                    }
                }
            }
        } catch (IOException e) {
            throw new ScenarioException(spec.file(), "cannot be written: " + e);
        }
    }

    private void captureLink(Capture capture, Scenario.CaptureSpec spec) throws IOException {
        Cable cable = cables.get(spec.link());
        List<Pipe> pipes = new ArrayList<>();
        if (spec.forward()) {
            pipes.add(cable.forward());
        }
        if (spec.backward()) {
            pipes.add(cable.backward());
        }
        for (Tap.Point point : spec.points()) {
            for (Pipe pipe : pipes) {
                String where = spec.points().size() == 1 ? "" : " " + point.name().toLowerCase(Locale.ROOT);
                capture.pipe(pipe, point, pipe.name() + where);
            }
        }
    }

    private void trace(Scenario.TraceSpec spec, Path directory) throws ScenarioException {
        try {
            BufferedWriter out = Files.newBufferedWriter(directory.resolve(spec.file()), StandardCharsets.UTF_8);
            files.add(out);
            out.write("time_s,cwnd_bytes,ssthresh_bytes,in_flight_bytes,srtt_ms,subflow\n");
            Running flow = flows.get(spec.flow());
            simulation.at(flow.spec().startNanos(), () -> sample(out, flow, spec.intervalNanos()));
        } catch (IOException e) {
            throw new ScenarioException(spec.file(), "cannot be written: " + e);
        }
    }

    private void sample(BufferedWriter out, Running flow, long interval) {
        Connection connection = flow.client().connection();
        if (flow.client().closeReason() != null) {
            return;
        }
        if (connection != null && connection.isEstablished()) {
            for (int i = 0; i < MOST_SUBFLOWS; i++) {
                Subflow subflow = connection.subflow(i);
                if (subflow != null) {
                    sample(out, subflow, i);
                }
            }
        }
        if (simulation.now() + interval <= scenario.durationNanos()) {
            simulation.at(simulation.now() + interval, () -> sample(out, flow, interval));
        }
    }

    private void sample(BufferedWriter out, Subflow subflow, int index) {
        try {
            out.write(simulation.now() / 1e9 + "," + subflow.congestionWindow() + ","
                    + (subflow.slowStartThreshold() == Long.MAX_VALUE ? "" : subflow.slowStartThreshold()) + ","
                    + subflow.bytesInFlight() + "," + subflow.smoothedRttNanos() / 1e6 + "," + index + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What has come of it so far. After this the world may have run on, to look for leaks. */
    public ScenarioResult result() {
        long end = simulation.now();
        ResultBuilder results = new ResultBuilder(end, checkers);
        List<ScenarioResult.FlowResult> flowResults = new ArrayList<>();
        List<String> violations = new ArrayList<>();
        boolean allEnded = true;
        for (Running flow : flows.values()) {
            flowResults.add(results.flow(flow));
            allEnded &= flow.client().closeReason() != null && flow.client().isAtItsEnd()
                    && (flow.server().connection() == null || flow.server().isAtItsEnd());
            for (Endpoint endpoint : List.of(flow.client(), flow.server())) {
                if (endpoint.violation() != null) {
                    violations.add(flow.spec().name() + ": " + endpoint.violation());
                }
            }
        }
        for (WireChecker checker : checkers) {
            violations.addAll(checker.violations());
        }
        List<ScenarioResult.LinkResult> linkResults = new ArrayList<>();
        for (Cable cable : cables.values()) {
            linkResults.add(results.link(cable.forward()));
            linkResults.add(results.link(cable.backward()));
        }
        long digest = simulation.digest();
        List<String> unmet = results.unmet(scenario.expectations(), flowResults, linkResults);
        return new ScenarioResult(end, flowResults, linkResults, violations, allEnded ? leaks() : List.of(), unmet,
                digest);
    }

    private List<String> leaks() {
        List<String> leaks = new ArrayList<>();
        simulation.runUntilIdle(simulation.now() + REST_NANOS);
        for (Host host : topology.hosts()) {
            leaks.addAll(Leaks.of(host));
        }
        return leaks;
    }

    @Override
    public void close() throws ScenarioException {
        simulation.close();
        for (AutoCloseable file : files) {
            try {
                file.close();
            } catch (Exception e) {
                throw new ScenarioException("output", "cannot be written: " + e.getMessage());
            }
        }
    }
}
