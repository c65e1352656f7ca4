package net.braid.runtime;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import net.braid.link.Link;
import net.braid.linux.DatagramLink;
import net.braid.linux.Pollable;
import net.braid.mptcp.Connection;
import net.braid.mptcp.ConnectionConfig;
import net.braid.mptcp.MultipathConfig;
import net.braid.stack.Stack;
import net.braid.stack.StackConfig;
import net.braid.wire.IpAddress;

/**
 * Braid on threads: links, a shard that runs the stack over them, and streams for applications.
 *
 * {@snippet :
 * try (Engine engine = Engine.builder().link(link).route(local, IpAddress.ANY_V4, 0, link, 1500).open();
 *         Stream stream = engine.connect(null, 0, remote, 5201, config, 10_000_000_000L)) {
 *     stream.write(bytes, 0, length);
 * }
 * }
 *
 * <p>One shard for now. What an application holds (a stream, a listening port) knows its shard, so that there can be
 * more.
 */
public final class Engine implements AutoCloseable {
    /** How long {@link #close} waits for connections that were closed to say their farewell. */
    private static final long FAREWELL_NANOS = 2_000_000_000L;
    /** Handshakes under way on a port, at least: with fewer, peers that were slow with theirs would be forgotten. */
    private static final int HANDSHAKES = 128;

    private final Shard shard;
    private final RingPool rings;
    private final Set<Stream> streams = ConcurrentHashMap.newKeySet();
    /** Questions under way: when the shard ends they end too. */
    private final Set<CompletableFuture<?>> pending = ConcurrentHashMap.newKeySet();
    private final List<Link> links;
    private final Waiter waiter;
    private final Arena arena;
    private ControlSocket control;
    private EngineControl answers;
    private String controlProblem;
    private AddressFollower follower;
    private volatile boolean closed;

    private Engine(Builder builder) throws IOException {
        arena = Arena.ofShared();
        rings = new RingPool(builder.ringBytes);
        links = List.copyOf(builder.links);
        waiter = builder.waiter != null ? builder.waiter : chooseWaiter(links);
        Stack stack = new Stack(builder.stack, new SecureRandomSource(), arena);
        shard = new Shard(builder.name + "-0", stack, waiter, builder.idle);
        for (Link link : links) {
            shard.addLink(link);
        }
        for (RouteEntry route : builder.routes) {
            route.addTo(stack);
        }
    }

    private static Waiter chooseWaiter(List<Link> links) throws IOException {
        if (links.isEmpty()) {
            return new ParkWaiter(ParkWaiter.POLL_NANOS);
        }
        if (links.stream().allMatch(Pollable.class::isInstance)) {
            return new DescriptorWaiter(links);
        }
        if (links.stream().allMatch(DatagramLink.class::isInstance)) {
            return new SelectorWaiter(links.stream().map(DatagramLink.class::cast).toList());
        }
        return new ParkWaiter(ParkWaiter.POLL_NANOS);
    }

    private void openControl(Path socket, EngineControl answers) {
        this.answers = answers;
        try {
            control = ControlSocket.open(socket, answers);
        } catch (IOException problem) {
            controlProblem = problem.getMessage();
        }
    }

    /** Why there is no control socket though one was asked for; else null. */
    public String controlProblem() {
        return controlProblem;
    }

    public static Builder builder() {
        return new Builder();
    }

    private record RouteEntry(IpAddress local, IpAddress prefix, int prefixLength, Link link, int mtu) {
        void addTo(Stack stack) {
            stack.routes().add(local, prefix, prefixLength, link, mtu);
        }
    }

    /** What an engine is made of. */
    public static final class Builder {
        private final List<Link> links = new ArrayList<>();
        private final List<RouteEntry> routes = new ArrayList<>();
        private StackConfig stack = StackConfig.DEFAULT;
        private IdleStrategy idle = IdleStrategy.PARK;
        private Waiter waiter;
        private String name = "braid";
        private int ringBytes = 512 * 1024;
        private Path control;
        private MultipathConfig limits = MultipathConfig.DEFAULT;
        private AddressFollower follower;

        private Builder() {
        }

        /** A link that the engine polls, and closes at its own end. */
        public Builder link(Link link) {
            links.add(link);
            return this;
        }

        /**
         * Packets from {@code local} to {@code prefix} leave by {@code link}.
         *
         * @param mtu largest packet on the way, in bytes: that of the uplink behind the link, if smaller
         */
        public Builder route(IpAddress local, IpAddress prefix, int prefixLength, Link link, int mtu) {
            routes.add(new RouteEntry(local, prefix, prefixLength, link, mtu));
            return this;
        }

        public Builder stack(StackConfig value) {
            stack = value;
            return this;
        }

        public Builder idle(IdleStrategy value) {
            idle = value;
            return this;
        }

        /** Where the shard sleeps; default: in the kernel when all links have descriptors or
         * all have channels, else links are polled. */
        public Builder waiter(Waiter value) {
            waiter = value;
            return this;
        }

        /** Name of threads and in events. */
        public Builder name(String value) {
            name = value;
            return this;
        }

        /** Size of the two rings between an application and its connection, a power of two, 4 KiB to 64 MiB. */
        public Builder ringBytes(int value) {
            if (value < 4096 || value > 64 << 20 || Integer.bitCount(value) != 1) {
                throw new IllegalArgumentException("ringBytes must be a power of two, 4096 to 67108864: " + value);
            }
            ringBytes = value;
            return this;
        }

        /**
         * Opens a {@link ControlSocket} that shows and changes what the engine does. Where it cannot be opened the
         * engine runs without: see {@link Engine#controlProblem}.
         *
         * @param connections of the program, whose limits the socket shows
         */
        public Builder control(Path socket, MultipathConfig connections) {
            control = socket;
            limits = connections;
            return this;
        }

        /** Adds the paths of a follower, which from then on belongs to the engine and keeps them in step. */
        public Builder follow(AddressFollower value) {
            follower = value;
            for (AddressFollower.Path path : value.paths()) {
                route(path.address(), path.address().isV4() ? IpAddress.ANY_V4 : IpAddress.ANY_V6, 0, path.link(),
                        path.mtu());
            }
            return this;
        }

        /**
         * Starts the shard.
         *
         * @throws IOException when the process has no more descriptors
         */
        public Engine open() throws IOException {
            Engine engine = new Engine(this);
            engine.shard.start(engine::onShardEnd);
            if (follower != null) {
                engine.follower = follower;
                follower.start(engine);
            }
            if (control != null && !links.isEmpty()) {
                engine.openControl(control, new EngineControl(engine, engine.links, limits));
            }
            return engine;
        }
    }

    /**
     * Opens a connection and waits until it is established.
     *
     * @param local address of ours, or null: chosen by route
     * @param localPort 0: an ephemeral port
     * @param nanos how long to wait at most
     * @throws IOException when nobody answers, the peer refuses, or there is no route, with a line that says so
     */
    public Stream connect(IpAddress local, int localPort, IpAddress remote, int remotePort, ConnectionConfig config,
            long nanos) throws IOException {
        Stream stream = ask(shard, (stack, now) -> {
            Stream created = new Stream(this, shard);
            created.pump().connection(stack.connect(local, localPort, remote, remotePort, config, created.pump(), now));
            streams.add(created);
            return created;
        });
        try {
            stream.awaitEstablished(nanos);
            return stream;
        } catch (IOException problem) {
            // Nobody else has it: its rings and its place go back.
            stream.close();
            throw problem;
        }
    }

    /**
     * Listens on a port of each of {@code locals}.
     *
     * @param locals addresses of ours, or ANY_V4 or ANY_V6
     * @param backlog most connections that wait to be accepted, at least 1
     */
    public Acceptance listen(List<IpAddress> locals, int port, int backlog, ConnectionConfig config)
            throws IOException {
        Acceptance acceptance = new Acceptance(this, shard, backlog);
        return ask(shard, (stack, now) -> {
            try {
                for (IpAddress local : locals) {
                    acceptance.add(stack.listen(local, port, Math.max(backlog, HANDSHAKES), config,
                            acceptance.acceptor()));
                }
            } catch (RuntimeException problem) {
                acceptance.close();
                throw problem;
            }
            return acceptance;
        });
    }

    /** An address of ours has come: connections may open subflows from it. */
    public void addAddress(IpAddress local, IpAddress prefix, int prefixLength, Link link, int mtu) throws IOException {
        ask(shard, (stack, now) -> {
            stack.routes().add(local, prefix, prefixLength, link, mtu);
            stack.onLocalAddress(local, true, now);
            return null;
        });
    }

    /** An address of ours is gone: its subflows end, and peers are told (REMOVE_ADDR). */
    public void removeAddress(IpAddress local) throws IOException {
        ask(shard, (stack, now) -> {
            stack.routes().all().stream().filter(route -> route.local().equals(local)).toList()
                    .forEach(stack.routes()::remove);
            stack.onLocalAddress(local, false, now);
            return null;
        });
    }

    /** A question to the engine, answered on the shard's thread between two inputs. */
    @FunctionalInterface
    public interface Question<T> {
        T answer(Stack stack, long now);
    }

    /** Asks, and waits for the answer. Must not be called from a question. */
    public <T> T ask(Question<T> question) throws IOException {
        return ask(shard, question);
    }

    <T> T ask(Shard where, Question<T> question) throws IOException {
        CompletableFuture<T> answer = new CompletableFuture<>();
        pending.add(answer);
        boolean alive = where.submit((stack, now) -> {
            try {
                answer.complete(question.answer(stack, now));
            } catch (RuntimeException problem) {
                answer.completeExceptionally(problem);
            }
        });
        if (!alive || where.hasEnded()) {
            answer.completeExceptionally(ended(where));
        }
        try {
            return answer.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException cause) {
                throw cause;
            }
            throw new IOException(e.getCause().getMessage(), e.getCause());
        } finally {
            pending.remove(answer);
        }
    }

    RingPool rings() {
        return rings;
    }

    /** On the shard's thread: a connection that a listener has accepted gets its stream. */
    Stream adopt(Shard where, Connection connection) {
        Stream stream = new Stream(this, where);
        stream.pump().adopt(connection);
        streams.add(stream);
        return stream;
    }

    void forget(Stream stream) {
        streams.remove(stream);
    }

    IOException ended(Shard where) {
        Throwable failure = where.failure();
        return failure == null ? new IOException("the engine was closed")
                : new IOException("the engine has failed: " + failure, failure);
    }

    /** Streams whose connection lives, or that the application has not closed yet. */
    public List<Stream> streams() {
        return List.copyOf(streams);
    }

    /** Why the engine has ended by itself, or null. */
    public Throwable failure() {
        return shard.failure();
    }

    /** How often the shard was away for more than 10 ms while it had work, and the longest time, in nanoseconds. */
    public long gaps() {
        return shard.gaps();
    }

    public long longestGapNanos() {
        return shard.longestGapNanos();
    }

    private void onShardEnd() {
        for (Stream stream : streams) {
            stream.pump().orphan();
        }
        for (CompletableFuture<?> answer : pending) {
            answer.completeExceptionally(ended(shard));
        }
    }

    /**
     * Ends the engine: streams that were closed get up to two seconds for their farewell, others are reset; then links
     * are closed. A second call waits for the first, and does nothing.
     */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        if (control != null) {
            control.close();
            answers.end();
        }
        if (follower != null) {
            follower.close();
        }
        boolean interrupted = false;
        try {
            awaitFarewells();
            shard.stop();
        } catch (InterruptedIOException | InterruptedException e) {
            interrupted = true;
            stopRegardless();
        }
        for (Link link : links) {
            link.close();
        }
        waiter.close();
        arena.close();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void awaitFarewells() throws InterruptedIOException {
        long end = System.nanoTime() + FAREWELL_NANOS;
        for (Stream stream : streams) {
            if (stream.isClosing()) {
                stream.awaitClosed(Math.max(0, end - System.nanoTime()));
            }
            if (stream.closeReason() == null) {
                stream.abort();
            }
        }
    }

    private void stopRegardless() {
        boolean done = false;
        while (!done) {
            try {
                shard.stop();
                done = true;
            } catch (InterruptedException again) {
                // The thread must be gone before its memory goes.
            }
        }
    }
}
