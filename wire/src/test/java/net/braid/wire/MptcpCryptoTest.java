package net.braid.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import net.braid.base.Requirement;
import net.braid.wire.Json.Node;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Sections about keys, HMACs, DSS checksums and data sequence numbers of the vectors. */
class MptcpCryptoTest {
    private static final Node VECTORS = Json.resource("vectors.json");
    private static final MptcpCrypto CRYPTO = new MptcpCrypto();

    static List<Node> keys() {
        return VECTORS.get("key_derivation").list();
    }

    static List<Node> capturedKeys() {
        return VECTORS.get("captured_keys").list();
    }

    static List<Node> joins() {
        return VECTORS.get("mp_join").list();
    }

    static List<Node> capturedJoins() {
        return VECTORS.get("captured_joins").list();
    }

    static List<Node> addAddresses() {
        return VECTORS.get("add_addr_hmac").list();
    }

    static List<Node> capturedAddAddresses() {
        return VECTORS.get("captured_add_addr").list();
    }

    static List<Node> checksums() {
        return VECTORS.get("dss_checksum").list();
    }

    static List<Node> capturedChecksums() {
        // A mapping over several segments has no payload here: CaptureTest puts it together from the capture.
        return VECTORS.get("captured_dss_checksum").list().stream().filter(vector -> vector.has("payload")).toList();
    }

    static List<Node> expansions() {
        return VECTORS.get("dsn_expand").list();
    }

    @ParameterizedTest
    @MethodSource({"keys", "capturedKeys"})
    @Requirement({"A12", "E02"})
    void tokenAndInitialDataSequenceNumberComeFromTheKey(Node vector) {
        int version = vector.number("version");
        long key = vector.hex("key");
        assertEquals((int) vector.hex("token"), CRYPTO.token(version, key));
        assertEquals(vector.hex("idsn"), CRYPTO.initialDataSequenceNumber(version, key));
    }

    @ParameterizedTest
    @MethodSource("joins")
    @Requirement({"B02", "E02"})
    void joinHmacsProveBothKeys(Node vector) {
        int version = vector.number("version");
        long keyA = vector.hex("key_a");
        long keyB = vector.hex("key_b");
        int nonceA = (int) vector.hex("nonce_a");
        int nonceB = (int) vector.hex("nonce_b");
        assertEquals((int) vector.hex("token_b"), CRYPTO.token(version, keyB));
        assertEquals(vector.hex("synack_trunc64"), CRYPTO.joinSynAckHmac(version, keyB, keyA, nonceB, nonceA));
        assertEquals(vector.text("ack_trunc160"), text(CRYPTO.joinAck(version, keyA, keyB, nonceA, nonceB)));
    }

    @ParameterizedTest
    @MethodSource("capturedJoins")
    @Requirement("B02")
    void capturedJoinHmacIsAcceptedExactlyWhenItIsRight(Node vector) {
        int version = vector.number("version");
        long sender = vector.hex("sender_key");
        long peer = vector.hex("peer_key");
        int nonce = (int) vector.hex("sender_nonce");
        int peerNonce = (int) vector.hex("peer_nonce");
        boolean valid = (Boolean) vector.get("valid").value();
        String wire = vector.text("wire");
        if (vector.text("phase").equals("SYNACK")) {
            long expected = CRYPTO.joinSynAckHmac(version, sender, peer, nonce, peerNonce);
            assertEquals(valid, MptcpCrypto.matches(expected, Long.parseUnsignedLong(wire, 16)));
        } else {
            MptcpOption.JoinAck received = new MptcpOption.JoinAck(Long.parseUnsignedLong(wire.substring(0, 16), 16),
                    Long.parseUnsignedLong(wire.substring(16, 32), 16),
                    Integer.parseUnsignedInt(wire.substring(32), 16));
            assertEquals(valid, MptcpCrypto.matches(CRYPTO.joinAck(version, sender, peer, nonce, peerNonce), received));
        }
    }

    private static String text(MptcpOption.JoinAck join) {
        return "%016x%016x%08x".formatted(join.hmacHigh(), join.hmacMiddle(), join.hmacLow());
    }

    @Test
    @Requirement("K03")
    void oneWrongBitAnywhereInAJoinHmacIsSeen() {
        MptcpOption.JoinAck good = CRYPTO.joinAck(1, 1, 2, 3, 4);
        long high = good.hmacHigh();
        long middle = good.hmacMiddle();
        int low = good.hmacLow();
        assertTrue(MptcpCrypto.matches(good, new MptcpOption.JoinAck(high, middle, low)));
        assertFalse(MptcpCrypto.matches(good, new MptcpOption.JoinAck(high ^ 1L << 63, middle, low)));
        assertFalse(MptcpCrypto.matches(good, new MptcpOption.JoinAck(high, middle ^ 1, low)));
        assertFalse(MptcpCrypto.matches(good, new MptcpOption.JoinAck(high, middle, low ^ 1 << 31)));
    }

    @ParameterizedTest
    @MethodSource("addAddresses")
    @Requirement("D01")
    void addAddressHmacIsTheRightmostPart(Node vector) {
        boolean byA = vector.text("sender").equals("A");
        long sender = vector.hex(byA ? "key_a" : "key_b");
        long receiver = vector.hex(byA ? "key_b" : "key_a");
        int port = vector.has("port") ? vector.number("port") : MptcpOption.AddAddress.NO_PORT;
        IpAddress address = IpAddress.parse(vector.text("address"));
        long hmac = CRYPTO.addAddressHmac(sender, receiver, vector.number("address_id"), address, port);
        assertEquals(vector.hex("trunc64_rightmost"), hmac);
        assertNotEquals(vector.hex("wrong_leftmost"), hmac);
        MptcpOption option = new MptcpOption.AddAddress(1, false, vector.number("address_id"), address, port, hmac);
        MemorySegment memory = Arena.ofAuto().allocate(OptionWriter.CAPACITY);
        OptionWriter writer = new OptionWriter();
        writer.begin(memory, 0);
        option.encode(writer);
        assertEquals(vector.text("option"), Bytes.hex(memory, 0, writer.length()));
    }

    @ParameterizedTest
    @MethodSource("capturedAddAddresses")
    @Requirement("D01")
    void capturedAddAddressHmacIsAcceptedExactlyWhenItIsRight(Node vector) {
        int port = vector.has("port") ? vector.number("port") : MptcpOption.AddAddress.NO_PORT;
        long hmac = CRYPTO.addAddressHmac(vector.hex("sender_key"), vector.hex("peer_key"),
                vector.number("address_id"), IpAddress.parse(vector.text("address")), port);
        assertEquals(vector.get("valid").value(), MptcpCrypto.matches(hmac, vector.hex("wire")));
    }

    @ParameterizedTest
    @MethodSource("checksums")
    @Requirement("C03")
    void dssChecksumCoversPseudoHeaderAndPayload(Node vector) {
        MemorySegment payload = Bytes.of(vector.text("payload"));
        int sum = Checksum.sum(payload, 0, (int) payload.byteSize());
        assertEquals((int) vector.hex("data_ones_sum"), sum);
        int checksum = DssChecksum.compute(vector.hex("dsn"), vector.number("ssn"),
                vector.number("data_level_length"), sum);
        assertEquals((int) vector.hex("checksum"), checksum);
        assertTrue(DssChecksum.matches(checksum, vector.hex("dsn"), vector.number("ssn"),
                vector.number("data_level_length"), sum));
    }

    @ParameterizedTest
    @MethodSource("capturedChecksums")
    @Requirement("C03")
    void capturedDssChecksumIsAcceptedExactlyWhenItIsRight(Node vector) {
        MemorySegment payload = Bytes.of(vector.text("payload"));
        int sum = Checksum.sum(payload, 0, (int) payload.byteSize());
        int computed = DssChecksum.compute(vector.hex("dsn"), vector.number("ssn"),
                vector.number("data_level_length"), sum);
        assertEquals((int) vector.hex("computed"), computed);
        assertEquals(vector.text("wire").equals(vector.text("computed")), DssChecksum.matches((int) vector.hex("wire"),
                vector.hex("dsn"), vector.number("ssn"), vector.number("data_level_length"), sum));
    }

    @Test
    void dssChecksumGrowsSegmentBySegmentInAnyOrder() {
        Node vector = VECTORS.get("dss_checksum_incremental");
        int length = vector.number("data_level_length");
        MemorySegment payload = Arena.ofAuto().allocate(length);
        for (int i = 0; i < length; i++) {
            payload.set(Layouts.BYTE, i, (byte) (i * 11));
        }
        List<Node> segments = vector.get("segments").list();
        List<Node> sums = vector.get("segment_ones_sums").list();
        int[][] orders = {{0, 1, 2}, {2, 1, 0}, {1, 2, 0}};
        for (int[] order : orders) {
            int sum = 0;
            for (int index : order) {
                int offset = 0;
                for (int i = 0; i < index; i++) {
                    offset += segments.get(i).number();
                }
                int own = Checksum.sum(payload, offset, segments.get(index).number());
                assertEquals((int) sums.get(index).hex(), own);
                sum = DssChecksum.add(sum, offset, own);
            }
            assertEquals((int) vector.hex("checksum"),
                    DssChecksum.compute(vector.hex("dsn"), vector.number("ssn"), length, sum));
        }
    }

    @ParameterizedTest
    @MethodSource("expansions")
    @Requirement("C10")
    void dataSequenceNumberOf32BitsExpandsToTheNearest(Node vector) {
        assertEquals(vector.hex("expanded"),
                DataSequenceNumber.expand((int) vector.hex("wire32"), vector.hex("reference")));
    }

    @Test
    @Requirement("C10")
    void expansionIsTheInverseOfTruncationWithinHalfTheSpace() {
        SplitMix random = new SplitMix(7);
        for (int i = 0; i < 1_000_000; i++) {
            long reference = random.nextLong();
            long number = reference + random.nextInt();
            if (number - reference != Integer.MIN_VALUE) {
                assertEquals(number, DataSequenceNumber.expand((int) number, reference));
            }
        }
    }
}
