package net.braid.mptcp;

/**
 * How often a subflow may say something by a duplicate acknowledgment: twice in a row, then a round trip must pass, or
 * the subflow must have sent or acknowledged something meanwhile.
 */
//= rfc8684#3 A06
//# Additionally, an MPTCP
//# implementation SHOULD NOT send more than two duplicate ACKs in a row
//# for the purposes of sending MPTCP options alone, in order to ensure
//# that no middleboxes misinterpret this as a sign of congestion.
final class SignalPace {
    private static final int MOST_IN_A_ROW = 2;
    private static final long LEAST_PAUSE_NANOS = 50_000_000L;
    private static final long NEVER = Long.MAX_VALUE;

    private int row;
    private long received = -1;
    private long sent = -1;
    private long pauseEnd;
    private boolean waiting;

    /**
     * @param rcvNxt what the next acknowledgment would acknowledge, as a subflow offset
     * @param sndNxt where the next acknowledgment would stand
     */
    boolean allows(long rcvNxt, long sndNxt, long now) {
        return row < MOST_IN_A_ROW || rcvNxt != received || sndNxt != sent || now >= pauseEnd;
    }

    /** An acknowledgment with a signal has left. */
    void onSignal(long rcvNxt, long sndNxt, long rttNanos, long now) {
        boolean sameRow = rcvNxt == received && sndNxt == sent && now < pauseEnd;
        row = sameRow ? row + 1 : 1;
        received = rcvNxt;
        sent = sndNxt;
        pauseEnd = now + Math.max(LEAST_PAUSE_NANOS, rttNanos);
    }

    /** Something waits that {@link #allows} does not let through. */
    void await() {
        waiting = true;
    }

    /** When what waits may leave. */
    long deadline() {
        return waiting ? pauseEnd : NEVER;
    }

    void onDeadline() {
        waiting = false;
    }
}
