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
    private final SwarmBoxes.Effect boxes;
    private final boolean refusesJoins;
    private final List<String> problems;
    private boolean addressLost;
    private final List<Running> flows = new ArrayList<>();
    /** Those that an application has reset as planned, while they lived. */
    private final List<Running> aborted = new ArrayList<>();
    /** Those that one end had lost, and the other believed to live. */
    private final List<Running> halfOpen = new ArrayList<>();

    /**
     * @param mayFail connections may end by themselves in other ways than in order
     * @param boxes the worst that middleboxes may do to them
     * @param refusesJoins there is a path on which no subflow joins: where there may be only one at a time, an attempt
     *        there keeps others out until it is given up
     */
    SwarmFlows(Simulation simulation, boolean mayFail, SwarmBoxes.Effect boxes, boolean refusesJoins,
            List<String> problems) {
        this.simulation = simulation;
        this.refusesJoins = refusesJoins;
        this.boxes = boxes;
        this.mayFail = mayFail;
        this.problems = problems;
    }

    /** From now on connections may have lost a subflow together with its address. */
    void onAddressLost() {
        addressLost = true;
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
        simulation.at(flow.plan.startNanos(), () -> open(flow, server, port, config));
    }

    /** A host that has lost all its addresses of this family tries again later. */
    private void open(Running flow, IpAddress server, int port, ConnectionConfig config) {
        long now = simulation.now();
        if (flow.clientHost.stack().routes().find(null, server) == null) {
            simulation.at(now + LOOK_AGAIN_NANOS, () -> open(flow, server, port, config));
            return;
        }
        flow.client.attach(flow.clientHost.stack().connect(null, 0, server, port, config, flow.client, now), now);
        flow.clientHost.wake();
        scheduleAbort(flow);
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
            simulation.at(simulation.now() + flow.plan.abortNanos(), () -> {
                if (aborting.abort(simulation.now())) {
                    aborted.add(flow);
                }
            });
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

    /** The flow that a connection of one of the hosts belongs to, or null. */
    Running of(Connection connection) {
        for (Running flow : flows) {
            if (connection != null && (flow.client.connection() == connection
                    || flow.server.connection() == connection)) {
                return flow;
            }
        }
        return null;
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
            if (one.hasFailed() && isLeftAlone(other)) {
                halfOpen.add(flows.get(i));
                other.abort(simulation.now());
            } else if (other.hasFailed() && isLeftAlone(one) || isForgotten(flows.get(i))) {
                halfOpen.add(flows.get(i));
                one.abort(simulation.now());
            }
        }
    }

    /** It lives; and it will not find out by itself, as one does that has lost its last subflow. */
    private static boolean isLeftAlone(StreamEndpoint end) {
        return end.closeReason() == null && !(end.connection() != null && end.connection().isMultipath()
                && end.connection().subflowCount() == 0);
    }

    /** The server has given up the handshake, of which its application has never heard. */
    private boolean isForgotten(Running flow) {
        boolean mayGiveUp = mayFail || boxes.compareTo(SwarmBoxes.Effect.FAILURE) >= 0;
        if (!mayGiveUp || flow.server.connection() != null || flow.client.connection() == null
                || !flow.client.connection().isEstablished() || flow.client.closeReason() != null) {
            return false;
        }
        int known = 0;
        for (Running other : flows) {
            known += other.server.connection() != null && other.server.closeReason() == null ? 1 : 0;
        }
        return flow.serverHost.stack().connectionCount() == known;
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
        judgeBytes(flow.client);
        judgeBytes(flow.server);
        judgeEnd(flow.client, flow.server, flow, index);
        judgeEnd(flow.server, flow.client, flow, index);
        boolean finished = flow.client.closeReason() instanceof CloseReason.Finished
                && flow.server.closeReason() instanceof CloseReason.Finished;
        if (flow.client.closeReason() == null || flow.server.closeReason() == null
                && (flow.server.connection() != null || flow.client.closeReason() instanceof CloseReason.Finished)) {
            problems.add(describe(flow, index) + " has not come to its end");
        } else if (!finished && !hasCause(flow)) {
            problems.add(describe(flow, index) + " has failed without a cause");
        }
    }

    /** Bytes may come changed by a box on the way: over plain TCP, and where no DSS checksum protects them. */
    private void judgeBytes(StreamEndpoint end) {
        if (end.violation() != null && (boxes != SwarmBoxes.Effect.CHANGE || end.connection().usesChecksum())) {
            problems.add(end.violation());
        }
    }

    /**
     * Whatever becomes of a connection, and whatever boxes there are: who has read the end, and was not told of an
     * error before, has read all; and so has who hears that all has ended in order. That the sender hears of a loss too
     * cannot be asked for: plain TCP believes whoever acknowledges.
     */
    private void judgeEnd(StreamEndpoint end, StreamEndpoint peer, Running flow, int index) {
        boolean all = end.received() == peer.bytes();
        boolean told = end.hasFailed() && (!end.ended() || end.closedAt() <= end.endedAt());
        if (end.ended() && !all && !told) {
            problems.add(describe(flow, index) + ": an end has come before all bytes, without an error");
        } else if (!all && end.closeReason() instanceof CloseReason.Finished
                && flow.plan.abortNanos() == Simulation.NEVER) {
            problems.add(describe(flow, index) + " has finished without all bytes");
        }
    }

    /**
     * Why a connection may end otherwise than in order. There are three reasons; all else follows from them, as the end
     * that hears nothing more, or gets a reset, or is told by {@link #abandonHalfOpen} what TCP does not tell.
     *
     * <ul>
     * <li>An application has reset it, as planned.
     * <li>The seed makes timeouts short, and one end has timed out. A handshake that only the server has given up has
     * no application there that could tell.
     * <li>A middlebox that may do so ({@link SwarmBoxes}).
     * </ul>
     *
     * <p>Not a reason: lost paths and addresses, whoever loses them, whenever they are lost, and whatever is lost with
     * them. Who cannot go on elsewhere waits; who has missed the last acknowledgment fetches it. The faults end before
     * any timeout that is not short.
     */
    private boolean hasCause(Running flow) {
        boolean timedOut = mayFail && (flow.client.closeReason() instanceof CloseReason.TimedOut
                || flow.server.closeReason() instanceof CloseReason.TimedOut || flow.server.connection() == null);
        return timedOut || mayBoxesEnd(flow) || aborted.contains(flow);
    }

    private boolean mayBoxesEnd(Running flow) {
        return switch (boxes) {
            case NONE -> false;
            case NO_JOINS -> addressLost;
            case FORGETS -> isCut(flow) || flow.client.closeReason() instanceof CloseReason.TimedOut
                    || flow.server.closeReason() instanceof CloseReason.TimedOut;
            // A reset that only one end got: the other, if it only reads, never asks. Nor does it in TCP.
            case FLOW_ENDS -> isCut(flow) || halfOpen.contains(flow);
            case FAILURE, CHANGE -> true;
        };
    }

    /** No other subflow could take over, or none stands that could. */
    private boolean isCut(Running flow) {
        return addressLost || refusesJoins || !isProven(flow.client) || !isProven(flow.server)
                    || refusesInitialAddress(flow.client) || refusesInitialAddress(flow.server);
    }

    private static boolean isProven(StreamEndpoint end) {
        return end.connection() != null && end.connection().isProven();
    }

    private static boolean refusesInitialAddress(StreamEndpoint end) {
        return end.connection().config().multipath().refuseInitialAddress();
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
}
