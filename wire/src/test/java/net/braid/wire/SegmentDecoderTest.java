package net.braid.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import net.braid.base.Pieces;
import net.braid.base.Requirement;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SegmentDecoderTest {
    private static final long SEED = 42;

    private final SegmentView view = new SegmentView();
    private final Packets packet = new Packets();

    private DropReason decode(int length) {
        // A slice that ends with the packet: whoever reads further is caught.
        return SegmentDecoder.decode(packet.memory.asSlice(0, length), 0, length, true, view);
    }

    private DropReason build() {
        packet.beginOptions();
        return decode(packet.build());
    }

    @Nested
    class OverIpv4 {

        @Test
        void everyFieldIsRead() {
            packet.flags = TcpFlags.ACK | TcpFlags.PSH | TcpFlags.CWR | TcpFlags.URG;
            packet.sequenceNumber = 0xfffffffe;
            packet.acknowledgmentNumber = 0x80000000;
            packet.window = 65535;
            packet.urgentPointer = 40000;
            packet.ecn = 3;
            packet.payload = "68656c6c6f";
            packet.beginOptions().timestamps(7, 9);
            int length = packet.build();
            assertEquals(DropReason.NONE, decode(length));
            assertFalse(view.ipv6);
            assertEquals(0x0000_ffff_0a00_0001L, view.sourceLow);
            assertEquals(0x0000_ffff_0a00_0002L, view.destinationLow);
            assertEquals(1234, view.sourcePort);
            assertEquals(80, view.destinationPort);
            assertEquals(0xfffffffe, view.sequenceNumber);
            assertEquals(0x80000000, view.acknowledgmentNumber);
            assertEquals(packet.flags, view.flags);
            assertEquals(65535, view.window);
            assertEquals(40000, view.urgentPointer);
            assertEquals(3, view.ecn);
            assertEquals(64, view.hopLimit);
            assertEquals(5, view.payloadLength);
            assertEquals(52, view.payload);
            assertEquals(32, view.headerLength());
            assertEquals(length, view.packetLength);
            assertEquals(7, view.options.timestampValue);
        }

        @Test
        void optionsOfTheIpHeaderAreSkipped() {
            packet.between = "01010101" + "00000000";
            assertEquals(DropReason.NONE, build());
            assertEquals(28, view.tcp);
        }

        @Test
        void paddingOfTheLinkIsNotPayload() {
            packet.beginOptions();
            int length = packet.build();
            assertEquals(DropReason.NONE, decode(length + 6));
            assertEquals(0, view.payloadLength);
        }

        @Test
        void everyTruncationIsDropped() {
            packet.payload = "00112233";
            packet.beginOptions().timestamps(1, 2);
            int length = packet.build();
            for (int cut = 0; cut < length; cut++) {
                assertEquals(DropReason.TRUNCATED, decode(cut));
            }
        }

        @Test
        @Requirement("F01")
        void everyFlippedBitOfTheSegmentIsSeenByAChecksum() {
            packet.payload = "00112233445566";
            packet.beginOptions().timestamps(1, 2);
            int length = packet.build();
            for (int bit = 0; bit < 8 * length; bit++) {
                byte old = packet.memory.get(Layouts.BYTE, bit >>> 3);
                packet.memory.set(Layouts.BYTE, bit >>> 3, (byte) (old ^ 1 << (bit & 7)));
                assertFalse(decode(length) == DropReason.NONE, "bit " + bit);
                packet.memory.set(Layouts.BYTE, bit >>> 3, old);
            }
        }

        @ParameterizedTest
        @CsvSource({"0x2000, FRAGMENT", "0x0001, FRAGMENT", "0x3fff, FRAGMENT", "0x4000, NONE", "0x0000, NONE"})
        void fragmentsAreDropped(String field, DropReason expected) {
            packet.beginOptions();
            int length = packet.build();
            packet.memory.set(Layouts.SHORT, 6, (short) (int) Integer.decode(field));
            Ipv4Header.writeChecksum(packet.memory, 0);
            assertEquals(expected, decode(length));
        }

        @Test
        void headerLengthThatCannotBeIsDropped() {
            packet.beginOptions();
            int length = packet.build();
            packet.memory.set(Layouts.BYTE, 0, (byte) 0x44);
            assertEquals(DropReason.IP_HEADER_LENGTH, decode(length));
            packet.memory.set(Layouts.BYTE, 0, (byte) 0x4f);
            assertEquals(DropReason.IP_HEADER_LENGTH, decode(length));
            packet.memory.set(Layouts.BYTE, 0, (byte) 0x55);
            assertEquals(DropReason.IP_VERSION, decode(length));
        }

        @Test
        void totalLengthBelowTheHeaderIsDropped() {
            packet.beginOptions();
            int length = packet.build();
            packet.memory.set(Layouts.SHORT, 2, (short) 19);
            assertEquals(DropReason.IP_TOTAL_LENGTH, decode(length));
        }

        @ParameterizedTest
        @ValueSource(strings = {"0.0.0.0", "224.0.0.1", "255.255.255.255"})
        void addressThatIsNotUnicastIsDropped(String address) {
            packet.source = IpAddress.parse(address);
            assertEquals(DropReason.SOURCE_ADDRESS, build());
            packet.source = IpAddress.parse("10.0.0.1");
            packet.destination = IpAddress.parse(address);
            assertEquals(DropReason.DESTINATION_ADDRESS, build());
        }

        @Test
        void anotherProtocolIsHandedOn() {
            packet.payload = "0011";
            packet.beginOptions();
            int length = packet.build();
            packet.memory.set(Layouts.BYTE, 9, (byte) 17);
            Ipv4Header.writeChecksum(packet.memory, 0);
            assertEquals(DropReason.NOT_TCP, decode(length));
            assertEquals(17, view.protocol);
            assertEquals(20, view.payload);
            assertEquals(22, view.payloadLength);
        }

        @Test
        void checksumIsNotLookedAtWhenTheLinkVouchesForIt() {
            packet.beginOptions();
            int length = packet.build();
            TcpHeader.setChecksum(packet.memory, 20, 0x1234);
            assertEquals(DropReason.TCP_CHECKSUM, decode(length));
            assertEquals(DropReason.NONE, SegmentDecoder.decode(packet.memory, 0, length, false, view));
        }

        @Test
        void dataOffsetThatCannotBeIsDropped() {
            packet.beginOptions();
            int length = packet.build();
            packet.memory.set(Layouts.BYTE, 32, (byte) 0x40);
            assertEquals(DropReason.TCP_DATA_OFFSET, decode(length));
            packet.memory.set(Layouts.BYTE, 32, (byte) 0xf0);
            assertEquals(DropReason.TCP_DATA_OFFSET, decode(length));
        }

        @Test
        void tcpHeaderThatIsCutIsDropped() {
            packet.beginOptions();
            packet.build();
            packet.memory.set(Layouts.SHORT, 2, (short) 39);
            Ipv4Header.writeChecksum(packet.memory, 0);
            assertEquals(DropReason.TCP_TRUNCATED, decode(39));
        }
    }

    @Nested
    class OverIpv6 {

        @Test
        void everyFieldIsRead() {
            packet.v6();
            packet.ecn = 2;
            packet.payload = "00112233445566";
            int length = build() == DropReason.NONE ? view.packetLength : -1;
            assertEquals(67, length);
            assertTrue(view.ipv6);
            assertEquals(0x2001_0db8_0000_0000L, view.sourceHigh);
            assertEquals(1, view.sourceLow);
            assertEquals(2, view.destinationLow);
            assertEquals(2, view.ecn);
            assertEquals(64, view.hopLimit);
            assertEquals(7, view.payloadLength);
        }

        @ParameterizedTest
        @CsvSource({
            // hop-by-hop with PadN
            "0, 0600010400000000, NONE",
            // destination options, 16 bytes
            "60, 060101 0c000000000000000000000000, NONE",
            // hop-by-hop, then destination options, then routing with nothing left
            "0, 3c00010400000000 2b00010400000000 0600000000000000, NONE",
            // atomic fragment
            "44, 0600000000000001, NONE",
            // first and later fragment
            "44, 0600000100000001, FRAGMENT", "44, 0600000800000001, FRAGMENT",
            // routing with segments left
            "43, 0600000100000000, EXTENSION_HEADER",
            // hop-by-hop behind another header
            "60, 0000010400000000 0600010400000000, EXTENSION_HEADER",
            // option 0xc2 (jumbo payload) must be understood
            "0, 0600c20400000000, EXTENSION_HEADER",
            // unknown option that may be skipped
            "0, 06001e0400000000, NONE",
            // option runs over the end of its header
            "0, 0600010500000000, EXTENSION_HEADER",
            // extension header longer than the packet
            "0, 06ff010400000000, EXTENSION_HEADER",
            // no next header
            "60, 3b00010400000000, NOT_TCP",
        })
        void extensionHeadersAreWalked(int first, String bytes, DropReason expected) {
            packet.v6();
            packet.firstNextHeader = first;
            packet.between = bytes.replace(" ", "");
            assertEquals(expected, build());
        }

        @Test
        void endlessExtensionHeadersAreGivenUp() {
            packet.v6();
            packet.firstNextHeader = 60;
            packet.between = "3c00010400000000".repeat(SegmentDecoder.EXTENSION_HEADER_LIMIT - 1) + "0600010400000000";
            assertEquals(DropReason.NONE, build());
            packet.between = "3c00010400000000".repeat(SegmentDecoder.EXTENSION_HEADER_LIMIT) + "0600010400000000";
            assertEquals(DropReason.EXTENSION_HEADER, build());
        }

        @ParameterizedTest
        @ValueSource(strings = {"::", "ff02::1"})
        void addressThatIsNotUnicastIsDropped(String address) {
            packet.v6();
            packet.destination = IpAddress.parse(address);
            assertEquals(DropReason.DESTINATION_ADDRESS, build());
            packet.destination = IpAddress.parse("2001:db8::2");
            packet.source = IpAddress.parse(address);
            assertEquals(DropReason.SOURCE_ADDRESS, build());
        }

        @Test
        void mappedAddressOnTheWireDoesNotPassForIpv4() {
            packet.v6();
            packet.beginOptions();
            int length = packet.build();
            packet.memory.set(Layouts.LONG, 8, 0);
            packet.memory.set(Layouts.LONG, 16, 0x0000_ffff_0a00_0001L);
            assertEquals(DropReason.SOURCE_ADDRESS, decode(length));
        }

        @Test
        void everyTruncationIsDropped() {
            packet.v6();
            packet.beginOptions().timestamps(1, 2);
            int length = packet.build();
            for (int cut = 0; cut < length; cut++) {
                assertEquals(DropReason.TRUNCATED, decode(cut));
            }
        }

        @Test
        void everyFlippedBitOfTheSegmentIsSeenByTheChecksum() {
            packet.v6();
            packet.payload = "001122334455";
            packet.beginOptions().timestamps(1, 2);
            int length = packet.build();
            for (int bit = 8 * 40; bit < 8 * length; bit++) {
                byte old = packet.memory.get(Layouts.BYTE, bit >>> 3);
                packet.memory.set(Layouts.BYTE, bit >>> 3, (byte) (old ^ 1 << (bit & 7)));
                assertFalse(decode(length) == DropReason.NONE, "bit " + bit);
                packet.memory.set(Layouts.BYTE, bit >>> 3, old);
            }
        }
    }

    @Test
    void payloadInPiecesHasTheSameChecksumAsInOneRun() {
        packet.payload = "00112233445566778899aa";
        packet.beginOptions();
        int length = packet.build();
        int good = TcpHeader.checksum(packet.memory, 20);
        Pieces pieces = new Pieces();
        pieces.add(packet.memory, 40, 3);
        pieces.add(packet.memory, 43, 7);
        pieces.add(packet.memory, 50, 1);
        TcpHeader.writeChecksum(packet.memory, 20, 20, pieces, packet.pseudoHeader(length - 20));
        assertEquals(good, TcpHeader.checksum(packet.memory, 20));
    }

    @Test
    void routersWorkKeepsTheHeaderChecksumRight() {
        packet.beginOptions();
        int length = packet.build();
        Ipv4Header.setEcn(packet.memory, 0, 3);
        for (int left = 63; left > 0; left--) {
            assertEquals(left, Ipv4Header.decrementTimeToLive(packet.memory, 0));
            assertEquals(DropReason.NONE, decode(length));
        }
        assertEquals(3, view.ecn);
        assertEquals(1, view.hopLimit);
    }

    @Test
    @Requirement("F01")
    void generatedSegmentsDecodeToWhatWasWritten() {
        SplitMix random = new SplitMix(SEED);
        for (int round = 0; round < 20_000; round++) {
            Packets p = packet;
            p.source = round % 2 == 0 ? IpAddress.v4(0x0a000000 | random.nextInt() & 0xffffff)
                    : new IpAddress(0x20010db8_00000000L, random.nextLong());
            p.destination = round % 2 == 0 ? IpAddress.v4(0x0b000000 | random.nextInt() & 0xffffff)
                    : new IpAddress(0x20010db8_00000001L, random.nextLong());
            p.sourcePort = random.nextInt(65536);
            p.destinationPort = random.nextInt(65536);
            p.sequenceNumber = random.nextInt();
            p.acknowledgmentNumber = random.nextInt();
            p.flags = random.nextInt(256);
            p.window = random.nextInt(65536);
            p.urgentPointer = random.nextInt(65536);
            p.payload = "5a".repeat(random.nextInt(20));
            int mask = random.nextInt(4) == 0 ? random.nextInt(64) : 0;
            int parts = (mask & 63) << 8;
            if ((parts & TcpOptions.DSS_ACK) == 0) {
                parts &= ~TcpOptions.DSS_ACK_64;
            }
            if ((parts & TcpOptions.DSS_MAPPING) == 0) {
                parts &= ~(TcpOptions.DSS_DSN_64 | TcpOptions.DSS_DATA_FIN | TcpOptions.DSS_CHECKSUM);
            }
            OptionWriter options = p.beginOptions();
            boolean timestamps = random.nextInt(2) == 0;
            int value = random.nextInt();
            int echo = random.nextInt();
            if (timestamps) {
                options.timestamps(value, echo);
            }
            long dataAck = random.nextLong();
            long dataSequence = random.nextLong();
            int subflowSequence = random.nextInt();
            int dataLength = random.nextInt(65536);
            int checksum = random.nextInt(65536);
            options.dataSequenceSignal(parts, dataAck, dataSequence, subflowSequence, dataLength, checksum);
            int blocks = Math.max(0, Math.min(random.nextInt(4), (options.remaining() - 7) / 8));
            if (blocks > 0) {
                options.sack(blocks);
                for (int i = 0; i < blocks; i++) {
                    options.sackBlock(i, value + i);
                }
            }
            int length = p.build();
            String at = "round " + round + " seed " + SEED;
            assertEquals(DropReason.NONE, decode(length), at);
            assertEquals(p.source, new IpAddress(view.sourceHigh, view.sourceLow), at);
            assertEquals(p.destination, new IpAddress(view.destinationHigh, view.destinationLow), at);
            assertEquals(p.sequenceNumber, view.sequenceNumber, at);
            assertEquals(p.flags, view.flags, at);
            assertEquals(p.window, view.window, at);
            assertEquals(p.payload.length() / 2, view.payloadLength, at);
            assertEquals(timestamps, view.options.has(TcpOptions.TIMESTAMPS), at);
            assertEquals(blocks, view.options.sackCount, at);
            if (blocks > 0) {
                assertEquals(value + blocks - 1, view.options.sackEdges[2 * blocks - 1], at);
            }
            boolean syn = (p.flags & TcpFlags.SYN) != 0;
            assertEquals(!syn, view.options.has(TcpOptions.DSS), at);
            if (!syn) {
                assertEquals(parts, view.options.present & 0x3f00, at);
                if ((parts & TcpOptions.DSS_ACK) != 0) {
                    boolean wide = (parts & TcpOptions.DSS_ACK_64) != 0;
                    assertEquals(wide ? dataAck : dataAck & 0xffff_ffffL, view.options.dataAck, at);
                }
                if ((parts & TcpOptions.DSS_MAPPING) != 0) {
                    boolean wide = (parts & TcpOptions.DSS_DSN_64) != 0;
                    assertEquals(wide ? dataSequence : dataSequence & 0xffff_ffffL, view.options.dataSequence, at);
                    assertEquals(subflowSequence, view.options.subflowSequence, at);
                    assertEquals(dataLength, view.options.dataLength, at);
                }
            }
        }
    }

    /** A02: random and mutated packets; the slice of memory catches each read past the end. */
    @Test
    @Requirement({"A02", "F02"})
    void aMillionCrookedPacketsNeitherThrowNorAllocate() throws IOException {
        List<byte[]> seeds = new ArrayList<>();
        for (String capture : CaptureTest.captures()) {
            for (CapturedPacket captured : CaptureTest.packets(capture)) {
                if (captured.ipLength() <= 200) {
                    seeds.add(captured.memory().asSlice(captured.ipOffset())
                            .toArray(ValueLayout.JAVA_BYTE));
                }
            }
        }
        SplitMix random = new SplitMix(SEED);
        MemorySegment[] sized = new MemorySegment[257];
        MemorySegment block = Arena.ofAuto().allocate(sized.length);
        for (int i = 0; i < sized.length; i++) {
            sized[i] = block.asSlice(0, i);
        }
        int[] results = new int[DropReason.values().length];
        IcmpView icmp = new IcmpView();
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long allocated = 0;
        int faults = 0;
        int rounds = 1_000_000;
        for (int round = 0; round < rounds; round++) {
            if (round == rounds / 2) {
                allocated = threads.getCurrentThreadAllocatedBytes();
            }
            byte[] seed = seeds.get(random.nextInt(seeds.size()));
            int length = seed.length;
            MemorySegment.copy(seed, 0, block, ValueLayout.JAVA_BYTE, 0, length);
            int mode = random.nextInt(8);
            if (mode == 0) {
                length = random.nextInt(sized.length);
                for (int i = 0; i < length; i++) {
                    block.set(Layouts.BYTE, i, (byte) random.nextInt());
                }
                if (length > 0) {
                    block.set(Layouts.BYTE, 0, (byte) (random.nextInt(2) == 0 ? 0x45 : 0x60));
                }
            } else if (mode == 1) {
                length = random.nextInt(length + 1);
            } else {
                int header = block.get(Layouts.BYTE, 0) >>> 4 == 4 ? 20 : 40;
                int changes = 1 + random.nextInt(6);
                for (int i = 0; i < changes; i++) {
                    int where = mode == 2 ? random.nextInt(length)
                            : Math.min(length - 1, header + 12 + random.nextInt(48));
                    block.set(Layouts.BYTE, where, (byte) random.nextInt());
                }
                if (header == 20 && length > 20) {
                    int tail = Math.min(length, 60);
                    // Keep the IP header right, so that the bytes behind it are reached.
                    block.set(Layouts.SHORT, 2, (short) length);
                    block.set(Layouts.BYTE, 0, (byte) (mode == 3 ? 0x40 | 5 + random.nextInt(tail / 4 - 4) : 0x45));
                    Ipv4Header.writeChecksum(block, 0);
                }
            }
            DropReason reason = SegmentDecoder.decode(sized[length], 0, length, mode == 4, view);
            results[reason.ordinal()]++;
            if (reason == DropReason.NONE) {
                for (int i = 0; i < view.options.mptcpCount; i++) {
                    OptionFault fault = MptcpOptionDecoder.check(view, i, round & 1);
                    faults += fault == OptionFault.NONE ? 0 : 1;
                }
            } else if (reason == DropReason.NOT_TCP) {
                results[IcmpDecoder.decode(view, icmp).ordinal()]++;
            }
        }
        long grown = threads.getCurrentThreadAllocatedBytes() - allocated;
        assertTrue(grown < 100_000, grown + " bytes allocated by half a million packets, seed " + SEED);
        assertTrue(results[DropReason.NONE.ordinal()] > rounds / 4, "few packets were decoded");
        assertTrue(faults > 10_000, "few options were crooked");
        assertTrue(results[DropReason.TCP_DATA_OFFSET.ordinal()] > 1_000);
    }

    /** What passes the check must be readable and must print, whatever its bytes. */
    @Test
    void crookedOptionListsOfAcceptedSegmentsCanBeReadAndPrinted() {
        SplitMix random = new SplitMix(SEED);
        int[] kinds = {0, 1, 2, 3, 4, 5, 8, 28, 30, 30, 30, 30, 34, 254, 255};
        for (int round = 0; round < 20_000; round++) {
            packet.flags = random.nextInt(64);
            OptionWriter options = packet.beginOptions();
            while (options.remaining() > 3) {
                options.putByte(kinds[random.nextInt(kinds.length)]);
                options.putByte(random.nextInt(4) == 0 ? random.nextInt(256)
                        : random.nextInt(options.remaining() + 2));
                int filler = random.nextInt(options.remaining());
                for (int i = 0; i < filler; i++) {
                    options.putByte(random.nextInt(3) == 0 ? 0 : random.nextInt(256));
                }
            }
            int length = packet.build();
            assertEquals(DropReason.NONE, decode(length));
            for (int i = 0; i < view.options.mptcpCount; i++) {
                for (int version = 0; version < 2; version++) {
                    if (MptcpOptionDecoder.check(view, i, version) == OptionFault.NONE) {
                        MptcpOption option = MptcpOptionDecoder.read(view, i, version);
                        assertEquals(view.options.mptcpLength[i], option.length(), option.toString());
                    }
                }
            }
            assertTrue(SegmentPrinter.print(view).startsWith("IP 10.0.0.1.1234 > 10.0.0.2.80: Flags ["));
        }
    }
}
