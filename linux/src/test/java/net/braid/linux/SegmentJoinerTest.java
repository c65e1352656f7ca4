package net.braid.linux;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import net.braid.wire.Checksum;
import net.braid.wire.Ipv4Header;
import net.braid.wire.Ipv6Header;
import net.braid.wire.TcpFlags;
import net.braid.wire.TcpHeader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SegmentJoinerTest {
    private static final int SEGMENT = 1201;
    private static final int V4_HEADERS = Ipv4Header.LENGTH + 32;

    private final Arena arena = Arena.ofAuto();
    private final MemorySegment memory = arena.allocate(1 << 17, 8);
    private final SegmentJoiner joiner = new SegmentJoiner();
    private int step;
    private int end;

    /** Segments one behind the other, as they are when the kernel has joined their datagrams. */
    private Packets cut(boolean ipv6, int flags, int bytes) {
        Packets packets = new Packets(arena, ipv6).tcp(Packets.address(ipv6, 1), Packets.address(ipv6, 2), flags,
                bytes / 3, bytes - bytes / 3);
        SegmentCutter cutter = new SegmentCutter(arena, 64);
        cutter.begin(packets.header, 0, packets.headerLength, packets.payload, SEGMENT);
        step = cutter.packetBytes();
        end = 0;
        while (cutter.hasNext()) {
            end += cutter.write(memory, end);
        }
        return packets;
    }

    private byte[] payload(int from, int length, int headerLength) {
        return memory.asSlice(from + headerLength, length - headerLength).toArray(ValueLayout.JAVA_BYTE);
    }

    private void flip(int at) {
        memory.set(ValueLayout.JAVA_BYTE, at, (byte) (memory.get(ValueLayout.JAVA_BYTE, at) ^ 1));
    }

    /** Changes one byte of the second packet's TCP header, and its checksum with it. */
    private void differInSecond(int byteOfTcpHeader) {
        int tcp = step + Ipv4Header.LENGTH;
        flip(tcp + byteOfTcpHeader);
        TcpHeader.setChecksum(memory, tcp, 0);
        int bytes = Math.min(step, end - step) - Ipv4Header.LENGTH;
        int pseudo = Checksum.pseudoHeader(false, 0, Ipv4Header.source(memory, step), 0,
                Ipv4Header.destination(memory, step), TcpHeader.PROTOCOL, bytes);
        TcpHeader.setChecksum(memory, tcp, Checksum.finish(Checksum.add(pseudo, Checksum.sum(memory, tcp, bytes))));
    }

    @ParameterizedTest
    @CsvSource({"false,50000", "true,50000", "false,3603", "true,2402", "false,1202"})
    void whatWasCutBecomesOneAgain(boolean ipv6, int bytes) {
        Packets packets = cut(ipv6, TcpFlags.ACK | TcpFlags.PSH | TcpFlags.FIN, bytes);
        int transport = ipv6 ? Ipv6Header.LENGTH : Ipv4Header.LENGTH;
        int length = joiner.join(memory, 0, step, end);
        assertEquals(packets.headerLength + bytes, length);
        assertEquals(end, joiner.consumed());
        assertEquals(SEGMENT, joiner.segmentSize());
        assertArrayEquals(packets.sentPayload(), payload(0, length, packets.headerLength));
        assertEquals(TcpFlags.ACK | TcpFlags.PSH | TcpFlags.FIN, TcpHeader.flags(memory, transport));
        assertEquals(Packets.SEQUENCE, TcpHeader.sequenceNumber(memory, transport));
        assertEquals(length, ipv6 ? 40 + Ipv6Header.payloadLength(memory, 0) : Ipv4Header.totalLength(memory, 0));
        assertEquals(Checksum.VALID, ipv6 ? Checksum.VALID : Checksum.sum(memory, 0, Ipv4Header.LENGTH));
    }

    @Test
    void aPacketAloneStaysAsItIs() {
        cut(false, TcpFlags.ACK, 1000);
        byte[] before = memory.asSlice(0, end).toArray(ValueLayout.JAVA_BYTE);
        assertEquals(end, joiner.join(memory, 0, step, end));
        assertEquals(0, joiner.segmentSize());
        assertArrayEquals(before, memory.asSlice(0, end).toArray(ValueLayout.JAVA_BYTE));
    }

    @Test
    void aSegmentWithAWrongChecksumIsLeftOutWithAllBehindIt() {
        Packets packets = cut(false, TcpFlags.ACK, 5 * SEGMENT);
        flip(2 * step + 600);
        int length = joiner.join(memory, 0, step, end);
        assertEquals(2 * step, joiner.consumed());
        assertArrayEquals(Arrays.copyOf(packets.sentPayload(), 2 * SEGMENT), payload(0, length, V4_HEADERS));
        assertEquals(step, joiner.join(memory, 2 * step, step, end));
        assertEquals(0, joiner.segmentSize());
        joiner.join(memory, 3 * step, step, end);
        assertEquals(2 * step, joiner.consumed());
    }

    @Test
    void aWrongHeaderChecksumOfIpIsNotJoined() {
        cut(false, TcpFlags.ACK, 2 * SEGMENT);
        flip(step + 10);
        joiner.join(memory, 0, step, end);
        assertEquals(step, joiner.consumed());
    }

    /** Ports, sequence number, acknowledgment, a flag, window, urgent pointer, an option. */
    @ParameterizedTest
    @ValueSource(ints = {0, 3, 7, 11, 13, 15, 19, 31})
    void aSegmentThatSaysSomethingElseIsNotJoined(int byteOfTcpHeader) {
        cut(false, TcpFlags.ACK, 2 * SEGMENT);
        if (byteOfTcpHeader == 13) {
            // Of the flags only FIN and PSH may come with a last segment.
            memory.set(ValueLayout.JAVA_BYTE, step + Ipv4Header.LENGTH + 13, (byte) (TcpFlags.ACK | TcpFlags.URG));
        }
        differInSecond(byteOfTcpHeader);
        joiner.join(memory, 0, step, end);
        assertEquals(step, joiner.consumed());
    }

    @Test
    void markedAndUnmarkedPacketsAreNotJoined() {
        cut(false, TcpFlags.ACK, 2 * SEGMENT);
        Ipv4Header.setEcn(memory, step, 3);
        joiner.join(memory, 0, step, end);
        assertEquals(step, joiner.consumed());
    }

    @ParameterizedTest
    @ValueSource(ints = {TcpFlags.ACK | TcpFlags.CWR, TcpFlags.ACK | TcpFlags.ECE, TcpFlags.ACK | TcpFlags.RST})
    void nothingIsJoinedToASegmentWithMoreFlagsThanAck(int flags) {
        cut(false, flags, 2 * SEGMENT);
        joiner.join(memory, 0, step, end);
        assertEquals(step, joiner.consumed());
    }

    @Test
    void whatIsNoTcpAndWhatIsTooShortIsLeftAlone() {
        for (int version : new int[] {0x45, 0x60, 0x46, 0}) {
            for (int length = 0; length < 70; length++) {
                memory.fill((byte) 0);
                memory.set(ValueLayout.JAVA_BYTE, 0, (byte) version);
                memory.set(ValueLayout.JAVA_BYTE, version == 0x60 ? 6 : 9, (byte) TcpHeader.PROTOCOL);
                assertEquals(length, joiner.join(memory, 0, length, 2 * length));
                assertEquals(0, joiner.segmentSize());
            }
        }
    }
}
