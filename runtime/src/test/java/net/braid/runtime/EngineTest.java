package net.braid.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32;
import net.braid.base.Xoshiro256;
import net.braid.mptcp.ConnectionConfig;
import net.braid.mptcp.MultipathConfig;
import net.braid.tcp.CloseReason;
import net.braid.wire.IpAddress;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Two engines on two threads, joined in memory: what applications see. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@SuppressWarnings("try")
class EngineTest {
    private static final IpAddress CLIENT = IpAddress.parse("10.0.0.1");
    private static final IpAddress SERVER = IpAddress.parse("10.0.0.2");
    private static final long PATIENCE = 10_000_000_000L;

    private final QueueLink[] links = QueueLink.pair();
    private final ConnectionConfig config =
            ConnectionConfig.builder().multipath(MultipathConfig.DEFAULT).build();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private Engine client;
    private Engine server;

    @BeforeEach
    void start() throws IOException {
        client = engine("client", CLIENT, links[0]);
        server = engine("server", SERVER, links[1]);
    }

    private static Engine engine(String name, IpAddress local, QueueLink link) throws IOException {
        ParkWaiter waiter = new ParkWaiter(ParkWaiter.POLL_NANOS);
        link.waiter(waiter);
        return Engine.builder().name(name).link(link).waiter(waiter).ringBytes(64 * 1024)
                .route(local, IpAddress.ANY_V4, 0, link, 1500).open();
    }

    @AfterEach
    void stop() {
        threads.shutdownNow();
        client.close();
        server.close();
    }

    private Acceptance listen(int backlog) throws IOException {
        return server.listen(List.of(IpAddress.ANY_V4), 80, backlog, config);
    }

    private Stream connect() throws IOException {
        return client.connect(null, 0, SERVER, 80, config, PATIENCE);
    }

    @Test
    void largeTransferArrivesWholeInBothDirections() throws Exception {
        try (Acceptance acceptance = listen(4); Stream mine = connect(); Stream theirs = acceptance.accept()) {
            int bytes = 40 << 20;
            Future<Long> there = threads.submit(() -> sum(theirs.inputStream()));
            Future<Long> back = threads.submit(() -> sum(mine.inputStream()));
            Future<Long> sent = threads.submit(() -> send(mine.outputStream(), bytes, 1));
            long answered = send(theirs.outputStream(), bytes, 2);
            assertEquals(sent.get(), there.get());
            assertEquals(answered, back.get());
            assertEquals(bytes, mine.info().received());
        }
    }

    private static long send(OutputStream out, int length, long seed) throws IOException {
        Xoshiro256 random = new Xoshiro256(seed);
        CRC32 sum = new CRC32();
        byte[] chunk = new byte[70_000];
        try (out) {
            for (int done = 0; done < length;) {
                int part = Math.min(length - done, 1 + random.nextInt(chunk.length));
                for (int i = 0; i < part; i += 97) {
                    chunk[i] = (byte) random.nextInt();
                }
                out.write(chunk, 0, part);
                sum.update(chunk, 0, part);
                done += part;
            }
        }
        return sum.getValue();
    }

    private static long sum(InputStream in) throws IOException {
        CRC32 sum = new CRC32();
        byte[] chunk = new byte[33_333];
        for (int read = in.read(chunk); read >= 0; read = in.read(chunk)) {
            sum.update(chunk, 0, read);
        }
        return sum.getValue();
    }

    @Test
    void connectionIsMultipath() throws Exception {
        try (Acceptance acceptance = listen(1); Stream mine = connect(); Stream theirs = acceptance.accept()) {
            theirs.write(ByteBuffer.wrap(new byte[1]));
            mine.read(ByteBuffer.allocate(1));
            assertTrue(mine.info().multipath());
            assertEquals(1, mine.info().paths().size());
        }
    }

    @Test
    void closedStreamIsAcknowledgedToTheLastByte() throws Exception {
        try (Acceptance acceptance = listen(1)) {
            Stream mine = connect();
            Stream theirs = acceptance.accept();
            mine.write(ByteBuffer.wrap(new byte[300_000]));
            mine.close();
            assertEquals(300_000, theirs.inputStream().readAllBytes().length);
            theirs.close();
            assertInstanceOf(CloseReason.Finished.class, mine.awaitClosed(PATIENCE));
            assertInstanceOf(CloseReason.Finished.class, theirs.awaitClosed(PATIENCE));
            assertTrue(client.streams().isEmpty(), "closed streams are forgotten");
        }
    }

    @Test
    void closingWithUnreadDataResets() throws Exception {
        try (Acceptance acceptance = listen(1)) {
            Stream mine = connect();
            Stream theirs = acceptance.accept();
            mine.write(ByteBuffer.wrap(new byte[1000]));
            while (theirs.available() < 1000) {
                Thread.onSpinWait();
            }
            theirs.close();
            IOException error = assertThrows(IOException.class, () -> mine.read(ByteBuffer.allocate(1)));
            assertTrue(error.getMessage().startsWith("connection reset by peer"), error.getMessage());
        }
    }

    @Test
    void refusedPortSaysSo() {
        assertEquals("connection refused", assertThrows(ConnectException.class, this::connect).getMessage());
    }

    @Test
    void refusedConnectionsAreForgotten() throws IOException {
        for (int i = 0; i < 3; i++) {
            assertThrows(ConnectException.class, this::connect);
        }
        client.ask((stack, now) -> null);
        assertTrue(client.streams().isEmpty());
    }

    @Test
    void silentPeerTimesOut() {
        links[0].cut(true);
        assertThrows(SocketTimeoutException.class, () -> client.connect(null, 0, SERVER, 80, config, 50_000_000L));
    }

    @Test
    void destinationWithoutRouteSaysSo() {
        IOException error = assertThrows(IOException.class,
                () -> client.connect(null, 0, IpAddress.parse("2001:db8::1"), 80, config, PATIENCE));
        assertEquals("no route to 2001:db8::1", error.getMessage());
    }

    @Test
    void writerWaitsForASlowReader() throws Exception {
        try (Acceptance acceptance = listen(1); Stream mine = connect(); Stream theirs = acceptance.accept()) {
            int bytes = 20 << 20;
            Future<Long> sent = threads.submit(() -> send(mine.outputStream(), bytes, 3));
            assertThrows(java.util.concurrent.TimeoutException.class, () -> sent.get(200, TimeUnit.MILLISECONDS));
            long there = sum(theirs.inputStream());
            assertEquals(sent.get(), there);
        }
    }

    @Test
    void interruptEndsAWaitAndLosesNothing() throws Exception {
        try (Acceptance acceptance = listen(1); Stream mine = connect(); Stream theirs = acceptance.accept()) {
            Future<?> reader = threads.submit(() -> {
                assertThrows(InterruptedIOException.class, () -> mine.read(ByteBuffer.allocate(1)));
                return null;
            });
            Thread.sleep(20);
            reader.cancel(true);
            theirs.write(ByteBuffer.wrap(new byte[] {7}));
            ByteBuffer one = ByteBuffer.allocate(1);
            assertEquals(1, mine.read(one));
            assertEquals(7, one.get(0));
        }
    }

    @Test
    void closingWakesAReader() throws Exception {
        try (Acceptance acceptance = listen(1); Stream mine = connect(); Stream theirs = acceptance.accept()) {
            Future<?> reader = threads.submit(() -> mine.read(ByteBuffer.allocate(1)));
            Thread.sleep(20);
            mine.close();
            var error = assertThrows(java.util.concurrent.ExecutionException.class, reader::get);
            assertInstanceOf(ClosedChannelException.class, error.getCause());
            assertNotNull(theirs);
        }
    }

    @Test
    void endOfTheEngineEndsEveryWait() throws Exception {
        Acceptance acceptance = listen(1);
        Stream mine = connect();
        Stream theirs = acceptance.accept();
        Future<?> reader = threads.submit(() -> theirs.read(ByteBuffer.allocate(1)));
        Future<?> acceptor = threads.submit(() -> acceptance.accept());
        server.close();
        assertThrows(java.util.concurrent.ExecutionException.class, reader::get);
        assertThrows(java.util.concurrent.ExecutionException.class, acceptor::get);
        assertTrue(links[1].closed);
        assertThrows(IOException.class, () -> mine.read(ByteBuffer.allocate(1)), "the peer is told with a reset");
    }

    @Test
    void fullBacklogMakesPeersTryAgain() throws Exception {
        try (Acceptance acceptance = listen(2)) {
            List<Future<Stream>> opening = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                opening.add(threads.submit(this::connect));
            }
            for (int i = 0; i < 6; i++) {
                assertNotNull(acceptance.accept());
            }
            for (Future<Stream> stream : opening) {
                assertNull(stream.get().closeReason());
            }
        }
    }

    @Test
    void manyConnectionsComeAndGo() throws Exception {
        try (Acceptance acceptance = listen(64)) {
            threads.submit(() -> {
                while (true) {
                    Stream stream = acceptance.accept();
                    threads.submit(() -> {
                        try (stream) {
                            stream.inputStream().transferTo(stream.outputStream());
                            stream.shutdownOutput();
                        }
                        return null;
                    });
                }
            });
            for (int i = 0; i < 300; i++) {
                try (Stream stream = connect()) {
                    stream.write(ByteBuffer.wrap(("hello " + i).getBytes()));
                    stream.shutdownOutput();
                    assertEquals("hello " + i, new String(stream.inputStream().readAllBytes()));
                }
            }
        }
        assertEquals(0, (int) client.ask((stack, now) -> stack.pool().inUse()));
    }
}
