package net.braid.tcp;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import net.braid.base.Pieces;
import net.braid.base.RangeSet;
import net.braid.wire.OptionWriter;
import net.braid.wire.SegmentView;

/**
 * Behaves like a plain connection: a stream of pattern bytes to send, a receive buffer of so many bytes, tags equal to
 * offsets. Checks what it is handed, and writes down what it is told.
 */
final class FakeOwner implements SubflowOwner {
    /** Prime, so that a byte in a wrong place does not look right. */
    private static final int PERIOD = 65_521;
    private static final MemorySegment PATTERN = pattern();

    final List<String> events = new ArrayList<>();
    /** Written by the application and not yet given to the flow. */
    long pending;
    long assigned;
    long acknowledged;
    /** The application has closed its side. */
    boolean shut;
    private boolean finished;
    /** Every byte that leaves is marked as the end of a write. */
    boolean pushAll;
    /** FIN may ride on the last data. */
    boolean finRides = true;

    private final RangeSet received = new RangeSet(1 << 16);
    long receiveNext;
    /** Bytes that the application has taken. */
    long read;
    boolean readsAtOnce = true;
    long receiveBuffer = 65_535;
    private long edge;
    boolean refusesPayload;
    boolean ignoresSegments;
    int optionBytes;
    long peerFin = -1;
    CloseReason closed;
    boolean established;
    boolean timeWait;

    private static MemorySegment pattern() {
        MemorySegment memory = Arena.global().allocate(PERIOD + (1 << 17), 8);
        for (int i = 0; i < memory.byteSize(); i++) {
            memory.set(ValueLayout.JAVA_BYTE, i, patternAt(i));
        }
        return memory;
    }

    static byte patternAt(long offset) {
        int i = (int) (offset % PERIOD);
        return (byte) (i * 31 ^ i >>> 7);
    }

    // ---- the application

    void write(long bytes) {
        pending += bytes;
    }

    void shutdown() {
        shut = true;
    }

    /** The application takes so many bytes. */
    void read(long bytes) {
        read = Math.min(receiveNext, read + bytes);
    }

    /** All output that the flow gives now. */
    void pump(Subflow flow, FakeSink sink, long now) {
        while (true) {
            long waiting = flow.state().canSendData() ? pending : 0;
            if (flow.emit(sink, waiting > 0, now)) {
                continue;
            }
            if (waiting > 0) {
                int quota = (int) Math.min(pending, flow.sendQuota(pending, now));
                if (quota > 0 && emit(flow, sink, quota, now)) {
                    continue;
                }
                if (quota == 0) {
                    flow.awaitQuota(pending, now);
                }
            }
            if (shut && pending == 0 && !finished && flow.state().isSynchronized()) {
                finished = true;
                flow.finish(now);
                continue;
            }
            return;
        }
    }

    private boolean emit(Subflow flow, FakeSink sink, int quota, long now) {
        boolean push = quota == pending || pushAll;
        int sent = flow.emitData(sink, assigned, quota, push, push && shut && finRides && quota == pending, now);
        if (sent > quota) {
            throw new AssertionError("sent " + sent + " of " + quota);
        }
        assigned += sent;
        pending -= sent;
        return sent > 0;
    }

    // ---- the flow

    @Override
    public void onEstablished(Subflow subflow, long now) {
        established = true;
        events.add("established");
    }

    @Override
    public boolean onOptions(Subflow subflow, SegmentView segment, long now) {
        return !ignoresSegments;
    }

    @Override
    public boolean onPayload(Subflow subflow, long offset, MemorySegment memory, long at, int length, long now) {
        check(length > 0, "payload of length " + length);
        check(!received.intersects(offset, offset + length) && offset >= receiveNext, "a byte is handed over twice");
        if (refusesPayload) {
            return false;
        }
        long phase = offset % PERIOD;
        long mismatch = MemorySegment.mismatch(memory, at, at + length, PATTERN, phase, phase + length);
        check(mismatch < 0, "wrong byte at offset " + (offset + mismatch));
        received.add(offset, offset + length);
        return true;
    }

    @Override
    public void onReceiveNext(Subflow subflow, long rcvNxt, long now) {
        check(received.contains(receiveNext, rcvNxt), "RCV.NXT " + rcvNxt + " is ahead of what was taken");
        received.removeBelow(rcvNxt);
        receiveNext = rcvNxt;
        if (readsAtOnce) {
            read = rcvNxt;
        }
    }

    @Override
    public void onAcknowledged(Subflow subflow, long tag, long length, long now) {
        check(tag == acknowledged, "acknowledged out of tag order: " + tag);
        check(tag + length <= assigned, "acknowledged what was never sent");
        acknowledged += length;
    }

    @Override
    public void onRetransmissionTimeout(Subflow subflow, int consecutive, long now) {
        events.add("rto " + consecutive);
    }

    @Override
    public void onPeerFin(Subflow subflow, long finalOffset, long now) {
        check(finalOffset == receiveNext, "FIN before the last byte");
        check(peerFin < 0, "two FINs");
        peerFin = finalOffset;
        events.add("fin " + finalOffset);
    }

    @Override
    public void onTimeWait(Subflow subflow, long now) {
        timeWait = true;
        events.add("time-wait");
    }

    @Override
    public void onClosed(Subflow subflow, CloseReason reason, long now) {
        check(closed == null && !timeWait, "closed twice");
        closed = reason;
        events.add("closed " + reason);
    }

    @Override
    public void onTrouble(Subflow subflow, int retransmissions, long now) {
        events.add("trouble " + retransmissions);
    }

    @Override
    public long receiveWindow(Subflow subflow) {
        long reduction = read + receiveBuffer - edge;
        if (reduction > 0 && reduction >= Math.min(receiveBuffer / 2, subflow.maximumSegmentSize())) {
            edge = read + receiveBuffer;
        }
        return Math.max(0, edge - receiveNext);
    }

    @Override
    public void gather(Subflow subflow, long tag, int length, Pieces pieces) {
        check(tag >= acknowledged && tag + length <= assigned + pending, "gather of what the owner does not hold");
        pieces.add(PATTERN, tag % PERIOD, length);
    }

    @Override
    public int optionBytes(Subflow subflow) {
        return optionBytes;
    }

    @Override
    public void writeOptions(Subflow subflow, SegmentKind kind, OptionWriter options, long offset, long tag,
            int length) {
        for (int i = 0; i < optionBytes && kind == SegmentKind.DATA; i++) {
            options.nop();
        }
    }

    private static void check(boolean condition, String message) {
        if (!condition) {
            throw new AssertionError(message);
        }
    }
}
