package net.braid.tcp;

import net.braid.base.RandomSource;
import net.braid.wire.SegmentView;

/**
 * One TCP flow on one path (RFC 9293). Inputs are {@code on...}; outputs are pulled with {@link #emit} and
 * {@link #emitData}; nothing happens in between.
 *
 * <p>SKELETON while the module is being written: the public signatures are those of the finished class.
 */
public final class Subflow implements FlowView {

    /**
     * @param iss initial send sequence number (RFC 6528), from the stack
     * @param timestampOffset added to the millisecond clock in the timestamps option (RFC 7323 section 5.4)
     */
    public Subflow(SubflowOwner owner, SubflowConfig config, PathProperties path, CongestionController.Factory congestion,
            CouplingGroup group, int index, Counters counters, RandomSource random, int iss, int timestampOffset) {
        throw new UnsupportedOperationException();
    }

    // ---- opening

    /** Active open: a SYN leaves with the next {@link #emit}. */
    public void connect(long now) {
    }

    /** Passive open from a decoded SYN: a SYN/ACK leaves with the next {@link #emit}. */
    public void accept(SegmentView syn, long now) {
    }

    // ---- inputs

    /** A decoded segment for this flow's four-tuple, in any state but TIME_WAIT. */
    public void onSegment(SegmentView segment, long now) {
    }

    /** To be called when {@link #deadline} has come. */
    public void onDeadline(long now) {
    }

    /** ICMP "fragmentation needed" or "packet too big" that quotes {@code sequenceNumber} of ours (RFC 1191, 8201, 5927). */
    public void onPacketTooBig(int mtu, int sequenceNumber, long now) {
    }

    /** ICMP unreachable that quotes {@code sequenceNumber} of ours: fatal only while connecting (RFC 5927). */
    public void onUnreachable(int icmpType, int icmpCode, int sequenceNumber, long now) {
    }

    // ---- the owner's wishes

    /** Payload bytes of new data that may leave now, of {@code pending} that wait; 0 when fewer than a full segment. */
    public long sendQuota(long pending, long now) {
        return 0;
    }

    /**
     * Sends the next bytes of this flow, [tag, tag + length), at most {@link #sendQuota} of them.
     *
     * @param push the last of these bytes ends what the owner has to send now
     * @return how many bytes left: all, or a multiple of the segment size, or 0 when the link is full
     */
    public int emitData(SegmentSink sink, long tag, int length, boolean push, long now) {
        return 0;
    }

    /** The owner has data that {@link #sendQuota} did not let through: arms the persist timer when the window is shut. */
    public void awaitQuota(long pending, long now) {
    }

    /** An acknowledgment must leave soon even if nothing else does (for example the data-level ACK advanced). */
    public void requestAck() {
    }

    /** The owner can receive more than it last advertised: sends a window update if that is worth one (RFC 9293 3.8.6.2.2). */
    public void onReceiveWindowOpened(long now) {
    }

    /** No more data will come: FIN follows the last byte sent. */
    public void finish(long now) {
    }

    /** Sends RST (if the state calls for one), forgets everything, and reports {@code reason} to the owner. */
    public void abort(CloseReason reason, long now) {
    }

    /** The application is gone: FIN-WAIT-2 becomes limited in time. */
    public void orphan(long now) {
    }

    // ---- outputs

    /**
     * Writes at most one segment of control, retransmission, probe or acknowledgment. False: nothing to send, or the
     * link is full. {@code newDataWaiting}: the owner could send new data, so a loss probe may be made of that.
     */
    public boolean emit(SegmentSink sink, boolean newDataWaiting, long now) {
        return false;
    }

    /** Earliest instant at which {@link #onDeadline} must be called, or Long.MAX_VALUE. */
    public long deadline() {
        return Long.MAX_VALUE;
    }

    // ---- queries

    public TcpState state() {
        return TcpState.CLOSED;
    }

    /** RCV.NXT as an offset: the first byte that has not arrived. */
    public long receiveNext() {
        return 0;
    }

    /** Whether every byte of [from, to) has arrived. */
    public boolean hasReceived(long from, long to) {
        return false;
    }

    /** SND.NXT as an offset: how many bytes were ever given to this flow. */
    public long sendNext() {
        return 0;
    }

    /** SND.UNA as an offset. */
    public long sendUnacknowledged() {
        return 0;
    }

    /** For the TIME-WAIT table: SND.NXT and RCV.NXT as wire numbers. */
    public int sendNextWire() {
        return 0;
    }

    public int receiveNextWire() {
        return 0;
    }

    /** For the TIME-WAIT table: TS.Recent, our offset, and whether timestamps are in use at all. */
    public int recentTimestamp() {
        return 0;
    }

    public int timestampOffset() {
        return 0;
    }

    public boolean timestampsEnabled() {
        return false;
    }

    /** What should be remembered of this path (RFC 9040). */
    public PathMetrics metrics() {
        return PathMetrics.UNKNOWN;
    }

    /** Starts from what was remembered; before {@link #connect} or {@link #accept}. */
    public void restore(PathMetrics remembered) {
    }

    public SubflowConfig config() {
        throw new UnsupportedOperationException();
    }

    @Override
    public int index() {
        return 0;
    }

    @Override
    public long smoothedRttNanos() {
        return 0;
    }

    @Override
    public long minimumRttNanos() {
        return 0;
    }

    @Override
    public long congestionWindow() {
        return 0;
    }

    @Override
    public long slowStartThreshold() {
        return 0;
    }

    @Override
    public long bytesInFlight() {
        return 0;
    }

    @Override
    public int maximumSegmentSize() {
        return 0;
    }

    @Override
    public long deliveryRate() {
        return 0;
    }

    @Override
    public boolean inRecovery() {
        return false;
    }

    @Override
    public boolean isBackup() {
        return false;
    }

    @Override
    public boolean isUsable() {
        return false;
    }
}
