package net.braid.tcp;

import net.braid.wire.SegmentView;

/**
 * When to acknowledge (RFC 9293 section 3.8.6.3, RFC 5681 section 4.2): at once while the peer's slow start needs it
 * and when anything is out of order, else with the second full segment, else after a delay.
 */
final class AckPolicy {
    /** Segments acknowledged one by one at the start, so that the peer's window opens quickly (Linux: 16). */
    private static final int QUICK_AT_START = 16;
    private static final int QUICK_AFTER_TROUBLE = 2;
    /** Lower bound of the estimate of the peer's segment size (RFC 9293 section 3.7.1). */
    private static final int DEFAULT_SEGMENT = 536;

    private int quick = QUICK_AT_START;
    private int peerSegment = DEFAULT_SEGMENT;
    private long unacknowledgedBytes;
    private boolean wanted;
    private boolean immediate;

    /** What became of the payload of a segment. True: start the delayed-ACK timer unless it runs. */
    boolean onText(Receiver.Outcome outcome, SegmentView view) {
        switch (outcome) {
            case IN_ORDER, FILLED_HOLE -> {
                int length = view.payloadLength;
                int wireBytes = view.segmentSize > 0 ? Math.min(view.segmentSize, length) : length;
                return onInOrder(length, wireBytes, outcome == Receiver.Outcome.FILLED_HOLE);
            }
            case OUT_OF_ORDER -> onOutOfOrder();
            case DUPLICATE, DROPPED -> immediately();
            case NOTHING -> {
            }
        }
        return false;
    }

    /** In-order data has arrived. True: start the delayed-ACK timer unless it runs. */
    boolean onInOrder(int bytes, int wireSegmentBytes, boolean filledHole) {
        peerSegment = Math.max(peerSegment, wireSegmentBytes);
        unacknowledgedBytes += bytes;
        wanted = true;
        //= rfc5681#4.2
        //# an ACK SHOULD be generated for at least every
        //# second full-sized segment
        if (quick > 0) {
            quick--;
            immediate = true;
        } else if (filledHole || unacknowledgedBytes > peerSegment) {
            immediate = true;
        }
        return !immediate;
    }

    /** Out-of-order data, a duplicate, or anything else that the peer must hear of now. */
    void immediately() {
        wanted = true;
        immediate = true;
    }

    void onOutOfOrder() {
        quick = Math.max(quick, QUICK_AFTER_TROUBLE);
        immediately();
    }

    void onDelayExpired() {
        if (wanted) {
            immediate = true;
        }
    }

    /** An acknowledgment left, alone or on data. Data in answer to data: the flow is a conversation, stop hurrying. */
    void onSent(boolean withData) {
        if (withData && wanted && quick < QUICK_AT_START) {
            quick = 0;
        }
        wanted = false;
        immediate = false;
        unacknowledgedBytes = 0;
    }

    boolean isDue() {
        return immediate;
    }

    int peerSegment() {
        return peerSegment;
    }
}
