package net.braid.tcp;

import net.braid.wire.SegmentView;
import net.braid.wire.TcpFlags;

/** Explicit congestion notification of one flow, both halves (RFC 3168 section 6.1). */
final class Ecn {
    static final int NOT_ECT = 0;
    static final int ECT_0 = 2;
    static final int CE = 3;

    private boolean enabled;
    /** ECT may be set: no SYN without ECN was sent or received (RFC 3168 section 6.1.1). */
    private boolean marking = true;
    /** As receiver: ECE goes on every ACK until the peer answers with CWR. */
    private boolean echo;
    /** As sender: CWR goes on the next new data segment. */
    private boolean reduced;

    void enable() {
        enabled = true;
    }

    boolean enabled() {
        return enabled;
    }

    //= rfc3168#6.1.1
    //# A host MUST NOT set ECT on data packets unless it has sent at
    //# least one ECN-setup SYN or ECN-setup SYN-ACK packet, and has
    //# received at least one ECN-setup SYN or ECN-setup SYN-ACK packet,
    //# and has sent no non-ECN-setup SYN or non-ECN-setup SYN-ACK
    //# packet.
    void forbidMarking() {
        marking = false;
    }

    boolean mayMark() {
        return enabled && marking;
    }

    /** An acceptable segment with its IP header's ECN bits. True: CE was seen for the first time. */
    boolean onSegment(SegmentView view) {
        if (!enabled) {
            return false;
        }
        if (view.has(TcpFlags.CWR)) {
            echo = false;
        }
        boolean marked = view.ecn == CE && view.payloadLength > 0;
        boolean news = marked && !echo;
        echo |= marked;
        return news;
    }

    /** Does this acknowledgment ask us to slow down? SYN/ACKs carry ECE with another meaning. */
    boolean isReduction(SegmentView view) {
        return enabled && view.has(TcpFlags.ECE) && !view.has(TcpFlags.SYN);
    }

    void onWindowReduced() {
        reduced = enabled;
    }

    /** Flag bits for a segment; {@code newData}: a single segment with data that was never sent before. */
    int flags(boolean newData) {
        if (!enabled) {
            return 0;
        }
        int flags = echo ? TcpFlags.ECE : 0;
        if (newData && reduced) {
            reduced = false;
            flags |= TcpFlags.CWR;
        }
        return flags;
    }

    /** The two IP bits: only new data is ECN-capable (RFC 3168 section 6.1.4, 6.1.5, 6.1.6). */
    int codepoint(boolean newData) {
        return newData && mayMark() ? ECT_0 : NOT_ECT;
    }
}
