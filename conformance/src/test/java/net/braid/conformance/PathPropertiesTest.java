package net.braid.conformance;

import static net.braid.conformance.BulkTransfer.MILLIS;
import static net.braid.conformance.BulkTransfer.SECONDS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import net.braid.base.Requirement;
import net.braid.mptcp.ConnectionConfig;
import net.braid.sim.Cable;
import net.braid.sim.Host;
import net.braid.sim.LinkOffload;
import net.braid.sim.Pattern;
import net.braid.sim.PipeProperties;
import net.braid.sim.QueueProperties;
import net.braid.sim.ReadPace;
import net.braid.sim.Router;
import net.braid.sim.Simulation;
import net.braid.sim.StreamEndpoint;
import net.braid.sim.Topology;
import net.braid.tcp.Counter;
import net.braid.tcp.SubflowConfig;
import net.braid.wire.IpAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** ECN, path MTU and long fat paths, end to end. */
class PathPropertiesTest {
    private static final long RATE = 50_000_000;
    private static final long RTT = 40 * MILLIS;
    private static final long PRODUCT = RATE / 8 * RTT / SECONDS;
    private static final ConnectionConfig ECN =
            ConnectionConfig.builder().flow(SubflowConfig.builder().ecn(true).build()).build();

    @ParameterizedTest
    @ValueSource(strings = {"red", "codel"})
    @Requirement({"G30", "rfc3168#6.1"})
    void marksSlowTheSenderWithoutAnyLoss(String management) {
        QueueProperties queue = management.equals("red") ? QueueProperties.Red.of(4 * PRODUCT, true)
                : QueueProperties.CoDel.of(1000, true);
        PipeProperties marking = PipeProperties.builder().rate(RATE).delay(RTT / 2).queue(queue).build();
        try (BulkTransfer transfer = BulkTransfer.builder().config(ECN).congestion("reno")
                .path(marking, PipeProperties.of(RATE, RTT / 2)).start()) {
            transfer.run(5 * SECONDS);
            long lost = transfer.cable().forward().counters().dropped();
            long retransmitted = transfer.sent(Counter.TCP_RETRANS_SEGS);
            long bytes = transfer.receivedIn(30 * SECONDS);
            assertTrue(transfer.sent(Counter.TCP_ECN_REDUCTION) >= 5, "TcpExtTCPEcnReduction");
            assertEquals(lost, transfer.cable().forward().counters().dropped(), "frames dropped");
            assertEquals(retransmitted, transfer.sent(Counter.TCP_RETRANS_SEGS), "TcpRetransSegs");
            double share = bytes / (RATE / 8.0 * 30 * BulkTransfer.PAYLOAD_V4 / 1500);
            assertTrue(share >= 0.8, "share of the capacity: " + share);
        }
    }

    /** Client, router, server; the cable behind the router becomes narrow while a transfer runs. */
    @ParameterizedTest(name = "black hole {0}, IPv6 {1}, offload {2}")
    @CsvSource({"false, false, false", "false, true, false", "false, false, true", "true, false, false",
        "true, true, false", "true, false, true"})
    @Requirement({"F12", "rfc1191#3", "rfc8201#4", "rfc4821#7"})
    void transferGoesOnWhenThePathBecomesNarrow(boolean blackHole, boolean ipv6, boolean offload) {
        try (Simulation simulation = new Simulation(1)) {
            Topology topology = new Topology(simulation);
            Host client = topology.host("client");
            Host server = topology.host("server");
            Router router = topology.router("router");
            router.blackHole(blackHole);
            LinkOffload links = offload ? LinkOffload.FULL : LinkOffload.NONE;
            PipeProperties pipe = BulkTransfer.pipe(RATE, RTT / 2, PRODUCT).build();
            topology.cable("near", Topology.AtHost.of(client, links, "10.0.0.1", "fd00::1"),
                    new Topology.AtRouter(router), pipe);
            Cable far = topology.cable("far", new Topology.AtRouter(router),
                    Topology.AtHost.of(server, links, "10.0.1.2", "fd01::2"), pipe);
            topology.computeRoutes();
            Pattern up = new Pattern(simulation.arena(), 1);
            Pattern down = new Pattern(simulation.arena(), 2);
            StreamEndpoint sender = new StreamEndpoint(client, up, down, StreamEndpoint.ENDLESS, false,
                    ReadPace.EAGER);
            StreamEndpoint receiver = new StreamEndpoint(server, down, up, 0, true, ReadPace.EAGER);
            server.stack().listen(ipv6 ? IpAddress.ANY_V6 : IpAddress.ANY_V4, 80, 16, ConnectionConfig.DEFAULT,
                    (connection, now) -> {
                        receiver.attach(connection, now);
                        return receiver;
                    });
            int family = ipv6 ? 1 : 0;
            sender.attach(client.stack().connect(client.addresses().get(family), 0, server.addresses().get(family), 80,
                    ConnectionConfig.DEFAULT, sender, 0), 0);
            client.wake();
            simulation.runUntil(3 * SECONDS);
            far.forward().properties(pipe.toBuilder().mtu(1400).build());
            // With ICMP at once; without it after the second timeout in a row.
            simulation.runUntil((blackHole ? 8 : 5) * SECONDS);
            long before = receiver.received();
            simulation.runUntil((blackHole ? 18 : 15) * SECONDS);
            double share = (receiver.received() - before) / (RATE / 8.0 * 10);
            assertTrue(share >= 0.8, "share of the rate after the change: " + share);
            assertNull(receiver.violation());
            int mtu = sender.connection().subflow(0).pathMtuBytes();
            assertTrue(mtu <= 1400 && mtu >= 1052, "path MTU: " + mtu);
            assertEquals(!blackHole, router.errorsSent() > 0);
            // Nothing new is lost for its size any more, but for a probe now and then.
            long tooBig = router.tooBig();
            simulation.runUntil(simulation.now() + 20 * SECONDS);
            assertTrue(router.tooBig() - tooBig <= 3, "packets too big: " + (router.tooBig() - tooBig));
        }
    }

    @Test
    @Requirement({"rfc7323#2", "rfc9293#3.8.6"})
    void buffersGrowToWhatALongFatPathHolds() {
        long rate = 1_000_000_000;
        long rtt = 100 * MILLIS;
        long product = rate / 8 * rtt / SECONDS;
        int most = (int) (4 * product);
        ConnectionConfig config = ConnectionConfig.builder().sendBuffer(128 * 1024, most)
                .receiveBuffer(128 * 1024, most).build();
        try (BulkTransfer transfer = BulkTransfer.builder().config(config)
                .path(BulkTransfer.pipe(rate, rtt, product).build(), PipeProperties.of(rate, rtt / 2)).start()) {
            transfer.run(10 * SECONDS);
            double share = transfer.receivedIn(5 * SECONDS) / (rate / 8.0 * 5 * BulkTransfer.PAYLOAD_V4 / 1500);
            assertTrue(share >= 0.95, "share of the capacity: " + share);
        }
    }
}
