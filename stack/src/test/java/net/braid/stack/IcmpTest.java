package net.braid.stack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import net.braid.base.Requirement;
import net.braid.link.ChecksumState;
import net.braid.mptcp.ConnectionConfig;
import net.braid.tcp.CloseReason;
import net.braid.tcp.Counter;
import net.braid.wire.IcmpHeader;
import net.braid.wire.IcmpWriter;
import net.braid.wire.IpAddress;
import net.braid.wire.Ipv4Header;
import org.junit.jupiter.api.Test;

/** ICMP errors, true and forged (RFC 5927). */
@Requirement("F25")
class IcmpTest {
    private static final IpAddress ROUTER = IpAddress.parse("192.0.2.1");
    private static final IpAddress ROUTER_V6 = IpAddress.parse("2001:db8::1");

    private static void deliver(FakeLink link, MemorySegment error, int length) {
        link.offer(new FakeLink.Packet(error.asSlice(0, length), 0, ChecksumState.UNVERIFIED));
    }

    private static void packetTooBig(Duo duo, IpAddress router, FakeLink.Packet about, int mtu) {
        MemorySegment error = Arena.ofAuto().allocate(IcmpWriter.V6_LIMIT);
        int length = IcmpWriter.packetTooBig(error, 0, router, mtu, about.memory(), 0, about.length());
        deliver(duo.clientLink, error, length);
        duo.client.receive(10, duo.now);
    }

    private static void error(Duo duo, int type, FakeLink.Packet about) {
        MemorySegment error = Arena.ofAuto().allocate(IcmpWriter.V6_LIMIT);
        int length = IcmpWriter.write(error, 0, ROUTER, type, 0, 0, about.memory(), 0, about.length());
        deliver(duo.clientLink, error, length);
        duo.client.receive(10, duo.now);
    }

    private static void unreachable(Duo duo, FakeLink.Packet about, int code) {
        MemorySegment error = Arena.ofAuto().allocate(IcmpWriter.V6_LIMIT);
        int length = IcmpWriter.unreachable(error, 0, ROUTER, code, about.memory(), 0, about.length());
        deliver(duo.clientLink, error, length);
        duo.client.receive(10, duo.now);
    }

    @Test
    void packetTooBigShortensSegmentsAndEverythingArrives() {
        Duo duo = new Duo();
        Duo.Application client = duo.established(ConnectionConfig.DEFAULT);
        duo.clientLink.peer = null;
        client.write(0, 10_000);
        duo.client.transmit(100, duo.now);
        packetTooBig(duo, ROUTER, duo.clientLink.sent.getLast(), 1_000);
        assertEquals(1_000, client.connection.subflow(0).pathMtuBytes());
        duo.clientLink.peer = duo.serverLink;
        duo.sleep(3_000 * Duo.MS);
        assertEquals(10_000, duo.accepted.getFirst().received);
    }

    @Test
    void below576BytesRoutersMayCutOurPackets() {
        Duo duo = new Duo();
        Duo.Application client = duo.established(ConnectionConfig.DEFAULT);
        duo.clientLink.peer = null;
        client.write(0, 10_000);
        duo.client.transmit(100, duo.now);
        FakeLink.Packet whole = duo.clientLink.sent.getLast();
        assertEquals(Ipv4Header.DONT_FRAGMENT, Ipv4Header.fragment(whole.memory(), 0));
        packetTooBig(duo, ROUTER, whole, 300);
        assertEquals(576, client.connection.subflow(0).pathMtuBytes());
        duo.clientLink.peer = duo.serverLink;
        duo.sleep(3_000 * Duo.MS);
        assertEquals(0, Ipv4Header.fragment(duo.clientLink.sent.getLast().memory(), 0));
        assertEquals(10_000, duo.accepted.getFirst().received);
        assertEquals(0, duo.server.counters().get(Counter.IP_IN_HDR_ERRORS));
    }

    @Test
    void packetTooBigWorksOverIpv6() {
        Duo duo = new Duo();
        duo.server.listen(IpAddress.ANY_V6, Duo.PORT, 4, ConnectionConfig.DEFAULT, (c, now) -> duo.accept(c));
        Duo.Application client = duo.new Application();
        client.connection = duo.client.connect(null, 0, Duo.SERVER_V6, Duo.PORT, ConnectionConfig.DEFAULT, client,
                duo.now);
        duo.run(3);
        duo.clientLink.peer = null;
        client.write(0, 10_000);
        duo.client.transmit(100, duo.now);
        packetTooBig(duo, ROUTER_V6, duo.clientLink.sent.getLast(), 1_300);
        assertEquals(1_300, client.connection.subflow(0).pathMtuBytes());
    }

    @Test
    void anErrorAboutASegmentThatIsNotOutstandingIsIgnored() {
        Duo duo = new Duo();
        Duo.Application client = duo.established(ConnectionConfig.DEFAULT);
        client.write(0, 10_000);
        duo.run(20);
        FakeLink.Packet acknowledged = duo.clientLink.sent.getLast();
        packetTooBig(duo, ROUTER, acknowledged, 1_000);
        assertEquals(1_500, client.connection.subflow(0).pathMtuBytes());
        assertEquals(1, duo.client.counters().get(Counter.LOCK_DROPPED_ICMPS));
    }

    @Test
    void anErrorAboutAnotherConnectionIsCounted() {
        Duo duo = new Duo();
        duo.established(ConnectionConfig.DEFAULT);
        FakeLink.Packet foreign = Segments.from(Duo.CLIENT, 9, Duo.SERVER, 9).seq(1).build();
        unreachable(duo, foreign, 3);
        assertEquals(1, duo.client.counters().get(Counter.ICMP_IN_MSGS));
        assertEquals(1, duo.client.counters().get(Counter.ICMP_IN_ERRORS));
    }

    @Test
    void unreachableEndsAnAttempt() {
        Duo duo = new Duo();
        Duo.Application client = duo.connect(ConnectionConfig.DEFAULT);
        duo.client.transmit(10, duo.now);
        unreachable(duo, duo.clientLink.sent.getLast(), 3);
        assertInstanceOf(CloseReason.Unreachable.class, client.reason);
        assertEquals(0, duo.client.connectionCount());
    }

    @Test
    void unreachableDoesNotEndAConnection() {
        Duo duo = new Duo();
        Duo.Application client = duo.established(ConnectionConfig.DEFAULT);
        client.write(0, 100);
        duo.client.transmit(10, duo.now);
        unreachable(duo, duo.clientLink.sent.getLast(), 3);
        assertNull(client.reason);
        duo.run(5);
        assertEquals(100, duo.accepted.getFirst().received);
    }

    @Test
    @Requirement("rfc9293#3.9.2.2")
    void softErrorsAreTroubleThatTheApplicationHearsOf() {
        Duo duo = new Duo();
        Duo.Application client = duo.established(ConnectionConfig.DEFAULT);
        client.write(0, 100);
        duo.client.transmit(10, duo.now);
        FakeLink.Packet about = duo.clientLink.sent.getLast();
        unreachable(duo, about, 1);
        assertEquals(List.of(0), client.troubles);
        error(duo, IcmpHeader.V4_TIME_EXCEEDED, about);
        assertEquals(List.of(0, 0), client.troubles);
        error(duo, IcmpHeader.V4_PARAMETER_PROBLEM, about);
        assertEquals(List.of(0, 0, 0), client.troubles);
        assertNull(client.reason);
        duo.run(50);
        error(duo, IcmpHeader.V4_TIME_EXCEEDED, about);
        assertEquals(3, client.troubles.size(), "about what is acknowledged already");
    }

    @Test
    void whoHasClosedHearsOfNoTrouble() {
        Duo duo = new Duo();
        Duo.Application client = duo.established(ConnectionConfig.DEFAULT);
        client.write(0, 100);
        duo.client.transmit(10, duo.now);
        client.connection.close(duo.now);
        unreachable(duo, duo.clientLink.sent.getLast(), 1);
        assertEquals(List.of(), client.troubles);
    }

    @Test
    void aSoftErrorDoesNotEndAnAttempt() {
        Duo duo = new Duo();
        Duo.Application client = duo.connect(ConnectionConfig.DEFAULT);
        duo.client.transmit(10, duo.now);
        error(duo, IcmpHeader.V4_TIME_EXCEEDED, duo.clientLink.sent.getLast());
        assertEquals(List.of(0), client.troubles);
        assertNull(client.reason);
    }

    @Test
    void aDamagedErrorIsCountedAndDropped() {
        Duo duo = new Duo();
        Duo.Application client = duo.connect(ConnectionConfig.DEFAULT);
        duo.client.transmit(10, duo.now);
        FakeLink.Packet syn = duo.clientLink.sent.getLast();
        MemorySegment error = Arena.ofAuto().allocate(IcmpWriter.V6_LIMIT);
        int length = IcmpWriter.unreachable(error, 0, ROUTER, 3, syn.memory(), 0, syn.length());
        error.set(java.lang.foreign.ValueLayout.JAVA_BYTE, length - 1, (byte) 99);
        deliver(duo.clientLink, error, length);
        duo.client.receive(10, duo.now);
        assertNull(client.reason);
        assertEquals(1, duo.client.counters().get(Counter.ICMP_IN_ERRORS));
    }

    @Test
    void aSmallerPathMtuIsRememberedForTheNextConnection() {
        Duo duo = new Duo();
        Duo.Application client = duo.established(ConnectionConfig.DEFAULT);
        duo.clientLink.peer = null;
        client.write(0, 10_000);
        duo.client.transmit(100, duo.now);
        packetTooBig(duo, ROUTER, duo.clientLink.sent.getLast(), 1_000);
        client.connection.abort(duo.now);
        duo.client.transmit(100, duo.now);
        duo.clientLink.peer = duo.serverLink;
        Duo.Application next = duo.connect(ConnectionConfig.DEFAULT);
        duo.run(3);
        assertTrue(next.established);
        assertEquals(1_000, next.connection.subflow(0).pathMtuBytes());
    }
}
