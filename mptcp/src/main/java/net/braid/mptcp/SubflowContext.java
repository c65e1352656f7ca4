package net.braid.mptcp;

import net.braid.tcp.Subflow;
import net.braid.wire.IpAddress;

/** What the connection keeps per subflow. */
final class SubflowContext {
    /** How far the handshake of this subflow has come, seen from Multipath TCP. */
    enum Stage {
        /** First subflow, we opened: SYN with MP_CAPABLE is out. */
        CAPABLE_SYN,
        /** First subflow, the peer opened: which kind of connection it is follows from the third packet. */
        CAPABLE_WAIT,
        /** We sent SYN with MP_JOIN. */
        JOIN_SYN,
        /** We sent the third packet of a join and wait for the fourth (PRE_ESTABLISHED of RFC 8684 section 3.2). */
        JOIN_ACK,
        /** The peer joins, and owes the third packet. */
        JOIN_WAIT,
        ESTABLISHED,
        CLOSED
    }

    final Subflow flow;
    final int index;
    final IpAddress local;
    final int localPort;
    final IpAddress remote;
    final int remotePort;
    /** Whether this is the subflow that the connection began with. */
    final boolean first;
    Stage stage;

    int localId;
    int remoteId;
    /** We asked the peer not to use it, the peer asked us (MP_PRIO, B of MP_JOIN). */
    boolean backupForPeer;
    boolean backupForUs;

    int localNonce;
    int remoteNonce;
    /** When the third packet of a join is repeated (RFC 8684 section 3.2). */
    long joinAckDeadline = Long.MAX_VALUE;
    int joinAckRepeats;
    long joinedAt;

    final MappingTable mappings;
    final SentMappings sent = new SentMappings();
    final ParkedBytes parked;
    final StandingQueue queue = new StandingQueue();

    final SignalPace signalPace = new SignalPace();

    /** Reason for MP_TCPRST on the reset that we send, and whether MP_FASTCLOSE and MP_FAIL go with it. */
    int resetReason = -1;
    boolean resetTemporary;
    boolean fastClose;
    /** MP_FASTCLOSE must leave on an acknowledgment. */
    boolean farewellDue;
    boolean farewellSaid;
    long failSequence;
    boolean fail;
    /** What the peer's MP_TCPRST said. */
    boolean peerResetExplained;
    int peerResetReason;
    boolean peerResetTemporary;

    /** No answer for too long while others answer: no new data, and what it carries goes elsewhere too. */
    boolean suspect;
    long progressAt;
    long progressMark;
    long suspectDeadline = Long.MAX_VALUE;
    /** It held up the window: when that was said last, and until when it gets nothing new. */
    long penalisedAt = Long.MIN_VALUE / 2;
    long penaltyEnd;
    /** The mapping that came with DATA_FIN at its end: where it starts, and its length as declared. */
    long finMappingFrom = -1;
    int finMappingLength;
    /** A DSS has come on this subflow. */
    boolean proven;
    /** The engine owes this subflow a reset, or FIN, once the input under way is over. */
    boolean resetDue;
    /** Segments accepted so far; and the test whether an address that the peer removed still answers. */
    long heard;
    long probeMark;
    long probeDeadline = Long.MAX_VALUE;
    /** For {@link Probes}: when the peer was heard here, when it was last asked, and how long it may be silent. */
    long heardAt;
    long askedAt;
    long heardWhenAsked;
    long silenceNanos;
    /** It gets nothing new any more: it ends, or will end. */
    boolean finishing;
    /** FIN was asked for. */
    boolean finAsked;
    /** FIN has left; and with it the acknowledgment of the peer's DATA_FIN. */
    boolean finSent;
    boolean endSaid;

    SubflowContext(Subflow flow, int index, IpAddress local, int localPort, IpAddress remote, int remotePort,
            boolean first, Stage stage, MemoryBudget memory, int mappingLimit) {
        this.flow = flow;
        this.index = index;
        this.local = local;
        this.localPort = localPort;
        this.remote = remote;
        this.remotePort = remotePort;
        this.first = first;
        this.stage = stage;
        mappings = new MappingTable(mappingLimit);
        parked = new ParkedBytes(memory);
    }

    SubflowInfo describe() {
        return new SubflowInfo(flow, local, localPort, remote, remotePort, localId, remoteId,
                isEstablished() && flow.state().isSynchronized(), isBackup(), suspect);
    }

    /** One of the ends asked the other to use it only when no other subflow is left. */
    boolean isBackup() {
        return backupForUs || backupForPeer;
    }

    long bit() {
        return 1L << index;
    }

    boolean isEstablished() {
        return stage == Stage.ESTABLISHED;
    }

    /** New data may be given to it. */
    boolean isUsable() {
        return isOpen() && !suspect;
    }

    /** It stands, and its output has not ended. */
    boolean isOpen() {
        return stage == Stage.ESTABLISHED && !finishing && flow.state().canSendData();
    }

    /** Gives back what memory it can; for a connection that has gone idle. */
    void trim() {
        flow.trim();
        mappings.trim();
        sent.trim();
    }

    /** Ends its output, and nothing but that. */
    void finish(long now) {
        finAsked = true;
        flow.finish(now);
    }

    boolean hasOutstanding() {
        return !sent.isEmpty();
    }
}
