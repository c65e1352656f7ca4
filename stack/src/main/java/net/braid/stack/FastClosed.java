package net.braid.stack;

import net.braid.tcp.Subflow;

/**
 * A subflow that has ended with MP_FASTCLOSE: what is needed to say it again, about 150 bytes instead of a connection.
 */
final class FastClosed extends FlowSlot {
    /** The peer's, which shows that we are who we were. */
    final long key;
    /** Of Multipath TCP: 0 says it on acknowledgments, 1 on resets. */
    final int version;
    /** SND.NXT and RCV.NXT as wire numbers. */
    final int next;
    final int expected;
    final boolean timestamps;
    final int tsRecent;
    final int tsOffset;
    /** Time between two repetitions, in nanoseconds. */
    final long patience;
    /** Repetitions so far. */
    int repeated;
    /** In the table's heap of deadlines. */
    int number;

    FastClosed(FlowSlot flow, long key, int version) {
        super(flow);
        Subflow subflow = flow.subflow;
        this.key = key;
        this.version = version;
        next = subflow.sendNextWire();
        expected = subflow.receiveNextWire();
        timestamps = subflow.timestampsEnabled();
        tsRecent = subflow.recentTimestamp();
        tsOffset = subflow.timestampOffset();
        patience = subflow.retransmissionTimeoutNanos();
    }
}
