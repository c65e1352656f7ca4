package net.braid.tcp;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.Deque;
import net.braid.base.Pieces;
import net.braid.wire.TcpHeader;

/** Keeps every segment that a subflow emits. */
final class FakeSink implements SegmentSink {
    private static final int AT = 40;
    private final MemorySegment header = Arena.ofAuto().allocate(AT + TcpHeader.MAXIMUM_LENGTH, 8);
    private final Pieces pieces = new Pieces();
    private final Deque<Packet> packets = new ArrayDeque<>();
    /** The link takes nothing. */
    boolean full;
    private boolean claimed;

    @Override
    public boolean claim(Subflow subflow) {
        if (claimed) {
            throw new AssertionError("claimed twice without a commit");
        }
        if (full) {
            return false;
        }
        claimed = true;
        pieces.clear();
        return true;
    }

    @Override
    public MemorySegment header() {
        return header;
    }

    @Override
    public long tcpHeader() {
        return AT;
    }

    @Override
    public Pieces payload() {
        return pieces;
    }

    @Override
    public void commit(Subflow subflow, int tcpHeaderLength, int segmentSize, int ecn) {
        if (!claimed) {
            throw new AssertionError("commit without a claim");
        }
        claimed = false;
        byte[] payload = new byte[pieces.totalLength()];
        int at = 0;
        for (int i = 0; i < pieces.count(); i++) {
            int length = pieces.length(i);
            MemorySegment.copy(pieces.memory(i), ValueLayout.JAVA_BYTE, pieces.offset(i), payload, at, length);
            at += length;
        }
        packets.add(Packet.of(header, AT, tcpHeaderLength, payload, segmentSize, ecn));
    }

    /** The oldest packet that was not taken yet, or null. */
    Packet take() {
        return packets.poll();
    }
}
