package net.braid.wire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import net.braid.base.Requirement;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** TCP's own options: F02, A02. */
@Requirement("F02")
class OptionDecoderTest {
    private final TcpOptions options = new TcpOptions();

    private void decode(String hex) {
        MemorySegment memory = Bytes.of(hex);
        OptionDecoder.decode(memory, 0, (int) memory.byteSize(), TcpFlags.ACK, options);
    }

    @Test
    void optionsOfASynAreReadWithoutRegardToAlignment() {
        decode("020405b4" + "0402" + "080a0000000700000009" + "030307" + "1c048005" + "2202" + "01" + "00");
        assertEquals(TcpOptions.MAXIMUM_SEGMENT_SIZE | TcpOptions.SACK_PERMITTED | TcpOptions.TIMESTAMPS
                | TcpOptions.WINDOW_SCALE | TcpOptions.USER_TIMEOUT | TcpOptions.FAST_OPEN, options.present);
        assertEquals(1460, options.maximumSegmentSize);
        assertEquals(7, options.timestampValue);
        assertEquals(9, options.timestampEcho);
        assertEquals(7, options.windowScale);
        assertEquals(300, options.userTimeoutSeconds());
        assertEquals(0, options.fastOpenCookieLength);
        assertEquals(0, options.faults);
    }

    @Test
    void fastPathOfTimestampsReadsWhatFollows() {
        decode("0101080affffffff80000000" + "0101050a0000000100000002");
        assertEquals(TcpOptions.TIMESTAMPS | TcpOptions.SACK, options.present);
        assertEquals(-1, options.timestampValue);
        assertEquals(0x80000000, options.timestampEcho);
        assertEquals(1, options.sackCount);
        assertEquals(2, options.sackEdges[1]);
    }

    @ParameterizedTest
    @CsvSource({
        "1e1a200f 0102030405060708 1112131415161718 21222324 0590 0101, 26, -1",
        "1e1c200f 0102030405060708 1112131415161718 21222324 0590 beef, 28, 48879",
        "1e1a200f 0102030405060708 1112131415161718 21222324 0590 0000, 26, -1",
        "1e0c2003 0102030405060708, 12, -1",
    })
    @Requirement("C10")
    void dataSequenceSignalBehindTimestampsIsReadAsAnywhereElse(String spaced, int length, int checksum) {
        String hex = spaced.replace(" ", "");
        boolean mapping = length > 12;
        for (String before : new String[] {"0101080a0000000700000009", "01080a000000070000000901"}) {
            options.dataSequence = 0;
            options.checksum = -1;
            decode(before + hex);
            assertEquals(TcpOptions.TIMESTAMPS | TcpOptions.DSS | TcpOptions.DSS_ACK | TcpOptions.DSS_ACK_64
                    | (mapping ? TcpOptions.DSS_MAPPING | TcpOptions.DSS_DSN_64 : 0)
                    | (checksum >= 0 ? TcpOptions.DSS_CHECKSUM : 0)
                    | 1 << TcpOptions.MPTCP_SHIFT + OptionKind.DSS, options.present);
            assertEquals(0x0102030405060708L, options.dataAck);
            assertEquals(mapping ? 0x1112131415161718L : 0, options.dataSequence);
            assertEquals(checksum, options.checksum);
            assertEquals(1, options.mptcpCount);
            assertEquals(12, options.mptcpOffset[0]);
            assertEquals(length, options.mptcpLength[0]);
            if (mapping) {
                assertEquals(0x21222324, options.subflowSequence);
                assertEquals(0x590, options.dataLength);
            }
        }
    }

    @Test
    void dataSequenceSignalOnASynDoesNotCountWhereverItStands() {
        MemorySegment memory = Bytes.of("0101080a0000000700000009" + "1e0c2003" + "0102030405060708");
        OptionDecoder.decode(memory, 0, (int) memory.byteSize(), TcpFlags.SYN, options);
        assertFalse(options.has(TcpOptions.DSS));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void wideMappingIsTheGeneralFormWithItsPadding(boolean checksum) {
        MemorySegment memory = Bytes.of("00".repeat(OptionWriter.CAPACITY));
        MemorySegment expected = Bytes.of("00".repeat(OptionWriter.CAPACITY));
        OptionWriter writer = new OptionWriter();
        writer.begin(expected, 0);
        writer.dataSequenceSignal(TcpOptions.DSS | TcpOptions.DSS_ACK | TcpOptions.DSS_ACK_64 | TcpOptions.DSS_MAPPING
                | TcpOptions.DSS_DSN_64 | (checksum ? TcpOptions.DSS_CHECKSUM : 0), -7, Long.MIN_VALUE + 5, -3, 0xfffe,
                0xabcd);
        writer.finish();
        writer.begin(memory, 0);
        writer.wideMapping(-7, Long.MIN_VALUE + 5, -3, 0xfffe, checksum, 0xabcd);
        assertEquals(28, writer.length());
        assertEquals(-1, expected.mismatch(memory));
    }

    @Test
    void fourSackBlocksAreReadInOrder() {
        decode("0101" + "0522" + "0000000100000002000000030000000400000005000000060000000700000008");
        assertEquals(4, options.sackCount);
        assertArrayEquals(new int[] {1, 2, 3, 4, 5, 6, 7, 8}, options.sackEdges);
    }

    @ParameterizedTest
    @CsvSource({
        "220a0102030405060708, 8, false", "22060102ff04, 4, false", "2212000102030405060708090a0b0c0d0e0f, 16, false",
        "fe04f989, 0, true", "fe0cf9890102030405060708, 8, true",
    })
    @Requirement("H07")
    void fastOpenCookiesComeInTwoDresses(String hex, int length, boolean experimental) {
        decode(hex);
        assertTrue(options.has(TcpOptions.FAST_OPEN));
        assertEquals(length, options.fastOpenCookieLength);
        assertEquals(experimental, options.fastOpenExperimental);
        assertEquals(experimental ? 4 : 2, options.fastOpenCookie);
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "0203055555555555", "02050505b4", "030403030101", "040300", "080b000000070000000900", "0509000000000000000000",
        "0502", "1c0300",
        "2203ff", "2204ffff", "2207ffffffffff", "2213ffffffffffffffffffffffffffffffffff", "fe05f98901",
    })
    @Requirement("A01")
    void optionOfTheWrongLengthIsIgnoredAlone(String hex) {
        decode(hex.substring(0, 2 * Integer.parseInt(hex.substring(2, 4), 16)) + "0303" + "05");
        assertEquals(TcpOptions.WINDOW_SCALE, options.present);
        assertEquals(5, options.windowScale);
        assertEquals(OptionFault.LENGTH.bit(), options.faults);
    }

    @ParameterizedTest
    @CsvSource({"1d04abcd", "fe06e2d40102", "ff02", "0b06ffffffff", "fd0312"})
    void unknownOptionIsSkippedWithoutAFault(String hex) {
        decode(hex + "020405b4");
        assertEquals(TcpOptions.MAXIMUM_SEGMENT_SIZE, options.present);
        assertEquals(0, options.faults);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0200", "0201", "03", "0205", "080affff", "ff00", "1e28"})
    @Requirement("A02")
    void illegalLengthEndsTheListAndKeepsWhatWasBefore(String hex) {
        decode("020405b4" + hex);
        assertEquals(TcpOptions.MAXIMUM_SEGMENT_SIZE, options.present);
        assertEquals(OptionFault.LIST.bit(), options.faults);
    }

    @Test
    @Requirement("A02")
    void nothingIsReadBehindTheEndOfTheList() {
        decode("00" + "020405b4" + "030307");
        assertEquals(0, options.present);
        assertEquals(0, options.faults);
    }

    @Test
    void firstOfTwoEqualOptionsCounts() {
        decode("020405b4" + "02040200" + "030307" + "030301");
        assertEquals(1460, options.maximumSegmentSize);
        assertEquals(7, options.windowScale);
        assertEquals(OptionFault.DUPLICATE.bit(), options.faults);
    }

    @Test
    void nothingOfTheSegmentBeforeRemains() {
        decode("0101080a0000000700000009" + "1e082001ddeeff00" + "0101050a0000000100000002");
        decode("");
        assertEquals(0, options.present);
        assertEquals(0, options.sackCount);
        assertEquals(0, options.mptcpCount);
    }

    @Test
    @Requirement("F30")
    void everyPlainOptionIsReadAsItWasWritten() {
        MemorySegment memory = Arena.ofAuto().allocate(64);
        MemorySegment cookie = Bytes.of("0102030405060708");
        OptionWriter writer = new OptionWriter();
        writer.begin(memory, 0);
        writer.maximumSegmentSize(65535);
        writer.sackPermittedAndTimestamps(-2, 3);
        writer.windowScale(14);
        writer.userTimeout(0x7fff, true);
        writer.fastOpenExperimental(cookie, 0, 8);
        assertEquals(36, writer.finish());
        OptionDecoder.decode(memory, 0, writer.length(), TcpFlags.SYN, options);
        assertEquals(65535, options.maximumSegmentSize);
        assertEquals(-2, options.timestampValue);
        assertEquals(14, options.windowScale);
        assertEquals(0x7fff * 60, options.userTimeoutSeconds());
        assertTrue(options.has(TcpOptions.SACK_PERMITTED) && options.fastOpenExperimental);
        assertEquals("0102030405060708", Bytes.hex(memory, options.fastOpenCookie, options.fastOpenCookieLength));
        writer.begin(memory, 0);
        writer.fastOpen(cookie, 2, 6);
        writer.sackPermitted();
        assertEquals(12, writer.finish());
        OptionDecoder.decode(memory, 0, writer.length(), TcpFlags.SYN, options);
        assertFalse(options.fastOpenExperimental);
        assertEquals("030405060708", Bytes.hex(memory, options.fastOpenCookie, options.fastOpenCookieLength));
    }

    @Test
    @Requirement("A02")
    void everyPairOfBytesAtTheEndOfTheListIsHarmless() {
        MemorySegment memory = Bytes.of("01".repeat(40));
        for (int pair = 0; pair < 1 << 16; pair++) {
            memory.set(Layouts.SHORT, 38, (short) pair);
            OptionDecoder.decode(memory, 0, 40, TcpFlags.ACK, options);
            assertTrue(options.mptcpCount == 0 && options.sackCount == 0, Arrays.toString(options.sackEdges));
        }
    }
}
