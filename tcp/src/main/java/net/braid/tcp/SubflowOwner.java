package net.braid.tcp;

import java.lang.foreign.MemorySegment;
import net.braid.base.Pieces;
import net.braid.wire.OptionWriter;
import net.braid.wire.SegmentView;

/**
 * All that a subflow ever asks of the connection above it.
 *
 * <p>A subflow moves a byte stream of its own, numbered from 0 by 64-bit <em>subflow offsets</em>. It never holds a
 * payload byte. Each byte that it is given to send carries a {@code tag}, an address in the owner's stream that means
 * nothing to the subflow: its data offset in the connection, which for plain TCP equals its subflow offset.
 *
 * <p>No method here may call back into an input of the subflow ({@code onSegment}, {@code onDeadline}, {@code emit}).
 */
public interface SubflowOwner {

    /** The three-way handshake is complete. */
    void onEstablished(Subflow subflow, long now);

    /** Options of an acceptable segment, before its payload. False: the rest of the segment must be ignored. */
    boolean onOptions(Subflow subflow, SegmentView segment, long now);

    /**
     * New in-window bytes, in order of arrival, not of offset; no byte is handed over twice. True: the owner has taken
     * them, and the subflow may acknowledge them. False: treat them as never received.
     */
    boolean onPayload(Subflow subflow, long offset, MemorySegment memory, long at, int length, long now);

    /** RCV.NXT moved on over bytes that the owner holds: [old RCV.NXT, {@code rcvNxt}) are complete. */
    void onReceiveNext(Subflow subflow, long rcvNxt, long now);

    /** The peer has every byte of [tag, tag + length) as far as this subflow is concerned. Called in tag order. */
    void onAcknowledged(Subflow subflow, long tag, long length, long now);

    /** Retransmission timer fired: the owner may want to reinject elsewhere what is outstanding here. */
    void onRetransmissionTimeout(Subflow subflow, int consecutive, long now);

    /** The peer's FIN has arrived, and every byte before it. */
    void onPeerFin(Subflow subflow, long finalOffset, long now);

    /** The flow is in TIME-WAIT: nothing is left to do for it but what a small table entry can do. */
    void onTimeWait(Subflow subflow, long now);

    /** The flow is gone. The last call. */
    void onClosed(Subflow subflow, CloseReason reason, long now);

    /** R1 of RFC 9293 section 3.8.3, or a soft ICMP error: trouble, not yet the end. */
    void onTrouble(Subflow subflow, int retransmissions, long now);

    /** What the peer may send beyond RCV.NXT (for Multipath TCP: beyond the DATA_ACK), in bytes before scaling. */
    long receiveWindow(Subflow subflow);

    /** Points {@code pieces} at outgoing payload [tag, tag + length). The only place where payload is read. */
    void gather(Subflow subflow, long tag, int length, Pieces pieces);

    /** Whether this flow is kept for the time when no other works. */
    default boolean isBackup(Subflow subflow) {
        return false;
    }

    /** Whether the owner would give new data to this flow, as far as that does not follow from its TCP state. */
    default boolean isUsable(Subflow subflow) {
        return true;
    }

    /** Option space in bytes that the owner needs on each data segment; shortens the segment. 0 for plain TCP. */
    int optionBytes(Subflow subflow);

    /** Adds the owner's options to a segment that carries [tag, tag + length), or no data when length is 0. */
    void writeOptions(Subflow subflow, SegmentKind kind, OptionWriter options, long offset, long tag, int length);
}
