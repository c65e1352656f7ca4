package net.braid.wire;

import java.util.List;

/**
 * One MPTCP option (RFC 8684 section 3, RFC 6824 section 3) as a value, for the control plane and for tests. Segments
 * on the hot path use {@link TcpOptions} and {@link OptionWriter} alone.
 *
 * <p>Numbers are as on the wire: address ids 0..255, ports 0..65,535, nonces and tokens 32 bits, keys and HMACs
 * big-endian. Received options come from {@link MptcpOptionDecoder}.
 */
public sealed interface MptcpOption {

    /** Bytes in the option space, without padding. */
    int length();

    /** Writes {@link #length} bytes; the caller has checked {@link OptionWriter#remaining}. Reserved bits are 0. */
    void encode(OptionWriter writer);

    /**
     * MP_CAPABLE. Its length says which fields it has, the others are 0: 4 none, 12 the sender's key, 20 both keys, 22
     * and the data-level length, 24 and the checksum.
     *
     * @param flags the bits A to H of byte 3
     * @param dataLength of the implicit mapping that starts at subflow sequence 1, 0..65,535
     */
    record Capable(int version, int flags, int length, long senderKey, long receiverKey, int dataLength, int checksum)
            implements MptcpOption {
        /** A: DSS checksums required. */
        public static final int CHECKSUM_REQUIRED = 0x80;
        /** B: an extension that does not exist yet. */
        public static final int EXTENSIBILITY = 0x40;
        /** C, version 1 only: no further subflows to the address and port that this option comes from. */
        public static final int NO_MORE_SUBFLOWS = 0x20;
        /** H: HMAC-SHA1 in version 0, HMAC-SHA256 in version 1. */
        public static final int HMAC = 0x01;

        public Capable {
            assert version >= 0 && version <= 15 && flags >= 0 && flags <= 0xff;
            assert length == 4 || length == 12 || length == 20 || length == 22 || length == 24;
        }

        /** SYN of version 1: no key. */
        public static Capable offer(int version, int flags) {
            return new Capable(version, flags, 4, 0, 0, 0, 0);
        }

        /** SYN of version 0, or SYN/ACK. */
        public static Capable withKey(int version, int flags, long senderKey) {
            return new Capable(version, flags, 12, senderKey, 0, 0, 0);
        }

        /** Third packet of the handshake. */
        public static Capable withKeys(int version, int flags, long senderKey, long receiverKey) {
            return new Capable(version, flags, 20, senderKey, receiverKey, 0, 0);
        }

        /** First data, without a checksum; version 1. */
        public static Capable withData(int flags, long senderKey, long receiverKey, int dataLength) {
            return new Capable(1, flags, 22, senderKey, receiverKey, dataLength, 0);
        }

        /** First data, with the checksum of its mapping; version 1. */
        public static Capable withData(int flags, long senderKey, long receiverKey, int dataLength, int checksum) {
            return new Capable(1, flags, 24, senderKey, receiverKey, dataLength, checksum);
        }

        public boolean checksumRequired() {
            return (flags & CHECKSUM_REQUIRED) != 0;
        }

        public boolean noMoreSubflows() {
            return version >= 1 && (flags & NO_MORE_SUBFLOWS) != 0;
        }

        public boolean hasSenderKey() {
            return length >= 12;
        }

        public boolean hasReceiverKey() {
            return length >= 20;
        }

        public boolean hasData() {
            return length >= 22;
        }

        public boolean hasChecksum() {
            return length == 24;
        }

        @Override
        public void encode(OptionWriter writer) {
            head(writer, length, OptionKind.MP_CAPABLE << 4 | version, flags);
            if (hasSenderKey()) {
                writer.putLong(senderKey);
            }
            if (hasReceiverKey()) {
                writer.putLong(receiverKey);
            }
            if (hasData()) {
                writer.putShort(dataLength);
            }
            if (hasChecksum()) {
                writer.putShort(checksum);
            }
        }
    }

    /**
     * MP_JOIN on a SYN.
     *
     * @param backup use me only when no other subflow is left
     * @param token of the host that receives this
     */
    record JoinSyn(boolean backup, int addressId, int token, int nonce) implements MptcpOption {
        @Override
        public int length() {
            return 12;
        }

        @Override
        public void encode(OptionWriter writer) {
            head(writer, 12, OptionKind.MP_JOIN << 4 | bit(backup), addressId);
            writer.putInt(token);
            writer.putInt(nonce);
        }
    }

    /**
     * MP_JOIN on a SYN/ACK.
     *
     * @param truncatedHmac leftmost 64 bits
     */
    record JoinSynAck(boolean backup, int addressId, long truncatedHmac, int nonce) implements MptcpOption {
        @Override
        public int length() {
            return 16;
        }

        @Override
        public void encode(OptionWriter writer) {
            head(writer, 16, OptionKind.MP_JOIN << 4 | bit(backup), addressId);
            writer.putLong(truncatedHmac);
            writer.putInt(nonce);
        }
    }

    /** MP_JOIN on the third packet: the leftmost 160 bits of the HMAC, in three parts. */
    record JoinAck(long hmacHigh, long hmacMiddle, int hmacLow) implements MptcpOption {
        @Override
        public int length() {
            return 24;
        }

        @Override
        public void encode(OptionWriter writer) {
            head(writer, 24, OptionKind.MP_JOIN << 4, 0);
            writer.putLong(hmacHigh);
            writer.putLong(hmacMiddle);
            writer.putInt(hmacLow);
        }
    }

    /** DSS. Fields as in {@link TcpOptions}, {@code parts} its bits from DSS_ACK to DSS_CHECKSUM. */
    record DataSequenceSignal(int parts, long dataAck, long dataSequence, int subflowSequence, int dataLength,
            int checksum) implements MptcpOption {
        @Override
        public int length() {
            return OptionWriter.dssLength(parts);
        }

        public boolean has(int part) {
            return (parts & part) != 0;
        }

        @Override
        public void encode(OptionWriter writer) {
            writer.dataSequenceSignal(parts, dataAck, dataSequence, subflowSequence, dataLength, checksum);
        }
    }

    /**
     * ADD_ADDR.
     *
     * @param version 0 has IPVer, no echo, no HMAC
     * @param echo answer to an ADD_ADDR, without HMAC; version 1
     * @param port {@link #NO_PORT} when the option has none
     * @param truncatedHmac rightmost 64 bits; version 1 without echo, else 0
     */
    record AddAddress(int version, boolean echo, int addressId, IpAddress address, int port, long truncatedHmac)
            implements MptcpOption {
        public static final int NO_PORT = -1;

        public AddAddress {
            assert version == 0 || version == 1;
            assert version == 1 || !echo;
            assert port >= NO_PORT && port <= 0xffff;
        }

        /** The answer that says that this option has arrived (RFC 8684 section 3.4.1). */
        public AddAddress toEcho() {
            return new AddAddress(1, true, addressId, address, port, 0);
        }

        public boolean hasPort() {
            return port != NO_PORT;
        }

        public boolean hasHmac() {
            return version == 1 && !echo;
        }

        @Override
        public int length() {
            return 4 + address.byteCount() + (hasPort() ? 2 : 0) + (hasHmac() ? 8 : 0);
        }

        @Override
        public void encode(OptionWriter writer) {
            int low = version == 1 ? bit(echo) : address.isV4() ? 4 : 6;
            head(writer, length(), OptionKind.ADD_ADDR << 4 | low, addressId);
            writer.putAddress(address);
            if (hasPort()) {
                writer.putShort(port);
            }
            if (hasHmac()) {
                writer.putLong(truncatedHmac);
            }
        }
    }

    /** REMOVE_ADDR: at least one address id. */
    record RemoveAddress(List<Integer> addressIds) implements MptcpOption {
        public RemoveAddress {
            assert !addressIds.isEmpty();
            addressIds = List.copyOf(addressIds);
        }

        @Override
        public int length() {
            return 3 + addressIds.size();
        }

        @Override
        public void encode(OptionWriter writer) {
            writer.putShort(OptionKind.MPTCP << 8 | length());
            writer.putByte(OptionKind.REMOVE_ADDR << 4);
            for (int i = 0; i < addressIds.size(); i++) {
                writer.putByte(addressIds.get(i));
            }
        }
    }

    /**
     * MP_PRIO.
     *
     * @param addressId all subflows of that address of the sender, version 0 only; {@link #THIS_SUBFLOW} otherwise
     */
    record Priority(boolean backup, int addressId) implements MptcpOption {
        public static final int THIS_SUBFLOW = -1;

        @Override
        public int length() {
            return addressId == THIS_SUBFLOW ? 3 : 4;
        }

        @Override
        public void encode(OptionWriter writer) {
            writer.putShort(OptionKind.MPTCP << 8 | length());
            writer.putByte(OptionKind.MP_PRIO << 4 | bit(backup));
            if (addressId != THIS_SUBFLOW) {
                writer.putByte(addressId);
            }
        }
    }

    /** MP_FAIL: start of the mapping whose checksum was wrong, always 64 bits. */
    record Fail(long dataSequence) implements MptcpOption {
        @Override
        public int length() {
            return 12;
        }

        @Override
        public void encode(OptionWriter writer) {
            head(writer, 12, OptionKind.MP_FAIL << 4, 0);
            writer.putLong(dataSequence);
        }
    }

    /** MP_FASTCLOSE: the key of the host that receives it. */
    record FastClose(long receiverKey) implements MptcpOption {
        @Override
        public int length() {
            return 12;
        }

        @Override
        public void encode(OptionWriter writer) {
            head(writer, 12, OptionKind.MP_FASTCLOSE << 4, 0);
            writer.putLong(receiverKey);
        }
    }

    /**
     * MP_TCPRST: why a subflow was reset; version 1.
     *
     * @param temporary T: the path may be tried again
     * @param reason 0..255; one that is not listed here means {@link #UNSPECIFIED}
     */
    record ResetReason(boolean temporary, int reason) implements MptcpOption {
        public static final int UNSPECIFIED = 0;
        public static final int MPTCP_ERROR = 1;
        public static final int LACK_OF_RESOURCES = 2;
        public static final int PROHIBITED = 3;
        public static final int TOO_MUCH_OUTSTANDING_DATA = 4;
        public static final int UNACCEPTABLE_PERFORMANCE = 5;
        public static final int MIDDLEBOX_INTERFERENCE = 6;

        @Override
        public int length() {
            return 4;
        }

        @Override
        public void encode(OptionWriter writer) {
            head(writer, 4, OptionKind.MP_TCPRST << 4 | bit(temporary), reason);
        }
    }

    /**
     * MP_EXPERIMENTAL: contents unknown.
     *
     * @param lowNibble beside the subtype, 0..15
     * @param data bytes behind it, 0..255 each
     */
    record Experimental(int lowNibble, List<Integer> data) implements MptcpOption {
        public Experimental {
            data = List.copyOf(data);
        }

        @Override
        public int length() {
            return 3 + data.size();
        }

        @Override
        public void encode(OptionWriter writer) {
            writer.putShort(OptionKind.MPTCP << 8 | length());
            writer.putByte(OptionKind.MP_EXPERIMENTAL << 4 | lowNibble);
            for (int i = 0; i < data.size(); i++) {
                writer.putByte(data.get(i));
            }
        }
    }

    private static void head(OptionWriter writer, int length, int third, int fourth) {
        writer.putInt(OptionKind.MPTCP << 24 | length << 16 | (third & 0xff) << 8 | fourth & 0xff);
    }

    private static int bit(boolean value) {
        return value ? 1 : 0;
    }
}
