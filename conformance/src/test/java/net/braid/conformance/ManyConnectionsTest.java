package net.braid.conformance;

import static net.braid.conformance.BulkTransfer.MILLIS;
import static net.braid.conformance.BulkTransfer.SECONDS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;
import net.braid.base.BlockPool;
import net.braid.base.Requirement;
import net.braid.mptcp.Connection;
import net.braid.mptcp.ConnectionConfig;
import net.braid.mptcp.ConnectionListener;
import net.braid.sim.Cable;
import net.braid.sim.FrameFilter;
import net.braid.sim.Host;
import net.braid.sim.LinkOffload;
import net.braid.sim.Pattern;
import net.braid.sim.PipeProperties;
import net.braid.sim.QueueProperties;
import net.braid.sim.Simulation;
import net.braid.sim.Topology;
import net.braid.stack.StackConfig;
import net.braid.tcp.Counter;
import net.braid.wire.IpAddress;
import net.braid.wire.TcpHeader;
import org.junit.jupiter.api.Test;

/** What all connections of a shard share: memory, and what is known of a destination. */
class ManyConnectionsTest {
    private static final int CONNECTIONS = 10_000;
    private static final int BYTES = 12_000;
    private static final int PORT = 80;
    private static final int CHUNK = 16 * 1024;
    private static final PipeProperties PATH = PipeProperties.builder().rate(1_000_000_000).delay(5 * MILLIS)
            .queue(new QueueProperties.Bytes(4 << 20)).build();

    /** Writes once and closes. */
    private record Writer(MemorySegment source) implements ConnectionListener {
        @Override
        public void onEstablished(Connection c, long now) {
            int taken = c.write(source, 0, BYTES, now);
            assert taken == BYTES : "the client has memory enough";
            c.close(now);
        }
    }

    /** What all readers have read. */
    private static final class Total {
        long bytes;
        boolean wrong;
    }

    /** Reads and checks until the end. */
    private static final class Reader implements ConnectionListener {
        private final Pattern pattern;
        private final MemorySegment buffer;
        private final Total total;
        private long read;

        Reader(Pattern pattern, MemorySegment buffer, Total total) {
            this.pattern = pattern;
            this.buffer = buffer;
            this.total = total;
        }

        @Override
        public void onReadable(Connection c, long now) {
            int bytes;
            while ((bytes = c.read(buffer, 0, CHUNK, now)) > 0) {
                total.wrong |= pattern.mismatch(buffer, 0, bytes, read) >= 0;
                read += bytes;
                total.bytes += bytes;
            }
            if (bytes < 0) {
                c.close(now);
            }
        }
    }

    /** Lets no first data segment of a connection pass, so that everything behind it arrives out of order. */
    private static final class NoFirstSegment implements FrameFilter {
        private final Map<Integer, Integer> first = new HashMap<>();
        private boolean healed;

        @Override
        public boolean pass(MemorySegment memory, int length, long index, long now) {
            if (healed || length < 100) {
                return true;
            }
            int sequence = TcpHeader.sequenceNumber(memory, 20);
            Integer known = first.putIfAbsent(TcpHeader.sourcePort(memory, 20), sequence);
            return known != null && known != sequence;
        }
    }

    /**
     * RFC 9293 lets a receiver drop what is out of order; a shard does so at seven eighths of its memory, and completes
     * what it has.
     */
    @Test
    @Requirement({"F23", "rfc9293#3.10.7.4"})
    void outOfOrderDataOfTenThousandConnectionsStaysWithinTheMemoryOfTheShard() {
        StackConfig small = StackConfig.builder().memoryBytes(64L << 20).build();
        try (Simulation simulation = new Simulation(1)) {
            Topology topology = new Topology(simulation);
            Host client = topology.host("client");
            Host server = topology.host("server", small);
            Cable cable = topology.cable("path", Topology.AtHost.of(client, "10.0.0.1"),
                    Topology.AtHost.of(server, "10.0.0.2"), PATH);
            Pattern pattern = new Pattern(simulation.arena(), 1);
            MemorySegment buffer = simulation.arena().allocate(CHUNK, 64);
            NoFirstSegment filter = new NoFirstSegment();
            cable.forward().filter(filter);
            Total total = new Total();
            server.stack().listen(IpAddress.ANY_V4, PORT, 128, ConnectionConfig.DEFAULT,
                    (accepted, at) -> new Reader(pattern, buffer, total));
            BlockPool pool = server.stack().pool();
            int most = 0;
            for (int i = 0; i < CONNECTIONS; i++) {
                client.stack().connect(client.addresses().getFirst(), 0, server.addresses().getFirst(), PORT,
                        ConnectionConfig.DEFAULT, new Writer(pattern.memory()), simulation.now());
                client.wake();
                simulation.runUntil(simulation.now() + 200_000);
                most = Math.max(most, pool.inUse());
            }
            simulation.runUntil(simulation.now() + SECONDS);
            most = Math.max(most, pool.inUse());
            // Seven eighths, and a block for each segment that begins below that and ends above.
            assertEquals(pool.limit() * 7 / 8, most, 2, "blocks in use of " + pool.limit());
            assertTrue(server.stack().counters().get(Counter.OFO_PRUNED) > CONNECTIONS, "TcpExtOfoPruned");
            filter.healed = true;
            simulation.runUntil(simulation.now() + 1000 * SECONDS);
            assertEquals((long) CONNECTIONS * BYTES, total.bytes, "bytes received");
            assertFalse(total.wrong, "wrong bytes");
            simulation.runUntil(simulation.now() + 300 * SECONDS);
            assertEquals(0, pool.inUse(), "blocks left");
            assertEquals(0, server.stack().connectionCount(), "connections left");
            assertEquals(0, client.stack().connectionCount(), "connections left");
        }
    }

    @Test
    @Requirement("rfc9040#1")
    void newConnectionStartsFromWhatTheLastOneKnewOfThePath() {
        try (BulkTransfer transfer = BulkTransfer.builder().path(PATH).start(1_000_000)) {
            assertTrue(transfer.runToEnd(60 * SECONDS));
            Connection second = transfer.client().stack().connect(transfer.client().addresses().getFirst(), 0,
                    transfer.server().addresses().getFirst(), 80, ConnectionConfig.DEFAULT, ConnectionListener.NONE,
                    transfer.simulation().now());
            assertEquals(10 * MILLIS, second.subflow(0).smoothedRttNanos(), 10 * MILLIS / 2.0, "SRTT before the SYN");
        }
    }
}
