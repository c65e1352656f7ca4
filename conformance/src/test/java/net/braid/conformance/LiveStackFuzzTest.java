package net.braid.conformance;

import static net.braid.conformance.BulkTransfer.MILLIS;
import static net.braid.conformance.BulkTransfer.SECONDS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import net.braid.base.RandomSource;
import net.braid.base.Requirement;
import net.braid.link.ChecksumState;
import net.braid.mptcp.Connection;
import net.braid.mptcp.ConnectionConfig;
import net.braid.mptcp.ConnectionListener;
import net.braid.sim.Host;
import net.braid.sim.LinkOffload;
import net.braid.sim.Pair;
import net.braid.sim.Pattern;
import net.braid.sim.PipeProperties;
import net.braid.sim.Tap;
import net.braid.stack.StackConfig;
import net.braid.tcp.CloseReason;
import net.braid.tcp.Counter;
import net.braid.tcp.Counters;
import net.braid.wire.IpAddress;
import net.braid.wire.TcpHeader;
import org.junit.jupiter.api.Test;

/**
 * A million bad packets go into two stacks that listen, connect and transfer data meanwhile.
 *
 * <p>Two kinds of connections. Of <em>guarded</em> ones the attacker replays old packets, damages them without mending
 * the checksum, and sends ICMP; their streams must stay right to the last byte. Of <em>exposed</em> ones it mends the
 * checksum of what it has changed; no TCP can protect these bytes, so here only the stack must survive, and a new
 * connection follows when one has ended.
 */
@Requirement({"F01", "F02", "F22", "F25", "F27", "H01", "H02", "H03", "rfc5961#3", "rfc5927#4"})
class LiveStackFuzzTest {
    private static final long SEED = Long.getLong("fuzz.seed", 1);
    private static final int PACKETS = Integer.getInteger("fuzz.packets", 1_000_000);
    private static final int GUARDED_PORT = 80;
    private static final int EXPOSED_PORT = 81;
    private static final int GUARDED = 4;
    private static final int EXPOSED = 4;
    private static final int BACKLOG = 16;
    private static final int CHUNK = 16 * 1024;
    /** Forged SYNs make connections, which cost memory while they live; nothing else may cost any. */
    private static final long MOST_BYTES_PER_PACKET = 200;
    private static final long MOST_GROWTH = 4L << 20;
    private static final int MOST_CONNECTIONS = 64;

    private final Pair pair;
    private final RandomSource random;
    private final PacketMutator guarded;
    private final PacketMutator exposed;
    private final Pattern pattern;
    private final MemorySegment buffer;
    private final Talker[] guardedTalkers = new Talker[2 * GUARDED];
    private final Talker[] exposedTalkers = new Talker[EXPOSED];
    private int accepted;

    LiveStackFuzzTest() {
        PipeProperties path = PipeProperties.of(20_000_000, MILLIS);
        pair = new Pair(SEED, LinkOffload.NONE,
                StackConfig.builder().memoryBytes(32 << 20).timeWaitLimit(256).build(), path);
        random = pair.simulation().random("fuzz");
        guarded = new PacketMutator(random, pair.simulation().arena());
        exposed = new PacketMutator(random, pair.simulation().arena());
        pattern = new Pattern(pair.simulation().arena(), SEED);
        buffer = pair.simulation().arena().allocate(CHUNK, 64);
        pair.cable(0).tap((pipe, point, memory, length, now) -> {
            if (point == Tap.Point.DELIVERED && length >= 40) {
                (isGuarded(memory) ? guarded : exposed).remember(memory, length);
            }
        });
    }

    /** Talks without end, both ways, and checks what it hears. */
    private final class Talker implements ConnectionListener {
        Connection connection;
        long written;
        long read;
        CloseReason reason;
        String violation;

        @Override
        public void onEstablished(Connection c, long now) {
            connection = c;
            onWritable(c, now);
        }

        @Override
        public void onWritable(Connection c, long now) {
            int taken;
            do {
                taken = c.closeReason() == null
                        ? c.write(pattern.memory(), pattern.at(written), CHUNK, now) : 0;
                written += taken;
            } while (taken == CHUNK);
        }

        @Override
        public void onReadable(Connection c, long now) {
            int bytes;
            while ((bytes = c.read(buffer, 0, CHUNK, now)) > 0) {
                if (pattern.mismatch(buffer, 0, bytes, read) >= 0 && violation == null) {
                    violation = "wrong byte within " + bytes + " bytes from offset " + read + " on, at " + now + " ns";
                }
                read += bytes;
            }
            if (bytes < 0) {
                c.close(now);
            }
        }

        @Override
        public void onClosed(Connection c, CloseReason why, long now) {
            reason = why;
        }
    }

    private static boolean isGuarded(MemorySegment memory) {
        int tcp = (memory.get(ValueLayout.JAVA_BYTE, 0) & 0xf0) == 0x60 ? 40 : 20;
        return TcpHeader.sourcePort(memory, tcp) == GUARDED_PORT
                || TcpHeader.destinationPort(memory, tcp) == GUARDED_PORT;
    }

    private Talker open(int port) {
        Talker talker = new Talker();
        talker.connection = pair.client().stack().connect(pair.clientAddress(), 0, pair.serverAddress(), port,
                ConnectionConfig.DEFAULT, talker, pair.now());
        pair.client().wake();
        return talker;
    }

    private void listen(int port) {
        pair.server().stack().listen(IpAddress.ANY_V4, port, BACKLOG, ConnectionConfig.DEFAULT, (connection, now) -> {
            Talker talker = new Talker();
            if (port == GUARDED_PORT && accepted < GUARDED) {
                guardedTalkers[GUARDED + accepted++] = talker;
            }
            return talker;
        });
    }

    private void inject() {
        int kind = random.nextInt(10);
        PacketMutator source = kind < 4 ? guarded : exposed;
        int length = switch (kind) {
            case 0 -> guarded.replay();
            case 1, 2 -> damaged();
            case 3 -> guarded.icmp();
            case 4 -> exposed.garbage();
            case 5 -> exposed.icmp();
            case 6 -> exposed.replay();
            default -> exposed.mutant();
        };
        boolean mended = kind >= 6 && random.nextInt(2) == 0;
        if (mended) {
            source.mendChecksums(length);
        }
        // A link that vouches for a damaged packet would be on the path: only of the exposed.
        boolean vouched = kind >= 4 && kind != 5 && random.nextInt(8) == 0;
        ChecksumState state = vouched
                ? random.nextInt(2) == 0 ? ChecksumState.VALID : ChecksumState.PARTIAL : ChecksumState.UNVERIFIED;
        int segmentSize = random.nextInt(8) == 0 ? random.nextInt(1 << random.nextInt(17)) : 0;
        Host host = random.nextInt(2) == 0 ? pair.server() : pair.client();
        host.stack().onPacket(host.links().getFirst(), source.memory(), 0, length, segmentSize, state, pair.now());
        host.wake();
    }

    /** A packet of a guarded connection with changes that the checksum finds: an odd number of flips in one word. */
    private int damaged() {
        int length = guarded.replay();
        int at = 20 + random.nextInt((length - 20) / 2) * 2;
        MemorySegment memory = guarded.memory();
        memory.set(ValueLayout.JAVA_BYTE, at, (byte) (memory.get(ValueLayout.JAVA_BYTE, at) ^ 1 << random.nextInt(8)));
        return length;
    }

    @Test
    void millionBadPacketsHurtNobody() {
        System.out.println("seed " + SEED + ", " + PACKETS + " packets; again with -Dfuzz.seed=" + SEED);
        listen(GUARDED_PORT);
        listen(EXPOSED_PORT);
        for (int i = 0; i < GUARDED; i++) {
            guardedTalkers[i] = open(GUARDED_PORT);
        }
        for (int i = 0; i < EXPOSED; i++) {
            exposedTalkers[i] = open(EXPOSED_PORT);
        }
        pair.run(SECONDS);
        assertTrue(guarded.isReady() && exposed.isReady());
        run(PACKETS / 5);
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        long heap = usedHeap();
        long allocated = threads.getCurrentThreadAllocatedBytes();
        run(PACKETS - PACKETS / 5);
        allocated = threads.getCurrentThreadAllocatedBytes() - allocated;
        long growth = usedHeap() - heap;
        long perPacket = allocated / (PACKETS - PACKETS / 5);
        assertTrue(perPacket <= MOST_BYTES_PER_PACKET, "bytes allocated per packet: " + perPacket);
        assertTrue(growth <= MOST_GROWTH, "bytes by which the heap has grown: " + growth);
        guardedStreamsAreRight();
        everythingIsFreedAtTheEnd();
    }

    private void run(int packets) {
        for (int i = 0; i < packets; i++) {
            inject();
            if (i % 4 == 0) {
                pair.run(random.nextInt(400_000));
            }
            if (i % 500 == 0) {
                reopen();
                assertTrue(pair.server().stack().connectionCount() <= MOST_CONNECTIONS
                        && pair.client().stack().connectionCount() <= MOST_CONNECTIONS, "connections pile up: "
                        + pair.server().stack().connectionCount() + ", " + pair.client().stack().connectionCount());
            }
        }
    }

    /** Exposed connections that have ended, or whose ends no longer understand each other, make room for new ones. */
    private void reopen() {
        for (int i = 0; i < EXPOSED; i++) {
            Talker talker = exposedTalkers[i];
            if (talker.reason != null || random.nextInt(20) == 0) {
                if (talker.reason == null) {
                    talker.connection.abort(pair.now());
                    pair.client().wake();
                }
                exposedTalkers[i] = open(EXPOSED_PORT);
            }
        }
    }

    private void guardedStreamsAreRight() {
        assertEquals(GUARDED, accepted);
        long[] before = new long[guardedTalkers.length];
        for (int i = 0; i < guardedTalkers.length; i++) {
            before[i] = guardedTalkers[i].read;
            assertNull(guardedTalkers[i].violation, "seed " + SEED);
            assertNull(guardedTalkers[i].reason, "a guarded connection has ended; seed " + SEED);
        }
        pair.run(200 * SECONDS);
        for (int i = 0; i < guardedTalkers.length; i++) {
            assertTrue(guardedTalkers[i].read > before[i], "a guarded stream stands still; seed " + SEED);
            assertNull(guardedTalkers[i].violation, "seed " + SEED);
        }
        Counters counters = pair.server().stack().counters();
        assertTrue(counters.get(Counter.TCP_IN_CSUM_ERRORS) > PACKETS / 20, counters.toString());
        assertTrue(counters.get(Counter.TCP_PASSIVE_OPENS) > PACKETS / 5000, counters.toString());
    }

    private void everythingIsFreedAtTheEnd() {
        for (Talker talker : guardedTalkers) {
            talker.connection.abort(pair.now());
        }
        for (Talker talker : exposedTalkers) {
            talker.connection.abort(pair.now());
        }
        pair.client().wake();
        pair.server().wake();
        pair.run(4000 * SECONDS);
        for (Host host : new Host[] {pair.client(), pair.server()}) {
            assertEquals(0, host.stack().connectionCount(), host + ": connections left");
            assertEquals(0, host.stack().pool().inUse(), host + ": blocks left");
        }
        assertEquals(0, pair.simulation().framesInUse());
        pair.close();
    }

    private static long usedHeap() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }
}
