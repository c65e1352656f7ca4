package net.braid.conformance.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Optional;
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

    @AfterEach
    void end() {
        try {
            if (braid != null) {
                braid.close();
            }
        } finally {
            if (capture != null) {
                capture.close();
            }
            if (net != null) {
                net.close();
            }
        }
    }
}
