package net.braid.cli;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Carries plans out. The state is on disk before the first change, and what a setting was before it is changed; one
 * {@code braid up} or {@code down} works at a time.
 */
final class UplinkWork implements AutoCloseable {
    private static final String LOCK = ".lock";

    private final HostPrograms host = new HostPrograms();
    private final String name;
    private final Path folder;
    private final String namespace = HostPrograms.networkNamespace();
    private final FileChannel channel;
    private final FileLock lock;

    /** What {@code up} did, and what it found. */
    record Outcome(UplinkSetup setup, List<Step> steps) {
    }

    private UplinkWork(String name, Path folder, FileChannel channel, FileLock lock) {
        this.name = name;
        this.folder = folder;
        this.channel = channel;
        this.lock = lock;
    }

    /**
     * Waits until nobody else is at work.
     *
     * @throws UserError when this process may not change the network
     */
    static UplinkWork begin(String command, String name, Path folder) throws IOException {
        if (!HostPrograms.mayAdministrate()) {
            throw new UserError("braid " + command + " changes the network and needs CAP_NET_ADMIN: run it as root");
        }
        FileChannel channel;
        try {
            Files.createDirectories(folder);
            channel = FileChannel.open(folder.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        } catch (IOException problem) {
            throw new UserError("cannot write to " + folder + ": " + Reason.of(problem)
                    + "; run it as root, or name a folder with --state");
        }
        return new UplinkWork(name, folder, channel, channel.lock());
    }

    /** Only looks, and changes nothing: for dry runs and for {@code status}. */
    static UplinkWork look(String name, Path folder) {
        return new UplinkWork(name, folder, null, null);
    }

    HostFacts facts() throws IOException {
        return HostFacts.gather(host, name);
    }

    /** The state of this name in this namespace. @throws UserError when it is another namespace's, that still lives */
    Optional<UplinkState> state() throws IOException {
        Optional<UplinkState> state = UplinkState.load(folder, name);
        if (state.isEmpty() || state.get().namespace().equals(namespace)) {
            return state;
        }
        if (alive(state.get().namespace())) {
            throw new UserError(name + " is in use in another network namespace; choose another with --name, or "
                    + "another folder with --state");
        }
        return Optional.empty();
    }

    private static boolean alive(String namespace) {
        try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
            boolean used = processes.filter(each -> Character.isDigit(each.getFileName().toString().charAt(0)))
                    .anyMatch(each -> namespace.equals(link(each.resolve("ns/net"))));
            return used || named(namespace);
        } catch (IOException unknown) {
            return true;
        }
    }

    private static String link(Path path) {
        try {
            return Files.readSymbolicLink(path).toString();
        } catch (IOException gone) {
            return "";
        }
    }

    /** Whether one of the namespaces of {@code ip netns} is this one: {@code net:[4026531840]} has that inode. */
    private static boolean named(String namespace) {
        try (Stream<Path> names = Files.list(Path.of("/run/netns"))) {
            return names.anyMatch(each -> {
                try {
                    return namespace.equals("net:[" + Files.getAttribute(each, "unix:ino") + "]");
                } catch (IOException gone) {
                    return false;
                }
            });
        } catch (IOException none) {
            return false;
        }
    }

    /** What {@code up} would do. */
    Outcome plan(UplinkRequest request) throws IOException {
        UplinkState previous = state().orElse(null);
        HostFacts facts = facts();
        UplinkSetup setup = UplinkSetup.of(withUser(request), facts, previous, namespace);
        return new Outcome(setup, UplinkPlan.up(setup, facts, previous));
    }

    private UplinkRequest withUser(UplinkRequest request) throws IOException {
        if (request.user().isEmpty()) {
            return request;
        }
        HostPrograms.Answer answer = host.run(List.of("id", "-un", "--", request.user()), "");
        if (!answer.good()) {
            throw new UserError("--user " + request.user() + ": there is no such user");
        }
        return request.ownedBy(answer.out().strip());
    }

    /** Makes what is missing. When that fails the first time, what was made is removed again. */
    Outcome up(UplinkRequest request) throws IOException {
        UplinkState previous = state().orElse(null);
        HostFacts facts = facts();
        UplinkSetup setup = UplinkSetup.of(withUser(request), facts, previous, namespace);
        List<Step> steps = UplinkPlan.up(setup, facts, previous);
        UplinkState state = setup.state().with(remembered(setup.state(), previous));
        if (steps.isEmpty()) {
            state.completed().save(folder);
            return new Outcome(setup, steps);
        }
        state.save(folder);
        try {
            for (Step step : steps) {
                state = carryOut(step, state);
            }
        } catch (IOException problem) {
            if (previous == null || !previous.complete()) {
                tryToClean(problem);
            }
            throw problem;
        }
        // What is no longer wanted was restored.
        List<UplinkState.Setting> kept = state.settings().stream().filter(each -> setup.state().settings().stream()
                .anyMatch(wanted -> wanted.name().equals(each.name()))).toList();
        state.with(kept).completed().save(folder);
        return new Outcome(setup, steps);
    }

    private void tryToClean(IOException problem) {
        try {
            down();
        } catch (IOException second) {
            problem.addSuppressed(second);
        }
    }

    /** The wanted settings, with what is known of what they were. */
    private static List<UplinkState.Setting> remembered(UplinkState wanted, UplinkState previous) {
        List<UplinkState.Setting> settings = new ArrayList<>();
        List<UplinkState.Setting> old = previous == null ? List.of() : previous.settings();
        for (UplinkState.Setting each : wanted.settings()) {
            settings.add(old.stream().filter(known -> known.name().equals(each.name())).findFirst()
                    .map(known -> each.was(known.was())).orElse(each));
        }
        old.stream().filter(known -> settings.stream().noneMatch(each -> each.name().equals(known.name())))
                .forEach(settings::add);
        return settings;
    }

    private UplinkState carryOut(Step step, UplinkState state) throws IOException {
        switch (step) {
            case Step.Run run -> {
                HostPrograms.Answer answer = host.run(run.command(), run.input());
                if (!answer.good()) {
                    throw new HostException(String.join(" ", run.command()) + ": " + answer.complaint());
                }
                return state;
            }
            case Step.Set set -> {
                String was = host.setting(set.name());
                UplinkState saved = state;
                if (set.saved() && was != null && !was.equals(set.value())) {
                    saved = state.with(state.settings().stream().map(each -> each.name().equals(set.name())
                            && each.was() == null ? each.was(was) : each).toList());
                    saved.save(folder);
                }
                host.set(set.name(), set.value());
                return saved;
            }
        }
    }

    /** What {@code down} would do. */
    List<Step> planDown() throws IOException {
        UplinkState state = state().orElse(null);
        return UplinkPlan.down(name, facts(), state, shared(state));
    }

    /**
     * Removes everything, and goes on when one thing cannot be removed.
     *
     * @return what was done
     * @throws HostException with the first complaint; then the state is kept for the next attempt
     */
    List<Step> down() throws IOException {
        UplinkState state = state().orElse(null);
        List<Step> steps = UplinkPlan.down(name, facts(), state, shared(state));
        handOver(state);
        IOException first = null;
        for (Step step : steps) {
            try {
                carryOut(step, state);
            } catch (IOException problem) {
                first = first == null ? problem : first;
            }
        }
        if (first != null) {
            throw first;
        }
        UplinkState.delete(folder, name);
        return steps;
    }

    private List<UplinkState> others() throws IOException {
        List<UplinkState> others = new ArrayList<>();
        if (!Files.isDirectory(folder)) {
            return others;
        }
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.sorted().toList()) {
                String other = file.getFileName().toString();
                if (other.endsWith(".json") && !other.equals(name + ".json")) {
                    UplinkState.load(folder, other.substring(0, other.length() - 5))
                            .filter(each -> each.namespace().equals(namespace)).ifPresent(others::add);
                }
            }
        }
        return others;
    }

    private List<String> shared(UplinkState state) throws IOException {
        return state == null ? List.of() : others().stream().flatMap(other -> other.settings().stream())
                .map(UplinkState.Setting::name).distinct().toList();
    }

    /** Settings that another one needs too are left to it, with what they were before both. */
    private void handOver(UplinkState state) throws IOException {
        if (state == null) {
            return;
        }
        for (UplinkState.Setting mine : state.settings()) {
            for (UplinkState other : others()) {
                boolean needs = other.settings().stream().anyMatch(each -> each.name().equals(mine.name()));
                if (mine.was() != null && needs) {
                    other.with(other.settings().stream().map(each -> each.name().equals(mine.name())
                            && each.was() == null ? each.was(mine.was()) : each).toList()).save(folder);
                    break;
                }
            }
        }
    }

    @Override
    public void close() throws IOException {
        if (channel != null) {
            lock.release();
            channel.close();
        }
    }
}
