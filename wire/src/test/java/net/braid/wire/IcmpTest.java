package net.braid.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IcmpTest {
    private static final IpAddress ROUTER_V4 = IpAddress.parse("192.0.2.254");
    private static final IpAddress ROUTER_V6 = IpAddress.parse("2001:db8:ffff::1");

    private final Packets packet = new Packets();
    private final MemorySegment error = Arena.ofAuto().allocate(IcmpWriter.V6_LIMIT);
    private final SegmentView view = new SegmentView();
    private final IcmpView icmp = new IcmpView();

    private IpAddress router() {
        return packet.source.isV4() ? ROUTER_V4 : ROUTER_V6;
    }

    private int build(int payloadBytes) {
        packet.sequenceNumber = 0xdeadbeef;
        packet.payload = "5a".repeat(payloadBytes);
        packet.beginOptions().timestamps(1, 2);
        return packet.build();
    }

    private DropReason decode(int length) {
        assertEquals(DropReason.NOT_TCP, SegmentDecoder.decode(error.asSlice(0, length), 0, length, true, view));
        return IcmpDecoder.decode(view, icmp);
    }

    private void checkQuote() {
        assertEquals(packet.source, new IpAddress(icmp.sourceHigh, icmp.sourceLow));
        assertEquals(packet.destination, new IpAddress(icmp.destinationHigh, icmp.destinationLow));
        assertEquals(router(), new IpAddress(icmp.senderHigh, icmp.senderLow));
        assertEquals(1234, icmp.sourcePort);
        assertEquals(80, icmp.destinationPort);
        assertEquals(0xdeadbeef, icmp.sequenceNumber);
        assertEquals(!packet.source.isV4(), icmp.ipv6);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void errorsOfARouterAreReadWithTheSegmentTheyQuote(boolean ipv6) {
        if (ipv6) {
            packet.v6();
        }
        int length = build(1400);
        int written = IcmpWriter.packetTooBig(error, 0, router(), 1300, packet.memory, 0, length);
        assertEquals(ipv6 ? 1280 : 576, written);
        assertEquals(DropReason.NONE, decode(written));
        assertEquals(IcmpView.Kind.PACKET_TOO_BIG, icmp.kind);
        assertEquals(1300, icmp.mtu);
        assertEquals(length, icmp.packetLength);
        checkQuote();
        written = IcmpWriter.timeExceeded(error, 0, router(), packet.memory, 0, length);
        assertEquals(DropReason.NONE, decode(written));
        assertEquals(IcmpView.Kind.TIME_EXCEEDED, icmp.kind);
        checkQuote();
        int code = ipv6 ? IcmpHeader.V6_PROHIBITED : IcmpHeader.V4_PROHIBITED;
        written = IcmpWriter.unreachable(error, 0, router(), code, packet.memory, 0, length);
        assertEquals(DropReason.NONE, decode(written));
        assertEquals(IcmpView.Kind.UNREACHABLE, icmp.kind);
        assertEquals(code, icmp.code);
        checkQuote();
        int type = ipv6 ? IcmpHeader.V6_PARAMETER_PROBLEM : IcmpHeader.V4_PARAMETER_PROBLEM;
        written = IcmpWriter.write(error, 0, router(), type, 0, 40, packet.memory, 0, length);
        assertEquals(DropReason.NONE, decode(written));
        assertEquals(IcmpView.Kind.PARAMETER_PROBLEM, icmp.kind);
        checkQuote();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void everyFlippedBitOfTheMessageIsSeenByTheChecksum(boolean ipv6) {
        if (ipv6) {
            packet.v6();
        }
        int length = build(0);
        int written = IcmpWriter.packetTooBig(error, 0, router(), 1300, packet.memory, 0, length);
        int header = ipv6 ? 40 : 20;
        for (int bit = 8 * header; bit < 8 * written; bit++) {
            byte old = error.get(Layouts.BYTE, bit >>> 3);
            error.set(Layouts.BYTE, bit >>> 3, (byte) (old ^ 1 << (bit & 7)));
            assertEquals(DropReason.ICMP_CHECKSUM, decode(written));
            error.set(Layouts.BYTE, bit >>> 3, old);
        }
    }

    @Nested
    class Quotes {

        /** An error of which only {@code quoted} bytes of the packet are left. */
        private DropReason cut(int quoted) {
            int length = build(0);
            int header = packet.source.isV4() ? 20 : 40;
            IcmpWriter.timeExceeded(error, 0, router(), packet.memory, 0, length);
            int messageLength = 8 + quoted;
            error.set(Layouts.SHORT, header + 2, (short) 0);
            int sum = Checksum.sum(error, header, messageLength);
            if (packet.source.isV4()) {
                error.set(Layouts.SHORT, 2, (short) (header + messageLength));
                Ipv4Header.writeChecksum(error, 0);
            } else {
                error.set(Layouts.SHORT, 4, (short) messageLength);
                sum = Checksum.add(sum, Checksum.pseudoHeader(true, ROUTER_V6.high(), ROUTER_V6.low(),
                        packet.source.high(), packet.source.low(), 58, messageLength));
            }
            error.set(Layouts.SHORT, header + 2, (short) Checksum.finish(sum));
            return decode(header + messageLength);
        }

        @Test
        void eightBytesOfTheTcpHeaderAreEnough() {
            assertEquals(DropReason.NONE, cut(28));
            checkQuote();
            packet.v6();
            assertEquals(DropReason.NONE, cut(48));
            checkQuote();
        }

        @Test
        void shorterQuotesAreDropped() {
            for (int quoted = 0; quoted < 28; quoted++) {
                assertEquals(DropReason.ICMP_TRUNCATED, cut(quoted), quoted + " bytes");
            }
            packet.v6();
            for (int quoted = 0; quoted < 48; quoted++) {
                assertEquals(DropReason.ICMP_TRUNCATED, cut(quoted), quoted + " bytes");
            }
        }

        @Test
        void extensionHeaderInTheQuoteIsWalked() {
            packet.v6();
            packet.firstNextHeader = 60;
            packet.between = "0600010400000000";
            assertEquals(DropReason.NONE, cut(56));
            checkQuote();
            assertEquals(DropReason.ICMP_TRUNCATED, cut(55));
            packet.firstNextHeader = 44;
            packet.between = "0600000800000001";
            assertEquals(DropReason.ICMP_IRRELEVANT, cut(56));
        }

        @Test
        void quoteOfAnotherProtocolIsIrrelevant() {
            int length = build(0);
            packet.memory.set(Layouts.BYTE, 9, (byte) 17);
            int written = IcmpWriter.timeExceeded(error, 0, router(), packet.memory, 0, length);
            assertEquals(DropReason.ICMP_IRRELEVANT, decode(written));
        }
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "8, 0", "4, 0", "5, 1", "13, 0"})
    void typesThatMeanNothingToTcpAreIrrelevant(int type, int code) {
        int length = build(0);
        int written = IcmpWriter.write(error, 0, router(), type, code, 0, packet.memory, 0, length);
        assertEquals(DropReason.ICMP_IRRELEVANT, decode(written));
    }

    @Test
    void icmpOfTheOtherIpVersionIsIrrelevant() {
        packet.v6();
        int length = build(0);
        int written = IcmpWriter.timeExceeded(error, 0, router(), packet.memory, 0, length);
        error.set(Layouts.BYTE, 6, (byte) IcmpHeader.PROTOCOL_V4);
        assertEquals(DropReason.ICMP_IRRELEVANT, decode(written));
    }

    @Test
    void errorsAboutErrorsFragmentsAndMulticastAreNotSent() {
        int length = build(0);
        int written = IcmpWriter.timeExceeded(error, 0, ROUTER_V4, packet.memory, 0, length);
        MemorySegment second = Arena.ofAuto().allocate(IcmpWriter.V6_LIMIT);
        assertEquals(0, IcmpWriter.timeExceeded(second, 0, ROUTER_V4, error, 0, written));
        packet.memory.set(Layouts.SHORT, 6, (short) 1);
        assertEquals(0, IcmpWriter.timeExceeded(second, 0, ROUTER_V4, packet.memory, 0, length));
        packet.destination = IpAddress.parse("224.0.0.1");
        length = build(0);
        assertEquals(0, IcmpWriter.timeExceeded(second, 0, ROUTER_V4, packet.memory, 0, length));
        packet.v6();
        length = build(0);
        written = IcmpWriter.timeExceeded(error, 0, ROUTER_V6, packet.memory, 0, length);
        assertTrue(written > 0);
        assertEquals(0, IcmpWriter.timeExceeded(second, 0, ROUTER_V6, error, 0, written));
    }

    @Test
    void errorsPrintAsOneLine() {
        int length = build(0);
        int written = IcmpWriter.packetTooBig(error, 0, ROUTER_V4, 1300, packet.memory, 0, length);
        assertEquals("IP 192.0.2.254 > 10.0.0.1: ICMP PACKET_TOO_BIG code 4 mtu 1300 about "
                + "10.0.0.1.1234 > 10.0.0.2.80 seq 3735928559", SegmentPrinter.print(error, 0, written));
    }
}
