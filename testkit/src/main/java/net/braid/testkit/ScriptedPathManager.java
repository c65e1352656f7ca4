package net.braid.testkit;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import net.braid.mptcp.PathManager;

/**
 * A path manager that does what a test tells it ({@code scripted}): one script for the side that opened, one for the
 * other. Tests set both with {@link #use} before the connection is made, in their own thread.
 */
public final class ScriptedPathManager implements PathManager {
    /** What a side does about an event; {@code manager} can do more at later times. */
    @FunctionalInterface
    public interface Script {
        Script NOTHING = (manager, event, commands, now) -> {
        };

        void onEvent(ScriptedPathManager manager, Event event, Commands commands, long now);
    }

    private record Scripts(Script client, Script server) {
    }

    private record Later(long time, Consumer<Commands> action) {
    }

    private static final ThreadLocal<Scripts> SCRIPTS =
            ThreadLocal.withInitial(() -> new Scripts(Script.NOTHING, Script.NOTHING));

    private final Scripts scripts = SCRIPTS.get();
    private final List<Later> later = new ArrayList<>();
    private boolean client;

    /** From now on new connections follow these. */
    public static void use(Script client, Script server) {
        SCRIPTS.set(new Scripts(client, server));
    }

    /** Does something at a later time. */
    public void at(long time, Consumer<Commands> action) {
        later.add(new Later(time, action));
    }

    @Override
    public void onEvent(Event event, Commands commands, long now) {
        if (event instanceof Event.Established established) {
            client = established.client();
        }
        (client ? scripts.client : scripts.server).onEvent(this, event, commands, now);
    }

    @Override
    public long deadline() {
        return later.stream().mapToLong(Later::time).min().orElse(Long.MAX_VALUE);
    }

    @Override
    public void onDeadline(Commands commands, long now) {
        List<Later> due = later.stream().filter(l -> l.time <= now).toList();
        later.removeAll(due);
        due.forEach(l -> l.action.accept(commands));
    }

    /** {@code scripted}. */
    public static final class Factory implements PathManager.Factory {
        @Override
        public String name() {
            return "scripted";
        }

        @Override
        public PathManager create() {
            return new ScriptedPathManager();
        }
    }
}
