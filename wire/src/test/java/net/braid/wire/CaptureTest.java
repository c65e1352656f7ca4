package net.braid.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import net.braid.base.Requirement;
import net.braid.wire.Json.Node;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Traces of the Linux kernel, against a decode that other code has made of them. */
class CaptureTest {
    private static final Node DECODED = Json.resource("pcaps/decoded.json");

    static List<String> captures() {
        return DECODED.map().keySet().stream().map(String::valueOf).toList();
    }

    static List<CapturedPacket> packets(String capture) throws IOException {
        try (InputStream in = CaptureTest.class.getResourceAsStream("pcaps/" + capture)) {
            CaptureReader reader = CaptureReader.open(in);
            List<CapturedPacket> packets = new ArrayList<>();
            for (CapturedPacket packet = reader.next(); packet != null; packet = reader.next()) {
                packets.add(packet);
            }
            return packets;
        }
    }

    private static SegmentView decode(CapturedPacket packet) {
        SegmentView view = new SegmentView();
        assertEquals(DropReason.NONE,
                SegmentDecoder.decode(packet.memory(), packet.ipOffset(), packet.ipLength(), true, view));
        return view;
    }

    @ParameterizedTest
    @MethodSource("captures")
    @Requirement({"A01", "A08"})
    void everySegmentOfACaptureDecodesFieldByField(String capture) throws IOException {
        List<CapturedPacket> packets = packets(capture);
        List<Node> expected = DECODED.get(capture).list();
        assertEquals(packets.size(), expected.size());
        for (Node segment : expected) {
            SegmentView view = decode(packets.get(segment.number("n") - 1));
            assertEquals(segment.text("src"), IpAddress.toString(view.sourceHigh, view.sourceLow));
            assertEquals(segment.text("dst"), IpAddress.toString(view.destinationHigh, view.destinationLow));
            assertEquals(segment.number("sport"), view.sourcePort);
            assertEquals(segment.number("dport"), view.destinationPort);
            assertEquals(segment.get("seq").longNumber(), Integer.toUnsignedLong(view.sequenceNumber));
            assertEquals(segment.get("ack").longNumber(), Integer.toUnsignedLong(view.acknowledgmentNumber));
            assertEquals(segment.number("flags"), view.flags);
            assertEquals(segment.number("window"), view.window);
            assertEquals(segment.number("payloadLen"), view.payloadLength);
            String bytes = Bytes.hex(view.memory, view.tcp + 20, view.headerLength() - 20);
            assertTrue(bytes.startsWith(segment.text("optionBytes")), bytes);
            options(capture, segment, view);
        }
    }

    private static void options(String capture, Node segment, SegmentView view) {
        TcpOptions options = view.options;
        int plain = 0;
        int multipath = 0;
        for (Node option : segment.get("options").list()) {
            Node value = option.get("value");
            switch (option.text("kind")) {
                case "MSS" -> {
                    plain |= TcpOptions.MAXIMUM_SEGMENT_SIZE;
                    assertEquals(value.number(), options.maximumSegmentSize);
                }
                case "WS" -> {
                    plain |= TcpOptions.WINDOW_SCALE;
                    assertEquals(value.number(), options.windowScale);
                }
                case "SACKP" -> plain |= TcpOptions.SACK_PERMITTED;
                case "TS" -> {
                    plain |= TcpOptions.TIMESTAMPS;
                    assertEquals((int) value.list().get(0).longNumber(), options.timestampValue);
                    assertEquals((int) value.list().get(1).longNumber(), options.timestampEcho);
                }
                case "SACK" -> {
                    plain |= TcpOptions.SACK;
                    assertEquals(value.list().size(), options.sackCount);
                    for (int i = 0; i < options.sackCount; i++) {
                        List<Node> block = value.list().get(i).list();
                        assertEquals((int) block.get(0).longNumber(), options.sackEdges[2 * i]);
                        assertEquals((int) block.get(1).longNumber(), options.sackEdges[2 * i + 1]);
                    }
                }
                case "TFO" -> {
                    plain |= TcpOptions.FAST_OPEN;
                    assertEquals(value.text(),
                            Bytes.hex(view.memory, options.fastOpenCookie, options.fastOpenCookieLength));
                }
                case "MPTCP" -> multipath(capture, option, view, multipath++);
                default -> throw new IllegalStateException(option.toString());
            }
        }
        assertEquals(plain, options.present & TcpOptions.DSS - 1);
        assertEquals(multipath, options.mptcpCount);
    }

    private static void multipath(String capture, Node expected, SegmentView view, int index) {
        int version = expected.has("v") ? expected.number("v") : capture.equals("synthetic_v0.pcap") ? 0 : 1;
        int length = view.options.mptcpLength[index];
        assertEquals(expected.number("len"), length);
        if (MptcpOptionDecoder.check(view, index, version) != OptionFault.NONE) {
            // crookedOptionsAreTheKnownOnes looks at these.
            return;
        }
        MptcpOption option = MptcpOptionDecoder.read(view, index, version);
        assertEquals(expected.text("sub"), switch (option) {
            case MptcpOption.Capable capable -> {
                assertEquals(expected.number("ver"), capable.version());
                assertEquals((int) expected.hex("flags"), capable.flags());
                assertHex(expected, "skey", capable.senderKey(), capable.hasSenderKey());
                assertHex(expected, "rkey", capable.receiverKey(), capable.hasReceiverKey());
                assertNumber(expected, "dlen", capable.dataLength(), capable.hasData());
                assertNumber(expected, "csum", capable.checksum(), capable.hasChecksum());
                yield "MP_CAPABLE";
            }
            case MptcpOption.JoinSyn join -> {
                assertEquals("SYN", expected.text("ph"));
                assertEquals(expected.number("backup") == 1, join.backup());
                assertEquals(expected.number("id"), join.addressId());
                assertEquals((int) expected.hex("token"), join.token());
                assertEquals((int) expected.hex("nonce"), join.nonce());
                yield "MP_JOIN";
            }
            case MptcpOption.JoinSynAck join -> {
                assertEquals("SYNACK", expected.text("ph"));
                assertEquals(expected.number("backup") == 1, join.backup());
                assertEquals(expected.number("id"), join.addressId());
                assertEquals(expected.hex("thmac"), join.truncatedHmac());
                assertEquals((int) expected.hex("nonce"), join.nonce());
                yield "MP_JOIN";
            }
            case MptcpOption.JoinAck join -> {
                assertEquals("ACK", expected.text("ph"));
                assertEquals(expected.text("hmac"),
                        "%016x%016x%08x".formatted(join.hmacHigh(), join.hmacMiddle(), join.hmacLow()));
                yield "MP_JOIN";
            }
            case MptcpOption.DataSequenceSignal dss -> {
                TcpOptions options = view.options;
                assertTrue(options.has(TcpOptions.DSS));
                assertEquals(dss.parts(), options.present & 0x3f << 8);
                assertEquals(expected.number("F") == 1, dss.has(TcpOptions.DSS_DATA_FIN));
                assertHex(expected, "dack", options.dataAck, dss.has(TcpOptions.DSS_ACK));
                assertNumber(expected, "dack_w", dss.has(TcpOptions.DSS_ACK_64) ? 8 : 4, dss.has(TcpOptions.DSS_ACK));
                assertHex(expected, "dsn", options.dataSequence, dss.has(TcpOptions.DSS_MAPPING));
                assertNumber(expected, "dsn_w", dss.has(TcpOptions.DSS_DSN_64) ? 8 : 4,
                        dss.has(TcpOptions.DSS_MAPPING));
                assertNumber(expected, "ssn", options.subflowSequence, dss.has(TcpOptions.DSS_MAPPING));
                assertNumber(expected, "dlen", options.dataLength, dss.has(TcpOptions.DSS_MAPPING));
                assertNumber(expected, "csum", options.checksum, dss.has(TcpOptions.DSS_CHECKSUM));
                yield "DSS";
            }
            case MptcpOption.AddAddress add -> {
                assertEquals(expected.number("id"), add.addressId());
                assertEquals(expected.has("echo") && expected.number("echo") == 1, add.echo());
                assertEquals(IpAddress.parse(expected.text("addr")), add.address());
                assertNumber(expected, "port", add.port(), add.hasPort());
                assertHex(expected, "thmac", add.truncatedHmac(), add.hasHmac());
                yield "ADD_ADDR";
            }
            case MptcpOption.RemoveAddress remove -> {
                assertEquals(expected.get("ids").list().stream().map(Node::number).toList(), remove.addressIds());
                yield "REMOVE_ADDR";
            }
            case MptcpOption.Priority priority -> {
                assertEquals(expected.number("backup") == 1, priority.backup());
                assertNumber(expected, "id", priority.addressId(),
                        priority.addressId() != MptcpOption.Priority.THIS_SUBFLOW);
                yield "MP_PRIO";
            }
            case MptcpOption.Fail fail -> {
                assertEquals(expected.hex("dsn"), fail.dataSequence());
                yield "MP_FAIL";
            }
            case MptcpOption.FastClose close -> {
                assertEquals(expected.hex("rkey"), close.receiverKey());
                yield "MP_FASTCLOSE";
            }
            case MptcpOption.ResetReason reset -> {
                assertEquals(expected.number("T") == 1, reset.temporary());
                assertEquals(expected.number("reason"), reset.reason());
                yield "MP_TCPRST";
            }
            case MptcpOption.Experimental _ -> "MP_EXPERIMENTAL";
        });
        OptionWriter writer = new OptionWriter();
        MemorySegment target = Arena.ofAuto().allocate(OptionWriter.CAPACITY);
        writer.begin(target, 0);
        option.encode(writer);
        assertEquals(Bytes.hex(view.memory, view.options.mptcpOffset[index], length),
                Bytes.hex(target, 0, writer.length()));
    }

    private static void assertHex(Node expected, String key, long actual, boolean present) {
        assertEquals(expected.has(key), present, key);
        if (present) {
            assertEquals(expected.hex(key), actual, key);
        }
    }

    private static void assertNumber(Node expected, String key, long actual, boolean present) {
        assertEquals(expected.has(key), present, key);
        if (present) {
            assertEquals(expected.get(key).longNumber(), actual, key);
        }
    }

    @Test
    void crookedOptionsAreTheKnownOnes() throws IOException {
        Set<String> found = new TreeSet<>();
        for (String capture : captures()) {
            int version = capture.equals("synthetic_v0.pcap") ? 0 : 1;
            int frame = 0;
            for (CapturedPacket packet : packets(capture)) {
                frame++;
                SegmentView view = decode(packet);
                assertEquals(0, view.options.faults, capture + " " + frame);
                for (int i = 0; i < view.options.mptcpCount; i++) {
                    OptionFault fault = MptcpOptionDecoder.check(view, i, version);
                    if (fault != OptionFault.NONE) {
                        found.add(capture + " " + frame + " " + fault);
                    }
                }
            }
        }
        // Crafted SYNs: B set, no crypto, version 1 with a key.
        assertEquals(Set.of("raw_syn_variants.pcap 10 EXTENSIBILITY", "raw_syn_variants.pcap 13 CRYPTO",
                "raw_syn_variants.pcap 16 LENGTH"), found);
    }

    /** Mappings with a checksum that are longer than the segment they came on. */
    @Test
    @Requirement("C03")
    void checksumOfAMappingOverSeveralSegmentsIsRight() throws IOException {
        int verified = 0;
        for (Node vector : Json.resource("vectors.json").get("captured_dss_checksum").list()) {
            if (vector.has("payload")) {
                continue;
            }
            List<CapturedPacket> packets = packets(vector.text("pcap"));
            SegmentView carrier = decode(packets.get(vector.number("frame") - 1));
            int length = vector.number("data_level_length") - vector.number("data_fin");
            int sum = 0;
            Map<Integer, Integer> pieces = new HashMap<>();
            int irs = initialSequenceNumber(packets, carrier);
            int covered = 0;
            for (CapturedPacket packet : packets) {
                SegmentView view = decode(packet);
                int offset = view.sequenceNumber - irs - vector.number("ssn");
                boolean inside = sameDirection(view, carrier) && view.payloadLength > 0 && offset >= 0
                        && offset < length;
                if (inside && pieces.put(offset, view.payloadLength) == null) {
                    int bytes = Math.min(view.payloadLength, length - offset);
                    sum = DssChecksum.add(sum, offset, Checksum.sum(view.memory, view.payload, bytes));
                    covered += bytes;
                }
            }
            assertEquals(length, covered, vector.toString());
            assertTrue(DssChecksum.matches((int) vector.hex("wire"), vector.hex("dsn"), vector.number("ssn"),
                    vector.number("data_level_length"), sum), vector.toString());
            verified++;
        }
        assertEquals(4, verified);
    }

    private static int initialSequenceNumber(List<CapturedPacket> packets, SegmentView carrier) {
        for (CapturedPacket packet : packets) {
            SegmentView view = decode(packet);
            if (sameDirection(view, carrier) && view.has(TcpFlags.SYN)) {
                return view.sequenceNumber;
            }
        }
        throw new IllegalStateException("no SYN");
    }

    private static boolean sameDirection(SegmentView a, SegmentView b) {
        return a.sourceLow == b.sourceLow && a.sourcePort == b.sourcePort && a.destinationLow == b.destinationLow
                && a.destinationPort == b.destinationPort;
    }

    @Test
    void timestampsOfAClassicFileAreNanosecondsSinceTheEpoch() throws IOException {
        List<CapturedPacket> packets = packets("v1_basic.pcap");
        CapturedPacket first = packets.get(0);
        assertTrue(first.timestampNanos() > 1_600_000_000_000_000_000L && first.timestampNanos() % 1000 == 0);
        assertEquals(CapturedPacket.ETHERNET, first.linkType());
        assertNull(first.comment());
    }
}
