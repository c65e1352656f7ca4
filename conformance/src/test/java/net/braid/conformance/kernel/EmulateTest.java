package net.braid.conformance.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** {@code braid emulate} between two interfaces: the kernel's datagrams and TCP see what was asked for. */
class EmulateTest extends InteropTest {
    private static final String FAR = "10.99.0.2";

    private EmulatedLink emulator;

    /** A far host behind the emulator: the kernel's host has e1, the router joins, ours has e2. */
    private void beginEmulator(String... options) throws Exception {
        net = new Namespaces(1, null, false);
        for (String[] end : new String[][] {{net.kernel, "e1", "x1", "10.99.0.1"}, {net.ours, "e2", "x2", FAR}}) {
            net.in(net.router, "ip", "link", "add", end[2], "type", "veth", "peer", "name", end[1], "netns", end[0])
                    .must();
            net.in(net.router, "ip", "link", "set", end[2], "up").must();
            net.in(end[0], "ip", "addr", "add", end[3] + "/24", "dev", end[1]).must();
            net.in(end[0], "ip", "link", "set", end[1], "up").must();
            net.in(end[0], "ethtool", "-K", end[1], "tx", "off", "tso", "off", "gso", "off").must();
        }
        emulator = new EmulatedLink(net.router, "x1", "x2", options);
    }

    @Override
    void stop() {
        if (emulator != null) {
            emulator.close();
        }
    }

    private KernelPeer.Event ping(int count) {
        return KernelPeer.ping(net.kernel, FAR, PORT, count);
    }

    private int lost(int count) {
        return count - Integer.parseInt(ping(count).get("back"));
    }

    @Test
    void roundTripIsTwiceTheDelay() throws Exception {
        beginEmulator("--delay", "20ms");
        try (KernelPeer pong = KernelPeer.pong(net.ours, FAR, PORT)) {
            ping(5);
            double shortest = Double.parseDouble(ping(50).get("ms"));
            assertTrue(shortest >= 40 && shortest < 50, shortest + " ms" + pong.said());
        }
    }

    @Test
    void lossAndDarknessFollowOrders() throws Exception {
        beginEmulator();
        try (KernelPeer pong = KernelPeer.pong(net.ours, FAR, PORT)) {
            assertEquals(0, lost(100), pong::said);
            emulator.order("loss 20%");
            int lost = lost(500);
            assertTrue(lost > 130 && lost < 230, lost + " of 500, where 180 are expected: two ways");
            emulator.order("down");
            assertEquals(5, lost(5));
            emulator.order("loss 0%");
            emulator.order("up");
            assertEquals(0, lost(20));
        }
    }

    @Test
    void kernelTcpGetsTheRate() throws Exception {
        beginEmulator("--rate", "20mbit", "--delay", "5ms", "--queue", "50ms");
        try (KernelPeer server = KernelPeer.serve(net.ours, "tcp", false, PORT, 1, "recv");
                KernelPeer client = KernelPeer.connect(net.kernel, "tcp", FAR, PORT, 1, "send:8000000")) {
            client.await("connected");
            long from = System.nanoTime();
            assertEquals(8_000_000, server.await("received").bytes());
            double megabits = 64 / ((System.nanoTime() - from) / 1e9);
            // 1448 bytes of payload in a frame of 1514.
            assertTrue(megabits > 16 && megabits < 19.6, megabits + " Mbit/s of 19.1");
        }
    }
}
