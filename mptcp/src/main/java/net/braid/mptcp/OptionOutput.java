package net.braid.mptcp;

import net.braid.base.Pieces;
import net.braid.mptcp.Multipath.Phase;
import net.braid.mptcp.SubflowContext.Stage;
import net.braid.tcp.Counter;
import net.braid.tcp.SegmentKind;
import net.braid.wire.Checksum;
import net.braid.wire.DssChecksum;
import net.braid.wire.MptcpOption.Fail;
import net.braid.wire.MptcpOption.FastClose;
import net.braid.wire.MptcpOption.ResetReason;
import net.braid.wire.OptionWriter;
import net.braid.wire.TcpOptions;

/** Options of leaving segments, in the order of precedence of {@code OptionBudget}. */
final class OptionOutput {
    /** DSS with both 64-bit numbers and a checksum, or padded without one: what a data segment must have room for. */
    static final int DATA_BYTES = 28;
    /** An acknowledgment can get lost: several say that we have fallen back, until data does. */
    private static final int INFINITE_ACKS = 3;
    private static final int SACK_BLOCK_ROOM = 12;
    private static final int DATA_ACK_BYTES = 12;
    private static final int DATA_ACK_WIDE = TcpOptions.DSS | TcpOptions.DSS_ACK | TcpOptions.DSS_ACK_64;
    private static final int MAPPING_WIDE = TcpOptions.DSS_MAPPING | TcpOptions.DSS_DSN_64;
    private static final long JOIN_ACK_NANOS = 200_000_000L;

    private final Multipath multipath;
    private final Pieces pieces = new Pieces();
    private int synsSent;
    private boolean offered;
    private boolean sentDss;
    /** How many acknowledgments have announced the infinite mapping because there is no data to do it. */
    private int infiniteAcks;
    /** Subflow offset of the data that announces it, as often as it is sent; -1 before. */
    private long infiniteFrom = -1;
    /** The keys have just been sent again: without data, DATA_FIN follows them, each time it is sent. */
    private boolean confirmed;
    /** Data that has been sent with MP_CAPABLE in place of a DSS. */
    private int capableDataBytes;
    private boolean failSent;
    private boolean failAnswerDue;
    private long failAnswer;

    OptionOutput(Multipath multipath) {
        this.multipath = multipath;
    }

    /** Whether the last SYN that left had MP_CAPABLE. */
    boolean capableOffered() {
        return offered;
    }

    /** MP_FAIL has been sent or waits: another one of the peer is the answer to it. */
    boolean hasFailed() {
        return failSent || failAnswerDue;
    }

    /** MP_FAIL is due on the next acknowledgment, although everything else has ended. */
    void answerFail(long dataSequence) {
        failAnswer = dataSequence;
        failAnswerDue = true;
    }

    /** Whether the peer may have seen a DSS of ours, and so believes that we go on with Multipath TCP. */
    boolean hasSentDss() {
        return sentDss;
    }

    int capableDataBytes() {
        return capableDataBytes;
    }

    void armJoinAck(SubflowContext context, long now) {
        long timeout = Math.max(JOIN_ACK_NANOS, 2 * context.flow.smoothedRttNanos());
        context.joinAckDeadline = now + (timeout << context.joinAckRepeats);
    }

    void write(SubflowContext context, SegmentKind kind, OptionWriter options, long offset, long tag, int length) {
        switch (kind) {
            case SYN -> writeSyn(context, options);
            case SYN_ACK -> writeSynAck(context, options);
            case RESET -> writeReset(context, options);
            case DATA -> writeData(context, options, offset, tag, length);
            case ACK, FIN -> writeAck(context, kind, options);
        }
    }

    private void writeSyn(SubflowContext context, OptionWriter options) {
        if (context.stage == Stage.JOIN_SYN) {
            multipath.joins().syn(context).encode(options);
            return;
        }
        //= rfc8684#3.1 A29
        //# It is expected that a sender will eventually
        //# fall back to single-path TCP (i.e., without the MP_CAPABLE option) in
        //# order to work around middleboxes that may drop packets with unknown
        //# options; however, the number of multipath-capable attempts that are
        //# made first will be up to local policy.
        offered = synsSent++ <= multipath.config().synRetries();
        if (offered) {
            multipath.counters().increment(Counter.MPTCP_CAPABLE_SYN_TX);
            multipath.capable().offer().encode(options);
        } else {
            multipath.counters().increment(Counter.MPTCP_CAPABLE_SYN_TX_DROP);
        }
    }

    private void writeSynAck(SubflowContext context, OptionWriter options) {
        if (context.stage == Stage.JOIN_WAIT) {
            multipath.joins().synAck(context).encode(options);
        } else if (context.stage == Stage.CAPABLE_WAIT) {
            multipath.capable().answer().encode(options);
        }
    }

    private void writeReset(SubflowContext context, OptionWriter options) {
        if (context.fastClose && multipath.keys().version() == 1) {
            new FastClose(multipath.keys().remote()).encode(options);
        }
        if (context.fail) {
            new Fail(context.failSequence).encode(options);
        }
        if (multipath.keys().version() == 1 && context.resetReason >= 0 && multipath.phase() != Phase.NEGOTIATING) {
            new ResetReason(context.resetTemporary, context.resetReason).encode(options);
        }
    }

    // ---- data

    private void writeData(SubflowContext context, OptionWriter options, long offset, long tag, int length) {
        if (multipath.phase() == Phase.FALLBACK) {
            int index = context.sent.find(offset);
            if (index != SentMappings.NONE) {
                writeMapping(context, index, options);
            } else if (multipath.infiniteDue()) {
                writeInfinite(context, options, offset, tag);
            }
            return;
        }
        int index = offset >= context.sent.end() ? SentMappings.NONE : context.sent.find(offset);
        if (index == SentMappings.NONE) {
            assert offset == context.flow.sendNext() : "a mapping is made when its bytes leave for the first time";
            int checksum = multipath.capable().checksum() ? checksum(offset, tag, length) : 0;
            context.sent.add(offset, tag, length, checksum);
            index = context.sent.size() - 1;
        }
        writeMapping(context, index, options);
    }

    private int checksum(long offset, long tag, int length) {
        int sum = 0;
        int done = 0;
        while (done < length) {
            int part = Math.min(length - done, 16 * 1024);
            pieces.clear();
            multipath.send().gather(tag + done, part, pieces);
            sum = DssChecksum.add(sum, done, Checksum.sum(pieces));
            done += part;
        }
        return DssChecksum.compute(multipath.localSequence().toWire(tag), (int) (offset + 1), length, sum);
    }

    //= rfc8684#3.7 D18
    //# A sender MUST include a DSS option with Data Sequence Mapping in
    //# every segment until one of the sent segments has been acknowledged
    //# with a DSS option containing a Data ACK.
    private void writeMapping(SubflowContext context, int index, OptionWriter options) {
        SentMappings sent = context.sent;
        boolean startsStream = sent.from(index) == 0 && context.first && multipath.isClient()
                && multipath.keys().version() == 1;
        if (startsStream && multipath.phase() == Phase.UNPROVEN) {
            //= rfc8684#3.1 A15
            //# When A does have data to send, it must repeat the
            //# sending of the MP_CAPABLE option from the first ACK, with additional
            //# data parameters.  This MP_CAPABLE option is used in place of the DSS
            capableDataBytes = sent.length(index);
            multipath.capable().firstData(sent.length(index), sent.checksum(index)).encode(options);
            pad(options);
            return;
        }
        sentDss = true;
        boolean checksum = multipath.capable().checksum();
        long sequence = multipath.localSequence().toWire(sent.data(index));
        int subflowSequence = (int) (sent.from(index) + 1);
        if (multipath.phase() == Phase.FALLBACK) {
            int parts = TcpOptions.DSS | MAPPING_WIDE | (checksum ? TcpOptions.DSS_CHECKSUM : 0);
            options.dataSequenceSignal(parts, 0, sequence, subflowSequence, sent.length(index), sent.checksum(index));
            pad(options);
        } else {
            options.wideMapping(remoteAck(), sequence, subflowSequence, sent.length(index), checksum,
                    sent.checksum(index));
        }
    }

    /** Data-level length 0 says: from here on both streams run in step (RFC 8684 section 3.7). Until it has arrived. */
    private void writeInfinite(SubflowContext context, OptionWriter options, long offset, long tag) {
        if (infiniteFrom < 0) {
            infiniteFrom = offset;
            multipath.counters().increment(Counter.MPTCP_INFINITE_MAP_TX);
        }
        if (offset == infiniteFrom) {
            infinite(options, offset, tag);
        } else if (context.flow.sendUnacknowledged() > infiniteFrom) {
            infiniteFrom = -1;
            multipath.infiniteArrived();
        }
    }

    private void infinite(OptionWriter options, long offset, long tag) {
        boolean checksum = multipath.capable().checksum();
        int parts = TcpOptions.DSS | MAPPING_WIDE | (checksum ? TcpOptions.DSS_CHECKSUM : 0);
        options.dataSequenceSignal(parts, 0, multipath.localSequence().toWire(tag), (int) (offset + 1), 0, 0);
        pad(options);
    }

    // ---- acknowledgments

    private void writeAck(SubflowContext context, SegmentKind kind, OptionWriter options) {
        if (context.farewellDue) {
            new FastClose(multipath.keys().remote()).encode(options);
            multipath.farewell().onAnnounced(context);
            return;
        }
        if (failAnswerDue) {
            failAnswerDue = false;
            failSent = true;
            new Fail(failAnswer).encode(options);
            return;
        }
        if (!multipath.isMultipath()) {
            // On FIN too: a peer that does not know of the fallback would take it for the end of the subflow only.
            if (multipath.infiniteDue() && infiniteFrom < 0
                    && (infiniteAcks < INFINITE_ACKS || kind == SegmentKind.FIN)) {
                infiniteAcks++;
                long next = context.flow.sendNext();
                infinite(options, next, next + multipath.sendShift());
            }
            return;
        }
        if (context.stage == Stage.JOIN_ACK) {
            multipath.joins().ack(context).encode(options);
            return;
        }
        boolean unconfirmed = context.first && multipath.isClient() && multipath.phase() == Phase.UNPROVEN;
        boolean owesFin = kind == SegmentKind.ACK && multipath.transmission().owesDataFin(context);
        if (unconfirmed && context.flow.sendNext() == 0 && !(owesFin && confirmed)) {
            multipath.capable().confirm().encode(options);
            confirmed = owesFin;
            if (owesFin) {
                multipath.transmission().wantAck(context);
            }
            return;
        }
        if (owesFin) {
            confirmed = false;
            writeDataFin(context, options);
            return;
        }
        Signals signals = multipath.signals();
        // Only once a DSS has come here: the peer that waits for one of ours must have it.
        boolean mayCarry = !signals.isEmpty() && multipath.transmission().maySignal(context);
        if (mayCarry && kind == SegmentKind.ACK && context.proven && writeLargeSignal(context, options)) {
            return;
        }
        sentDss = true;
        if (kind == SegmentKind.FIN && !context.finSent) {
            context.finSent = true;
            context.endSaid = multipath.data().remoteFinReached();
        }
        //= rfc8684#3.3.2 C11
        //# If data is received with a 64-bit DSN, it MUST
        //# be acknowledged with a 64-bit Data ACK.
        options.dataAck(remoteAck(), true);
        int room = options.remaining() - (context.flow.mustReportSack() ? SACK_BLOCK_ROOM : 0);
        if (mayCarry) {
            writeSignal(context, options, room);
        }
    }

    /** A signal that leaves no room for a DATA_ACK (ADD_ADDR with port or IPv6) goes alone; the next ACK has it. */
    private boolean writeLargeSignal(SubflowContext context, OptionWriter options) {
        int length = multipath.signals().nextLength(context);
        if (length <= options.remaining() - DATA_ACK_BYTES) {
            return false;
        }
        if (length > options.remaining()) {
            // ADD_ADDR for IPv6 with port beside timestamps: it fits nowhere, and like Linux we do without.
            multipath.signals().dropNext(context);
            multipath.counters().increment(Counter.MPTCP_ADD_ADDR_TX_DROP);
            return false;
        }
        multipath.signals().write(context, options, length);
        multipath.transmission().onSignal(context);
        multipath.transmission().wantAck(context);
        return true;
    }

    private void writeSignal(SubflowContext context, OptionWriter options, int room) {
        if (multipath.signals().write(context, options, room)) {
            // One signal a segment: more would take the room of what acknowledges.
            multipath.transmission().onSignal(context);
            multipath.transmission().wantSignal(context);
        }
    }

    //= rfc8684#3.3.3 C15
    //# Note that when the DATA_FIN is not attached to a TCP segment
    //# containing data, the DSS MUST have a subflow sequence number of 0, a
    //# Data-Level Length of 1, and the data sequence number that corresponds
    //# with the DATA_FIN itself.
    private void writeDataFin(SubflowContext context, OptionWriter options) {
        sentDss = true;
        DataLevel data = multipath.data();
        boolean checksum = multipath.capable().checksum();
        long sequence = multipath.localSequence().toWire(data.localFin());
        int parts = DATA_ACK_WIDE | MAPPING_WIDE | TcpOptions.DSS_DATA_FIN | (checksum ? TcpOptions.DSS_CHECKSUM : 0);
        int sum = checksum ? DssChecksum.compute(sequence, 0, 1, 0) : 0;
        options.dataSequenceSignal(parts, remoteAck(), sequence, 0, 1, sum);
        pad(options);
        multipath.transmission().dataFinSent(context);
    }

    private long remoteAck() {
        return multipath.remoteSequence().toWire(multipath.data().dataAck());
    }

    private static void pad(OptionWriter options) {
        while ((options.length() & 3) != 0) {
            options.nop();
        }
    }
}
