package net.braid.conformance;

import static net.braid.conformance.BulkTransfer.MILLIS;
import static net.braid.conformance.BulkTransfer.SECONDS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.management.JMException;
import javax.management.ObjectName;
import net.braid.mptcp.Connection;
import net.braid.mptcp.ConnectionConfig;
import net.braid.mptcp.ConnectionListener;
import net.braid.mptcp.MultipathConfig;
import net.braid.sim.Host;
import net.braid.sim.PipeProperties;
import net.braid.sim.Router;
import net.braid.sim.Simulation;
import net.braid.sim.Topology;
import net.braid.wire.IpAddress;
import org.junit.jupiter.api.Test;

/**
 * What a connection with two subflows costs that has moved data and is idle now. Measured as the growth of our classes,
 * and of arrays of primitives, in a histogram of the live heap, over many connections; both ends count as one each.
 */
class IdleMemoryTest {
    private static final int CONNECTIONS = 1000;
    private static final int PORT = 80;
    private static final int BYTES = 100_000;
    /** Heap of one end, in bytes, with the stack's part of it. The goal is 4096; see docs/benchmarks.md. */
    private static final long LIMIT = 10_000;

    /** Writes as much as it is asked to, and reads all. */
    private static final class End implements ConnectionListener {
        private final MemorySegment memory;
        private int left;
        private long read;

        End(MemorySegment memory, int bytes) {
            this.memory = memory;
            left = bytes;
        }

        @Override
        public void onEstablished(Connection c, long now) {
            onWritable(c, now);
        }

        @Override
        public void onWritable(Connection c, long now) {
            while (left > 0) {
                int taken = c.write(memory, 0, Math.min(left, (int) memory.byteSize()), now);
                if (taken == 0) {
                    return;
                }
                left -= taken;
            }
        }

        @Override
        public void onReadable(Connection c, long now) {
            for (int bytes = 1; bytes > 0; read += Math.max(0, bytes)) {
                bytes = c.read(memory, 0, (int) memory.byteSize(), now);
            }
        }
    }

    @Test
    void idleConnectionWithTwoSubflowsHoldsNoBlockAndFewObjects() throws JMException {
        try (Simulation simulation = new Simulation(1)) {
            Topology topology = new Topology(simulation);
            Host client = topology.host("client");
            Host server = topology.host("server");
            Router router = topology.router("router");
            PipeProperties path = BulkTransfer.pipe(1_000_000_000, 2 * MILLIS, 4 << 20).build();
            topology.cable("a", Topology.AtHost.of(client, "10.1.0.1"), new Topology.AtRouter(router), path);
            topology.cable("b", Topology.AtHost.of(client, "10.1.1.1"), new Topology.AtRouter(router), path);
            topology.cable("c", Topology.AtHost.of(server, "10.2.0.1"), new Topology.AtRouter(router),
                    PipeProperties.PERFECT);
            topology.computeRoutes();
            ConnectionConfig config = ConnectionConfig.builder()
                    .multipath(MultipathConfig.builder().pathManager("fullmesh").build()).build();
            MemorySegment memory = simulation.arena().allocate(16 * 1024, 64);
            List<Connection> accepted = new ArrayList<>();
            server.stack().listen(IpAddress.ANY_V4, PORT, 128, config, (connection, now) -> {
                accepted.add(connection);
                return new End(memory, BYTES);
            });
            open(simulation, client, server, config, memory, 100);
            Map<String, Long> before = histogram();
            List<Connection> opened = open(simulation, client, server, config, memory, CONNECTIONS);
            Map<String, Long> after = histogram();
            for (Connection connection : opened) {
                assertEquals(2, connection.subflowCount());
                assertTrue(connection.isProven());
            }
            assertEquals(0, client.stack().pool().inUse() + server.stack().pool().inUse(), "blocks in use");
            StringBuilder parts = new StringBuilder();
            long total = 0;
            for (Map.Entry<String, Long> entry : after.entrySet()) {
                long growth = (entry.getValue() - before.getOrDefault(entry.getKey(), 0L)) / (2 * CONNECTIONS);
                if (growth > 0 && !entry.getKey().contains("IdleMemoryTest")) {
                    total += growth;
                    parts.append("\n  ").append(growth).append(' ').append(entry.getKey());
                }
            }
            System.out.println("idle connection with two subflows: " + total + " bytes of heap");
            assertTrue(total < LIMIT, total + " bytes of heap for each end:" + parts);
            assertEquals(CONNECTIONS + 100, accepted.size());
        }
    }

    private static List<Connection> open(Simulation simulation, Host client, Host server, ConnectionConfig config,
            MemorySegment memory, int count) {
        List<Connection> opened = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            opened.add(client.stack().connect(client.addresses().getFirst(), 0, server.addresses().getFirst(), PORT,
                    config, new End(memory, BYTES), simulation.now()));
            client.wake();
            simulation.runUntil(simulation.now() + 5 * MILLIS);
        }
        simulation.runUntil(simulation.now() + 60 * SECONDS);
        return opened;
    }

    /** Bytes of live objects by class; takes the garbage away first. */
    private static Map<String, Long> histogram() throws JMException {
        String text = (String) ManagementFactory.getPlatformMBeanServer().invoke(
                new ObjectName("com.sun.management:type=DiagnosticCommand"), "gcClassHistogram",
                new Object[] {null}, new String[] {String[].class.getName()});
        Map<String, Long> bytes = new HashMap<>();
        text.lines().forEach(line -> {
            String[] words = line.strip().split("\\s+");
            if (words.length >= 4 && words[0].endsWith(":")) {
                bytes.merge(words[3], Long.parseLong(words[2]), Long::sum);
            }
        });
        return bytes;
    }
}
