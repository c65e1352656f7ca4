package net.braid.mptcp;

import net.braid.wire.MptcpCrypto;
import net.braid.wire.MptcpOption.JoinAck;
import net.braid.wire.MptcpOption.JoinSyn;
import net.braid.wire.MptcpOption.JoinSynAck;

/**
 * The proof that both ends of a new subflow are the ends of the connection (RFC 8684 section 3.2). "Initiator" is the
 * host that sent the SYN of this subflow, whoever opened the connection.
 */
final class JoinHandshake {
    private final MultipathKeys keys;

    JoinHandshake(MultipathKeys keys) {
        this.keys = keys;
    }

    // ---- initiator

    JoinSyn syn(SubflowContext context) {
        return new JoinSyn(context.backupForPeer, context.localId, keys.remoteToken(), context.localNonce);
    }

    /** False: the answer does not come from our peer. */
    boolean onSynAck(SubflowContext context, JoinSynAck answer) {
        context.remoteNonce = answer.nonce();
        context.remoteId = answer.addressId();
        context.backupForUs = answer.backup();
        long expected = keys.crypto().joinSynAckHmac(keys.version(), keys.remote(), keys.local(), context.remoteNonce,
                context.localNonce);
        return MptcpCrypto.matches(expected, answer.truncatedHmac());
    }

    JoinAck ack(SubflowContext context) {
        return keys.crypto().joinAck(keys.version(), keys.local(), keys.remote(), context.localNonce,
                context.remoteNonce);
    }

    // ---- responder

    void onSyn(SubflowContext context, JoinSyn syn) {
        context.remoteNonce = syn.nonce();
        context.remoteId = syn.addressId();
        context.backupForUs = syn.backup();
    }

    JoinSynAck synAck(SubflowContext context) {
        long hmac = keys.crypto().joinSynAckHmac(keys.version(), keys.local(), keys.remote(), context.localNonce,
                context.remoteNonce);
        return new JoinSynAck(context.backupForPeer, context.localId, hmac, context.localNonce);
    }

    /** False: the third packet does not come from our peer. */
    boolean onAck(SubflowContext context, JoinAck proof) {
        JoinAck expected = keys.crypto().joinAck(keys.version(), keys.remote(), keys.local(), context.remoteNonce,
                context.localNonce);
        return MptcpCrypto.matches(expected, proof);
    }
}
