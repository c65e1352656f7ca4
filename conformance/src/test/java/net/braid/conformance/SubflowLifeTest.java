package net.braid.conformance;

import static net.braid.conformance.BulkTransfer.MILLIS;
import static net.braid.conformance.BulkTransfer.SECONDS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import net.braid.base.Requirement;
import net.braid.mptcp.ConnectionConfig;
import net.braid.mptcp.MultipathConfig;
import net.braid.mptcp.PathManager;
import net.braid.sim.Cable;
import net.braid.sim.Host;
import net.braid.sim.Pattern;
import net.braid.sim.PipeProperties;
import net.braid.sim.ReadPace;
import net.braid.sim.Router;
import net.braid.sim.Simulation;
import net.braid.sim.StreamEndpoint;
import net.braid.sim.Topology;
import net.braid.stack.Route;
import net.braid.tcp.Counter;
import net.braid.testkit.ScriptedPathManager;
import net.braid.wire.IpAddress;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Path managers over whole stacks, during a transfer without end:
 *
 * <pre>
 *   client 10.0.0.1 --- 10 Mbit/s ---\
 *          10.0.1.1 --- 10 Mbit/s ---- router --- 10.0.9.1, 10.0.9.2 server
 * </pre>
 */
class SubflowLifeTest {
    private static final long RATE = 10_000_000;
    private static final int PORT = 80;

    private Simulation simulation;
    private Host client;
    private List<Cable> access;
    private StreamEndpoint sender;
    private StreamEndpoint receiver;

    @AfterEach
    void bytesWereRight() {
        assertNull(receiver.violation());
        assertNull(sender.closeReason());
        simulation.close();
    }

    private void start(MultipathConfig atClient, MultipathConfig atServer) {
        simulation = new Simulation(1);
        Topology topology = new Topology(simulation);
        client = topology.host("client");
        Host server = topology.host("server");
        Router router = topology.router("router");
        PipeProperties path = PipeProperties.of(RATE, 10 * MILLIS);
        access = List.of(
                topology.cable("path0", Topology.AtHost.of(client, "10.0.0.1"), new Topology.AtRouter(router), path),
                topology.cable("path1", Topology.AtHost.of(client, "10.0.1.1"), new Topology.AtRouter(router), path));
        topology.cable("server", new Topology.AtRouter(router), Topology.AtHost.of(server, "10.0.9.1", "10.0.9.2"),
                PipeProperties.PERFECT);
        topology.computeRoutes();
        Pattern up = new Pattern(simulation.arena(), 1);
        Pattern down = new Pattern(simulation.arena(), 2);
        sender = new StreamEndpoint(client, up, down, StreamEndpoint.ENDLESS, false, ReadPace.EAGER);
        receiver = new StreamEndpoint(server, down, up, 0, true, ReadPace.EAGER);
        ConnectionConfig plain = ConnectionConfig.DEFAULT;
        server.stack().listen(IpAddress.ANY_V4, PORT, 16, plain.toBuilder().multipath(atServer).build(),
                (connection, now) -> {
                    receiver.attach(connection, now);
                    return receiver;
                });
        sender.attach(client.stack().connect(client.addresses().getFirst(), 0, server.addresses().getFirst(), PORT,
                plain.toBuilder().multipath(atClient).build(), sender, 0), 0);
        client.wake();
        run(2 * SECONDS);
    }

    private void run(long nanos) {
        simulation.runUntil(simulation.now() + nanos);
    }

    private void start(String pathManager) {
        MultipathConfig config = MultipathConfig.builder().pathManager(pathManager).build();
        start(config, config);
    }

    private int subflows() {
        assertEquals(sender.connection().subflowCount(), receiver.connection().subflowCount());
        return sender.connection().subflowCount();
    }

    /** Bytes read in the next {@code nanos}. */
    private long readIn(long nanos) {
        long before = receiver.received();
        run(nanos);
        return receiver.received() - before;
    }

    /** Unplugs or plugs in a cable of the client, together with the IPv4 address on it. */
    private void plug(int cable, boolean in) {
        IpAddress address = IpAddress.parse("10.0." + cable + ".1");
        access.get(cable).up(in);
        if (in) {
            client.stack().routes().add(address, IpAddress.ANY_V4, 0, client.links().get(cable));
        } else {
            for (Route route : client.stack().routes().all()) {
                if (route.local().equals(address)) {
                    client.stack().routes().remove(route);
                }
            }
        }
        client.stack().onLocalAddress(address, in, simulation.now());
        client.wake();
    }

    @Test
    void defaultKeepsToTheFirstSubflow() {
        start("default");
        assertEquals(1, subflows());
    }

    @Test
    void ndiffportsOpensASecondSubflowOnTheSamePath() {
        start("ndiffports");
        assertEquals(2, subflows());
        assertEquals(0, access.get(1).forward().counters().offered());
    }

    @Test
    void fullmeshJoinsEachAddressWithEach() {
        start("fullmesh");
        assertEquals(4, subflows());
    }

    @Test
    @Requirement("B14")
    void fullmeshKeepsToTheLimitOfSubflows() {
        MultipathConfig two = MultipathConfig.builder().pathManager("fullmesh").subflows(2).build();
        start(two, two);
        assertEquals(3, subflows());
        run(10 * SECONDS);
        assertEquals(3, client.stack().counters().get(Counter.MPTCP_JOIN_SYN_TX) + 1);
    }

    @Test
    @Requirement({"rfc8684#3.9.3", "B13"})
    void joinThatTheServerRefusesIsNotRepeated() {
        start(MultipathConfig.builder().pathManager("fullmesh").build(), MultipathConfig.builder().subflows(0).build());
        run(60 * SECONDS);
        assertEquals(1, subflows());
        assertEquals(1, client.stack().counters().get(Counter.MPTCP_JOIN_SYN_TX));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    @Requirement({"rfc8684#3.4.2", "D12"})
    void addressThatGoesTakesItsSubflowsAlongAndBringsThemBack(int cable) {
        start("fullmesh");
        plug(cable, false);
        long most = RATE / 8 * 10;
        assertTrue(readIn(10 * SECONDS) > 0.8 * most);
        assertEquals(2, subflows());
        plug(cable, true);
        run(2 * SECONDS);
        assertEquals(4, subflows());
        assertTrue(readIn(10 * SECONDS) > 1.6 * most);
    }

    /** The server joins the client's second address while the client's own join from there is on its way. */
    @Test
    @Requirement("B14")
    void joinsOfBothSidesThatCrossAreBothOfUse() {
        ScriptedPathManager.use(ScriptedPathManager.Script.NOTHING, (manager, event, commands, now) -> {
            if (event instanceof PathManager.Event.Established e) {
                IpAddress second = IpAddress.parse("10.0.1.1");
                manager.at(now + 12 * MILLIS, c -> c.openSubflow(e.local(), 0, second, e.remotePort(), false));
            }
        });
        start(MultipathConfig.builder().pathManager("fullmesh").build(),
                MultipathConfig.builder().pathManager("scripted").build());
        assertEquals(3, subflows());
        assertTrue(readIn(10 * SECONDS) > 1.6 * RATE / 8 * 10);
    }

    @Test
    @Requirement("rfc8684#3.3.3")
    void connectionOutlivesTheTimeWithoutAnyAddress() {
        start("fullmesh");
        plug(0, false);
        plug(1, false);
        run(30 * SECONDS);
        assertEquals(0, sender.connection().subflowCount());
        plug(1, true);
        assertTrue(readIn(3 * SECONDS) > RATE / 8);
    }
}
