package net.braid.mptcp;

import net.braid.tcp.SegmentSink;
import net.braid.tcp.Subflow;

/** What leaves next on the only subflow of plain TCP, and the cork of the application. */
final class PlainTransmission {
    private static final long NEVER = Long.MAX_VALUE;

    private final SendStream send;
    private long corkDeadline = NEVER;
    /** The cork has held pending bytes for as long as it may. */
    private boolean corkExpired;

    PlainTransmission(SendStream send) {
        this.send = send;
    }

    /** Sends one segment or super-segment; false when nothing can be sent now. */
    boolean transmitOne(Subflow flow, SegmentSink sink, long now) {
        if (corkExpired) {
            return flow.emit(sink, true, now) || sendCorked(flow, sink, now);
        }
        long pending = flow.state().canSendData() ? send.pending() : 0;
        boolean hasNewData = pending > 0 && send.quantum(pending, flow.maximumSegmentSize()) > 0;
        if (flow.emit(sink, hasNewData, now)) {
            return true;
        }
        if (pending == 0) {
            return false;
        }
        long quota = flow.sendQuota(pending, now);
        int length = send.quantum(quota, flow.maximumSegmentSize());
        if (length > 0) {
            return sendNew(flow, sink, length, now);
        }
        if (quota == 0) {
            flow.awaitQuota(pending, now);
        } else if (send.isCorked() && corkDeadline == NEVER) {
            corkDeadline = now + Connection.CORK_NANOS;
        }
        return false;
    }

    /** The cork has held a tail for as long as it may: lift it for what is there now. */
    private boolean sendCorked(Subflow flow, SegmentSink sink, long now) {
        long quota = flow.sendQuota(send.pending(), now);
        int length = (int) Math.min(quota, send.pending());
        if (length > 0) {
            return sendNew(flow, sink, length, now);
        }
        if (send.pending() > 0) {
            flow.awaitQuota(send.pending(), now);
        }
        return false;
    }

    private boolean sendNew(Subflow flow, SegmentSink sink, int length, long now) {
        //= rfc9293#3.9.1.2 F28
        //# If
        //# PUSH flags are not implemented, then the
        //# sending TCP peer: (1) MUST NOT buffer data indefinitely (MUST-60),
        //# and (2) MUST set the PSH bit in the last buffered segment (i.e.,
        //# when there is no more queued data to be sent) (MUST-61).
        boolean push = send.endsWith(length);
        int sent = flow.emitData(sink, send.assigned(), length, push, push && send.isShut(), now);
        if (sent == 0) {
            return false;
        }
        assert sent <= length;
        send.onSent(sent, flow.maximumSegmentSize());
        if (send.pending() == 0) {
            uncork();
        }
        return true;
    }

    void uncork() {
        corkDeadline = NEVER;
        corkExpired = false;
    }

    long deadline() {
        return corkDeadline;
    }

    void onDeadline(long now) {
        if (corkDeadline <= now) {
            corkDeadline = NEVER;
            corkExpired = true;
        }
    }
}
