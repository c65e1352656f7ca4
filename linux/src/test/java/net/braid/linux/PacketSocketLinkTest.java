package net.braid.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.management.ManagementFactory;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.util.List;
import net.braid.link.Link;
import net.braid.wire.IpAddress;
import net.braid.wire.TcpFlags;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One end of a veth pair is ours, the other the kernel's. */
@EnabledOnOs(OS.LINUX)
@Timeout(60)
class PacketSocketLinkTest {
    private final String ours = Kernel.name("bwp");
    private final String theirs = Kernel.name("bwq");

    private PacketSocketLink open(boolean ipv6) throws IOException {
        Kernel.require();
        Kernel.run("ip link add " + ours + " type veth peer name " + theirs);
        Kernel.run("sysctl -qw net.ipv4.conf." + ours + ".forwarding=0 net.ipv6.conf." + ours + ".disable_ipv6=1");
        Kernel.run("ip addr add " + Packets.address(ipv6, 1) + (ipv6 ? "/64 nodad" : "/24") + " dev " + theirs);
        Kernel.run("ip link set " + ours + " up");
        Kernel.run("ip link set " + theirs + " up");
        return PacketSocketLink.open(ours, 0,
                List.of(new InterfaceAddress(Packets.address(ipv6, 2), ipv6 ? 64 : 24, null)));
    }

    @AfterEach
    void remove() throws IOException {
        Kernel.attempt("ip link del " + ours);
    }

    private static Packets syn(Arena arena, boolean ipv6) {
        return new Packets(arena, ipv6).tcp(Packets.address(ipv6, 2), Packets.address(ipv6, 1), TcpFlags.SYN);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theFirstPacketWaitsForTheHardwareAddress(boolean ipv6) throws IOException {
        try (Arena arena = Arena.ofConfined(); PacketSocketLink link = open(ipv6)) {
            Packets packets = syn(arena, ipv6);
            assertTrue(packets.send(link, 0));
            packets.await(link, 1);
            assertEquals(1, packets.arrived.size());
            assertEquals(TcpFlags.RST | TcpFlags.ACK, packets.arrived.getFirst().bytes()[(ipv6 ? 40 : 20) + 13]);
            assertEquals(0, link.unresolved());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theKernelFindsUs(boolean ipv6) throws IOException {
        try (PacketSocketLink link = open(ipv6)) {
            // The kernel asks for our hardware address before it can send.
            sendDatagram(ipv6, Packets.address(ipv6, 2));
            try (Arena arena = Arena.ofConfined()) {
                Packets packets = new Packets(arena, ipv6);
                packets.await(link, 1);
                assertEquals(1, packets.arrived.size());
                assertEquals(17, packets.arrived.getFirst().bytes()[ipv6 ? 6 : 9]);
            }
        }
    }

    /** From the kernel's end. */
    private static void sendDatagram(boolean ipv6, IpAddress to) throws IOException {
        try (DatagramSocket socket = new DatagramSocket(0, Encapsulation.inet(Packets.address(ipv6, 1)))) {
            socket.send(new DatagramPacket(new byte[] {1}, 1, Encapsulation.inet(to), 9));
        }
    }

    @Test
    void whatIsForEverybodyIsNotForUs() throws IOException {
        try (Arena arena = Arena.ofConfined(); PacketSocketLink link = open(false)) {
            Packets packets = new Packets(arena, false);
            link.receive(packets, 64);
            long before = link.foreignFrames();
            sendDatagram(false, Packets.address(false, 255));
            long end = System.nanoTime() + 2_000_000_000L;
            while (link.foreignFrames() == before && System.nanoTime() < end) {
                link.receive(packets, 64);
            }
            assertTrue(link.foreignFrames() > before);
            assertTrue(packets.arrived.isEmpty());
        }
    }

    @Test
    void withoutAGatewayPacketsForElsewhereAreCounted() throws IOException {
        try (Arena arena = Arena.ofConfined(); PacketSocketLink link = open(false)) {
            Packets packets = new Packets(arena, false).tcp(Packets.address(false, 2),
                    IpAddress.parse("192.0.2.1"), TcpFlags.SYN);
            assertTrue(packets.send(link, 0));
            assertEquals(1, link.noRoute());
        }
    }

    @Test
    void anInterfaceThatGoesDownAndComesBackWorksAgain() throws IOException {
        try (Arena arena = Arena.ofConfined(); PacketSocketLink link = open(false);
                EventWaiter waiter = new EventWaiter()) {
            waiter.add(link);
            Kernel.run("ip link set " + ours + " down");
            waiter.await(1_000_000_000L);
            link.receive(new Packets(arena, false), 64);
            Kernel.run("ip link set " + ours + " up");
            Packets packets = syn(arena, false);
            assertTrue(packets.send(link, 0));
            long start = System.nanoTime();
            while (packets.arrived.isEmpty() && System.nanoTime() - start < 5_000_000_000L) {
                waiter.await(5_000_000_000L);
                link.receive(packets, 64);
            }
            assertEquals(1, packets.arrived.size());
        }
    }

    @Test
    void anInterfaceThatIsNoneIsALine() {
        Kernel.require();
        LinuxException problem = assertThrows(LinuxException.class,
                () -> PacketSocketLink.open(ours, 0, List.of()));
        assertNotNull(problem.getMessage());
        assertEquals("cannot find " + ours + ": no such device", problem.getMessage());
        assertEquals("lo is no Ethernet interface: invalid argument",
                assertThrows(LinuxException.class, () -> PacketSocketLink.open("lo", 0, List.of())).getMessage());
    }

    @Test
    void nothingIsAllocatedPerPacket() throws IOException {
        try (Arena arena = Arena.ofConfined(); PacketSocketLink link = open(false)) {
            syn(arena, false).send(link, 0);
            Packets packets = new Packets(arena, false);
            packets.await(link, 1);
            packets.tcp(Packets.address(false, 2), Packets.address(false, 1), TcpFlags.ACK, 8000);
            long[] seen = new long[1];
            Link.PacketHandler counter = (from, memory, offset, length, size, state) -> seen[0]++;
            ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
            long before = 0;
            for (int i = 0; i < 30_000; i++) {
                if (i == 20_000) {
                    before = threads.getCurrentThreadAllocatedBytes();
                }
                packets.send(link, 1400);
                link.receive(counter, 16);
            }
            long allocated = threads.getCurrentThreadAllocatedBytes() - before;
            assertTrue(allocated < 10_000, allocated + " bytes for 10,000 super-segments");
            assertTrue(seen[0] > 10_000, seen[0] + " answers");
        }
    }
}
