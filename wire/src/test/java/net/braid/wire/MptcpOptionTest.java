package net.braid.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import net.braid.base.Requirement;
import net.braid.wire.Json.Node;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Sections option_codec and option_codec_invalid of the vectors. */
class MptcpOptionTest {
    private static final Node VECTORS = Json.resource("vectors.json");

    static List<Node> valid() {
        return VECTORS.get("option_codec").list();
    }

    static List<Node> invalid() {
        return VECTORS.get("option_codec_invalid").list();
    }

    /** Flags of every kind of segment that a vector speaks of. */
    static int[] flags(String on) {
        return switch (on) {
            case "SYN" -> new int[] {TcpFlags.SYN};
            case "SYN/ACK" -> new int[] {TcpFlags.SYN | TcpFlags.ACK};
            case "ACK", "ACK+data" -> new int[] {TcpFlags.ACK, TcpFlags.ACK | TcpFlags.PSH};
            case "RST" -> new int[] {TcpFlags.RST, TcpFlags.RST | TcpFlags.ACK};
            case "ACK or RST", "ACK (v0,v1) or RST (v1)", "non-SYN" ->
                    new int[] {TcpFlags.ACK, TcpFlags.ACK | TcpFlags.FIN};
            case "any" -> new int[] {TcpFlags.SYN, TcpFlags.ACK, TcpFlags.RST};
            default -> throw new IllegalStateException(on);
        };
    }

    static int[] versions(Node vector) {
        return vector.get("version").value() instanceof Long version ? new int[] {(int) (long) version}
                : new int[] {0, 1};
    }

    @ParameterizedTest
    @MethodSource("valid")
    @Requirement({"A01", "A08"})
    void validVectorDecodesToItsFieldsAndEncodesToItsBytes(Node vector) {
        MemorySegment memory = Bytes.of(vector.text("hex"));
        int length = vector.number("length");
        for (int version : versions(vector)) {
            for (int flags : flags(vector.text("on"))) {
                assertEquals(OptionFault.NONE, MptcpOptionDecoder.check(memory, 0, length, version, flags));
                MptcpOption option = MptcpOptionDecoder.read(memory, 0, length, version, flags);
                compare(vector.get("fields"), option);
                assertEquals(length, option.length());
                OptionWriter writer = new OptionWriter();
                MemorySegment target = Arena.ofAuto().allocate(OptionWriter.CAPACITY);
                writer.begin(target, 0);
                option.encode(writer);
                assertEquals(length, writer.length());
                assertEquals(vector.text("hex"), Bytes.hex(target, 0, length));
            }
        }
    }

    private static void compare(Node fields, MptcpOption option) {
        switch (option) {
            case MptcpOption.Capable capable -> {
                assertEquals(0, fields.number("subtype"));
                assertEquals(fields.number("mpVersion"), capable.version());
                assertEquals(fields.number("A") == 1, capable.checksumRequired());
                assertEquals(fields.number("H"), capable.flags() & MptcpOption.Capable.HMAC);
                assertEquals(fields.has("C") && fields.number("C") == 1, capable.noMoreSubflows());
                assertEquals(fields.has("senderKey"), capable.hasSenderKey());
                assertEquals(fields.has("receiverKey"), capable.hasReceiverKey());
                assertEquals(fields.has("dataLevelLength"), capable.hasData());
                assertEquals(fields.has("checksum"), capable.hasChecksum());
                assertHex(fields, "senderKey", capable.senderKey());
                assertHex(fields, "receiverKey", capable.receiverKey());
                assertHex(fields, "checksum", capable.checksum());
                assertEquals(fields.has("dataLevelLength") ? fields.number("dataLevelLength") : 0,
                        capable.dataLength());
            }
            case MptcpOption.JoinSyn join -> {
                assertEquals(fields.number("backup") == 1, join.backup());
                assertEquals(fields.number("addressId"), join.addressId());
                assertEquals((int) fields.hex("token"), join.token());
                assertEquals((int) fields.hex("nonce"), join.nonce());
            }
            case MptcpOption.JoinSynAck join -> {
                assertEquals(fields.number("backup") == 1, join.backup());
                assertEquals(fields.number("addressId"), join.addressId());
                assertHex(fields, "truncatedHmac", join.truncatedHmac());
                assertEquals((int) fields.hex("nonce"), join.nonce());
            }
            case MptcpOption.JoinAck join -> assertEquals(fields.text("hmac"),
                    "%016x%016x%08x".formatted(join.hmacHigh(), join.hmacMiddle(), join.hmacLow()));
            case MptcpOption.DataSequenceSignal dss -> {
                assertEquals(fields.number("dataFin") == 1, dss.has(TcpOptions.DSS_DATA_FIN));
                assertEquals(fields.has("dataAck"), dss.has(TcpOptions.DSS_ACK));
                if (fields.has("dataAck")) {
                    assertEquals(fields.number("dataAckWidth") == 8, dss.has(TcpOptions.DSS_ACK_64));
                    assertHex(fields, "dataAck", dss.dataAck());
                }
                assertEquals(fields.has("dsn"), dss.has(TcpOptions.DSS_MAPPING));
                if (fields.has("dsn")) {
                    assertEquals(fields.number("dsnWidth") == 8, dss.has(TcpOptions.DSS_DSN_64));
                    assertHex(fields, "dsn", dss.dataSequence());
                    assertEquals(fields.number("ssn"), dss.subflowSequence());
                    assertEquals(fields.number("dataLevelLength"), dss.dataLength());
                }
                assertEquals(fields.has("checksum"), dss.has(TcpOptions.DSS_CHECKSUM));
                if (fields.has("checksum")) {
                    assertHex(fields, "checksum", dss.checksum());
                }
            }
            case MptcpOption.AddAddress add -> {
                assertEquals(fields.has("ipVer") ? 0 : 1, add.version());
                assertEquals(fields.has("echo") && fields.number("echo") == 1, add.echo());
                assertEquals(fields.number("addressId"), add.addressId());
                assertEquals(IpAddress.parse(fields.text("address")), add.address());
                assertEquals(fields.has("port") ? fields.number("port") : MptcpOption.AddAddress.NO_PORT, add.port());
                assertHex(fields, "truncatedHmac", add.truncatedHmac());
            }
            case MptcpOption.RemoveAddress remove -> assertEquals(
                    fields.get("addressIds").list().stream().map(Node::number).toList(), remove.addressIds());
            case MptcpOption.Priority priority -> {
                assertEquals(fields.number("backup") == 1, priority.backup());
                assertEquals(fields.has("addressId") ? fields.number("addressId") : MptcpOption.Priority.THIS_SUBFLOW,
                        priority.addressId());
            }
            case MptcpOption.Fail fail -> assertHex(fields, "dsn", fail.dataSequence());
            case MptcpOption.FastClose close -> assertHex(fields, "receiverKey", close.receiverKey());
            case MptcpOption.ResetReason reset -> {
                assertEquals(fields.number("transient") == 1, reset.temporary());
                assertEquals(fields.number("reason"), reset.reason());
            }
            case MptcpOption.Experimental experimental -> {
                assertEquals(fields.has("lowNibble") ? fields.number("lowNibble") : 0, experimental.lowNibble());
                StringBuilder data = new StringBuilder();
                experimental.data().forEach(b -> data.append("%02x".formatted(b)));
                assertEquals(fields.text("data"), data.toString());
            }
        }
    }

    private static void assertHex(Node fields, String key, long actual) {
        assertEquals(fields.has(key) ? fields.hex(key) : 0, actual, key);
    }

    @ParameterizedTest
    @MethodSource("valid")
    @Requirement("C01")
    void validDssVectorDecodesToTheSameFieldsOnTheHotPath(Node vector) {
        if (vector.get("fields").number("subtype") != OptionKind.DSS) {
            return;
        }
        MemorySegment memory = Bytes.of(vector.text("hex"));
        TcpOptions options = new TcpOptions();
        OptionDecoder.decode(memory, 0, vector.number("length"), TcpFlags.ACK, options);
        assertTrue(options.has(TcpOptions.DSS));
        assertEquals(0, options.faults);
        MptcpOption.DataSequenceSignal record = (MptcpOption.DataSequenceSignal) MptcpOptionDecoder.read(memory, 0,
                vector.number("length"), 1, TcpFlags.ACK);
        int parts = 0x3f << 8;
        assertEquals(record.parts(), options.present & parts);
        if (record.has(TcpOptions.DSS_ACK)) {
            assertEquals(record.dataAck(), options.dataAck);
        }
        if (record.has(TcpOptions.DSS_MAPPING)) {
            assertEquals(record.dataSequence(), options.dataSequence);
            assertEquals(record.subflowSequence(), options.subflowSequence);
            assertEquals(record.dataLength(), options.dataLength);
        }
    }

    /** What the syntax of an invalid vector does to it; NONE where only the state of a connection can tell. */
    private static final Map<String, OptionFault> FAULTS = Map.ofEntries(
            Map.entry("MP_CAPABLE v1 SYN with key (len 12)", OptionFault.LENGTH),
            Map.entry("MP_CAPABLE v0 SYN without key (len 4)", OptionFault.LENGTH),
            Map.entry("MP_CAPABLE no crypto bits", OptionFault.CRYPTO),
            Map.entry("MP_CAPABLE B=1", OptionFault.EXTENSIBILITY),
            // To be answered with version 1.
            Map.entry("MP_CAPABLE future version 2", OptionFault.NONE),
            Map.entry("MP_CAPABLE SYN/ACK version higher than offered", OptionFault.VERSION),
            Map.entry("MP_CAPABLE len 20 on SYN", OptionFault.LENGTH),
            Map.entry("MP_CAPABLE ACK without sender key", OptionFault.LENGTH),
            Map.entry("MP_JOIN SYN len 16", OptionFault.LENGTH),
            Map.entry("MP_JOIN SYN/ACK len 12", OptionFault.LENGTH),
            Map.entry("MP_JOIN ACK len 12", OptionFault.LENGTH),
            Map.entry("DSS short for flags", OptionFault.LENGTH),
            Map.entry("DSS M=1 with 1 extra byte", OptionFault.LENGTH),
            // Negotiated or not: the connection knows.
            Map.entry("DSS checksum present, not negotiated", OptionFault.NONE),
            Map.entry("DSS checksum missing, negotiated", OptionFault.NONE),
            Map.entry("ADD_ADDR v1 bad length 12", OptionFault.LENGTH),
            // MptcpCryptoTest refuses such HMACs.
            Map.entry("ADD_ADDR v1 HMAC wrong", OptionFault.NONE),
            Map.entry("REMOVE_ADDR without id (len 3)", OptionFault.LENGTH),
            Map.entry("MP_PRIO len 4 in v1", OptionFault.LENGTH),
            Map.entry("MP_FAIL len 8", OptionFault.LENGTH),
            Map.entry("MP_FASTCLOSE wrong key", OptionFault.NONE),
            Map.entry("option length 0", OptionFault.LIST),
            Map.entry("option length 1", OptionFault.LIST),
            Map.entry("option length 2 (no subtype)", OptionFault.LENGTH),
            Map.entry("option runs past header", OptionFault.LIST),
            Map.entry("unknown subtype 9", OptionFault.SUBTYPE));

    @ParameterizedTest
    @MethodSource("invalid")
    @Requirement("A01")
    void invalidVectorIsIgnoredAloneAndItsFaultIsNamed(Node vector) {
        String hex = vector.text("hex");
        int version = vector.number("version");
        OptionFault expected = FAULTS.get(vector.text("name"));
        for (int flags : flags(vector.text("on"))) {
            TcpOptions options = new TcpOptions();
            // A timestamp option in front must survive.
            MemorySegment memory = Bytes.of("0101080a0000000700000009" + hex);
            OptionDecoder.decode(memory, 0, (int) memory.byteSize(), flags, options);
            assertTrue(options.has(TcpOptions.TIMESTAMPS));
            assertEquals(9, options.timestampEcho);
            OptionFault fault = options.mptcpCount == 0 ? OptionFault.NONE : MptcpOptionDecoder.check(memory,
                    options.mptcpOffset[0], options.mptcpLength[0], version, flags);
            if (options.mptcpCount == 0) {
                assertEquals(expected.bit(), options.faults);
            } else {
                assertEquals(expected, fault);
                assertEquals((options.present & 1 << TcpOptions.MPTCP_SHIFT + OptionKind.DSS) != 0
                        && expected == OptionFault.NONE, options.has(TcpOptions.DSS));
            }
        }
    }

    static Stream<Node> lengths() {
        return valid().stream();
    }

    @ParameterizedTest
    @MethodSource("lengths")
    @Requirement("A01")
    void everyOtherLengthOfAnOptionIsRefusedOrAnotherForm(Node vector) {
        // A01: what passes the check at another length must be a form that the table of lengths knows.
        String hex = vector.text("hex") + "00".repeat(OptionWriter.CAPACITY);
        for (int version : versions(vector)) {
            for (int length = 3; length <= OptionWriter.CAPACITY; length++) {
                String other = hex.substring(0, 2) + "%02x".formatted(length) + hex.substring(4, 2 * length);
                MemorySegment memory = Bytes.of(other);
                int flags = flags(vector.text("on"))[0];
                if (MptcpOptionDecoder.check(memory, 0, length, version, flags) == OptionFault.NONE) {
                    MptcpOption option = MptcpOptionDecoder.read(memory, 0, length, version, flags);
                    assertEquals(length, option.length(), other);
                    assertTrue(table(option, version, flags).contains(length), option + " " + length);
                }
            }
        }
    }

    /** WIRE sheet, section 1. */
    private static List<Integer> table(MptcpOption option, int version, int flags) {
        boolean syn = (flags & TcpFlags.SYN) != 0;
        boolean answer = (flags & TcpFlags.ACK) != 0;
        return switch (option) {
            case MptcpOption.Capable capable when syn && !answer -> List.of(capable.version() == 0 ? 12 : 4);
            case MptcpOption.Capable _ when syn -> List.of(12);
            case MptcpOption.Capable capable -> capable.version() == 0 ? List.of(20) : List.of(20, 22, 24);
            case MptcpOption.JoinSyn _ -> List.of(12);
            case MptcpOption.JoinSynAck _ -> List.of(16);
            case MptcpOption.JoinAck _ -> List.of(24);
            case MptcpOption.DataSequenceSignal dss -> dss.has(TcpOptions.DSS_MAPPING)
                    ? List.of(14, 16, 18, 20, 22, 24, 26, 28) : List.of(4, 8, 12);
            case MptcpOption.AddAddress add -> version == 0 || add.echo() ? List.of(8, 10, 20, 22)
                    : List.of(16, 18, 28, 30);
            case MptcpOption.RemoveAddress remove -> List.of(3 + remove.addressIds().size());
            case MptcpOption.Priority _ -> version == 0 ? List.of(3, 4) : List.of(3);
            case MptcpOption.Fail _, MptcpOption.FastClose _ -> List.of(12);
            case MptcpOption.ResetReason _ -> List.of(4);
            case MptcpOption.Experimental experimental -> List.of(3 + experimental.data().size());
        };
    }

    @Test
    @Requirement("A01")
    void optionsOnTheWrongKindOfSegmentAreRefused() {
        assertFault(OptionFault.SEGMENT, "1e0c200399aabbccddeeff00", 1, TcpFlags.SYN);
        assertFault(OptionFault.SEGMENT, "1e0c01018899aabbccddeeff", 1, TcpFlags.RST);
        assertFault(OptionFault.SEGMENT, "1e0c10025f1e453901020304", 1, TcpFlags.RST);
        assertFault(OptionFault.SEGMENT, "1e083103c0000221", 1, TcpFlags.SYN);
        assertFault(OptionFault.SEGMENT, "1e044003", 1, TcpFlags.SYN | TcpFlags.ACK);
        assertFault(OptionFault.SEGMENT, "1e0350", 1, TcpFlags.SYN);
        assertFault(OptionFault.SEGMENT, "1e0c60001122334455667788", 1, TcpFlags.SYN);
        assertFault(OptionFault.SEGMENT, "1e0c70008899aabbccddeeff", 0, TcpFlags.RST);
        assertFault(OptionFault.NONE, "1e0c70008899aabbccddeeff", 1, TcpFlags.RST);
        assertFault(OptionFault.SEGMENT, "1e048001", 1, TcpFlags.ACK);
        assertFault(OptionFault.SUBTYPE, "1e048001", 0, TcpFlags.RST);
    }

    @Test
    @Requirement({"A22", "A24", "E04"})
    void capableFlagsAndVersionsFollowTheirRules() {
        // Version 1: another algorithm beside H may be offered, but not answered.
        assertFault(OptionFault.NONE, "1e040103", 1, TcpFlags.SYN);
        assertFault(OptionFault.CRYPTO, "1e0c01038899aabbccddeeff", 1, TcpFlags.SYN | TcpFlags.ACK);
        // C is a policy bit in version 1 and a crypto bit in version 0.
        assertFault(OptionFault.NONE, "1e0c01218899aabbccddeeff", 1, TcpFlags.SYN | TcpFlags.ACK);
        assertFault(OptionFault.CRYPTO, "1e0c00218899aabbccddeeff", 0, TcpFlags.SYN | TcpFlags.ACK);
        assertFault(OptionFault.CRYPTO, "1e0c00200011223344556677", 0, TcpFlags.SYN);
        assertFault(OptionFault.EXTENSIBILITY, "1e0c00410011223344556677", 0, TcpFlags.SYN);
        // A host that speaks only version 0 ignores an offer of version 1.
        assertFault(OptionFault.VERSION, "1e040101", 0, TcpFlags.SYN);
        // An answer with the lower version is fine, the third packet must name the agreed one.
        assertFault(OptionFault.NONE, "1e0c00018899aabbccddeeff", 1, TcpFlags.SYN | TcpFlags.ACK);
        assertFault(OptionFault.VERSION, "1e14000100112233445566778899aabbccddeeff", 1, TcpFlags.ACK);
    }

    @Test
    @Requirement("E06")
    void addAddressOfVersion0NeedsAFamilyThatSuitsItsLength() {
        assertFault(OptionFault.ADDRESS_FAMILY, "1e083503c0000221", 0, TcpFlags.ACK);
        assertFault(OptionFault.LENGTH, "1e083603c0000221", 0, TcpFlags.ACK);
        assertFault(OptionFault.ADDRESS_FAMILY, "1e14360300000000000000000000ffff0a000001", 0, TcpFlags.ACK);
    }

    private static void assertFault(OptionFault expected, String hex, int version, int flags) {
        MemorySegment memory = Bytes.of(hex);
        assertEquals(expected, MptcpOptionDecoder.check(memory, 0, (int) memory.byteSize(), version, flags), hex);
    }

    @Test
    @Requirement({"B10", "D08", "D17"})
    void reservedBitsAreIgnoredAndSentAsZero() {
        MemorySegment memory = Bytes.of("1e0c1e025f1e453901020304");
        assertEquals(new MptcpOption.JoinSyn(false, 2, 0x5f1e4539, 0x01020304),
                MptcpOptionDecoder.read(memory, 0, 12, 1, TcpFlags.SYN));
        memory = Bytes.of("1e048f06");
        assertEquals(new MptcpOption.ResetReason(true, 6), MptcpOptionDecoder.read(memory, 0, 4, 1, TcpFlags.RST));
        memory = Bytes.of("1e0c2fe399aabbccddeeff00");
        assertEquals(OptionFault.NONE, MptcpOptionDecoder.check(memory, 0, 12, 1, TcpFlags.ACK));
    }

    @Test
    void severalMptcpOptionsOfOneSegmentAreAllNoted() {
        MemorySegment memory = Bytes.of("1e0c70008899aabbccddeeff" + "1e048106" + "1e0350" + "1e03f1" + "0101");
        TcpOptions options = new TcpOptions();
        OptionDecoder.decode(memory, 0, (int) memory.byteSize(), TcpFlags.RST, options);
        assertEquals(4, options.mptcpCount);
        assertTrue(options.has(TcpOptions.MP_FASTCLOSE) && options.has(TcpOptions.MP_TCPRST)
                && options.has(TcpOptions.MP_PRIO));
        assertEquals(16, options.mptcpOffset[2]);
        assertEquals(3, options.mptcpLength[2]);
    }

    @Test
    void secondDssOfASegmentIsADuplicate() {
        MemorySegment memory = Bytes.of("1e082001ddeeff00" + "1e08200111111111");
        TcpOptions options = new TcpOptions();
        OptionDecoder.decode(memory, 0, 16, TcpFlags.ACK, options);
        assertEquals(0xddeeff00L, options.dataAck);
        assertEquals(OptionFault.DUPLICATE.bit(), options.faults);
        assertNotEquals(0, options.present & TcpOptions.DSS_ACK);
    }
}
