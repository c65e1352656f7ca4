package net.braid.sim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import net.braid.base.Pieces;
import net.braid.link.ChecksumState;
import net.braid.wire.Checksum;
import net.braid.wire.Ipv4Header;
import net.braid.wire.Ipv6Header;
import net.braid.wire.TcpFlags;
import net.braid.wire.TcpHeader;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class OffloadTest {
    private static final int OPTIONS = 12;

    private record Received(byte[] bytes, int segmentSize, ChecksumState state) {
        MemorySegment in(Simulation simulation) {
            MemorySegment memory = simulation.arena().allocate(bytes.length);
            MemorySegment.copy(bytes, 0, memory, ValueLayout.JAVA_BYTE, 0, bytes.length);
            return memory;
        }
    }

    private final Simulation simulation = new Simulation(1);
    private final List<Received> received = new ArrayList<>();
    private SimLink sender;
    private Cable cable;

    private void connect(LinkOffload from, LinkOffload to, PipeProperties properties) {
        sender = new SimLink(simulation, "sender", 0, 1500, from);
        SimLink receiver = new SimLink(simulation, "receiver", 1, 1500, to);
        cable = new Cable(simulation, "cable", sender, receiver, properties, properties);
        receiver.owner((link, now) -> link.receive((l, memory, offset, length, size, state) -> {
            byte[] bytes = new byte[length];
            MemorySegment.copy(memory, ValueLayout.JAVA_BYTE, offset, bytes, 0, length);
            received.add(new Received(bytes, size, state));
        }, Integer.MAX_VALUE));
    }

    /** Sends {@code length} bytes of a pattern, cut from three pieces, with timestamps-like options. */
    private void send(boolean ipv6, int sequence, int length, int segmentSize, int flags) {
        int ip = ipv6 ? 40 : 20;
        int headerLength = ip + 20 + OPTIONS;
        MemorySegment header = simulation.arena().allocate(headerLength);
        int tcpLength = 20 + OPTIONS + length;
        int pseudo;
        if (ipv6) {
            Ipv6Header.write(header, 0, 2, 7, tcpLength, 6, 64, 1, 2, 3, 4);
            pseudo = Checksum.pseudoHeader(true, 1, 2, 3, 4, 6, tcpLength);
        } else {
            Ipv4Header.write(header, 0, 2, ip + tcpLength, 100, Ipv4Header.DONT_FRAGMENT, 64, 6, 1, 2);
            pseudo = Checksum.pseudoHeader(false, 0, 1, 0, 2, 6, tcpLength);
        }
        TcpHeader.write(header, ip, 1000, 2000, sequence, 77, 20 + OPTIONS, flags, 500, 0);
        for (int i = 0; i < OPTIONS; i++) {
            header.set(ValueLayout.JAVA_BYTE, ip + 20 + i, (byte) (i < 2 ? 1 : i));
        }
        Pieces pieces = new Pieces();
        if (length > 0) {
            MemorySegment data = simulation.arena().allocate(length);
            for (int i = 0; i < length; i++) {
                data.set(ValueLayout.JAVA_BYTE, i, (byte) (sequence + i));
            }
            int first = Math.max(1, length / 3);
            pieces.add(data, 0, first);
            if (length > 2) {
                pieces.add(data, first, 1);
                pieces.add(data, first + 1, length - first - 1);
            }
        }
        if (sender.properties().checksumOffload()) {
            TcpHeader.setChecksum(header, ip, pseudo);
        } else {
            TcpHeader.writeChecksum(header, ip, 20 + OPTIONS, pieces, pseudo);
        }
        assertTrue(sender.send(header, 0, headerLength, pieces, segmentSize));
    }

    @AfterEach
    void everyFrameHasGoneBack() {
        simulation.runUntilIdle(Simulation.NEVER - 1);
        assertEquals(0, simulation.framesInUse());
        simulation.close();
    }

    private void checkSegments(boolean ipv6) {
        connect(LinkOffload.FULL, LinkOffload.NONE, PipeProperties.PERFECT);
        send(ipv6, 5000, 3500, 1400, TcpFlags.ACK | TcpFlags.PSH | TcpFlags.FIN | TcpFlags.CWR);
        simulation.runUntil(1);
        assertEquals(3, received.size());
        int ip = ipv6 ? 40 : 20;
        int[] lengths = {1400, 1400, 700};
        int[] flags = {TcpFlags.ACK | TcpFlags.CWR, TcpFlags.ACK, TcpFlags.ACK | TcpFlags.PSH | TcpFlags.FIN};
        for (int i = 0; i < 3; i++) {
            MemorySegment packet = received.get(i).in(simulation);
            int length = (int) packet.byteSize();
            assertEquals(ip + 32 + lengths[i], length);
            assertTrue(TcpChecksums.isValid(packet, length));
            assertEquals(5000 + 1400 * i, TcpHeader.sequenceNumber(packet, ip));
            assertEquals(flags[i], TcpHeader.flags(packet, ip));
            if (!ipv6) {
                assertEquals(100 + i, Ipv4Header.identification(packet, 0));
                assertEquals(Checksum.VALID, Checksum.sum(packet, 0, 20));
            }
            for (int at = 0; at < lengths[i]; at++) {
                assertEquals((byte) (5000 + 1400 * i + at), packet.get(ValueLayout.JAVA_BYTE, ip + 32 + at));
            }
        }
    }

    @Test
    void aSuperSegmentOfIpv4IsCutAsADeviceDoesIt() {
        checkSegments(false);
    }

    @Test
    void aSuperSegmentOfIpv6IsCutAsADeviceDoesIt() {
        checkSegments(true);
    }

    @Test
    void coalescingUndoesSegmentation() {
        connect(LinkOffload.FULL, LinkOffload.FULL, PipeProperties.PERFECT);
        send(false, 5000, 64_000, 1448, TcpFlags.ACK | TcpFlags.PSH);
        simulation.runUntil(1_000_000);
        assertEquals(1, received.size());
        assertEquals(1448, received.getFirst().segmentSize());
        assertEquals(ChecksumState.VALID, received.getFirst().state());
        MemorySegment packet = received.getFirst().in(simulation);
        assertEquals(52 + 64_000, packet.byteSize());
        assertEquals(52 + 64_000, Ipv4Header.totalLength(packet, 0));
        assertEquals(Checksum.VALID, Checksum.sum(packet, 0, 20));
        assertEquals(5000, TcpHeader.sequenceNumber(packet, 20));
        assertEquals(TcpFlags.ACK | TcpFlags.PSH, TcpHeader.flags(packet, 20));
        assertEquals(45, cable.forward().counters().delivered());
    }

    @Test
    void aHoleEndsARun() {
        connect(LinkOffload.FULL, LinkOffload.FULL, PipeProperties.PERFECT);
        cable.forward().filter((memory, length, index, now) -> index != 2);
        send(true, 0, 14_000, 1400, TcpFlags.ACK);
        simulation.runUntil(1_000_000);
        assertEquals(List.of(2800 + 72, 9800 + 72), received.stream().map(r -> r.bytes().length).toList());
    }

    @Test
    void aDamagedSegmentIsHandedOnUnverifiedAndAlone() {
        connect(LinkOffload.FULL, LinkOffload.FULL, PipeProperties.PERFECT);
        cable.forward().filter((memory, length, index, now) -> {
            if (index == 1) {
                memory.set(ValueLayout.JAVA_BYTE, 100, (byte) ~memory.get(ValueLayout.JAVA_BYTE, 100));
            }
            return true;
        });
        send(false, 0, 4200, 1400, TcpFlags.ACK);
        simulation.runUntil(1_000_000);
        assertEquals(List.of(ChecksumState.VALID, ChecksumState.UNVERIFIED, ChecksumState.VALID),
                received.stream().map(Received::state).toList());
    }

    @Test
    void anotherWindowEndsARun() {
        connect(LinkOffload.FULL, LinkOffload.FULL, PipeProperties.PERFECT);
        cable.forward().filter((memory, length, index, now) -> {
            if (index == 1) {
                memory.set(ValueLayout.JAVA_BYTE, 35, (byte) 9);
                TcpChecksums.complete(memory, length);
            }
            return true;
        });
        send(false, 0, 2800, 1400, TcpFlags.ACK);
        simulation.runUntil(1_000_000);
        assertEquals(2, received.size());
    }

    @Test
    void theStreamIsTheSameWithAndWithoutOffload() {
        byte[] with = stream(LinkOffload.FULL);
        byte[] without = stream(LinkOffload.NONE);
        assertEquals(64_000, with.length);
        assertArrayEquals(with, without);
    }

    private byte[] stream(LinkOffload offload) {
        received.clear();
        connect(offload, offload, PipeProperties.of(1_000_000_000, 1000));
        if (offload == LinkOffload.FULL) {
            send(false, 0, 64_000, 1000, TcpFlags.ACK);
        } else {
            for (int at = 0; at < 64_000; at += 1000) {
                send(false, at, 1000, 0, TcpFlags.ACK);
            }
        }
        simulation.runUntil(simulation.now() + 10_000_000);
        byte[] all = new byte[64_000];
        int length = 0;
        for (Received packet : received) {
            int bytes = packet.bytes().length - 52;
            System.arraycopy(packet.bytes(), 52, all, length, bytes);
            length += bytes;
        }
        return Arrays.copyOf(all, length);
    }

    @Test
    void withARateTheHoldTimeDecidesHowMuchIsJoined() {
        connect(LinkOffload.FULL, LinkOffload.FULL, PipeProperties.of(1_000_000_000, 1000));
        send(false, 0, 14_000, 1400, TcpFlags.ACK);
        simulation.runUntil(1_000_000);
        // A segment takes 11.6 microseconds, and the first one waits for 20.
        assertEquals(2800 + 52, received.getFirst().bytes().length);
    }

    @Test
    void aFullQueueMakesTheLinkNotReady() {
        PipeProperties slow = PipeProperties.builder().rate(1_000_000).queue(new QueueProperties.Packets(1)).build();
        connect(LinkOffload.NONE.withBackpressure(), LinkOffload.NONE, slow);
        send(false, 0, 100, 0, TcpFlags.ACK);
        send(false, 100, 100, 0, TcpFlags.ACK);
        assertTrue(!sender.ready() && sender.takeRefused() && !sender.takeRefused());
    }
}
