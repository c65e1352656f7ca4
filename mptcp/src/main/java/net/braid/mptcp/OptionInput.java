package net.braid.mptcp;

import net.braid.mptcp.Multipath.Phase;
import net.braid.mptcp.SubflowContext.Stage;
import net.braid.tcp.Counter;
import net.braid.wire.MptcpOption;
import net.braid.wire.MptcpOption.AddAddress;
import net.braid.wire.MptcpOption.Capable;
import net.braid.wire.MptcpOption.Fail;
import net.braid.wire.MptcpOption.FastClose;
import net.braid.wire.MptcpOption.JoinAck;
import net.braid.wire.MptcpOption.JoinSynAck;
import net.braid.wire.MptcpOption.Priority;
import net.braid.wire.MptcpOption.RemoveAddress;
import net.braid.wire.MptcpOption.ResetReason;
import net.braid.wire.MptcpOptionDecoder;
import net.braid.wire.MptcpCrypto;
import net.braid.wire.OptionFault;
import net.braid.wire.SegmentView;
import net.braid.wire.SequenceNumber;
import net.braid.wire.TcpFlags;
import net.braid.wire.TcpOptions;

/** Options of arriving segments. The subflow has found the segment acceptable before (RFC 8684 section 3). */
final class OptionInput {
    private final Multipath multipath;

    OptionInput(Multipath multipath) {
        this.multipath = multipath;
    }

    /** False: the rest of the segment must be ignored. The subflow has found the segment acceptable before. */
    //= rfc8684#3.4 A03 K10
    //# As with all MPTCP signals, the receiver MUST undertake
    //# standard TCP validity checks, e.g., per [RFC5961], before acting
    //# upon it.
    boolean onOptions(SubflowContext context, SegmentView view, long now) {
        if (multipath.phase() == Phase.FALLBACK) {
            onFallbackSegment(context, view);
            return true;
        }
        if (view.has(TcpFlags.RST)) {
            onReset(context, view, now);
            return true;
        }
        switch (context.stage) {
            case CAPABLE_SYN -> {
                onCapableAnswer(context, view, now);
                return true;
            }
            case CAPABLE_WAIT -> {
                if (!onCapableConfirm(context, view, now)) {
                    // While the keys are on their way a mapping means nothing: its bytes must come again.
                    boolean undecided = context.stage == Stage.CAPABLE_WAIT;
                    return !(undecided && view.payloadLength > 0 && view.options.has(TcpOptions.DSS));
                }
            }
            case JOIN_SYN -> {
                return onJoinAnswer(context, view, now);
            }
            case JOIN_WAIT -> {
                if (!onJoinConfirm(context, view, now)) {
                    return false;
                }
            }
            case JOIN_ACK -> onFourthPacket(context, view, now);
            default -> {
            }
        }
        return context.stage == Stage.CLOSED || onData(context, view, now);
    }

    private void onFallbackSegment(SubflowContext context, SegmentView view) {
        long ack = context.flow.sendOffset(view.acknowledgmentNumber) + multipath.sendShift();
        multipath.data().initialWindow(ack + context.flow.scaledWindow(view));
        if (multipath.isAlignmentDue() && view.options.has(TcpOptions.DSS_MAPPING)) {
            align(context, view.options);
        }
        if (view.options.has(TcpOptions.MP_FAIL) && !multipath.output().hasFailed() && !view.has(TcpFlags.RST)) {
            // The infinite mapping overtook it; it must be answered all the same (RFC 8684 section 3.7).
            multipath.counters().increment(Counter.MPTCP_MP_FAIL_RX);
            multipath.counters().increment(Counter.MPTCP_MP_FAIL_TX);
            multipath.output().answerFail(multipath.remoteSequence().toWire(multipath.receive().received()));
            multipath.announceInfinite(context);
            context.flow.requestAck();
        }
    }

    /** A mapping that was under way when we fell back, or the infinite one, says where the peer's bytes go. */
    private void align(SubflowContext context, TcpOptions options) {
        boolean bytes = options.dataLength != 1 || !options.has(TcpOptions.DSS_DATA_FIN);
        long received = multipath.receive().received();
        long shift = multipath.remoteSequence().toOffset(options.dataSequence, options.has(TcpOptions.DSS_DSN_64),
                received) - subflowOffset(context, options.subflowSequence);
        if (bytes && context.flow.receiveNext() + shift <= received) {
            multipath.align(shift);
        }
    }

    /** MP_CAPABLE on a SYN, or null. */
    static Capable offer(SegmentView syn) {
        for (int i = 0; i < syn.options.mptcpCount; i++) {
            if (MptcpOptionDecoder.check(syn, i, 1) == OptionFault.NONE
                    && MptcpOptionDecoder.read(syn, i, 1) instanceof Capable capable) {
                return capable;
            }
        }
        return null;
    }

    /** The first option of a kind that is valid on this segment, or null. */
    private <T extends MptcpOption> T find(SegmentView view, Class<T> kind) {
        TcpOptions options = view.options;
        if (!options.has(TcpOptions.MPTCP_SIGNAL)) {
            return null;
        }
        int version = multipath.keys().version();
        for (int i = 0; i < options.mptcpCount; i++) {
            if (MptcpOptionDecoder.check(view, i, version) == OptionFault.NONE) {
                MptcpOption option = MptcpOptionDecoder.read(view, i, version);
                if (kind.isInstance(option)) {
                    return kind.cast(option);
                }
            }
        }
        return null;
    }

    // ---- first subflow

    private void onCapableAnswer(SubflowContext context, SegmentView view, long now) {
        Capable answer = find(view, Capable.class);
        if (answer == null || !multipath.output().capableOffered() || !multipath.capable().onAnswer(answer)) {
            //= rfc8684#3.1 A28
            //# If a SYN contains an MP_CAPABLE option but the SYN/ACK does not, it
            //# is assumed that the sender of the SYN/ACK is not multipath capable;
            //# thus, the MPTCP session MUST operate as a regular, single-path TCP
            //# session.
            multipath.counters().increment(Counter.MPTCP_CAPABLE_FALLBACK_SYN_ACK);
            if (!multipath.output().capableOffered()) {
                multipath.onRefused(now);
            }
            multipath.connection().becomePlain(context, now);
            return;
        }
        multipath.counters().increment(Counter.MPTCP_CAPABLE_SYN_ACK_RX);
        multipath.agree(now);
        multipath.data().initialWindow(view.window);
        context.stage = Stage.ESTABLISHED;
        multipath.paths().onEstablished(context, true, now);
    }

    /** False: it is not decided yet, or it is plain TCP. */
    private boolean onCapableConfirm(SubflowContext context, SegmentView view, long now) {
        Capable confirm = find(view, Capable.class);
        if (confirm != null && multipath.capable().onConfirm(confirm)) {
            multipath.counters().increment(Counter.MPTCP_CAPABLE_ACK_RX);
            multipath.agree(now);
            multipath.data().initialWindow(context.flow.scaledWindow(view));
            context.stage = Stage.ESTABLISHED;
            multipath.paths().onEstablished(context, false, now);
            return true;
        }
        boolean pureSignal = view.payloadLength == 0 && view.options.has(TcpOptions.DSS);
        if (confirm == null && (pureSignal || context.flow.receiveOffset(view.sequenceNumber) > 0)) {
            // Out of order: the keys, or the first data, which would tell, are still on their way.
            return false;
        }
        multipath.counters().increment(Counter.MPTCP_CAPABLE_FALLBACK_ACK);
        multipath.connection().becomePlain(context, now);
        return false;
    }

    // ---- joins

    private boolean onJoinAnswer(SubflowContext context, SegmentView view, long now) {
        JoinSynAck answer = find(view, JoinSynAck.class);
        if (answer == null) {
            // True, so that the handshake completes: only then is there a connection to reset.
            multipath.reset(context, ResetReason.MPTCP_ERROR);
            return true;
        }
        multipath.counters().increment(Counter.MPTCP_JOIN_SYN_ACK_RX);
        if (!multipath.joins().onSynAck(context, answer)) {
            //= rfc8684#3.2 B04
            //# If the token is accepted at Host B but the HMAC returned to Host A
            //# does not match the one expected, Host A MUST close the subflow with a
            //# TCP RST.
            multipath.counters().increment(Counter.MPTCP_JOIN_SYN_ACK_HMAC_FAILURE);
            multipath.reset(context, ResetReason.MPTCP_ERROR);
            return true;
        }
        context.stage = Stage.JOIN_ACK;
        multipath.output().armJoinAck(context, now);
        return true;
    }

    private boolean onJoinConfirm(SubflowContext context, SegmentView view, long now) {
        if (context.flow.receiveOffset(view.sequenceNumber) > 0) {
            return false;
        }
        JoinAck proof = find(view, JoinAck.class);
        if (proof == null || !multipath.joins().onAck(context, proof)) {
            multipath.counters().increment(Counter.MPTCP_JOIN_ACK_HMAC_FAILURE);
            multipath.reset(context, ResetReason.MPTCP_ERROR);
            return false;
        }
        multipath.counters().increment(Counter.MPTCP_JOIN_ACK_RX);
        // The HMAC is made of both keys, and who joins has seen a DSS (RFC 8684 section 3.1): the peer speaks Multipath
        // TCP, which is what the DSS would have shown that got lost.
        multipath.prove(now);
        multipath.onJoined(context, now);
        //= rfc8684#3.2 B07
        //# receipt of this packet MUST trigger a regular TCP
        //# ACK in response
        context.flow.requestAck();
        return true;
    }

    private void onFourthPacket(SubflowContext context, SegmentView view, long now) {
        if (!view.has(TcpFlags.SYN)) {
            multipath.onJoined(context, now);
        }
    }

    // ---- data and signals

    private boolean onData(SubflowContext context, SegmentView view, long now) {
        TcpOptions options = view.options;
        if (options.has(TcpOptions.DSS)) {
            context.proven = true;
            multipath.prove(now);
            //= rfc8684#3.3.2 C12
            //# an implementation MUST NOT use the RCV.WND
            //# field of a TCP segment at the connection level if it does not also
            //# carry a DSS option with a Data ACK field.
            if (options.has(TcpOptions.DSS_ACK)) {
                onDataAck(context, view, now);
            }
            if (options.has(TcpOptions.DSS_MAPPING) && !onMapping(context, view, now)) {
                return false;
            }
        }
        if (options.has(TcpOptions.MPTCP_SIGNAL)) {
            onSignals(context, view, now);
        }
        if (!options.has(TcpOptions.MPTCP) && !context.proven && multipath.isMultipath()) {
            onSegmentWithoutDss(context, view, now);
        }
        return true;
    }

    private void onDataAck(SubflowContext context, SegmentView view, long now) {
        TcpOptions options = view.options;
        DataLevel data = multipath.data();
        long before = data.dataUna();
        boolean finBefore = data.localFinAcknowledged();
        long ack = multipath.localSequence().toOffset(options.dataAck, options.has(TcpOptions.DSS_ACK_64), before);
        if (!data.onDataAck(ack, context.flow.scaledWindow(view))) {
            multipath.counters().increment(Counter.MPTCP_DATA_ACK_INVALID);
            return;
        }
        if (data.dataUna() > before || data.localFinAcknowledged() != finBefore) {
            multipath.release();
            multipath.ending().onDataProgress(now);
            multipath.connection().onDataAcknowledged(now);
        }
    }

    private boolean onMapping(SubflowContext context, SegmentView view, long now) {
        TcpOptions options = view.options;
        boolean expected = multipath.capable().checksum();
        boolean present = options.has(TcpOptions.DSS_CHECKSUM);
        //= rfc8684#3.3 C02 E05
        //# If a checksum is not present when its use has been
        //# negotiated, the receiver MUST close the subflow with a RST, as it is
        //# considered broken.
        if (expected && !present || present && !expected && multipath.keys().version() == 1) {
            multipath.reset(context, ResetReason.MPTCP_ERROR);
            return false;
        }
        boolean wide = options.has(TcpOptions.DSS_DSN_64);
        long dataOffset = multipath.remoteSequence().toOffset(options.dataSequence, wide,
                multipath.receive().received());
        if (options.dataLength == 0) {
            onInfiniteMapping(context, dataOffset - subflowOffset(context, options.subflowSequence), now);
            return true;
        }
        boolean fin = options.has(TcpOptions.DSS_DATA_FIN);
        int length = options.dataLength - (fin ? 1 : 0);
        if (fin) {
            if (!multipath.data().onRemoteFin(dataOffset + length)) {
                multipath.counters().increment(Counter.MPTCP_DSS_NOT_MATCHING);
            }
            context.flow.requestAck();
        }
        return length == 0 ? onDataFinAlone(now)
                : declare(context, options.subflowSequence, dataOffset, length, fin, options.checksum, now);
    }

    private boolean onDataFinAlone(long now) {
        if (multipath.data().takeRemoteFinReached()) {
            multipath.connection().onRemoteFin(now);
        }
        return true;
    }

    private boolean declare(SubflowContext context, int subflowSequence, long dataOffset, int length, boolean fin,
            int checksum, long now) {
        long rcvNxt = context.flow.receiveNext();
        long from = subflowOffset(context, subflowSequence);
        if (from + length <= rcvNxt && context.parked.isEmpty()) {
            return true;
        }
        switch (context.mappings.add(from, dataOffset, length, checksum)) {
            case CONTRADICTS -> {
                multipath.counters().increment(Counter.MPTCP_DSS_NOT_MATCHING);
                multipath.reset(context, ResetReason.MPTCP_ERROR);
                return false;
            }
            case ADDED -> {
                // Linux may repeat a mapping with DATA_FIN added to it, and with another checksum: the first is kept.
                if (fin) {
                    context.finMappingFrom = from;
                    context.finMappingLength = length + 1;
                }
                if (!context.parked.isEmpty()) {
                    multipath.onReceiveNext(context, now);
                    multipath.connection().onReceived(now);
                }
            }
            case TOO_MANY -> multipath.counters().increment(Counter.MPTCP_DSS_NOT_MATCHING);
            case KNOWN -> {
            }
        }
        return true;
    }

    private static long subflowOffset(SubflowContext context, int subflowSequence) {
        return SequenceNumber.unwrap(subflowSequence - 1, context.flow.receiveNext());
    }

    /** RFC 8684 section 3.7: options vanish before anything has shown that they pass. */
    private void onSegmentWithoutDss(SubflowContext context, SegmentView view, long now) {
        boolean acknowledgesData = context.flow.sendOffset(view.acknowledgmentNumber) > 0
                && context.flow.sendNext() > 0;
        long offset = context.flow.receiveOffset(view.sequenceNumber);
        boolean bareData = view.payloadLength > 0 && offset <= context.flow.receiveNext()
                && context.mappings.find(Math.max(offset, context.flow.receiveNext())) == MappingTable.NONE
                && offset + view.payloadLength > context.flow.receiveNext();
        boolean bareFin = context.first && view.has(TcpFlags.FIN)
                && offset + view.payloadLength == context.flow.receiveNext();
        if (!acknowledgesData && !bareData && !bareFin) {
            return;
        }
        if (!context.first || multipath.hasJoined()) {
            multipath.reset(context, ResetReason.MIDDLEBOX_INTERFERENCE);
        } else if (multipath.phase() == Phase.UNPROVEN) {
            // Nothing but the first subflow exists, and what it carried so far starts at 0 in both streams.
            multipath.fallBack(context, 0, 0, acknowledgesData || multipath.output().hasSentDss(), now);
        }
    }

    /** From here on the peer's bytes on this subflow lie {@code shift} further in its stream. */
    private void onInfiniteMapping(SubflowContext context, long shift, long now) {
        multipath.counters().increment(Counter.MPTCP_INFINITE_MAP_RX);
        if (multipath.flows().establishedCount() > 1 || !continuesAt(context, shift)) {
            multipath.reset(context, ResetReason.MPTCP_ERROR);
            return;
        }
        fallBackHere(context, shift, false, now);
    }

    private void fallBackHere(SubflowContext context, long receiveShift, boolean announce, long now) {
        long sendShift = multipath.send().assigned() - context.flow.sendNext();
        multipath.fallBack(context, receiveShift, sendShift, announce, now);
    }

    /**
     * Whether this subflow alone can bring the rest of the peer's stream, {@code shift} further: nothing before is
     * missing, and nothing on its way belongs elsewhere, as the reinjection of what another subflow had lost would.
     */
    private boolean continuesAt(SubflowContext context, long shift) {
        long placed = placedTo(context);
        return placed + shift <= multipath.receive().received() && context.mappings.areShiftedBy(shift, placed);
    }

    /** Subflow offset up to which this subflow's bytes have been placed. */
    private long placedTo(SubflowContext context) {
        long parked = context.parked.firstIn(0, Long.MAX_VALUE);
        return parked < 0 ? context.flow.receiveNext() : Math.min(parked, context.flow.receiveNext());
    }

    void onChecksumFailure(SubflowContext context, long dataOffset, long now) {
        multipath.counters().increment(Counter.MPTCP_DATA_CSUM_ERR);
        multipath.counters().increment(Counter.MPTCP_MP_FAIL_TX);
        context.failSequence = multipath.remoteSequence().toWire(dataOffset);
        context.fail = true;
        long shift = dataOffset - context.mappings.from(0);
        //= rfc8684#3.7 D22
        //# If it is known that all unacknowledged data in
        //# flight is contiguous (which will usually be the case with a single
        //# subflow), an infinite mapping can be applied to the subflow without
        //# the need to close it first
        if (multipath.flows().carryingCount() == 1 && dataOffset == multipath.receive().received()
                && continuesAt(context, shift) && multipath.isContiguous(context)) {
            //= rfc8684#3.7 D21
            //# the receiver of an MP_FAIL MUST also respond with an
            //# MP_FAIL in the reverse direction and entirely revert to a regular TCP
            //# session.
            long failed = context.failSequence;
            fallBackHere(context, shift, true, now);
            multipath.output().answerFail(failed);
            context.flow.requestAck();
        } else {
            multipath.reset(context, ResetReason.MIDDLEBOX_INTERFERENCE);
        }
    }

    private void onReset(SubflowContext context, SegmentView view, long now) {
        ResetReason reason = find(view, ResetReason.class);
        if (reason != null) {
            multipath.counters().increment(Counter.MPTCP_MP_RST_RX);
            context.peerResetExplained = true;
            context.peerResetReason = reason.reason();
            context.peerResetTemporary = reason.temporary();
        }
        //= rfc8684#3.5 D14 D16
        //# containing the valid key
        FastClose close = find(view, FastClose.class);
        if (close != null && MptcpCrypto.matches(multipath.keys().local(), close.receiverKey())) {
            multipath.onPeerFastClose(now);
        }
        if (find(view, Fail.class) != null) {
            multipath.counters().increment(Counter.MPTCP_MP_FAIL_RX);
        }
    }

    private void onSignals(SubflowContext context, SegmentView view, long now) {
        int version = multipath.keys().version();
        for (int i = 0; i < view.options.mptcpCount; i++) {
            if (MptcpOptionDecoder.check(view, i, version) != OptionFault.NONE) {
                continue;
            }
            switch (MptcpOptionDecoder.read(view, i, version)) {
                case Capable repeated -> onRepeatedCapable(context, repeated, now);
                case AddAddress add -> onAddAddress(context, add, now);
                case RemoveAddress remove -> {
                    multipath.counters().increment(Counter.MPTCP_RM_ADDR);
                    multipath.paths().onRemoveAddress(remove, now);
                }
                case Priority priority -> onPriority(context, priority);
                case Fail fail -> onFail(context, now);
                case FastClose close -> {
                    if (MptcpCrypto.matches(multipath.keys().local(), close.receiverKey())) {
                        multipath.onPeerFastClose(now);
                    }
                }
                // The third packet again: the fourth got lost (RFC 8684 section 3.2).
                case JoinAck repeated -> context.flow.requestAck();
                default -> {
                }
            }
        }
    }

    /** MP_CAPABLE with data is the mapping that starts both streams, on whichever segment it stands. */
    private void onRepeatedCapable(SubflowContext context, Capable option, long now) {
        if (!option.hasData() || multipath.isClient() || !context.first) {
            return;
        }
        if (option.receiverKey() != multipath.keys().local() || option.senderKey() != multipath.keys().remote()) {
            return;
        }
        // It proves that the peer has our key, not that DSS passes: that is seen by the first DSS.
        if (option.dataLength() > 0) {
            declare(context, 1, 0, option.dataLength(), false, option.checksum(), now);
        }
    }

    private void onAddAddress(SubflowContext context, AddAddress option, long now) {
        if (option.echo()) {
            multipath.counters().increment(Counter.MPTCP_ECHO_ADD);
            multipath.paths().onEcho(option);
        } else if (multipath.paths().isGenuine(option)) {
            multipath.counters().increment(Counter.MPTCP_ADD_ADDR);
            // It may stand alone, where it leaves no room for a DSS: options pass all the same. Linux sees it so too.
            context.proven = true;
            multipath.paths().onAddAddress(option, context, now);
        } else {
            //= rfc8684#3.4.1 D02
            //# If a host receives an ADD_ADDR option for which it
            //# cannot validate the HMAC, it SHOULD silently ignore the option.
            multipath.counters().increment(Counter.MPTCP_ADD_ADDR_DROP);
        }
    }

    private void onPriority(SubflowContext context, Priority option) {
        multipath.counters().increment(Counter.MPTCP_MP_PRIO_RX);
        if (option.addressId() == Priority.THIS_SUBFLOW) {
            context.backupForUs = option.backup();
            multipath.paths().onPriority(context);
            return;
        }
        Flows flows = multipath.flows();
        for (int i = 0; i < flows.places(); i++) {
            SubflowContext other = flows.at(i);
            if (other != null && other.remoteId == option.addressId()) {
                other.backupForUs = option.backup();
                multipath.paths().onPriority(other);
            }
        }
    }

    private void onFail(SubflowContext context, long now) {
        multipath.counters().increment(Counter.MPTCP_MP_FAIL_RX);
        long placed = placedTo(context);
        int mapping = context.mappings.find(placed);
        long shift = mapping == MappingTable.NONE ? multipath.receive().received() - placed
                : context.mappings.data(mapping) - context.mappings.from(mapping);
        // The peer has no second subflow, or it would have reset this one: a join of ours that is under way is none.
        if (multipath.flows().establishedCount() > 1 || !continuesAt(context, shift)
                || !multipath.isContiguous(context)) {
            multipath.reset(context, ResetReason.MIDDLEBOX_INTERFERENCE);
            return;
        }
        long last = multipath.remoteSequence().toWire(multipath.receive().received());
        fallBackHere(context, shift, true, now);
        if (mapping == MappingTable.NONE) {
            multipath.awaitAlignment();
        }
        multipath.output().answerFail(last);
        multipath.counters().increment(Counter.MPTCP_MP_FAIL_TX);
        context.flow.requestAck();
    }
}
