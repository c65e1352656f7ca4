package net.braid.conformance.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.FutureTask;
import net.braid.mptcp.ConnectionConfig;
import net.braid.runtime.Stream;
import net.braid.runtime.StreamInfo;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Paths with delay, loss and darkness between Braid and the kernel: links of the simulator, in real time. */
class EmulatedPathsTest extends InteropTest {
    private static final ConnectionConfig MESH = BraidHost.config("fullmesh");

    @FunctionalInterface
    private interface Disturbance {
        void happen(Stream stream) throws Exception;
    }

    private record Outcome(StreamInfo info, double seconds) {
        long carried(int path, boolean weSend) {
            return EmulatedPathsTest.carried(info, path, weSend);
        }
    }

    /** Sends or receives so many bytes over two subflows; meanwhile something happens. */
    private Outcome transfer(boolean weSend, int bytes, Disturbance disturbance) throws Exception {
        String steps = "send:1000,wait," + (weSend ? "recv" : "send:" + bytes);
        Outcome outcome;
        try (KernelPeer server = KernelPeer.serve(net.kernel, "mptcp", false, PORT, 1, steps);
                Stream stream = braid.connect(1, PORT, MESH)) {
            BraidHost.receive(stream, 1000);
            BraidHost.awaitPaths(stream, 2);
            socketsShow(2);
            server.goOn();
            long from = System.nanoTime();
            FutureTask<BraidHost.Flow> work = BraidHost.beside(
                    () -> weSend ? BraidHost.send(stream, bytes) : BraidHost.receive(stream, bytes));
            disturbance.happen(stream);
            BraidHost.Flow flow = work.get();
            stream.shutdownOutput();
            flow.matches(server.await(weSend ? "received" : "sent"));
            outcome = new Outcome(stream.info(), (System.nanoTime() - from) / 1e9);
            BraidHost.finish(stream);
            server.await("done");
        }
        kernelIsContent();
        captureIsClean();
        return outcome;
    }

    private static long carried(StreamInfo info, int path, boolean weSend) {
        StreamInfo.Path one = info.paths().get(path);
        return weSend ? one.bytesSent() : one.bytesReceived();
    }

    /** 7.6 of 8 Mbit/s are payload, and 1.9 of 2: over Wi-Fi alone 8 MB take 8.4 s. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void wifiAndThirdGenerationTogetherAreFasterThanWifi(boolean weSend) throws Exception {
        beginEmulated("--rate 8mbit --delay 10ms --queue 80ms", "--rate 2mbit --delay 75ms --queue 2s");
        Outcome outcome = transfer(weSend, 8_000_000, stream -> { });
        assertTrue(outcome.seconds < 8.4, outcome::toString);
        assertTrue(outcome.carried(1, weSend) > 800_000, outcome::toString);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void lossesAreMended(boolean weSend) throws Exception {
        beginEmulated("--rate 20mbit --delay 10ms --loss 1%", "--rate 20mbit --delay 10ms --loss 1%");
        Outcome outcome = transfer(weSend, 8_000_000, stream -> { });
        assertTrue(outcome.carried(0, weSend) > 1_000_000 && outcome.carried(1, weSend) > 1_000_000,
                outcome::toString);
    }

    /** Dark for 1.5 s, it must carry data again while the transfer goes on, 2 s after it has come back. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void darkPathCarriesDataAgainAfterItsReturn(boolean weSend) throws Exception {
        beginEmulated("--rate 10mbit --delay 10ms", "--rate 10mbit --delay 10ms");
        transfer(weSend, 8_000_000, stream -> {
            Thread.sleep(500);
            links.get(1).order("down");
            Thread.sleep(1500);
            long before = carried(stream.info(), 1, weSend);
            links.get(1).order("up");
            Thread.sleep(2000);
            long after = carried(stream.info(), 1, weSend);
            assertTrue(after - before > 200_000, () -> before + " bytes, then " + after);
        });
        assertEquals(1, kernel().get("MPJoinAckRx"));
    }
}
