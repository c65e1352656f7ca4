package net.braid.wire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import net.braid.base.Pieces;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PcapngTest {
    private final ByteArrayOutputStream file = new ByteArrayOutputStream();

    static List<CapturedPacket> readAll(byte[] bytes) throws IOException {
        CaptureReader reader = CaptureReader.open(new ByteArrayInputStream(bytes));
        List<CapturedPacket> packets = new ArrayList<>();
        for (CapturedPacket packet = reader.next(); packet != null; packet = reader.next()) {
            packets.add(packet);
        }
        return packets;
    }

    private byte[] sample() throws IOException {
        PcapngWriter writer = new PcapngWriter(file);
        Packets packet = new Packets();
        packet.payload = "616263";
        packet.beginOptions();
        int length = packet.build();
        int wifi = writer.addInterface("wifi");
        writer.write(wifi, 1_234_567_890_123_456_789L, packet.memory, 0, length, "lost by the queue \u2717");
        int cellular = writer.addInterface("cellular");
        Pieces pieces = new Pieces();
        pieces.add(packet.memory, 40, 2);
        pieces.add(packet.memory, 42, 1);
        writer.write(cellular, 7, packet.memory, 0, 40, pieces, null);
        return file.toByteArray();
    }

    @Test
    void packetsOfTwoPathsComeBackAsTheyWereWritten() throws IOException {
        List<CapturedPacket> packets = readAll(sample());
        assertEquals(2, packets.size());
        CapturedPacket first = packets.get(0);
        assertEquals("wifi", first.interfaceName());
        assertEquals(PcapngWriter.RAW_IP, first.linkType());
        assertEquals(1_234_567_890_123_456_789L, first.timestampNanos());
        assertEquals("lost by the queue \u2717", first.comment());
        assertEquals(43, first.length());
        assertEquals(43, first.originalLength());
        assertEquals(0, first.ipOffset());
        CapturedPacket second = packets.get(1);
        assertEquals("cellular", second.interfaceName());
        assertEquals(1, second.interfaceId());
        assertEquals(7, second.timestampNanos());
        assertNull(second.comment());
        assertArrayEquals(first.memory().toArray(ValueLayout.JAVA_BYTE),
                second.memory().toArray(ValueLayout.JAVA_BYTE));
    }

    @Test
    void largestPacketIsWrittenWhole() throws IOException {
        PcapngWriter writer = new PcapngWriter(file);
        MemorySegment memory = Arena.ofAuto().allocate(65535);
        memory.fill((byte) 0x5a);
        writer.write(writer.addInterface("x"), 0, memory, 0, 65535, null);
        assertEquals(65535, readAll(file.toByteArray()).get(0).length());
    }

    @Nested
    class Malformed {

        @Test
        void fileCutAnywhereSaysWhere() throws IOException {
            byte[] whole = sample();
            int clean = 0;
            for (int cut = 0; cut < whole.length; cut++) {
                byte[] part = Arrays.copyOf(whole, cut);
                try {
                    readAll(part);
                    clean++;
                } catch (CaptureFormatException e) {
                    assertEquals(cut, e.offset(), e.getMessage());
                    assertTrue(e.getMessage().contains("byte " + cut), e.getMessage());
                }
            }
            // Only the ends of blocks are silent: header, interface, packet, interface.
            assertEquals(4, clean);
        }

        @Test
        void everyChangedByteIsAnAnswerOrAnException() throws IOException {
            byte[] whole = sample();
            int refused = 0;
            for (int at = 0; at < whole.length; at++) {
                for (int value : new int[] {0, 1, 0x7f, 0x80, 0xff}) {
                    byte[] copy = whole.clone();
                    copy[at] = (byte) value;
                    try {
                        readAll(copy);
                    } catch (CaptureFormatException e) {
                        refused++;
                    }
                }
            }
            assertTrue(refused > 100, "refused " + refused);
        }

        @ParameterizedTest
        @CsvSource({"00000000, 0", "7f454c46, 0", "0a0d0d0a1c00000012345678, 8"})
        void strangeMagicNumberIsNamed(String hex, long offset) {
            CaptureFormatException e = assertThrows(CaptureFormatException.class,
                    () -> readAll(HexFormat.of().parseHex(hex)));
            assertEquals(offset, e.offset());
        }
    }

    @ParameterizedTest
    @CsvSource({
        // big-endian microseconds, little-endian microseconds, both with nanoseconds
        "a1b2c3d400020004000000000000000000010000 00000001 000000020000000300000001000000012a, 2000003000",
        "d4c3b2a102000400000000000000000000000100 65000000 020000000300000001000000010000002a, 2000003000",
        "a1b23c4d00020004000000000000000000010000 00000065 000000020000000300000001000000052a, 2000000003",
        "4d3cb2a102000400000000000000000000000100 01000000 020000000300000001000000010000002a, 2000000003",
    })
    void classicFilesOfBothByteOrdersAndResolutionsAreRead(String hex, long nanos) throws IOException {
        List<CapturedPacket> packets = readAll(HexFormat.of().parseHex(hex.replace(" ", "")));
        assertEquals(1, packets.size());
        assertEquals(nanos, packets.get(0).timestampNanos());
        assertEquals(1, packets.get(0).length());
        assertEquals((byte) 0x2a, packets.get(0).memory().get(Layouts.BYTE, 0));
    }

    @Test
    void bigEndianSectionWithMicrosecondsAndUnknownBlocksIsRead() throws IOException {
        String hex = "0a0d0d0a 0000001c 1a2b3c4d 0001 0000 ffffffffffffffff 0000001c"
                + "00000001 00000014 0001 0000 00000000 00000014"
                + "00000bad 00000010 01020304 00000010"
                + "00000006 00000024 00000000 00000000 00000003 00000001 00000001 2a000000 00000024"
                + "00000003 00000014 00000002 0b0c0000 00000014";
        List<CapturedPacket> packets = readAll(HexFormat.of().parseHex(hex.replace(" ", "")));
        assertEquals(2, packets.size());
        assertEquals(3000, packets.get(0).timestampNanos());
        assertEquals(CapturedPacket.ETHERNET, packets.get(0).linkType());
        assertEquals(2, packets.get(1).length());
    }

    @Test
    void vlanTagsOfEthernetAreSkipped() {
        MemorySegment memory = Bytes.of("000000000000" + "000000000000" + "81000001" + "0800" + "45");
        CapturedPacket packet = new CapturedPacket(0, "", CapturedPacket.ETHERNET, 0, memory, 19, null);
        assertEquals(18, packet.ipOffset());
        assertEquals(1, packet.ipLength());
        memory = Bytes.of("000000000000" + "000000000000" + "0806" + "00");
        assertEquals(-1, new CapturedPacket(0, "", CapturedPacket.ETHERNET, 0, memory, 15, null).ipOffset());
    }
}
