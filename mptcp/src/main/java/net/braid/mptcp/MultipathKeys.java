package net.braid.mptcp;

import net.braid.wire.MptcpCrypto;

/** Keys of both hosts and what is derived from them (RFC 8684 section 3.1). Never printed. */
final class MultipathKeys {
    private final MptcpCrypto crypto;
    private int version;
    private long local;
    private long remote;
    private int localToken;
    private int remoteToken;

    MultipathKeys(MptcpCrypto crypto) {
        this.crypto = crypto;
    }

    void version(int agreed) {
        version = agreed;
    }

    int version() {
        return version;
    }

    void local(long key) {
        local = key;
        localToken = crypto.token(version, key);
    }

    void remote(long key) {
        remote = key;
        remoteToken = crypto.token(version, key);
    }

    long local() {
        return local;
    }

    long remote() {
        return remote;
    }

    /** Names this connection in an MP_JOIN that the peer sends. */
    int localToken() {
        return localToken;
    }

    int remoteToken() {
        return remoteToken;
    }

    long localInitialSequence() {
        return crypto.initialDataSequenceNumber(version, local);
    }

    long remoteInitialSequence() {
        return crypto.initialDataSequenceNumber(version, remote);
    }

    MptcpCrypto crypto() {
        return crypto;
    }
}
