package net.braid.conformance.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.concurrent.FutureTask;
import net.braid.mptcp.ConnectionConfig;
import net.braid.runtime.Acceptance;
import net.braid.runtime.Stream;
import net.braid.tcp.CloseReason;
import net.braid.tcp.Counter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** One path between Braid and the kernel, in both roles, to every kind of end. */
class SinglePathTest extends InteropTest {

    private void connectAndExchange(boolean ipv6, String kind, ConnectionConfig config) throws Exception {
        begin(1, ipv6);
        try (KernelPeer server = KernelPeer.serve(net.kernel, kind, ipv6, PORT, 1, "both:1000000");
                Stream stream = braid.connect(1, PORT, config)) {
            exchange(stream, server, 1_500_000);
        }
    }

    private void acceptAndExchange(boolean ipv6, String kind, ConnectionConfig config) throws Exception {
        begin(1, ipv6);
        try (Acceptance acceptance = braid.listen(PORT, config);
                KernelPeer client = KernelPeer.connect(net.kernel, kind, Namespaces.ourAddress(1, ipv6), PORT, 1,
                        "both:1000000");
                Stream stream = braid.accept(acceptance)) {
            exchange(stream, client, 1_500_000);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void kernelAsServer(boolean ipv6) throws Exception {
        connectAndExchange(ipv6, "mptcp", BraidHost.config("default"));
        assertEquals(1, kernel().get("MPCapableACKRX"));
        kernelIsContent();
        captureIsClean();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void kernelAsClient(boolean ipv6) throws Exception {
        acceptAndExchange(ipv6, "mptcp", BraidHost.config("default"));
        assertEquals(1, kernel().get("MPCapableSYNACKRX"));
        kernelIsContent();
        captureIsClean();
    }

    /** @param byKernel who wants them */
    @ParameterizedTest
    @CsvSource({"false, false", "false, true", "true, false", "true, true"})
    void checksums(boolean ipv6, boolean byKernel) throws Exception {
        begin(1, ipv6);
        if (byKernel) {
            net.in(net.kernel, "sysctl", "-qw", "net.mptcp.checksum_enabled=1").must();
        }
        ConnectionConfig config = BraidHost.config("default", builder -> builder.checksum(!byKernel));
        try (KernelPeer server = KernelPeer.serve(net.kernel, "mptcp", ipv6, PORT, 1, "both:300000");
                Stream stream = braid.connect(1, PORT, config)) {
            assertTrue(stream.info().checksum());
            exchange(stream, server, 300_001);
        }
        kernelIsContent();
        captureIsClean();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void checksumsWithTheKernelAsClient(boolean byKernel) throws Exception {
        begin(1, false);
        if (byKernel) {
            net.in(net.kernel, "sysctl", "-qw", "net.mptcp.checksum_enabled=1").must();
        }
        ConnectionConfig config = BraidHost.config("default", builder -> builder.checksum(!byKernel));
        try (Acceptance acceptance = braid.listen(PORT, config);
                KernelPeer client = KernelPeer.connect(net.kernel, "mptcp", Namespaces.ourAddress(1, false), PORT, 1,
                        "both:300000");
                Stream stream = braid.accept(acceptance)) {
            assertTrue(stream.info().checksum());
            exchange(stream, client, 300_001);
        }
        kernelIsContent();
        captureIsClean();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void plainServer(boolean ipv6) throws Exception {
        connectAndExchange(ipv6, "tcp", BraidHost.config("default"));
        assertEquals("{}", kernel().toString());
        captureIsClean();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void plainClient(boolean ipv6) throws Exception {
        acceptAndExchange(ipv6, "tcp", BraidHost.config("default"));
        assertEquals("{}", kernel().toString());
        captureIsClean();
    }

    @Test
    void kernelFallsBackWhenWeAreThePlainClient() throws Exception {
        connectAndExchange(false, "mptcp", BraidHost.plain());
        assertEquals(0, kernel().get("MPCapableSYNRX"));
        captureIsClean();
    }

    @Test
    void kernelFallsBackWhenWeAreThePlainServer() throws Exception {
        acceptAndExchange(false, "mptcp", BraidHost.plain());
        assertEquals(1, kernel().get("MPCapableFallbackSYNACK"));
        captureIsClean();
    }

    // ---- ends

    @Test
    void weEndFirst() throws Exception {
        begin(1, false);
        try (KernelPeer server = KernelPeer.serve(net.kernel, "mptcp", false, PORT, 1, "recv,send:500000");
                Stream stream = braid.connect(1, PORT, BraidHost.config("default"))) {
            BraidHost.Flow sent = BraidHost.send(stream, 500_000);
            stream.shutdownOutput();
            sent.matches(server.await("received"));
            BraidHost.Flow received = BraidHost.receive(stream);
            received.matches(server.await("sent"));
            BraidHost.finish(stream);
            server.await("done");
        }
        kernelIsContent();
        captureIsClean();
    }

    @Test
    void kernelEndsFirst() throws Exception {
        begin(1, false);
        try (KernelPeer server = KernelPeer.serve(net.kernel, "mptcp", false, PORT, 1, "send:500000,shut,recv");
                Stream stream = braid.connect(1, PORT, BraidHost.config("default"))) {
            BraidHost.Flow received = BraidHost.receive(stream);
            received.matches(server.await("sent"));
            BraidHost.Flow sent = BraidHost.send(stream, 500_000);
            BraidHost.finish(stream);
            sent.matches(server.await("received"));
            server.await("done");
        }
        kernelIsContent();
        captureIsClean();
    }

    @Test
    void kernelClosesFast() throws Exception {
        begin(1, false);
        try (KernelPeer server = KernelPeer.serve(net.kernel, "mptcp", false, PORT, 1, "send:100000,recv:1000,abort");
                Stream stream = braid.connect(1, PORT, BraidHost.config("default"))) {
            BraidHost.receive(stream, 100_000);
            BraidHost.send(stream, 1_000);
            server.await("closed");
            assertThrows(IOException.class, () -> BraidHost.receive(stream));
            assertEquals(CloseReason.ResetByPeer.class, stream.awaitClosed(5 * BraidHost.SECONDS).getClass());
        }
        assertEquals(1, kernel().get("MPFastcloseTx"));
        assertEquals(1, braid.counter(Counter.MPTCP_MP_FASTCLOSE_RX));
        kernelIsContent();
        captureIsClean();
    }

    @Test
    void weCloseFast() throws Exception {
        begin(1, false);
        try (KernelPeer server = KernelPeer.serve(net.kernel, "mptcp", false, PORT, 1, "send:100000,recv");
                Stream stream = braid.connect(1, PORT, BraidHost.config("default"))) {
            BraidHost.receive(stream, 100_000);
            stream.abort();
            assertEquals("ECONNRESET", server.await("failed").get("why"));
        }
        assertEquals(1, kernel().get("MPFastcloseRx"));
        kernelIsContent();
        captureIsClean();
    }

    @Test
    void nobodyListens() throws Exception {
        begin(1, false);
        IOException refused =
                assertThrows(IOException.class, () -> braid.connect(1, PORT, BraidHost.config("default")));
        assertTrue(refused.getMessage().contains("refused"), refused.getMessage());
        try (KernelPeer client = KernelPeer.connect(net.kernel, "mptcp", Namespaces.ourAddress(1, false), PORT, 1,
                "recv")) {
            assertEquals("ECONNREFUSED", client.await("failed").get("why"));
        }
        captureIsClean();
    }

    @Test
    void hundredConnectionsAtOnceToTheKernel() throws Exception {
        begin(1, false);
        try (KernelPeer server = KernelPeer.serve(net.kernel, "mptcp", false, PORT, 100, "echo")) {
            FutureTask<?>[] all = new FutureTask<?>[100];
            for (int i = 0; i < all.length; i++) {
                all[i] = BraidHost.beside(() -> {
                    try (Stream stream = braid.connect(1, PORT, BraidHost.config("default"))) {
                        FutureTask<BraidHost.Flow> back = BraidHost.beside(() -> BraidHost.receive(stream));
                        BraidHost.Flow sent = BraidHost.send(stream, 20_000);
                        stream.shutdownOutput();
                        assertEquals(sent, back.get());
                        BraidHost.finish(stream);
                        return sent;
                    }
                });
            }
            for (FutureTask<?> one : all) {
                one.get();
            }
            server.await("done");
        }
        assertEquals(100, kernel().get("MPCapableACKRX"));
        kernelIsContent();
        captureIsClean();
    }

    @Test
    void hundredConnectionsAtOnceFromTheKernel() throws Exception {
        begin(1, false);
        try (Acceptance acceptance = braid.listen(PORT, BraidHost.config("default"));
                KernelPeer clients = KernelPeer.connect(net.kernel, "mptcp", Namespaces.ourAddress(1, false), PORT, 100,
                        "both:20000")) {
            FutureTask<?>[] all = new FutureTask<?>[100];
            for (int i = 0; i < all.length; i++) {
                Stream stream = braid.accept(acceptance);
                all[i] = BraidHost.beside(() -> {
                    try (stream) {
                        BraidHost.Flow received = BraidHost.receive(stream);
                        BraidHost.send(stream, 20_000);
                        BraidHost.finish(stream);
                        return received;
                    }
                });
            }
            for (FutureTask<?> one : all) {
                assertEquals(20_000, ((BraidHost.Flow) one.get()).bytes());
            }
            clients.await("done");
            assertFalse(clients.said().contains("failed"), clients.said());
        }
        assertEquals(100, kernel().get("MPCapableSYNACKRX"));
        kernelIsContent();
        captureIsClean();
    }
}
