package net.braid.mptcp;

import net.braid.wire.MptcpOption.Capable;

/** What MP_CAPABLE negotiates: version, checksum, C flag, keys (RFC 8684 section 3.1, RFC 6824 section 3.1). */
final class CapableHandshake {
    private static final int UNKNOWN_CRYPTO = 0x1e;

    private final MultipathConfig config;
    private final MultipathKeys keys;
    private boolean checksum;
    private boolean peerRefusesInitialAddress;

    CapableHandshake(MultipathConfig config, MultipathKeys keys) {
        this.config = config;
        this.keys = keys;
        checksum = config.checksum();
    }

    boolean checksum() {
        return checksum;
    }

    boolean peerRefusesInitialAddress() {
        return peerRefusesInitialAddress;
    }

    int version() {
        return keys.version();
    }

    /** Our SYN. */
    Capable offer() {
        return keys.version() == 1 ? Capable.offer(1, flags()) : Capable.withKey(0, flags(), keys.local());
    }

    Capable answer() {
        return Capable.withKey(keys.version(), flags(), keys.local());
    }

    Capable confirm() {
        return Capable.withKeys(keys.version(), flags(), keys.local(), keys.remote());
    }

    /** First data of the initiator, version 1: the mapping that starts with the stream. */
    Capable firstData(int length, int dataChecksum) {
        return checksum ? Capable.withData(flags(), keys.local(), keys.remote(), length, dataChecksum)
                : Capable.withData(flags(), keys.local(), keys.remote(), length);
    }

    private int flags() {
        int flags = Capable.HMAC | (checksum ? Capable.CHECKSUM_REQUIRED : 0);
        //= rfc8684#3.1 A23
        //# C:  The third bit, labeled "C", is set to 1 to indicate that the
        //# sender of this option will not accept additional MPTCP subflows to
        //# the source address and port
        if (config.refuseInitialAddress() && keys.version() == 1) {
            flags |= Capable.NO_MORE_SUBFLOWS;
        }
        return flags;
    }

    /** The peer's SYN. False: answer as plain TCP. */
    boolean onOffer(Capable offer) {
        int version = offer.version() == 0 ? 0 : 1;
        if (version == 0 && !config.acceptVersion0() && config.version() != 0) {
            return false;
        }
        if (version == 1 && config.version() == 0 || offer.length() != (version == 1 ? 4 : 12)) {
            return false;
        }
        if (!isUnderstood(offer, version)) {
            return false;
        }
        keys.version(version);
        agree(offer);
        if (version == 0) {
            keys.remote(offer.senderKey());
        }
        return true;
    }

    /** The peer's SYN/ACK. False: plain TCP. */
    boolean onAnswer(Capable answer) {
        if (answer.length() != 12 || answer.version() != keys.version() || !isUnderstood(answer, answer.version())) {
            return false;
        }
        agree(answer);
        keys.remote(answer.senderKey());
        return true;
    }

    /** The third packet, or first data. False: keys do not match what we sent: plain TCP. */
    boolean onConfirm(Capable confirm) {
        if (!confirm.hasReceiverKey() || confirm.version() != keys.version() || confirm.receiverKey() != keys.local()) {
            return false;
        }
        if (keys.version() == 0 && confirm.senderKey() != keys.remote()) {
            return false;
        }
        checksum |= confirm.checksumRequired();
        keys.remote(confirm.senderKey());
        return true;
    }

    private boolean isUnderstood(Capable option, int version) {
        int flags = option.flags();
        boolean extended = (flags & Capable.EXTENSIBILITY) != 0;
        int unknown = flags & (version == 0 ? UNKNOWN_CRYPTO | Capable.NO_MORE_SUBFLOWS : UNKNOWN_CRYPTO);
        boolean hmac = (flags & Capable.HMAC) != 0;
        //= rfc8684#3.1 A26
        //# If A=1 is received by a host that does not
        //# want to use checksums, it MUST fall back to regular TCP by ignoring
        //# the MP_CAPABLE option as if it was invalid.
        boolean refused = option.checksumRequired() && config.refuseChecksum();
        return !extended && hmac && unknown == 0 && !refused;
    }

    private void agree(Capable option) {
        checksum |= option.checksumRequired();
        peerRefusesInitialAddress = option.noMoreSubflows();
    }
}
