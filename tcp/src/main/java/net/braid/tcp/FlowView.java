package net.braid.tcp;

/** What policies may read of a flow. Read-only, live, never copied. Bytes are payload bytes, times nanoseconds. */
public interface FlowView {
    /** Position in its {@link CouplingGroup}. */
    int index();

    /** SRTT (RFC 6298), or 0 before the first sample. */
    long smoothedRttNanos();

    /** Smallest sample of the last few minutes (RACK.min_RTT), or 0 before the first sample. */
    long minimumRttNanos();

    /** Window in force: the controller's, or that of proportional rate reduction while loss is being repaired. */
    long congestionWindow();

    long slowStartThreshold();

    /** Where a controller starts: RFC 6928, or one segment after a lost SYN (RFC 5681 section 3.1). */
    default long initialWindow() {
        return InitialWindow.bytes(maximumSegmentSize());
    }

    /** Bytes sent and neither acknowledged, SACKed nor declared lost (RFC 6675 calls it pipe). */
    long bytesInFlight();

    /** Payload bytes of a full segment, options deducted. */
    int maximumSegmentSize();

    /** Latest delivery rate sample, bytes per second, or 0. */
    long deliveryRate();

    boolean inRecovery();

    boolean isBackup();

    /** Whether new data may be given to this flow at all. */
    boolean isUsable();
}
