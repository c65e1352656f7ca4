package net.braid.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import net.braid.runtime.Acceptance;
import net.braid.runtime.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whole measurements between two engines. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@SuppressWarnings("try")
class PerfRunTest {
    private static final long BYTES = 5_000_000;

    private final StringWriter clientOut = new StringWriter();
    private final StringWriter serverOut = new StringWriter();
    private final StringWriter serverErr = new StringWriter();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final TwoEngines engines;

    PerfRunTest() throws IOException {
        engines = new TwoEngines();
    }

    @AfterEach
    void stop() {
        threads.shutdownNow();
        engines.close();
    }

    private static PerfRequest bytes(PerfDirection direction, int connections) {
        return new PerfRequest(direction, connections, 42, 0, BYTES);
    }

    private void client(PerfRequest request, boolean raw, boolean json) throws IOException {
        new PerfClient(engines.client, TwoEngines.SERVER, TwoEngines.PORT, engines.config, request,
                raw ? PerfClient.Peer.RAW : PerfClient.Peer.BRAID, 50_000_000L,
                TwoEngines.PATIENCE).run(new PerfPrinter(new PrintWriter(clientOut), json));
    }

    /** Runs both sides to their end, and returns whether the server is content. */
    private boolean run(PerfRequest request, PerfRequest rawRequest, boolean json) throws Exception {
        try (Acceptance acceptance = engines.listen()) {
            PerfServer server = new PerfServer(acceptance, rawRequest, 0, json, new PrintWriter(serverOut),
                    new PrintWriter(serverErr));
            Future<Boolean> served = threads.submit(() -> server.run(true));
            client(request, rawRequest != null, json);
            return served.get();
        }
    }

    @Test
    void whatTheClientSendsTheServerReports() throws Exception {
        assertTrue(run(bytes(PerfDirection.FORWARD, 1), null, true), serverErr.toString());
        assertTrue(clientOut.toString().contains("\"bytes_sent\":5000000,\"bytes_received\":0"), clientOut.toString());
        assertTrue(clientOut.toString().contains("\"peer\":[{\"bytes_received\":5000000"), clientOut.toString());
        assertTrue(serverOut.toString().contains("\"bytes_sent\":0,\"bytes_received\":5000000"), serverOut.toString());
    }

    @Test
    void reverseRunSendsFromTheServer() throws Exception {
        assertTrue(run(bytes(PerfDirection.REVERSE, 1), null, true), serverErr.toString());
        assertTrue(clientOut.toString().contains("\"bytes_sent\":0,\"bytes_received\":5000000"), clientOut.toString());
    }

    @Test
    void bidirectionalRunSendsBothWays() throws Exception {
        assertTrue(run(bytes(PerfDirection.BOTH, 1), null, true), serverErr.toString());
        assertTrue(clientOut.toString().contains("\"bytes_sent\":5000000,\"bytes_received\":5000000"),
                clientOut.toString());
    }

    @Test
    void parallelConnectionsAreSummed() throws Exception {
        assertTrue(run(bytes(PerfDirection.FORWARD, 3), null, false), serverErr.toString());
        assertTrue(clientOut.toString().lines().anyMatch(line -> line.startsWith("[SUM]")
                && line.contains("sent 15.0 MB")), clientOut.toString());
        assertEquals(3, serverOut.toString().lines().filter(line -> line.equals("In all:")).count());
    }

    @Test
    void timeEndsARun() throws Exception {
        PerfRequest request = new PerfRequest(PerfDirection.BOTH, 1, 7, 300_000_000L, 0);
        long began = System.nanoTime();
        assertTrue(run(request, null, false), serverErr.toString());
        assertTrue(System.nanoTime() - began >= 300_000_000L);
    }

    @Test
    void bothPathsHaveTheirLine() throws Exception {
        PerfRequest request = new PerfRequest(PerfDirection.FORWARD, 1, 7, 500_000_000L, 0);
        assertTrue(run(request, null, false), serverErr.toString());
        String total = clientOut.toString().substring(clientOut.toString().indexOf("In all:"));
        assertTrue(total.contains("10.1.0.1 -> 10.9.0.1  sent "), total);
        assertTrue(total.contains("10.2.0.1 -> 10.9.0.1  sent "), total);
    }

    @Test
    void rawBytesAreOnlyBytes() throws Exception {
        PerfRequest forward = bytes(PerfDirection.FORWARD, 1);
        assertTrue(run(forward, forward, true), serverErr.toString());
        assertTrue(serverOut.toString().contains("\"bytes_received\":5000000"), serverOut.toString());
    }

    @Test
    void rawServerSendsWhatItWasTold() throws Exception {
        PerfRequest reverse = bytes(PerfDirection.REVERSE, 1);
        assertTrue(run(reverse, reverse, true), serverErr.toString());
        assertTrue(clientOut.toString().contains("\"bytes_sent\":0,\"bytes_received\":5000000"), clientOut.toString());
    }

    @Test
    void strangerIsToldOffAndTheServerGoesOn() throws Exception {
        try (Acceptance acceptance = engines.listen()) {
            PerfServer server = new PerfServer(acceptance, null, 0, false, new PrintWriter(serverOut),
                    new PrintWriter(serverErr));
            Future<Boolean> served = threads.submit(() -> server.run(false));
            try (Stream stranger = engines.connect()) {
                stranger.outputStream().write("GET / HTTP/1.1\r\nHost: somewhere\r\n\r\n".getBytes());
                assertThrows(IOException.class, () -> stranger.inputStream().readAllBytes(), "a reset");
            }
            client(bytes(PerfDirection.FORWARD, 1), false, false);
            acceptance.close();
            assertEquals(false, served.get());
        }
        assertTrue(serverErr.toString().contains("no 'braid perf client'"), serverErr.toString());
    }

    @Test
    void silentServerIsGivenUp() throws Exception {
        try (Acceptance acceptance = engines.listen()) {
            PerfRequest request = new PerfRequest(PerfDirection.FORWARD, 1, 7, 50_000_000L, 0);
            PerfClient client = new PerfClient(engines.client, TwoEngines.SERVER, TwoEngines.PORT, engines.config,
                    request, PerfClient.Peer.BRAID, 0, 300_000_000L);
            IOException problem = assertThrows(IOException.class,
                    () -> client.run(new PerfPrinter(new PrintWriter(clientOut), false)));
            assertEquals("the peer has not ended in time", problem.getMessage());
        }
    }
}
