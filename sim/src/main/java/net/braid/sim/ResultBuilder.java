package net.braid.sim;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Turns the state of a world into results, and expectations into complaints. */
final class ResultBuilder {
    private final long now;
    private final List<WireChecker> checkers;

    ResultBuilder(long now, List<WireChecker> checkers) {
        this.now = now;
        this.checkers = checkers;
    }

    ScenarioResult.FlowResult flow(ScenarioRun.Running flow) {
        Endpoint client = flow.client();
        Endpoint server = flow.server();
        boolean completed = client.ended() && server.ended() && client.written() == server.received()
                && server.written() == client.received();
        long retransmissions = 0;
        long segments = 0;
        if (client.connection() != null) {
            int clientPort = client.connection().localPort();
            for (WireChecker checker : checkers) {
                retransmissions += checker.retransmissions(clientPort, flow.spec().port());
                segments += checker.dataSegments(clientPort, flow.spec().port());
            }
        }
        int requests = 0;
        long median = 0;
        if (client instanceof RequestEndpoint asking && asking.done() > 0) {
            requests = asking.done();
            long[] latencies = new long[requests];
            for (int i = 0; i < requests; i++) {
                latencies[i] = asking.latencyNanos(i);
            }
            Arrays.sort(latencies);
            median = latencies[requests / 2];
        }
        return new ScenarioResult.FlowResult(flow.spec().name(), end(client), completed, server.received(),
                client.received(), client.openedAt(), client.establishedAt(),
                completed ? Math.max(client.endedAt(), server.endedAt()) : Simulation.NEVER,
                goodput(client, server), goodput(client, client), retransmissions, segments, requests, median);
    }

    private static String end(Endpoint endpoint) {
        return endpoint.closeReason() != null ? endpoint.closeReason().toString()
                : endpoint.connection() == null ? "not opened" : "open";
    }

    /** From the client's opening to the last byte, or to now while more may come. */
    private double goodput(Endpoint client, Endpoint reader) {
        if (reader.received() == 0) {
            return 0;
        }
        long elapsed = (reader.ended() ? reader.lastByteAt() : now) - client.openedAt();
        return elapsed <= 0 ? 0 : reader.received() * 8e9 / elapsed;
    }

    ScenarioResult.LinkResult link(Pipe pipe) {
        PipeCounters c = pipe.counters();
        return new ScenarioResult.LinkResult(pipe.name(), c.offered(), c.delivered(), c.deliveredBytes(),
                c.droppedByQueue(), c.droppedEarly(), c.lost(), c.tooBig(), c.droppedWhileDown(), c.marked(),
                c.mostWaiting());
    }

    List<String> unmet(List<Scenario.Expectation> expectations, List<ScenarioResult.FlowResult> flows,
            List<ScenarioResult.LinkResult> links) {
        List<String> unmet = new ArrayList<>();
        for (Scenario.Expectation expectation : expectations) {
            String complaint = switch (expectation) {
                case Scenario.Expectation.Completes e -> completes(find(flows, e.flow()), e.beforeNanos());
                case Scenario.Expectation.Fails e -> fails(find(flows, e.flow()));
                case Scenario.Expectation.Goodput e -> goodput(find(flows, e.flow()), e);
                case Scenario.Expectation.Retransmissions e -> compare("flow " + e.flow() + " has resent",
                        find(flows, e.flow()).retransmissions(), e.atLeast(), e.count());
                case Scenario.Expectation.Delivered e -> compare("link " + e.link() + " has delivered bytes:",
                        delivered(links, e.link()), e.atLeast(), e.bytes());
                case Scenario.Expectation.Drops e -> compare("link " + e.link() + " has dropped",
                        drops(links, e.link()), e.atLeast(), e.count());
            };
            if (complaint != null) {
                unmet.add(expectation.where() + ": " + complaint);
            }
        }
        return unmet;
    }

    private static ScenarioResult.FlowResult find(List<ScenarioResult.FlowResult> flows, String name) {
        for (ScenarioResult.FlowResult flow : flows) {
            if (flow.name().equals(name)) {
                return flow;
            }
        }
        throw new IllegalArgumentException("no flow " + name);
    }

    private static long delivered(List<ScenarioResult.LinkResult> links, String name) {
        long sum = 0;
        for (ScenarioResult.LinkResult link : links) {
            if (link.name().equals(name + " forward") || link.name().equals(name + " backward")) {
                sum += link.deliveredBytes();
            }
        }
        return sum;
    }

    private static long drops(List<ScenarioResult.LinkResult> links, String name) {
        long sum = 0;
        for (ScenarioResult.LinkResult link : links) {
            if (link.name().equals(name + " forward") || link.name().equals(name + " backward")) {
                sum += link.dropped();
            }
        }
        return sum;
    }

    private String completes(ScenarioResult.FlowResult flow, long before) {
        if (!flow.completed()) {
            return "flow " + flow.name() + " is not complete: " + flow.forwardBytes() + " and " + flow.backwardBytes()
                    + " bytes have arrived, " + flow.end();
        }
        return flow.completedNanos() <= before ? null : "flow " + flow.name() + " completed at "
                + Quantities.formatTime(flow.completedNanos()) + ", not before " + Quantities.formatTime(before);
    }

    private String fails(ScenarioResult.FlowResult flow) {
        return flow.end().equals("open") || flow.completed() ? "flow " + flow.name() + " has not failed: " + flow.end()
                : null;
    }

    private static String goodput(ScenarioResult.FlowResult flow, Scenario.Expectation.Goodput e) {
        double bits = Math.max(flow.forwardBits(), flow.backwardBits());
        boolean met = e.atLeast() ? bits >= e.bits() : bits <= e.bits();
        return met ? null : "flow " + flow.name() + " has a goodput of " + Quantities.formatRate(bits) + ", not "
                + (e.atLeast() ? ">= " : "<= ") + Quantities.formatRate(e.bits());
    }

    private static String compare(String what, long value, boolean atLeast, long bound) {
        boolean met = atLeast ? value >= bound : value <= bound;
        return met ? null : what + " " + value + ", not " + (atLeast ? ">= " : "<= ") + bound;
    }
}
