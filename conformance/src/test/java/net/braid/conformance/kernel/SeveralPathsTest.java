package net.braid.conformance.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.FutureTask;
import net.braid.mptcp.ConnectionConfig;
import net.braid.mptcp.PathManager.Event;
import net.braid.runtime.Acceptance;
import net.braid.runtime.Stream;
import net.braid.runtime.StreamInfo;
import net.braid.tcp.Counter;
import net.braid.wire.IpAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Subflows that Braid or the kernel opens, addresses that they announce and take back, and backups. */
class SeveralPathsTest extends InteropTest {
    private static final ConnectionConfig MESH = BraidHost.config("fullmesh");
    private static final ConnectionConfig PASSIVE = BraidHost.config("default");
    private static final int BYTES = 4 * MIB;
    /** No subflow is opened before the peer has shown with data that it speaks Multipath TCP. */
    private static final String STEPS = "send:1000,wait,both:" + BYTES;

    /** After the first bytes of the kernel's program, which then waits. */
    private static StreamInfo pathsStand(Stream stream, KernelPeer peer, int count) throws Exception {
        assertEquals(1000, BraidHost.receive(stream, 1000).bytes());
        return BraidHost.awaitPaths(stream, count);
    }

    @ParameterizedTest
    @CsvSource({"2, false", "2, true", "4, false"})
    void weJoinAsClient(int paths, boolean ipv6) throws Exception {
        begin(paths, ipv6);
        for (int i = 1; i <= paths; i++) {
            net.shape(i, "60mbit");
        }
        try (KernelPeer server = KernelPeer.serve(net.kernel, "mptcp", ipv6, PORT, 1, STEPS);
                Stream stream = braid.connect(1, PORT, MESH)) {
            pathsStand(stream, server, paths);
            socketsShow(paths);
            server.goOn();
            exchange(stream, server, BYTES);
        }
        assertEquals(paths - 1, kernel().get("MPJoinAckRx"));
        kernelIsContent();
        captureIsClean();
    }

    @ParameterizedTest
    @CsvSource({"2, false", "2, true", "4, false"})
    void kernelJoinsAsClient(int paths, boolean ipv6) throws Exception {
        begin(paths, ipv6);
        for (int i = 1; i <= paths; i++) {
            net.shape(i, "60mbit");
        }
        for (int i = 2; i <= paths; i++) {
            net.kernelEndpoint(Namespaces.kernelAddress(i, ipv6), "dev", "k" + i, "subflow");
        }
        try (Acceptance acceptance = braid.listen(PORT, PASSIVE);
                KernelPeer client = KernelPeer.connect(net.kernel, "mptcp", Namespaces.ourAddress(1, ipv6), PORT, 1,
                        STEPS);
                Stream stream = braid.accept(acceptance)) {
            pathsStand(stream, client, paths);
            socketsShow(paths);
            client.goOn();
            exchange(stream, client, BYTES);
        }
        assertEquals(paths - 1, kernel().get("MPJoinSynAckRx"));
        assertEquals(paths - 1, braid.counter(Counter.MPTCP_JOIN_ACK_RX));
        kernelIsContent();
        captureIsClean();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void kernelAnnouncesAnAddressAndWeJoin(boolean ipv6) throws Exception {
        begin(2, 1, ipv6);
        net.kernelEndpoint(Namespaces.kernelAddress(2, ipv6), "signal");
        try (KernelPeer server = KernelPeer.serve(net.kernel, "mptcp", ipv6, PORT, 1, STEPS);
                Stream stream = braid.connect(1, PORT, MESH)) {
            StreamInfo info = pathsStand(stream, server, 2);
            assertEquals(IpAddress.parse(Namespaces.kernelAddress(2, ipv6)), info.paths().get(1).remote());
            eventually("our echo has come", () -> kernel().get("EchoAdd") == 1);
            server.goOn();
            exchange(stream, server, BYTES);
        }
        assertEquals(1, kernel().get("AddAddrTx"));
        assertEquals(1, kernel().get("MPJoinAckRx"));
        kernelIsContent();
        captureIsClean();
    }

    @Test
    void kernelAnnouncesAnAddressWithItsOwnPort() throws Exception {
        begin(2, 1, false);
        net.kernelEndpoint(Namespaces.kernelAddress(2, false), "signal", "port", "7777");
        try (KernelPeer server = KernelPeer.serve(net.kernel, "mptcp", false, PORT, 1, STEPS);
                Stream stream = braid.connect(1, PORT, MESH)) {
            StreamInfo info = pathsStand(stream, server, 2);
            assertEquals(7777, info.paths().get(1).remotePort());
            eventually("our echo has come", () -> kernel().get("EchoAdd") == 1);
            server.goOn();
            exchange(stream, server, BYTES);
        }
        assertEquals(1, kernel().get("MPJoinPortAckRx"));
        kernelIsContent();
        captureIsClean();
    }

    /** @param port in the announcement, 0: without */
    @ParameterizedTest
    @CsvSource({"0, false", "7777, false", "0, true"})
    void weAnnounceAnAddressAndTheKernelJoins(int port, boolean ipv6) throws Exception {
        begin(2, ipv6);
        IpAddress second = braid.address(2);
        braid.script((manager, event, commands, now) -> {
            if (event instanceof Event.FullyEstablished) {
                commands.announce(second, port);
            }
        });
        try (Acceptance acceptance = braid.listen(PORT, BraidHost.config("scripted"));
                KernelPeer client = KernelPeer.connect(net.kernel, "mptcp", Namespaces.ourAddress(1, ipv6), PORT, 1,
                        "send:1000,recv:10,wait,both:" + BYTES);
                Stream stream = braid.accept(acceptance)) {
            // Its acknowledgment is the first DSS that we see: only then our address may be announced.
            BraidHost.send(stream, 10);
            StreamInfo info = pathsStand(stream, client, 2);
            assertEquals(second, info.paths().get(1).local());
            assertEquals(port == 0 ? PORT : port, info.paths().get(1).localPort());
            client.goOn();
            exchange(stream, client, BYTES);
        }
        assertEquals(1, kernel().get("AddAddr"));
        assertEquals(1, kernel().get("EchoAddTx"));
        assertEquals(1, kernel().get("MPJoinSynAckRx"));
        assertEquals(1, braid.counter(Counter.MPTCP_ECHO_ADD));
        kernelIsContent();
        captureIsClean();
    }

    @Test
    void kernelTakesAnAddressBack() throws Exception {
        begin(2, 1, false);
        net.kernelEndpoint(Namespaces.kernelAddress(2, false), "id", "9", "signal");
        try (KernelPeer server = KernelPeer.serve(net.kernel, "mptcp", false, PORT, 1, STEPS);
                Stream stream = braid.connect(1, PORT, MESH)) {
            pathsStand(stream, server, 2);
            net.in(net.kernel, "ip", "mptcp", "endpoint", "delete", "id", "9").must();
            BraidHost.awaitPaths(stream, 1);
            server.goOn();
            exchange(stream, server, BYTES);
        }
        assertEquals(1, kernel().get("RmAddrTx"));
        assertEquals(1, braid.counter(Counter.MPTCP_RM_ADDR));
        kernelIsContent();
        captureIsClean();
    }

    @Test
    void weTakeAnAddressBackAndBringItAgain() throws Exception {
        begin(2, false);
        try (KernelPeer server = KernelPeer.serve(net.kernel, "mptcp", false, PORT, 1, STEPS);
                Stream stream = braid.connect(1, PORT, MESH)) {
            pathsStand(stream, server, 2);
            braid.engine.removeAddress(braid.address(2));
            BraidHost.awaitPaths(stream, 1);
            eventually("the kernel has heard of it", () -> kernel().get("RmAddr") == 1);
            socketsShow(1);
            braid.addAddress(2);
            BraidHost.awaitPaths(stream, 2);
            server.goOn();
            exchange(stream, server, BYTES);
        }
        assertEquals(2, kernel().get("MPJoinAckRx"));
        kernelIsContent();
        captureIsClean();
    }

    @Test
    void ourBackupCarriesNothingWhileTheOtherPathWorks() throws Exception {
        begin(2, false);
        ConnectionConfig backup = BraidHost.config("fullmesh", builder -> builder.backupAdditional(true));
        try (KernelPeer server = KernelPeer.serve(net.kernel, "mptcp", false, PORT, 1, STEPS);
                Stream stream = braid.connect(1, PORT, backup)) {
            pathsStand(stream, server, 2);
            server.goOn();
            BraidHost.Flow sent = BraidHost.send(stream, BYTES);
            assertEquals(BYTES, BraidHost.receive(stream, BYTES).bytes());
            StreamInfo info = stream.info();
            // A few segments may go there while a busy machine lets the first path stand still.
            assertTrue(info.paths().get(1).bytesSent() <= BYTES / 50, info::toString);
            assertTrue(info.paths().get(1).bytesReceived() <= BYTES / 50, info::toString);
            stream.shutdownOutput();
            sent.matches(server.await("received"));
            BraidHost.finish(stream);
            server.await("done");
        }
        assertEquals(1, kernel().get("MPJoinSynBackupRx"));
        kernelIsContent();
        captureIsClean();
    }

    @Test
    void kernelsBackupIsKnownAndChanged() throws Exception {
        begin(2, false);
        net.kernelEndpoint(Namespaces.kernelAddress(2, false), "dev", "k2", "id", "5", "subflow", "backup");
        try (Acceptance acceptance = braid.listen(PORT, PASSIVE);
                KernelPeer client = KernelPeer.connect(net.kernel, "mptcp", Namespaces.ourAddress(1, false), PORT, 1,
                        STEPS);
                Stream stream = braid.accept(acceptance)) {
            StreamInfo info = pathsStand(stream, client, 2);
            assertTrue(info.paths().get(1).backup(), info::toString);
            net.in(net.kernel, "ip", "mptcp", "endpoint", "change", "id", "5", "nobackup").must();
            eventually("MP_PRIO has come", () -> !stream.info().paths().get(1).backup());
            client.goOn();
            exchange(stream, client, BYTES);
        }
        assertEquals(1, kernel().get("MPPrioTx"));
        assertEquals(1, braid.counter(Counter.MPTCP_MP_PRIO_RX));
        kernelIsContent();
        captureIsClean();
    }

    @Test
    void ourChangeOfPriorityReachesTheKernel() throws Exception {
        begin(2, false);
        IpAddress first = braid.address(1);
        IpAddress second = braid.address(2);
        IpAddress theirs = IpAddress.parse(Namespaces.kernelAddress(1, false));
        braid.script((manager, event, commands, now) -> {
            switch (event) {
                case Event.FullyEstablished e -> commands.openSubflow(second, 0, theirs, PORT, false);
                case Event.SubflowEstablished e when !e.local().equals(first) -> manager.at(now + 200_000_000L,
                        later -> later.setBackup(e.subflow(), true));
                default -> {
                }
            }
        });
        try (KernelPeer server = KernelPeer.serve(net.kernel, "mptcp", false, PORT, 1, STEPS);
                Stream stream = braid.connect(1, PORT, BraidHost.config("scripted"))) {
            pathsStand(stream, server, 2);
            eventually("the kernel has heard it", () -> kernel().get("MPPrioRx") == 1);
            server.goOn();
            exchange(stream, server, BYTES);
        }
        kernelIsContent();
        captureIsClean();
    }
}
