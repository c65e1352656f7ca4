package net.braid.sim;

import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.PriorityQueue;
import net.braid.base.DeadlineHeap;
import net.braid.base.Xoshiro256;

/**
 * A world with a virtual clock. Nothing in it happens but at an event, and the clock jumps from one to the next.
 *
 * <p>Each component (a direction of a cable, a host) is an actor with at most one pending event: a cable's is the next
 * arrival, not one per frame. So the heap stays as small as the topology, and nothing is allocated per frame. Events
 * at the same instant happen in the order in which their actors were registered; so one seed decides everything.
 *
 * <p>One thread. Memory of frames goes back at {@link #close}.
 */
public final class Simulation implements AutoCloseable {
    public static final long NEVER = DeadlineHeap.NEVER;
    private static final long FNV_PRIME = 0x100_0000_01b3L;

    private final Arena arena = Arena.ofConfined();
    private final Frames frames = new Frames(arena);
    private final DeadlineHeap deadlines = new DeadlineHeap();
    private final Xoshiro256 random;
    private final PriorityQueue<Scripted> script = new PriorityQueue<>();
    private final int scriptActor;
    private final WireDigest digest = new WireDigest();
    private Actor[] actors = new Actor[8];
    private int actorCount;
    private boolean digesting;
    private long now;
    private long events;
    private long scripted;

    public Simulation(long seed) {
        random = new Xoshiro256(seed);
        scriptActor = register(this::runScript);
    }

    public long seed() {
        return random.seed();
    }

    /** Virtual time in nanoseconds, from 0. */
    public long now() {
        return now;
    }

    /** How many events have happened. */
    public long events() {
        return events;
    }

    /** The time of the next event, or {@link #NEVER}. */
    public long nextEvent() {
        return deadlines.next();
    }

    /** Lets the next event happen, if there is one at or before {@code limit}; the clock stands at it afterwards. */
    public boolean step(long limit) {
        long next = deadlines.next();
        if (next > limit || next == NEVER) {
            return false;
        }
        if (next > now) {
            now = next;
        }
        int actor = deadlines.poll(now);
        events++;
        actors[actor].onEvent(now);
        return true;
    }

    /** Lets everything happen that is due until {@code time}, which is then the time. */
    public void runUntil(long time) {
        assert time >= now && time < NEVER;
        while (step(time)) {
            assert actorCount > 0;
        }
        now = time;
    }

    /** The same, under the name that a real-time driver uses: the world's clock must now be {@code time}. */
    public void advanceTo(long time) {
        if (time > now) {
            runUntil(time);
        }
    }

    /** Runs until nothing is left to happen, or until {@code limit}. True: nothing is left. */
    public boolean runUntilIdle(long limit) {
        while (step(limit)) {
            assert actorCount > 0;
        }
        return deadlines.next() == NEVER;
    }

    /**
     * Has {@code action} happen at {@code time}, for scripts; those of one instant happen in the order of their calls.
     */
    public void at(long time, Runnable action) {
        if (time < now) {
            throw new IllegalArgumentException("time " + time + " ns lies before now, " + now + " ns");
        }
        script.add(new Scripted(time, scripted++, action));
        schedule(scriptActor, script.peek().time);
    }

    /**
     * A source of random numbers for one component, derived from the seed and the name only: one component more does
     * not shift the numbers of the others.
     */
    public Xoshiro256 random(String component) {
        long hash = 0xcbf2_9ce4_8422_2325L;
        for (int i = 0; i < component.length(); i++) {
            hash = (hash ^ component.charAt(i)) * FNV_PRIME;
        }
        return random.split(hash);
    }

    /** From now on {@link #digest} covers every frame that is offered to a pipe: time, place, length and bytes. */
    public void startDigest() {
        digesting = true;
    }

    /** One number for all that has been on all wires since {@link #startDigest}. */
    public long digest() {
        return digest.value();
    }

    /** Memory for the components of this world; goes with it. */
    public Arena arena() {
        return arena;
    }

    /** Frames that exist at present: on wires, in queues and in inboxes. */
    public int framesInUse() {
        return frames.inUse();
    }

    @Override
    public void close() {
        arena.close();
    }

    Frames frames() {
        return frames;
    }

    int register(Actor actor) {
        if (actorCount == actors.length) {
            actors = Arrays.copyOf(actors, actorCount * 2);
        }
        actors[actorCount] = actor;
        return actorCount++;
    }

    /** The actor's event is now at {@code time}, whatever it was before; {@link #NEVER} takes it away. */
    void schedule(int actor, long time) {
        assert time >= now : "an event in the past";
        deadlines.set(actor, time);
    }

    void digestFrame(int pipe, int frame) {
        if (digesting) {
            digest.add(now, pipe, frames.memory(frame), frames.length(frame));
        }
    }

    private void runScript(long time) {
        while (!script.isEmpty() && script.peek().time <= time) {
            script.poll().action.run();
        }
        schedule(scriptActor, script.isEmpty() ? NEVER : script.peek().time);
    }

    private record Scripted(long time, long order, Runnable action) implements Comparable<Scripted> {
        @Override
        public int compareTo(Scripted other) {
            int byTime = Long.compare(time, other.time);
            return byTime != 0 ? byTime : Long.compare(order, other.order);
        }
    }
}
