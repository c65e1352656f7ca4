package net.braid.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import net.braid.base.Pieces;
import net.braid.wire.Checksum;
import net.braid.wire.IpAddress;
import net.braid.wire.Ipv4Header;
import net.braid.wire.Ipv6Header;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A - router - B, where B's cable has an MTU of 1400. */
class RouterTest {
    private static final IpAddress A4 = IpAddress.parse("10.0.1.1");
    private static final IpAddress B4 = IpAddress.parse("10.0.2.1");
    private static final IpAddress A6 = IpAddress.parse("fd00:1::1");
    private static final IpAddress B6 = IpAddress.parse("fd00:2::1");
    private static final IpAddress R4 = IpAddress.parse("192.0.2.1");
    private static final IpAddress R6 = IpAddress.parse("2001:db8::1");

    private final Simulation simulation = new Simulation(1);
    private final Router router = new Router(simulation, "r", R4, R6);
    private final SimLink a = new SimLink(simulation, "a", 0, 1500, LinkOffload.NONE);
    private final SimLink b = new SimLink(simulation, "b", 1, 1500, LinkOffload.NONE);
    private final List<byte[]> atA = new ArrayList<>();
    private final List<byte[]> atB = new ArrayList<>();

    RouterTest() {
        RouterPort toA = router.port();
        RouterPort toB = router.port();
        new Cable(simulation, "a-r", a, toA, PipeProperties.PERFECT, PipeProperties.PERFECT);
        PipeProperties narrow = PipeProperties.builder().mtu(1400).build();
        new Cable(simulation, "r-b", toB, b, narrow, narrow);
        router.route(IpAddress.parse("10.0.0.0"), 8, toB);
        router.route(IpAddress.parse("10.0.1.0"), 24, toA);
        router.route(IpAddress.parse("fd00:1::"), 32, toA);
        router.route(IpAddress.parse("fd00::"), 16, toB);
        a.owner((link, now) -> drain(link, atA));
        b.owner((link, now) -> drain(link, atB));
    }

    private static void drain(SimLink link, List<byte[]> packets) {
        link.receive((from, memory, offset, length, size, state) -> {
            byte[] bytes = new byte[length];
            MemorySegment.copy(memory, ValueLayout.JAVA_BYTE, offset, bytes, 0, length);
            packets.add(bytes);
        }, 100);
    }

    private void send4(SimLink from, IpAddress source, IpAddress destination, int length, int timeToLive) {
        MemorySegment packet = simulation.arena().allocate(length);
        Ipv4Header.write(packet, 0, 0, length, 0, Ipv4Header.DONT_FRAGMENT, timeToLive, 6, source.v4Bits(),
                destination.v4Bits());
        from.send(packet, 0, length, new Pieces(), 0);
        simulation.runUntil(simulation.now() + 1);
    }

    private void send6(int length, int hopLimit) {
        MemorySegment packet = simulation.arena().allocate(length);
        Ipv6Header.write(packet, 0, 0, 0, length - 40, 6, hopLimit, A6.high(), A6.low(), B6.high(), B6.low());
        a.send(packet, 0, length, new Pieces(), 0);
        simulation.runUntil(simulation.now() + 1);
    }

    private MemorySegment only(List<byte[]> packets) {
        assertEquals(1, packets.size());
        MemorySegment memory = simulation.arena().allocate(packets.getFirst().length);
        MemorySegment.copy(packets.getFirst(), 0, memory, ValueLayout.JAVA_BYTE, 0, packets.getFirst().length);
        return memory;
    }

    @AfterEach
    void everyFrameHasGoneBack() {
        assertEquals(0, simulation.framesInUse());
        simulation.close();
    }

    @Test
    void forwardingTakesOneOffTheTimeToLiveAndKeepsTheChecksumRight() {
        send4(a, A4, B4, 100, 64);
        MemorySegment packet = only(atB);
        assertEquals(63, Ipv4Header.timeToLive(packet, 0));
        assertEquals(Checksum.VALID, Checksum.sum(packet, 0, 20));
    }

    @Test
    void theLongestPrefixWins() {
        send4(b, B4, A4, 100, 64);
        assertEquals(1, atA.size());
    }

    @Test
    void timeExceededIsReported() {
        send4(a, A4, B4, 100, 1);
        MemorySegment error = only(atA);
        assertEquals(R4.v4Bits(), Ipv4Header.source(error, 0));
        assertEquals(11, error.get(ValueLayout.JAVA_BYTE, 20));
        assertEquals(Checksum.VALID, Checksum.sum(error, 20, 108));
        assertEquals(0, atB.size());
    }

    @Test
    void fragmentationNeededCarriesTheMtuAndQuotesThePacket() {
        send4(a, A4, B4, 1500, 64);
        MemorySegment error = only(atA);
        assertEquals(576, error.byteSize());
        assertEquals(3, error.get(ValueLayout.JAVA_BYTE, 20));
        assertEquals(4, error.get(ValueLayout.JAVA_BYTE, 21));
        assertEquals(1400, (error.get(ValueLayout.JAVA_BYTE, 26) & 0xff) << 8
                | error.get(ValueLayout.JAVA_BYTE, 27) & 0xff);
        assertEquals(B4.v4Bits(), Ipv4Header.destination(error, 28));
        assertEquals(Checksum.VALID, Checksum.sum(error, 20, 556));
    }

    @Test
    void packetTooBigCarriesTheMtuAndAChecksumOverThePseudoHeader() {
        send6(1500, 64);
        MemorySegment error = only(atA);
        assertEquals(1280, error.byteSize());
        assertEquals(2, error.get(ValueLayout.JAVA_BYTE, 40));
        int pseudo = Checksum.pseudoHeader(true, R6.high(), R6.low(), A6.high(), A6.low(), 58, 1240);
        assertEquals(Checksum.VALID, Checksum.add(pseudo, Checksum.sum(error, 40, 1240)));
    }

    @Test
    void aBlackHoleSaysNothing() {
        router.blackHole(true);
        send4(a, A4, B4, 1500, 64);
        send6(1500, 1);
        assertTrue(atA.isEmpty());
        assertEquals(1, router.tooBig());
        assertEquals(1, router.expired());
    }

    @Test
    void aPacketWithoutARouteIsDropped() {
        send4(a, A4, IpAddress.parse("172.16.0.1"), 100, 64);
        assertEquals(1, router.noRoute());
    }

    @Test
    void aDamagedHeaderIsDropped() {
        MemorySegment packet = simulation.arena().allocate(100);
        Ipv4Header.write(packet, 0, 0, 100, 0, 0, 64, 6, A4.v4Bits(), B4.v4Bits());
        packet.set(ValueLayout.JAVA_BYTE, 8, (byte) 63);
        a.send(packet, 0, 100, new Pieces(), 0);
        simulation.runUntil(1);
        assertEquals(1, router.malformed());
    }
}
