package net.braid.tcp;

/** What one acknowledgment taught the sender. One instance per flow, overwritten by each acknowledgment. */
public final class AckSample {
    public static final long NO_RTT = -1;

    public long now;
    /** SND.UNA and SND.NXT after this acknowledgment, as subflow offsets. A round ends when SND.UNA passes its mark. */
    public long sndUna;
    public long sndNxt;
    /** Bytes by which SND.UNA advanced. */
    public long newlyAckedBytes;
    /** Bytes newly known to have arrived: acknowledged or SACKed now and not before. */
    public long newlyDeliveredBytes;
    public long newlyLostBytes;
    /** In flight before and after this acknowledgment was processed. */
    public long inFlightBytesBefore;
    public long inFlightBytes;
    /** Unambiguous round-trip sample (Karn, or timestamps), or {@link #NO_RTT}. */
    public long rttNanos = NO_RTT;
    /** Total bytes delivered so far on this flow, and at the time the newest acknowledged segment was sent. */
    public long deliveredBytes;
    public long priorDeliveredBytes;
    /** Delivery rate sample in bytes per second, 0 when there is none. */
    public long deliveryRate;
    /** The rate sample was limited by the application, not by the network. */
    public boolean applicationLimited;
    /** The flow used its whole congestion window before this acknowledgment (RFC 7661, RFC 9293 via 5681). */
    public boolean windowLimited;
    /** Loss is being repaired by fast recovery: the controller must not grow its window. False after a timeout. */
    public boolean inRecovery;
    /** The peer reported CE marks (ECE). */
    public boolean congestionExperienced;
}
