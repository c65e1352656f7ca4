package net.braid.wire;

import java.security.DigestException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/**
 * What MPTCP derives from keys: SHA-1 and HMAC-SHA1 in version 0 (RFC 6824), SHA-256 and HMAC-SHA256 in version 1
 * (RFC 8684 sections 3.1, 3.2, 3.4.1). One instance per shard; it reuses its digests and buffers.
 *
 * <p>Keys are the eight bytes of the wire as a big-endian long. "Sender" is the host that makes the HMAC.
 */
public final class MptcpCrypto {
    /** Block size of both hash functions in bytes (RFC 2104 section 2). */
    private static final int BLOCK = 64;
    private static final int SHA1_BYTES = 20;
    private static final int SHA256_BYTES = 32;

    private final MessageDigest sha1 = digest("SHA-1");
    private final MessageDigest sha256 = digest("SHA-256");
    private final byte[] key = new byte[16];
    private final byte[] pad = new byte[BLOCK];
    private final byte[] message = new byte[19];
    private final byte[] result = new byte[SHA256_BYTES];

    private static MessageDigest digest(String algorithm) {
        try {
            return MessageDigest.getInstance(algorithm);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java has no " + algorithm, e);
        }
    }

    /** Most significant 32 bits of the hash of the key. */
    public int token(int version, long hostKey) {
        hash(version, hostKey);
        return intAt(0);
    }

    /** Least significant 64 bits of the hash of the key: the number that MP_CAPABLE on the SYN takes. */
    public long initialDataSequenceNumber(int version, long hostKey) {
        hash(version, hostKey);
        return longAt(digestBytes(version) - 8);
    }

    /** For {@link MptcpOption.JoinSynAck}: leftmost 64 bits. */
    public long joinSynAckHmac(int version, long senderKey, long receiverKey, int senderNonce, int receiverNonce) {
        joinHmac(version, senderKey, receiverKey, senderNonce, receiverNonce);
        return longAt(0);
    }

    /** The third packet of a join, with its HMAC: leftmost 160 bits. */
    public MptcpOption.JoinAck joinAck(int version, long senderKey, long receiverKey, int senderNonce,
            int receiverNonce) {
        joinHmac(version, senderKey, receiverKey, senderNonce, receiverNonce);
        return new MptcpOption.JoinAck(longAt(0), longAt(8), intAt(16));
    }

    /**
     * For {@link MptcpOption.AddAddress} of version 1: rightmost 64 bits.
     *
     * @param port {@link MptcpOption.AddAddress#NO_PORT} counts as 0
     */
    public long addAddressHmac(long senderKey, long receiverKey, int addressId, IpAddress address, int port) {
        message[0] = (byte) addressId;
        int length = 1;
        if (address.isV4()) {
            putInt(message, length, address.v4Bits());
            length += 4;
        } else {
            putLong(message, length, address.high());
            putLong(message, length + 8, address.low());
            length += 16;
        }
        int wirePort = port == MptcpOption.AddAddress.NO_PORT ? 0 : port;
        message[length] = (byte) (wirePort >>> 8);
        message[length + 1] = (byte) wirePort;
        hmac(1, senderKey, receiverKey, length + 2);
        return longAt(SHA256_BYTES - 8);
    }

    /** In a time that does not depend on where the two differ. */
    public static boolean matches(long expected, long received) {
        return (expected ^ received) == 0;
    }

    /** In a time that does not depend on where the two differ. */
    public static boolean matches(MptcpOption.JoinAck expected, MptcpOption.JoinAck received) {
        long difference = expected.hmacHigh() ^ received.hmacHigh();
        difference |= expected.hmacMiddle() ^ received.hmacMiddle();
        difference |= expected.hmacLow() ^ received.hmacLow();
        return difference == 0;
    }

    private void joinHmac(int version, long senderKey, long receiverKey, int senderNonce, int receiverNonce) {
        putInt(message, 0, senderNonce);
        putInt(message, 4, receiverNonce);
        hmac(version, senderKey, receiverKey, 8);
    }

    private void hash(int version, long hostKey) {
        putLong(key, 0, hostKey);
        MessageDigest digest = select(version);
        digest.update(key, 0, 8);
        finish(digest, version);
    }

    /** RFC 2104: H(K ^ opad | H(K ^ ipad | message)); the key of 16 bytes is shorter than a block. */
    private void hmac(int version, long senderKey, long receiverKey, int messageLength) {
        putLong(key, 0, senderKey);
        putLong(key, 8, receiverKey);
        MessageDigest digest = select(version);
        updatePadded(digest, (byte) 0x36);
        digest.update(message, 0, messageLength);
        finish(digest, version);
        updatePadded(digest, (byte) 0x5c);
        digest.update(result, 0, digestBytes(version));
        finish(digest, version);
        Arrays.fill(pad, (byte) 0);
        Arrays.fill(key, (byte) 0);
    }

    private void updatePadded(MessageDigest digest, byte value) {
        Arrays.fill(pad, value);
        for (int i = 0; i < key.length; i++) {
            pad[i] ^= key[i];
        }
        digest.update(pad, 0, BLOCK);
    }

    private void finish(MessageDigest digest, int version) {
        try {
            digest.digest(result, 0, digestBytes(version));
        } catch (DigestException e) {
            throw new IllegalStateException(e);
        }
    }

    private MessageDigest select(int version) {
        assert version == 0 || version == 1;
        return version == 0 ? sha1 : sha256;
    }

    private static int digestBytes(int version) {
        return version == 0 ? SHA1_BYTES : SHA256_BYTES;
    }

    private int intAt(int offset) {
        return (result[offset] & 0xff) << 24 | (result[offset + 1] & 0xff) << 16 | (result[offset + 2] & 0xff) << 8
                | result[offset + 3] & 0xff;
    }

    private long longAt(int offset) {
        return (long) intAt(offset) << 32 | Integer.toUnsignedLong(intAt(offset + 4));
    }

    private static void putInt(byte[] target, int offset, int value) {
        target[offset] = (byte) (value >>> 24);
        target[offset + 1] = (byte) (value >>> 16);
        target[offset + 2] = (byte) (value >>> 8);
        target[offset + 3] = (byte) value;
    }

    private static void putLong(byte[] target, int offset, long value) {
        putInt(target, offset, (int) (value >>> 32));
        putInt(target, offset + 4, (int) value);
    }
}
