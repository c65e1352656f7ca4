package net.braid.sim;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * One small world of the swarm: faults for a while, then a healed network in which all connections must come to their
 * ends, then a time in which late timers run out. The subclasses say what is in it.
 */
abstract class SwarmWorld {
    private static final long LIVENESS_NANOS = 3_600L * SwarmCase.SECOND;
    private static final long REST_NANOS = 600L * SwarmCase.SECOND;
    private static final long MOST_EVENTS = 20_000_000;

    final Simulation simulation;
    final Topology topology;
    final SwarmFlows flows;
    final List<WireChecker> checkers = new ArrayList<>();
    final List<String> problems = new ArrayList<>();

    /**
     * @param mayTimeOut connections may end by themselves in other ways than in order
     * @param boxes the worst that middleboxes may do to them
     * @param refusesJoins there is a path on which no subflow joins
     */
    SwarmWorld(Simulation simulation, boolean mayTimeOut, SwarmBoxes.Effect boxes, boolean refusesJoins) {
        this.simulation = simulation;
        topology = new Topology(simulation);
        flows = new SwarmFlows(simulation, mayTimeOut, boxes, refusesJoins, problems);
    }

    /** How long the faults last. */
    abstract long faultNanos();

    /** Connections are listened for and opened, and everything that will happen is scheduled. */
    abstract void prepare();

    /** Takes all faults away. */
    abstract void heal();

    /** What checkers of its own have to say. */
    List<String> violations() {
        return List.of();
    }

    /** Runs the world of one seed; every line of a trace of all packets goes to {@code trace}, unless that is null. */
    static Optional<Swarm.Failure> run(long seed, boolean multipath, Function<Simulation, SwarmWorld> maker,
            Consumer<String> trace) {
        try (Simulation simulation = new Simulation(seed)) {
            SwarmWorld world = maker.apply(simulation);
            if (trace != null) {
                world.topology.cables().forEach(cable -> cable.tap(new PrintingTap(trace)));
            }
            try {
                world.run();
            } catch (RuntimeException | AssertionError | StackOverflowError e) {
                world.problems.add(0, e + " at " + simulation.now() + " ns" + where(e));
            }
            return world.problems.isEmpty() ? Optional.empty()
                    : Optional.of(new Swarm.Failure(seed, String.join("\n  ", world.problems), multipath));
        }
    }

    private void run() {
        prepare();
        runUntil(faultNanos());
        heal();
        flows.heal();
        long limit = simulation.now() + LIVENESS_NANOS;
        while (problems.isEmpty() && !flows.allClosed() && simulation.step(limit)) {
            checkEvents();
            flows.abandonHalfOpen();
        }
        flows.judge();
        for (WireChecker checker : checkers) {
            problems.addAll(checker.violations());
        }
        problems.addAll(violations());
        if (problems.isEmpty()) {
            runUntil(simulation.now() + REST_NANOS);
            judgeRest();
        }
    }

    private void runUntil(long time) {
        while (problems.isEmpty() && simulation.step(time)) {
            checkEvents();
        }
    }

    private void checkEvents() {
        if (simulation.events() > MOST_EVENTS) {
            problems.add("more than " + MOST_EVENTS + " events until " + simulation.now() + " ns");
        }
    }

    /** After the end: nothing may be left. */
    private void judgeRest() {
        if (simulation.nextEvent() != Simulation.NEVER) {
            problems.add("something is still scheduled, at " + simulation.nextEvent() + " ns");
        }
        for (Host host : topology.hosts()) {
            problems.addAll(Leaks.of(host));
        }
        int held = 0;
        for (Cable cable : topology.cables()) {
            for (Middlebox box : cable.boxes()) {
                held += box.held();
            }
        }
        if (simulation.framesInUse() != held) {
            problems.add(simulation.framesInUse() + " frames are still in use, and middleboxes hold " + held);
        }
    }

    private static String where(Throwable e) {
        StringBuilder text = new StringBuilder();
        StackTraceElement[] trace = e.getStackTrace();
        for (int i = 0; i < Math.min(8, trace.length); i++) {
            text.append("\n    at ").append(trace[i]);
        }
        return text.toString();
    }
}
