package net.braid.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import net.braid.base.Requirement;
import net.braid.base.Xoshiro256;
import org.junit.jupiter.api.Test;

/** Two flows over a bad wire: whatever it does, every byte arrives once, in its place, and both ends close. */
class PairTest {
    private static final long HOUR = 3600L * 1_000_000_000L;

    @Test
    @Requirement("F27")
    void everyByteArrivesOverAnyWire() {
        int seeds = Integer.getInteger("braid.tcp.seeds", 1500);
        long first = Long.getLong("braid.tcp.seed", 1);
        for (long seed = first; seed < first + seeds; seed++) {
            try {
                run(seed, false);
            } catch (AssertionError | RuntimeException failure) {
                throw new AssertionError("-Dbraid.tcp.seed=" + seed + " -Dbraid.tcp.seeds=1", failure);
            }
        }
    }

    private static void run(long seed, boolean trace) {
        Xoshiro256 random = new Xoshiro256(seed);
        PathProperties path = random.nextInt(4) == 0 ? new PathProperties(1500, false, 65_535)
                : new PathProperties(576 + random.nextInt(1000), random.nextInt(2) == 0, 0);
        if (path.ipv6() && path.mtu() < 1280) {
            path = new PathProperties(1280, true, 0);
        }
        Pair pair = new Pair(seed, config(random), config(random), path);
        pair.trace = trace;
        pair.delay = 50_000L << random.nextInt(12);
        shape(pair.a, random, pair.delay);
        shape(pair.b, random, pair.delay);
        long toB = random.nextInt(200_000);
        long toA = random.nextInt(3) == 0 ? random.nextInt(100_000) : 0;
        pair.a.owner.write(toB);
        pair.b.owner.write(toA);
        boolean inPieces = random.nextInt(3) == 0;
        if (!inPieces) {
            pair.a.owner.shutdown();
        }
        if (random.nextInt(2) == 0) {
            pair.b.owner.shutdown();
        }
        if (random.nextInt(8) == 0) {
            pair.connectBoth();
        } else {
            pair.connect();
        }
        readSlowly(pair, random);
        toB += writeMore(pair, random);
        pair.a.owner.shutdown();
        pair.pump();
        pair.b.owner.shutdown();
        pair.runFor(HOUR);
        assertEquals(toB, pair.b.owner.receiveNext, "bytes at B");
        assertEquals(toA, pair.a.owner.receiveNext, "bytes at A");
        assertEquals(toB, pair.b.owner.peerFin, "FIN at B");
        assertEquals(toA, pair.a.owner.peerFin, "FIN at A");
        // Where the last ACK is lost, and no TIME-WAIT table answers for it, LAST-ACK ends in a timeout.
        assertTrue(isOver(pair.a) && isOver(pair.b), pair.a.owner.events + " " + pair.b.owner.events);
    }

    /** Small and large writes with pauses, a link that is full now and then, and routers that send ICMP. */
    private static long writeMore(Pair pair, Xoshiro256 random) {
        if (pair.a.owner.shut) {
            return 0;
        }
        long written = 0;
        for (int i = 0; i < 60; i++) {
            int length = random.nextInt(3) == 0 ? 1 + random.nextInt(200) : 1 + random.nextInt(20_000);
            pair.a.owner.pushAll = random.nextInt(3) == 0;
            pair.a.owner.write(length);
            written += length;
            pair.a.sink.full = random.nextInt(4) == 0;
            pair.runFor(1_000_000L * random.nextInt(300));
            pair.a.sink.full = false;
            if (random.nextInt(10) == 0 && !pair.a.isDone()) {
                int sequence = pair.a.iss + 1 + (int) pair.a.flow.sendUnacknowledged();
                pair.a.flow.onPacketTooBig(500 + random.nextInt(1000), sequence, pair.now);
            }
        }
        return written;
    }

    @Test
    @Requirement({"F14", "G18", "G22"})
    void aWireThatLosesNothingNeedsNoRetransmission() {
        for (long seed = 1; seed <= 300; seed++) {
            Xoshiro256 random = new Xoshiro256(seed);
            PathProperties path = new PathProperties(1500, false, random.nextInt(2) == 0 ? 65_535 : 0);
            SubflowConfig config = SubflowConfig.builder().timestamps(random.nextInt(3) != 0)
                    .sack(random.nextInt(4) != 0).pacing(random.nextInt(2) == 0).build();
            Pair pair = new Pair(seed, config, config, path);
            pair.delay = 50_000L << random.nextInt(12);
            // A fast wire: what waits in its queue must not look lost before slow start has filled it.
            pair.a.rate = random.nextInt(2) == 0 ? 12_500_000L : 0;
            long bytes = 0;
            pair.connect();
            for (int i = 0; i < 20; i++) {
                int length = random.nextInt(2) == 0 ? 1 + random.nextInt(3000) : 1 + random.nextInt(100_000);
                pair.a.owner.write(length);
                bytes += length;
                pair.pump().runFor(pair.delay * random.nextInt(6) + 1_000_000L * random.nextInt(400));
            }
            pair.a.owner.shutdown();
            pair.b.owner.shutdown();
            pair.pump().runFor(HOUR);
            assertEquals(bytes, pair.b.owner.receiveNext, "seed " + seed);
            assertEquals(0, pair.a.counters.get(Counter.TCP_TIMEOUTS), "timeouts, seed " + seed);
            assertEquals(0, pair.a.counters.get(Counter.TCP_FAST_RETRANS), "retransmissions, seed " + seed);
        }
    }

    private static void readSlowly(Pair pair, Xoshiro256 random) {
        if (random.nextInt(3) != 0) {
            return;
        }
        pair.b.owner.readsAtOnce = false;
        pair.b.owner.receiveBuffer = 2000 + random.nextInt(30_000);
        for (int i = 0; i < 2000 && pair.b.owner.peerFin < 0; i++) {
            pair.runFor(1_000_000L * random.nextInt(400));
            pair.b.owner.read(random.nextInt(20_000));
            if (!pair.b.isDone()) {
                pair.b.flow.onReceiveWindowOpened(pair.now);
            }
            pair.pump();
        }
        pair.b.owner.readsAtOnce = true;
        pair.b.owner.read(1 << 30);
        if (!pair.b.isDone()) {
            pair.b.flow.onReceiveWindowOpened(pair.now);
        }
    }

    private static boolean isOver(Pair.End end) {
        CloseReason reason = end.owner.closed;
        return end.owner.timeWait || reason instanceof CloseReason.Finished || reason instanceof CloseReason.TimedOut;
    }

    private static SubflowConfig config(Xoshiro256 random) {
        return SubflowConfig.builder().timestamps(random.nextInt(3) != 0).sack(random.nextInt(4) != 0)
                .windowScaling(random.nextInt(3) != 0).windowScale(random.nextInt(11)).ecn(random.nextInt(2) == 0)
                .pacing(random.nextInt(2) == 0).mtuProbing(random.nextInt(3))
                .receiveHoles(random.nextInt(4) == 0 ? 1 + random.nextInt(4) : 1024)
                .synRetries(20).synAckRetries(20).retries2(30).maximumRtoNanos(5_000_000_000L).build();
    }

    private static void shape(Pair.End end, Xoshiro256 random, long delay) {
        double loss = random.nextInt(3) == 0 ? 0 : random.nextDouble() * 0.2;
        double reordering = random.nextInt(3) == 0 ? random.nextDouble() * 0.3 : 0;
        end.duplication = random.nextInt(3) == 0 ? random.nextDouble() * 0.1 : 0;
        end.marking = random.nextInt(3) == 0 ? random.nextDouble() * 0.2 : 0;
        end.rate = random.nextInt(3) == 0 ? 100_000L << random.nextInt(8) : 0;
        Xoshiro256 own = random.split(end.iss);
        end.fate = (index, segment) -> {
            if (own.nextDouble() < loss) {
                return Pair.Fate.DROP;
            }
            return own.nextDouble() < reordering ? (long) (own.nextDouble() * 2 * delay) : 0;
        };
    }

    @Test
    @Requirement("F05")
    void aCleanWireNeedsNoRetransmission() {
        Pair pair = new Pair(1, SubflowConfig.DEFAULT);
        pair.a.owner.write(1_000_000);
        pair.a.owner.shutdown();
        pair.b.owner.shutdown();
        pair.connect().runFor(HOUR);
        assertEquals(1_000_000, pair.b.owner.receiveNext);
        assertEquals(0, pair.a.counters.get(Counter.TCP_RETRANS_SEGS) + pair.b.counters.get(Counter.TCP_RETRANS_SEGS));
        assertTrue(pair.a.isDone() && pair.b.isDone());
        assertTrue(pair.a.owner.closed == null || pair.a.owner.closed instanceof CloseReason.Finished);
        assertEquals(0, pair.a.counters.get(Counter.TCP_LOSS_PROBES));
    }

    @Test
    @Requirement("F05")
    void simultaneousOpenEstablishesBoth() {
        Pair pair = new Pair(1, SubflowConfig.DEFAULT);
        pair.a.owner.write(5000);
        pair.b.owner.write(7000);
        pair.connectBoth().runFor(1_000_000_000L);
        assertEquals(TcpState.ESTABLISHED, pair.a.flow.state());
        assertEquals(TcpState.ESTABLISHED, pair.b.flow.state());
        assertEquals(5000, pair.b.owner.receiveNext);
        assertEquals(7000, pair.a.owner.receiveNext);
    }

    @Test
    @Requirement("F05")
    void simultaneousCloseEndsInTimeWaitOnBothSides() {
        Pair pair = new Pair(1, SubflowConfig.DEFAULT);
        pair.connect().runFor(1_000_000_000L);
        pair.a.owner.shutdown();
        pair.b.owner.shutdown();
        pair.pump().runFor(1_000_000_000L);
        assertTrue(pair.a.owner.timeWait && pair.b.owner.timeWait);
    }

    @Test
    void aResetEndsTheOtherSide() {
        Pair pair = new Pair(1, SubflowConfig.DEFAULT);
        pair.connect().runFor(1_000_000_000L);
        pair.a.flow.abort(new CloseReason.Aborted("test"), pair.now);
        pair.pump().runFor(1_000_000_000L);
        assertInstanceOf(CloseReason.Aborted.class, pair.a.owner.closed);
        assertInstanceOf(CloseReason.ResetByPeer.class, pair.b.owner.closed);
    }
}
