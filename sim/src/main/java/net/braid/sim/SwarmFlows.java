package net.braid.sim;

import java.util.ArrayList;
import java.util.List;
import net.braid.mptcp.Connection;
import net.braid.mptcp.ConnectionConfig;
import net.braid.tcp.CloseReason;
import net.braid.tcp.Subflow;
import net.braid.wire.IpAddress;

/** The connections of one world of the swarm, and the judgement over them. */
final class SwarmFlows {
    /** One connection with its two applications. */
    record Running(SwarmCase.FlowCase plan, Host clientHost, Host serverHost, StreamEndpoint client,
            StreamEndpoint server) {
    }

    private static final long LOOK_AGAIN_NANOS = 100_000_000L;

    private final Simulation simulation;
    private final boolean mayFail;
    private final List<String> problems;
    private boolean mayLoseLast;
    private boolean mayWaitInVain;
    private final List<Running> flows = new ArrayList<>();

    /** @param mayFail connections may end by themselves in other ways than in order */
    SwarmFlows(Simulation simulation, boolean mayFail, List<String> problems) {
        this.simulation = simulation;
        this.mayFail = mayFail;
        this.problems = problems;
    }

    /** Whether no connection is so young that its keys may be known at one end only: a join could not save it. */
    boolean survivePathLoss() {
        for (Running flow : flows) {
            boolean over = flow.client.closeReason() != null
                    || flow.server.connection() != null && flow.server.closeReason() != null;
            if (flow.client.connection() != null && !over && flow.client.connection().isMultipath()
                    && !(flow.client.connection().isProven() && flow.server.connection() != null
                    && flow.server.connection().isProven())) {
                return false;
            }
        }
        return true;
    }

    /**
     * From now on one end may wait in vain to hear that all it sent has arrived, because the other has heard that, and
     * has gone.
     */
    void mayLoseLastAcknowledgment() {
        mayLoseLast = true;
    }

    /**
     * From now on a server may have lost its last subflow without the client's knowledge: the reset got lost, and a
     * client that only reads never asks. The server gives up.
     */
    void serverMayWaitInVain() {
        mayWaitInVain = true;
    }

    Running add(SwarmCase.FlowCase flow, Host client, Host server, long patternSeed) {
        Pattern up = new Pattern(simulation.arena(), patternSeed);
        Pattern down = new Pattern(simulation.arena(), patternSeed + 1);
        Running running = new Running(flow, client, server,
                new StreamEndpoint(client, up, down, flow.clientBytes(), flow.clientWaits(), flow.clientPace()),
                new StreamEndpoint(server, down, up, flow.serverBytes(), flow.serverWaits(), flow.serverPace()));
        flows.add(running);
        return running;
    }

    void listen(Running flow, IpAddress address, int port, ConnectionConfig config) {
        flow.serverHost.stack().listen(address, port, 16, config, (connection, now) -> {
            flow.server.attach(connection, now);
            return flow.server;
        });
    }

    void start(Running flow, IpAddress server, int port, ConnectionConfig config) {
        SwarmCase.FlowCase plan = flow.plan;
        simulation.at(plan.startNanos(), () -> {
            long now = simulation.now();
            flow.client.attach(flow.clientHost.stack().connect(null, 0, server, port, config, flow.client, now), now);
            flow.clientHost.wake();
        });
        if (plan.abortNanos() != Simulation.NEVER) {
            StreamEndpoint aborting = plan.abortAtServer() ? flow.server : flow.client;
            simulation.at(plan.startNanos() + plan.abortNanos(), () -> aborting.abort(simulation.now()));
        }
    }

    /**
     * One after the other between the same two ports, each as soon as the one before is over at both ends and the
     * client's own TIME-WAIT lets it. What follows one that the server has never seen is left out: a late handshake of
     * the one could be taken for the other.
     */
    void chain(List<Running> chain, IpAddress any, IpAddress server, int port, int localPort, ConnectionConfig atServer,
            ConnectionConfig atClient) {
        Running first = chain.getFirst();
        first.serverHost.stack().listen(any, port, 16, atServer, (connection, now) -> {
            for (Running flow : chain) {
                if (flow.server.connection() == null) {
                    flow.server.attach(connection, now);
                    return flow.server;
                }
            }
            return null;
        });
        simulation.at(first.plan.startNanos(), () -> startInChain(chain, 0, server, port, localPort, atClient));
    }

    private void startInChain(List<Running> chain, int index, IpAddress server, int port, int localPort,
            ConnectionConfig config) {
        long now = simulation.now();
        if (index > 0) {
            Running before = chain.get(index - 1);
            if (before.server.connection() == null && before.client.closeReason() != null) {
                flows.removeAll(chain.subList(index, chain.size()));
                return;
            }
            if (before.client.closeReason() == null || before.server.closeReason() == null) {
                simulation.at(now + LOOK_AGAIN_NANOS,
                        () -> startInChain(chain, index, server, port, localPort, config));
                return;
            }
        }
        Running flow = chain.get(index);
        try {
            flow.client.attach(flow.clientHost.stack().connect(null, localPort, server, port, config, flow.client, now),
                    now);
        } catch (IllegalStateException inTimeWait) {
            simulation.at(now + LOOK_AGAIN_NANOS, () -> startInChain(chain, index, server, port, localPort, config));
            return;
        }
        flow.clientHost.wake();
        scheduleAbort(flow);
        if (index + 1 < chain.size()) {
            simulation.at(now + LOOK_AGAIN_NANOS,
                    () -> startInChain(chain, index + 1, server, port, localPort, config));
        }
    }

    private void scheduleAbort(Running flow) {
        if (flow.plan.abortNanos() != Simulation.NEVER) {
            StreamEndpoint aborting = flow.plan.abortAtServer() ? flow.server : flow.client;
            simulation.at(simulation.now() + flow.plan.abortNanos(), () -> aborting.abort(simulation.now()));
        }
    }

    /** Everybody reads what there is from now on. */
    void heal() {
        for (Running flow : flows) {
            simulation.at(Math.max(simulation.now(), flow.plan.startNanos()), () -> {
                flow.client.pace(ReadPace.EAGER);
                flow.server.pace(ReadPace.EAGER);
            });
        }
    }

    void judge() {
        for (int i = 0; i < flows.size(); i++) {
            judge(flows.get(i), i);
        }
    }

    /** One end has failed and the other may never hear of it: TCP says nothing, so the application gives up. */
    void abandonHalfOpen() {
        for (int i = 0; i < flows.size(); i++) {
            StreamEndpoint one = flows.get(i).client;
            StreamEndpoint other = flows.get(i).server;
            if (one.hasFailed() && other.closeReason() == null) {
                other.abort(simulation.now());
            } else if (other.hasFailed() && one.closeReason() == null) {
                one.abort(simulation.now());
            }
        }
    }

    boolean allClosed() {
        for (Running flow : flows) {
            boolean neverAccepted = flow.server.connection() == null && flow.client.hasFailed();
            if (!flow.client.isAtItsEnd() || !flow.server.isAtItsEnd() && !neverAccepted) {
                return false;
            }
        }
        return true;
    }

    private void judge(Running flow, int index) {
        if (flow.client.violation() != null) {
            problems.add(flow.client.violation());
        }
        if (flow.server.violation() != null) {
            problems.add(flow.server.violation());
        }
        boolean complete = flow.client.ended() && flow.server.ended()
                && flow.server.received() == flow.plan.clientBytes()
                && flow.client.received() == flow.plan.serverBytes();
        boolean finished = flow.client.closeReason() instanceof CloseReason.Finished
                && flow.server.closeReason() instanceof CloseReason.Finished;
        if (flow.client.closeReason() == null || flow.server.closeReason() == null
                && (flow.server.connection() != null || flow.client.closeReason() instanceof CloseReason.Finished)) {
            problems.add(describe(flow, index) + " has not come to its end");
        } else if (finished && !complete && flow.plan.abortNanos() == Simulation.NEVER) {
            problems.add(describe(flow, index) + " has finished without all bytes");
        } else if (!finished && !hasCause(flow) && !(complete && mayLoseLast && oneHasFinished(flow))) {
            problems.add(describe(flow, index) + " has failed without a cause");
        }
    }

    private static boolean oneHasFinished(Running flow) {
        return flow.client.closeReason() instanceof CloseReason.Finished
                || flow.server.closeReason() instanceof CloseReason.Finished;
    }

    /** A timeout where the seed lets connections time out, or the planned abort; all else follows from these. */
    private boolean hasCause(Running flow) {
        CloseReason atClient = flow.client.closeReason();
        CloseReason atServer = flow.server.closeReason();
        // A handshake that only the server has given up has no application there that could tell.
        boolean timedOut = mayFail && (atClient instanceof CloseReason.TimedOut
                || atServer instanceof CloseReason.TimedOut || flow.server.connection() == null);
        boolean aborted = flow.plan.abortNanos() != Simulation.NEVER
                && (atClient instanceof CloseReason.Aborted || atServer instanceof CloseReason.Aborted);
        if (mayWaitInVain && flow.server.closeReason() instanceof CloseReason.TimedOut) {
            return true;
        }
        return timedOut || aborted;
    }

    private String describe(Running flow, int index) {
        return "flow " + index + " at " + simulation.now() / SwarmCase.MILLIS + " ms: client "
                + describe(flow.client, flow.plan.serverBytes()) + "; server "
                + describe(flow.server, flow.plan.clientBytes());
    }

    private static String describe(StreamEndpoint end, long expected) {
        return "wrote " + end.written() + " of " + end.bytes() + ", read " + end.received() + " of " + expected
                + (end.ended() ? " and the end" : "") + ", "
                + (end.connection() == null ? "never opened"
                : end.closeReason() != null ? end.closeReason().toString()
                : state(end.connection()));
    }

    private static String state(Connection connection) {
        StringBuilder text = new StringBuilder(connection.isMultipath() ? "multipath" : "plain");
        for (int i = 0; i < 8; i++) {
            Subflow flow = connection.subflow(i);
            if (flow != null) {
                text.append(", subflow ").append(i).append(' ').append(flow.state());
            }
        }
        return text.toString();
    }

    /** After the end: nothing may be left. */
    static void judgeRest(Simulation simulation, Topology topology, List<String> problems) {
        if (simulation.nextEvent() != Simulation.NEVER) {
            problems.add("something is still scheduled, at " + simulation.nextEvent() + " ns");
        }
        for (Host host : topology.hosts()) {
            problems.addAll(Leaks.of(host));
        }
        if (simulation.framesInUse() != 0) {
            problems.add(simulation.framesInUse() + " frames are still in use");
        }
    }

    static String where(Throwable e) {
        StringBuilder text = new StringBuilder();
        StackTraceElement[] trace = e.getStackTrace();
        for (int i = 0; i < Math.min(8, trace.length); i++) {
            text.append("\n    at ").append(trace[i]);
        }
        return text.toString();
    }
}
