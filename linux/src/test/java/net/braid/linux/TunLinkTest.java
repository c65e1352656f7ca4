package net.braid.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import net.braid.link.ChecksumState;
import net.braid.link.Link;
import net.braid.wire.IpAddress;
import net.braid.wire.TcpFlags;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A device of its own and the kernel behind it. What whole connections do, {@code WireTest} of runtime shows. */
@EnabledOnOs(OS.LINUX)
@Timeout(60)
class TunLinkTest {
    private final String device = Kernel.name("bwu");

    private TunLink open(boolean ipv6) throws IOException {
        Kernel.require();
        TunLink link = TunLink.open(device, 3);
        Kernel.run("ip addr add " + Packets.address(ipv6, 1) + (ipv6 ? "/64 nodad" : "/24") + " dev " + device);
        Kernel.run("ip link set " + device + " up");
        return link;
    }

    /** The first TCP packet of the kernel; others, such as router solicitations, are passed over. */
    private static Packets.Arrived answer(Link link, Packets packets, boolean ipv6) {
        for (int i = 1; i < 20; i++) {
            packets.await(link, i);
            if (packets.arrived.size() < i) {
                return null;
            }
            byte[] bytes = packets.arrived.get(i - 1).bytes();
            if (bytes[ipv6 ? 6 : 9] == 6) {
                return packets.arrived.get(i - 1);
            }
        }
        return null;
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theKernelAnswersAPacketWithAnUnfinishedChecksum(boolean ipv6) throws IOException {
        try (Arena arena = Arena.ofConfined(); TunLink link = open(ipv6)) {
            Packets packets = new Packets(arena, ipv6).tcp(Packets.address(ipv6, 2), Packets.address(ipv6, 1),
                    TcpFlags.SYN);
            assertTrue(packets.send(link, 0));
            Packets.Arrived reset = answer(link, packets, ipv6);
            assertNotNull(reset, "the kernel did not reset a connection to a closed port");
            assertEquals(TcpFlags.RST | TcpFlags.ACK, reset.bytes()[(ipv6 ? 40 : 20) + 13]);
            assertEquals(0, reset.segmentSize());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theKernelTakesASuperSegmentWhole(boolean ipv6) throws IOException {
        try (Arena arena = Arena.ofConfined(); TunLink link = open(ipv6)) {
            Packets packets = new Packets(arena, ipv6).tcp(Packets.address(ipv6, 2), Packets.address(ipv6, 1),
                    TcpFlags.SYN, 16_384, 16_384, 16_384, 10_000);
            assertTrue(packets.send(link, 1400));
            Packets.Arrived reset = answer(link, packets, ipv6);
            assertNotNull(reset, "the kernel did not reset a connection to a closed port");
            int acknowledged = ByteBuffer.wrap(reset.bytes()).getInt((ipv6 ? 40 : 20) + 8);
            assertEquals(Packets.SEQUENCE + 1 + 16_384 * 3 + 10_000, acknowledged);
        }
    }

    @Test
    void propertiesAreThoseOfTheDevice() throws IOException {
        try (TunLink link = open(false)) {
            assertEquals(device, link.properties().name());
            assertEquals(3, link.properties().index());
            assertEquals(1500, link.properties().mtu());
            assertEquals(65_535, link.properties().maximumPacketBytes());
            assertTrue(link.properties().checksumOffload());
        }
    }

    @Test
    void aDeviceInUseIsALine() throws IOException {
        try (TunLink link = open(false)) {
            LinuxException problem = assertThrows(LinuxException.class, () -> TunLink.open(device, 0));
            assertEquals("cannot attach to the TUN device " + link.properties().name()
                    + ": in use by another program", problem.getMessage());
        }
    }

    @Test
    void aPacketForADeviceThatIsDownIsLostAndCounted() throws IOException {
        Kernel.require();
        try (Arena arena = Arena.ofConfined(); TunLink link = TunLink.open(device, 0)) {
            assertTrue(new Packets(arena, false).tcp(Packets.address(false, 2), Packets.address(false, 1),
                    TcpFlags.SYN).send(link, 0));
            assertEquals(1, link.sendErrors());
        }
    }

    @Test
    void nothingIsAllocatedPerPacket() throws IOException {
        try (Arena arena = Arena.ofConfined(); TunLink link = open(false)) {
            IpAddress kernel = Packets.address(false, 1);
            Packets packets = new Packets(arena, false).tcp(Packets.address(false, 2), kernel, TcpFlags.ACK, 8000);
            long[] seen = new long[1];
            Link.PacketHandler counter = (from, memory, offset, length, size, state) -> {
                seen[0]++;
                assertFalse(state == ChecksumState.VALID && length == 0);
            };
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
