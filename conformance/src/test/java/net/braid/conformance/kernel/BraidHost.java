package net.braid.conformance.kernel;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.FutureTask;
import java.util.function.UnaryOperator;
import net.braid.linux.TunLink;
import net.braid.mptcp.ConnectionConfig;
import net.braid.mptcp.MultipathConfig;
import net.braid.runtime.Acceptance;
import net.braid.runtime.Engine;
import net.braid.runtime.Stream;
import net.braid.runtime.StreamInfo;
import net.braid.tcp.CloseReason;
import net.braid.tcp.Counter;
import net.braid.testkit.ScriptedPathManager;
import net.braid.wire.IpAddress;
import org.junit.jupiter.api.Assertions;

/** An engine behind the TUN device of our host, in this process. */
final class BraidHost implements AutoCloseable {
    static final String DEVICE = "braid0";
    static final long SECONDS = 1_000_000_000L;
    private static final int CHUNK = 64 * 1024;

    /** What went over a stream in one direction. */
    record Flow(long bytes, String sha) {
        /** The other end must have had the same. */
        void matches(KernelPeer.Event event) {
            Assertions.assertEquals(bytes, event.bytes(), "bytes");
            Assertions.assertEquals(sha, event.sha(), "SHA-256");
        }
    }

    final Engine engine;
    private final TunLink link;
    private final List<IpAddress> addresses = new ArrayList<>();
    private final boolean ipv6;

    /** @param used how many of the paths' addresses it has, from the first on */
    BraidHost(Namespaces net, int used, boolean ipv6) throws Exception {
        this.ipv6 = ipv6;
        link = NamespaceThread.call(net.ours, () -> TunLink.open(DEVICE, 0));
        Engine.Builder builder = Engine.builder().link(link);
        for (int i = 1; i <= used; i++) {
            addresses.add(address(i));
            builder.route(address(i), any(), 0, link, link.properties().mtu());
        }
        engine = builder.open();
    }

    IpAddress address(int path) {
        return IpAddress.parse(Namespaces.ourAddress(path, ipv6));
    }

    private IpAddress any() {
        return ipv6 ? IpAddress.ANY_V6 : IpAddress.ANY_V4;
    }

    /** Settings of connections that use {@code pathManager}. */
    static ConnectionConfig config(String pathManager, UnaryOperator<MultipathConfig.Builder> change) {
        return ConnectionConfig.builder()
                .multipath(change.apply(MultipathConfig.builder().pathManager(pathManager)).build()).build();
    }

    static ConnectionConfig config(String pathManager) {
        return config(pathManager, builder -> builder);
    }

    static ConnectionConfig plain() {
        return ConnectionConfig.builder().multipath(MultipathConfig.OFF).build();
    }

    /** The path manager {@code scripted} does this from now on. */
    void script(ScriptedPathManager.Script script) throws IOException {
        engine.ask((stack, now) -> {
            ScriptedPathManager.use(script, script);
            return null;
        });
    }

    Stream connect(int toPath, int port, ConnectionConfig config) throws IOException {
        return engine.connect(address(1), 0, IpAddress.parse(Namespaces.kernelAddress(toPath, ipv6)), port, config,
                20 * SECONDS);
    }

    Acceptance listen(int port, ConnectionConfig config) throws IOException {
        return engine.listen(addresses, port, 128, config);
    }

    Stream accept(Acceptance acceptance) throws IOException {
        Stream stream = acceptance.accept(20 * SECONDS);
        Assertions.assertNotNull(stream, "nobody has connected");
        return stream;
    }

    void addAddress(int path) throws IOException {
        engine.addAddress(address(path), any(), 0, link, link.properties().mtu());
    }

    long counter(Counter counter) throws IOException {
        return engine.ask((stack, now) -> stack.counters().get(counter));
    }

    String counters() throws IOException {
        return engine.ask((stack, now) -> stack.counters().toString());
    }

    // ---- data

    static Flow send(Stream stream, long bytes) throws IOException {
        MessageDigest digest = sha256();
        SplittableRandom random = new SplittableRandom(bytes);
        byte[] noise = new byte[CHUNK];
        random.nextBytes(noise);
        try (Arena arena = Arena.ofConfined()) {
            ByteBuffer chunk = arena.allocate(CHUNK, 64).asByteBuffer();
            chunk.put(noise);
            for (long done = 0; done < bytes;) {
                // Blocks that all differ.
                chunk.clear().putLong(0, done);
                chunk.limit((int) Math.min(CHUNK, bytes - done));
                digest.update(chunk.duplicate());
                stream.write(MemorySegment.ofBuffer(chunk), 0, chunk.limit());
                done += chunk.limit();
            }
        }
        return new Flow(bytes, HexFormat.of().formatHex(digest.digest()));
    }

    /** To the end of the stream. */
    static Flow receive(Stream stream) throws IOException {
        return receive(stream, Long.MAX_VALUE);
    }

    static Flow receive(Stream stream, long most) throws IOException {
        MessageDigest digest = sha256();
        long count = 0;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(4 * CHUNK, 64);
            ByteBuffer buffer = memory.asByteBuffer();
            while (count < most) {
                int read = stream.read(memory, 0, (int) Math.min(4 * CHUNK, most - count));
                if (read < 0) {
                    break;
                }
                digest.update(buffer.clear().limit(read));
                count += read;
            }
        }
        return new Flow(count, HexFormat.of().formatHex(digest.digest()));
    }

    /** Does it beside, in a thread of its own. */
    static FutureTask<Flow> beside(java.util.concurrent.Callable<Flow> work) {
        FutureTask<Flow> task = new FutureTask<>(work);
        Thread.ofPlatform().daemon(true).name("beside").start(task);
        return task;
    }

    /** Closes, and the end must be an orderly one. */
    static void finish(Stream stream) throws IOException {
        stream.close();
        Assertions.assertEquals(new CloseReason.Finished(), stream.awaitClosed(20 * SECONDS));
    }

    /** Waits until so many subflows stand. */
    static StreamInfo awaitPaths(Stream stream, int count) throws Exception {
        long end = System.nanoTime() + 10 * SECONDS;
        StreamInfo info = stream.info();
        while (established(info) != count && System.nanoTime() < end) {
            Thread.sleep(20);
            info = stream.info();
        }
        Assertions.assertEquals(count, established(info), "subflows");
        return info;
    }

    private static long established(StreamInfo info) {
        return info.paths().stream().filter(StreamInfo.Path::established).count();
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException impossible) {
            throw new AssertionError(impossible);
        }
    }

    @Override
    public void close() {
        engine.close();
        Assertions.assertNull(engine.failure(), "the engine has failed");
    }
}
