package net.braid.conformance.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.util.concurrent.FutureTask;
import net.braid.mptcp.ConnectionConfig;
import net.braid.runtime.Acceptance;
import net.braid.runtime.Stream;
import net.braid.tcp.CloseReason;
import net.braid.tcp.SubflowConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What routers, hosts and people do to connections between Braid and the kernel. */
class TroubleTest extends InteropTest {
    private static final ConnectionConfig MESH = BraidHost.config("fullmesh");

    /** A router on the way that takes options out. */
    private static String strip(String device, String flags) {
        return "iifname " + device + " " + flags + " reset tcp option mptcp";
    }

    // ---- options that do not arrive

    @ParameterizedTest
    @ValueSource(strings = {"tcp flags & syn == syn", "tcp flags & (syn | ack) == (syn | ack)",
        "tcp flags & (syn | ack) == ack"})
    void optionsThatVanishLeavePlainTcpWithTheKernelAsServer(String where) throws Exception {
        begin(1, false);
        net.filter(strip("rb1", where), strip("rk1", where));
        try (KernelPeer server = KernelPeer.serve(net.kernel, "mptcp", false, PORT, 1, "both:300000");
                Stream stream = braid.connect(1, PORT, MESH)) {
            exchange(stream, server, 300_000);
        }
        captureIsClean();
    }

    @ParameterizedTest
    @ValueSource(strings = {"tcp flags & syn == syn", "tcp flags & (syn | ack) == (syn | ack)",
        "tcp flags & (syn | ack) == ack"})
    void optionsThatVanishLeavePlainTcpWithTheKernelAsClient(String where) throws Exception {
        begin(1, false);
        net.filter(strip("rb1", where), strip("rk1", where));
        try (Acceptance acceptance = braid.listen(PORT, MESH);
                KernelPeer client = KernelPeer.connect(net.kernel, "mptcp", Namespaces.ourAddress(1, false), PORT, 1,
                        "both:300000");
                Stream stream = braid.accept(acceptance)) {
            exchange(stream, client, 300_000);
            assertFalse(client.said().contains("failed"), client.said());
        }
        captureIsClean();
    }

    @Test
    void secondPathWithoutOptionsIsGivenUp() throws Exception {
        begin(2, false);
        net.filter(strip("rb2", "tcp flags & syn == syn"));
        try (KernelPeer server = KernelPeer.serve(net.kernel, "mptcp", false, PORT, 1, "both:1000000");
                Stream stream = braid.connect(1, PORT, MESH)) {
            exchange(stream, server, MIB);
        }
        assertEquals(0, kernel().get("MPJoinSynRx"));
        kernelIsContent();
        captureIsClean();
    }

    @Test
    void addressTranslationChangesNothing() throws Exception {
        begin(2, false);
        net.nft("table ip nat {\n chain post {\n type nat hook postrouting priority 100;\n"
                + "oifname { rk1, rk2 } masquerade random\n }\n}\n");
        try (KernelPeer server = KernelPeer.serve(net.kernel, "mptcp", false, PORT, 1, "send:1000,wait,both:1000000");
                Stream stream = braid.connect(1, PORT, MESH)) {
            KernelPeer.Event connected = server.await("connected");
            assertEquals("10.11.0.1", connected.get("peer"));
            BraidHost.receive(stream, 1000);
            BraidHost.awaitPaths(stream, 2);
            server.goOn();
            exchange(stream, server, MIB);
        }
        assertEquals(1, kernel().get("MPJoinAckRx"));
        kernelIsContent();
        captureIsClean();
    }

    // ---- paths that come and go

    /** Starts what takes some seconds on two paths of 10 Mbit/s each, does something, and sees all arrive. */
    private void whileDataFlows(boolean weSend, Disturbance disturbance) throws Exception {
        begin(2, false);
        net.shape(1, "12mbit");
        net.shape(2, "12mbit");
        int bytes = 6 * MIB;
        String steps = weSend ? "send:1000,wait,recv" : "send:1000,wait,send:" + bytes + ",shut,recv";
        try (KernelPeer server = KernelPeer.serve(net.kernel, "mptcp", false, PORT, 1, steps);
                Stream stream = braid.connect(1, PORT, MESH)) {
            BraidHost.receive(stream, 1000);
            BraidHost.awaitPaths(stream, 2);
            server.goOn();
            FutureTask<BraidHost.Flow> work = BraidHost.beside(() -> {
                BraidHost.Flow flow = weSend ? BraidHost.send(stream, bytes) : BraidHost.receive(stream);
                stream.shutdownOutput();
                return flow;
            });
            Thread.sleep(600);
            disturbance.happen(stream);
            work.get().matches(server.await(weSend ? "received" : "sent"));
            if (weSend) {
                assertEquals(0, BraidHost.receive(stream).bytes());
            }
            BraidHost.finish(stream);
            server.await("done");
        }
        kernelIsContent();
        captureIsClean();
    }

    @FunctionalInterface
    private interface Disturbance {
        void happen(Stream stream) throws Exception;
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void pathGoesDarkAndComesBack(boolean weSend) throws Exception {
        whileDataFlows(weSend, stream -> {
            net.darken(2);
            Thread.sleep(1500);
            net.unfilter();
        });
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void firstPathGoesDarkForGood(boolean weSend) throws Exception {
        whileDataFlows(weSend, stream -> {
            net.darken(1);
            Thread.sleep(2500);
            net.unfilter();
        });
    }

    @Test
    void linkOfTheKernelGoesDownAndUp() throws Exception {
        whileDataFlows(true, stream -> {
            net.in(net.kernel, "ip", "link", "set", "k2", "down").must();
            Thread.sleep(1000);
            net.linkUp(true, 2);
        });
    }

    @Test
    void ourLinkGoesDownAndUp() throws Exception {
        whileDataFlows(true, stream -> {
            net.in(net.ours, "ip", "link", "set", "b2", "down").must();
            Thread.sleep(1000);
            net.linkUp(false, 2);
        });
    }

    @Test
    void addressOfOursGoesInTheMiddle() throws Exception {
        whileDataFlows(true, stream -> {
            braid.engine.removeAddress(braid.address(1));
            BraidHost.awaitPaths(stream, 1);
            braid.addAddress(1);
        });
    }

    // ---- peers that go

    @Test
    void kernelsProgramIsKilled() throws Exception {
        begin(2, false);
        try (KernelPeer server = KernelPeer.serve(net.kernel, "mptcp", false, PORT, 1, "send:1000,wait,recv");
                Stream stream = braid.connect(1, PORT, MESH)) {
            BraidHost.receive(stream, 1000);
            BraidHost.awaitPaths(stream, 2);
            FutureTask<BraidHost.Flow> work = BraidHost.beside(() -> BraidHost.send(stream, 64L * MIB));
            Thread.sleep(300);
            server.kill();
            assertThrows(Exception.class, work::get);
            assertEquals(CloseReason.ResetByPeer.class, stream.awaitClosed(10 * BraidHost.SECONDS).getClass());
        }
        kernelIsContent();
        captureIsClean();
    }

    @Test
    void kernelThatVanishesIsGivenUpInTime() throws Exception {
        begin(1, false);
        ConnectionConfig config = BraidHost.config("default", builder -> builder.noPathNanos(2 * BraidHost.SECONDS))
                .toBuilder().flow(SubflowConfig.builder().userTimeoutNanos(2 * BraidHost.SECONDS).build()).build();
        try (KernelPeer server = KernelPeer.serve(net.kernel, "mptcp", false, PORT, 1, "recv");
                Stream stream = braid.connect(1, PORT, config)) {
            server.await("connected");
            BraidHost.send(stream, 1000);
            net.darken(1);
            BraidHost.send(stream, 1000);
            CloseReason reason = stream.awaitClosed(20 * BraidHost.SECONDS);
            assertInstanceOf(CloseReason.TimedOut.class, reason);
            assertThrows(IOException.class, () -> BraidHost.send(stream, 1000));
        }
    }
}
