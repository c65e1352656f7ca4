package net.braid.linux;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import net.braid.link.ChecksumState;
import net.braid.link.Link;
import net.braid.wire.Checksum;
import net.braid.wire.IpAddress;
import net.braid.wire.Ipv4Header;
import net.braid.wire.Ipv6Header;
import net.braid.wire.TcpFlags;
import net.braid.wire.TcpHeader;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Two links over the loopback interface. */
@EnabledOnOs(OS.LINUX)
@Timeout(30)
class UdpEncapsulationTest {
    private static final int MTU = 1500;
    private static final IpAddress V4 = IpAddress.parse("127.0.0.1");
    private static final IpAddress V6 = IpAddress.parse("::1");

    private final Arena arena = Arena.ofConfined();

    @AfterEach
    void close() {
        arena.close();
    }

    private static Link open(boolean channel, int index, Encapsulation ends) throws IOException {
        return channel ? DatagramLink.open("udp" + index, index, ends) : UdpLink.open("udp" + index, index, ends);
    }

    private static Encapsulation to(Link server, boolean outerV6) throws IOException {
        int port = server instanceof UdpLink udp ? udp.localPort() : ((DatagramLink) server).localPort();
        return Encapsulation.to(outerV6 ? V6 : V4, port).withOuterMtu(MTU);
    }

    private static Encapsulation listening(boolean outerV6) {
        return Encapsulation.listening(outerV6 ? V6 : V4, 0).withOuterMtu(MTU);
    }

    @ParameterizedTest
    @CsvSource({"false,false,false,false", "false,false,false,true", "false,false,true,false", "false,false,true,true",
        "true,true,false,true", "true,true,true,false", "true,false,false,false", "false,true,false,true"})
    void aSuperSegmentArrivesInPacketsOfItsOwnOrJoinedAgain(boolean clientChannel, boolean serverChannel,
            boolean outerV6, boolean innerV6) throws IOException {
        try (Link server = open(serverChannel, 0, listening(outerV6));
                Link client = open(clientChannel, 1, to(server, outerV6))) {
            int segment = 1201;
            Packets packets = new Packets(arena, innerV6).tcp(Packets.address(innerV6, 1), Packets.address(innerV6, 2),
                    TcpFlags.ACK | TcpFlags.PSH | TcpFlags.FIN | TcpFlags.CWR, 7, 16_384, 16_383, 20_001, 555);
            byte[] sent = packets.sentPayload();
            int count = (sent.length + segment - 1) / segment;
            assertTrue(packets.send(client, segment));
            packets.awaitPayload(server, sent.length);
            assertTrue(serverChannel ? count == packets.arrived.size() : count >= packets.arrived.size());
            checkSegments(packets, segment, sent, innerV6);
        }
    }

    private void checkSegments(Packets packets, int segment, byte[] sent, boolean innerV6) {
        int transport = innerV6 ? Ipv6Header.LENGTH : Ipv4Header.LENGTH;
        ByteArrayOutputStream received = new ByteArrayOutputStream();
        for (int i = 0; i < packets.arrived.size(); i++) {
            byte[] bytes = packets.arrived.get(i).bytes();
            int joined = packets.arrived.get(i).segmentSize();
            assertEquals(bytes.length > packets.headerLength + segment ? segment : 0, joined);
            MemorySegment packet = arena.allocate(bytes.length, 8);
            MemorySegment.copy(bytes, 0, packet, ValueLayout.JAVA_BYTE, 0, bytes.length);
            boolean last = i == packets.arrived.size() - 1;
            assertEquals(Packets.SEQUENCE + received.size(), TcpHeader.sequenceNumber(packet, transport));
            assertEquals(TcpFlags.ACK | (last ? TcpFlags.PSH | TcpFlags.FIN : 0) | (i == 0 ? TcpFlags.CWR : 0),
                    TcpHeader.flags(packet, transport));
            assertEquals(bytes.length, innerV6 ? 40 + Ipv6Header.payloadLength(packet, 0)
                    : Ipv4Header.totalLength(packet, 0));
            if (!innerV6) {
                assertEquals(Checksum.VALID, Checksum.sum(packet, 0, Ipv4Header.LENGTH));
            }
            int pseudo = innerV6 ? Checksum.pseudoHeader(true, Ipv6Header.sourceHigh(packet, 0),
                    Ipv6Header.sourceLow(packet, 0), Ipv6Header.destinationHigh(packet, 0),
                    Ipv6Header.destinationLow(packet, 0), TcpHeader.PROTOCOL, bytes.length - transport)
                    : Checksum.pseudoHeader(false, 0, Ipv4Header.source(packet, 0), 0,
                            Ipv4Header.destination(packet, 0), TcpHeader.PROTOCOL, bytes.length - transport);
            if (joined > 0) {
                assertEquals(ChecksumState.VALID, packets.arrived.get(i).state());
            } else {
                assertEquals(Checksum.VALID,
                        Checksum.add(pseudo, Checksum.sum(packet, transport, bytes.length - transport)));
            }
            received.write(bytes, packets.headerLength, bytes.length - packets.headerLength);
        }
        assertArrayEquals(sent, received.toByteArray());
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theListeningEndAnswersWhereAPacketCameFrom(boolean channel) throws IOException {
        try (Link server = open(channel, 0, listening(false)); Link one = open(channel, 1, to(server, false));
                Link two = open(channel, 2, to(server, false))) {
            IpAddress inner = Packets.address(false, 9);
            Packets packets = new Packets(arena, false);
            packets.tcp(Packets.address(false, 1), inner, TcpFlags.SYN).send(one, 0);
            packets.tcp(Packets.address(false, 2), inner, TcpFlags.SYN).send(two, 0);
            packets.await(server, 2);
            Packets atOne = new Packets(arena, false);
            atOne.tcp(inner, Packets.address(false, 1), TcpFlags.ACK, 100).send(server, 0);
            atOne.await(one, 1);
            Packets atTwo = new Packets(arena, false);
            atTwo.tcp(inner, Packets.address(false, 2), TcpFlags.ACK, 200).send(server, 0);
            atTwo.await(two, 1);
            assertEquals(152, atOne.arrived.getFirst().bytes().length);
            assertEquals(252, atTwo.arrived.getFirst().bytes().length);
            assertEquals(1, atOne.arrived.size());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void anInnerAddressThatSpeaksIsNotTakenOver(boolean channel) throws IOException {
        try (Link server = open(channel, 0, listening(false)); Link owner = open(channel, 1, to(server, false));
                Link thief = open(channel, 2, to(server, false))) {
            Packets packets = new Packets(arena, false).tcp(Packets.address(false, 1), Packets.address(false, 9),
                    TcpFlags.SYN);
            packets.send(owner, 0);
            packets.await(server, 1);
            packets.send(thief, 0);
            long end = System.nanoTime() + 2_000_000_000L;
            while (refused(server) == 0 && System.nanoTime() < end) {
                server.receive(packets, 8);
            }
            assertEquals(1, refused(server));
            assertEquals(1, packets.arrived.size());
        }
    }

    private static long refused(Link link) {
        return link instanceof UdpLink udp ? udp.refusedPeer() : ((DatagramLink) link).refusedPeer();
    }

    @Test
    void aPacketForAnUnknownPeerIsCountedAndDropped() throws IOException {
        try (UdpLink server = UdpLink.open("udp0", 0, listening(false))) {
            assertTrue(new Packets(arena, false).tcp(Packets.address(false, 9), Packets.address(false, 1),
                    TcpFlags.ACK).send(server, 0));
            assertEquals(1, server.unknownPeer());
        }
    }

    @Test
    void limitHoldsInsideOfJoinedDatagrams() throws IOException {
        try (UdpLink server = UdpLink.open("udp0", 0, listening(false));
                UdpLink client = UdpLink.open("udp1", 1, to(server, false))) {
            Packets packets = new Packets(arena, false).tcp(Packets.address(false, 1), Packets.address(false, 9),
                    TcpFlags.ACK | TcpFlags.ECE, 16_384);
            packets.send(client, 1000);
            long end = System.nanoTime() + 2_000_000_000L;
            while (packets.arrived.size() < 17 && System.nanoTime() < end) {
                int before = packets.arrived.size();
                int count = server.receive(packets, 3);
                assertEquals(packets.arrived.size() - before, count);
                assertTrue(count <= 3);
            }
            assertEquals(17, packets.arrived.size());
        }
    }

    @Test
    void aPeerThatIsNotThereYetDoesNoHarm() throws IOException {
        int port;
        try (UdpLink gone = UdpLink.open("udp0", 0, listening(false))) {
            port = gone.localPort();
        }
        try (UdpLink client = UdpLink.open("udp1", 1, Encapsulation.to(V4, port).withOuterMtu(MTU));
                EventWaiter waiter = new EventWaiter()) {
            waiter.add(client);
            Packets packets = new Packets(arena, false).tcp(Packets.address(false, 1), Packets.address(false, 9),
                    TcpFlags.SYN);
            packets.send(client, 0);
            waiter.await(100_000_000L);
            waiter.await(0);
            try (UdpLink server = UdpLink.open("udp0", 0,
                    Encapsulation.listening(V4, port).withOuterMtu(MTU))) {
                packets.send(client, 0);
                packets.await(server, 1);
                packets.tcp(Packets.address(false, 9), Packets.address(false, 1), TcpFlags.ACK).send(server, 0);
                long start = System.nanoTime();
                waiter.await(2_000_000_000L);
                assertTrue(System.nanoTime() - start < 1_000_000_000L, "the waiter no longer watches the link");
                packets.await(client, 2);
                assertEquals(2, packets.arrived.size());
            }
        }
    }

    @Test
    void whatIsNoPacketIsCounted() throws IOException {
        try (UdpLink server = UdpLink.open("udp0", 0, listening(false));
                DatagramSocket stranger = new DatagramSocket()) {
            InetSocketAddress target =
                    new InetSocketAddress(Encapsulation.inet(V4), server.localPort());
            stranger.send(new DatagramPacket(new byte[0], 0, target));
            stranger.send(new DatagramPacket(new byte[] {0x11, 1, 2}, 3, target));
            stranger.send(new DatagramPacket(new byte[] {0x45, 1, 2}, 3, target));
            Packets packets = new Packets(arena, false);
            long end = System.nanoTime() + 2_000_000_000L;
            while (server.receiveErrors() < 2 && System.nanoTime() < end) {
                server.receive(packets, 8);
            }
            assertEquals(2, server.receiveErrors());
            assertTrue(packets.arrived.isEmpty());
        }
    }

    @Test
    void mtuLeavesRoomForTheOuterHeaders() throws IOException {
        try (UdpLink v4 = UdpLink.open("udp0", 0, listening(false));
                UdpLink v6 = UdpLink.open("udp1", 1, listening(true));
                UdpLink loopback = UdpLink.open("udp2", 2, Encapsulation.to(V4, v4.localPort()))) {
            assertEquals(1472, v4.properties().mtu());
            assertEquals(1452, v6.properties().mtu());
            assertEquals(65_507, loopback.properties().mtu());
        }
    }

    @Test
    void anAddressInUseIsALine() throws IOException {
        try (UdpLink first = UdpLink.open("udp0", 0, listening(false))) {
            LinuxException problem = assertThrows(LinuxException.class, () -> UdpLink.open("udp1", 1,
                    Encapsulation.listening(V4, first.localPort())));
            assertEquals("cannot use UDP port " + first.localPort() + " of 127.0.0.1: address in use",
                    problem.getMessage());
        }
    }

    @Test
    void nothingIsAllocatedPerPacket() throws IOException {
        try (UdpLink server = UdpLink.open("udp0", 0, listening(false));
                UdpLink client = UdpLink.open("udp1", 1, to(server, false))) {
            Packets packets = new Packets(arena, false).tcp(Packets.address(false, 1), Packets.address(false, 9),
                    TcpFlags.ACK, 16_000);
            long[] count = new long[1];
            Link.PacketHandler counter = (link, memory, offset, length, size, state) -> count[0]++;
            var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
            long before = 0;
            for (int i = 0; i < 60_000; i++) {
                if (i == 50_000) {
                    before = threads.getCurrentThreadAllocatedBytes();
                }
                packets.send(client, 1000);
                server.receive(counter, 64);
            }
            long allocated = threads.getCurrentThreadAllocatedBytes() - before;
            assertFalse(allocated > 10_000, allocated + " bytes for 10,000 super-segments");
            assertTrue(count[0] > 30_000, count[0] + " packets");
        }
    }
}
