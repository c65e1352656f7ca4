package net.braid.conformance.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.FutureTask;
import net.braid.runtime.Stream;
import net.braid.runtime.StreamInfo;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;

/**
 * What tests with the kernel share: hosts, a capture, and what must be true after every one of them. Where this is
 * not possible they are skipped; with {@code -Dbraid.require.kernel=true} they fail.
 */
@Timeout(120)
abstract class InteropTest {
    static final int PORT = 5201;
    static final int MIB = 1 << 20;

    private static final Optional<String> OBSTACLE = Namespaces.obstacle();

    Namespaces net;
    BraidHost braid;
    /** Of {@link #beginEmulated}, one for each path. */
    final List<EmulatedLink> links = new ArrayList<>();
    private Capture capture;

    @BeforeAll
    static void checkMachine() {
        if (Boolean.getBoolean("braid.require.kernel")) {
            assertEquals(Optional.empty(), OBSTACLE, "tests with the kernel must run here");
        }
        Assumptions.assumeTrue(OBSTACLE.isEmpty(), () -> "tests with the kernel cannot run: " + OBSTACLE.get());
    }

    /** Hosts, a Braid with an address for each path, and a capture. */
    void begin(int paths, boolean ipv6) throws Exception {
        begin(paths, paths, ipv6);
    }

    void begin(int paths, int used, boolean ipv6) throws Exception {
        net = new Namespaces(paths, BraidHost.DEVICE, false);
        capture = new Capture(net);
        braid = new BraidHost(net, used, ipv6);
    }

    /**
     * The same with a link of the simulator in each path, in real time.
     *
     * @param options of {@code braid emulate}, for each path
     */
    void beginEmulated(String... options) throws Exception {
        net = new Namespaces(options.length, BraidHost.DEVICE, false, true);
        for (int i = 1; i <= options.length; i++) {
            links.add(new EmulatedLink(net.router, "x" + i, "y" + i, options[i - 1].split(" ")));
        }
        capture = new Capture(net);
        braid = new BraidHost(net, options.length, false);
    }

    /** The same hosts, but with a kernel in our place. */
    void beginWithKernels(int paths) {
        net = new Namespaces(paths, null, false);
        capture = new Capture(net);
        Shell.run("ip", "netns", "exec", net.ours, "ip", "mptcp", "limits", "set", "subflows", "8",
                "add_addr_accepted", "8").must();
    }

    /** Without a capture, at full speed. */
    void beginFast(int paths) throws Exception {
        net = new Namespaces(paths, BraidHost.DEVICE, true);
        braid = new BraidHost(net, paths, false);
    }

    KernelCounters kernel() {
        return KernelCounters.of(net.kernel);
    }

    /** The kernel has seen no fallback and no mapping that was wrong. */
    void kernelIsContent() {
        assertEquals(Map.of(), kernel().troubles(), () -> "of " + kernel());
    }

    /** tshark finds nothing to complain about but {@code allowed}, which kernels show too. */
    void captureIsClean(String... allowed) {
        List<String> complaints = capture.complaints();
        complaints.removeIf(complaint -> List.of(allowed).stream().anyMatch(complaint::startsWith));
        assertEquals(List.of(), complaints, () -> "in " + capture.file());
    }

    static void eventually(String what, java.util.concurrent.Callable<Boolean> condition) throws Exception {
        long end = System.nanoTime() + 10 * BraidHost.SECONDS;
        while (!condition.call()) {
            assertTrue(System.nanoTime() < end, what);
            Thread.sleep(20);
        }
    }

    /** Bytes in both directions at once, to the end of both. */
    void exchange(Stream stream, KernelPeer peer, int bytes) throws Exception {
        FutureTask<BraidHost.Flow> received = BraidHost.beside(() -> BraidHost.receive(stream));
        BraidHost.Flow sent = BraidHost.send(stream, bytes);
        socketsShowWhatWeShow(stream);
        stream.shutdownOutput();
        KernelPeer.Event theirs = peer.await("sent");
        sent.matches(peer.await("received"));
        received.get().matches(theirs);
        BraidHost.finish(stream);
        peer.await("done");
    }

    /** {@code ss -Mani} shows as many subflows as we have; none when this is plain TCP. */
    private void socketsShowWhatWeShow(Stream stream) throws Exception {
        eventually("ss and we show the same subflows: " + stream.info() + KernelCounters.sockets(net.kernel), () -> {
            StreamInfo info = stream.info();
            long ours = info.multipath() ? info.paths().stream().filter(StreamInfo.Path::established).count() : 0;
            return KernelCounters.subflows(net.kernel) == ours;
        });
    }

    /** {@code ss -Mani} shows so many subflows of connections that have not fallen back. */
    void socketsShow(int subflows) throws Exception {
        eventually("ss shows " + subflows + " subflows", () -> KernelCounters.subflows(net.kernel) == subflows);
    }

    /** A process of the braid command in a namespace. Its output and errors are the caller's to redirect. */
    static ProcessBuilder braidCommand(String namespace, List<String> arguments) {
        String path = System.getProperty("java.class.path") + File.pathSeparator
                + System.getProperty("jdk.module.path", "");
        List<String> command = new ArrayList<>(List.of(System.getProperty("java.home") + "/bin/java", "-ea",
                "-XX:+UseSerialGC", "--enable-native-access=ALL-UNNAMED", "-cp", path, "net.braid.cli.Braid"));
        command.addAll(arguments);
        return new ProcessBuilder(Shell.in(namespace, command));
    }

    /** What a class has started beside ends here, before the hosts go. */
    void stop() {
    }

    // Final: an override without the annotation would not be called.
    @AfterEach
    final void end() {
        try {
            stop();
            if (braid != null) {
                braid.close();
            }
        } finally {
            links.forEach(EmulatedLink::close);
            if (capture != null) {
                capture.close();
            }
            if (net != null) {
                net.close();
            }
        }
    }
}
