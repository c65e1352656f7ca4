package net.braid.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.concurrent.CountDownLatch;
import net.braid.wire.IpAddress;
import net.braid.wire.TcpFlags;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@EnabledOnOs(OS.LINUX)
@Timeout(30)
class EventWaiterTest {
    private static final long LONG_TIME = 20_000_000_000L;
    private static final long SHORT_TIME = 10_000_000_000L;

    private EventWaiter waiter;

    @BeforeEach
    void open() throws IOException {
        waiter = new EventWaiter();
    }

    @AfterEach
    void close() {
        waiter.close();
    }

    private long sleep(long nanos) {
        long start = System.nanoTime();
        waiter.await(nanos);
        return System.nanoTime() - start;
    }

    @Test
    void sleepsAsLongAsAskedTo() {
        assertTrue(sleep(3_000_000L) >= 3_000_000L);
    }

    @Test
    void aNegativeTimeDoesNotSleep() {
        assertTrue(sleep(-5) < SHORT_TIME);
    }

    @Test
    void wakeEndsTheNextSleepOnce() {
        waiter.wake();
        waiter.wake();
        assertTrue(sleep(LONG_TIME) < SHORT_TIME);
        assertTrue(sleep(2_000_000L) >= 2_000_000L);
    }

    @Test
    void wakeEndsASleepFromAnotherThread() throws InterruptedException {
        CountDownLatch begun = new CountDownLatch(1);
        long[] slept = new long[1];
        Thread sleeper = new Thread(() -> {
            begun.countDown();
            slept[0] = sleep(LONG_TIME);
        });
        sleeper.start();
        begun.await();
        waiter.wake();
        sleeper.join();
        assertTrue(slept[0] < SHORT_TIME);
    }

    @Test
    void wakeAfterCloseDoesNothing() {
        waiter.close();
        waiter.wake();
    }

    @Test
    void aPacketEndsTheSleep() throws IOException {
        IpAddress loopback = IpAddress.parse("127.0.0.1");
        try (Arena arena = Arena.ofConfined();
                UdpLink server = UdpLink.open("udp0", 0, Encapsulation.listening(loopback, 0));
                UdpLink client = UdpLink.open("udp1", 1, Encapsulation.to(loopback, server.localPort()))) {
            waiter.add(server);
            Packets packets = new Packets(arena, false).tcp(Packets.address(false, 1), Packets.address(false, 9),
                    TcpFlags.SYN);
            packets.send(client, 0);
            assertTrue(sleep(LONG_TIME) < SHORT_TIME);
            packets.await(server, 1);
            assertEquals(1, packets.arrived.size());
        }
    }

    /** Asks for writing, and is told so. */
    private record Writer(int fileDescriptor, boolean[] writable) implements Pollable {
        @Override
        public boolean wantsWrite() {
            return !writable[0];
        }

        @Override
        public void onWritable() {
            writable[0] = true;
        }
    }

    @Test
    void roomToWriteIsToldOnceItIsWanted() throws IOException {
        try (UdpLink link = UdpLink.open("udp0", 0, Encapsulation.listening(IpAddress.parse("127.0.0.1"), 0))) {
            Writer writer = new Writer(link.fileDescriptor(), new boolean[1]);
            waiter.add(writer);
            assertTrue(sleep(LONG_TIME) < SHORT_TIME);
            assertTrue(writer.writable()[0]);
            assertTrue(sleep(2_000_000L) >= 2_000_000L, "nobody wants to write any more");
        }
    }
}
