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

    /** The congestion window was the limit in the present round: it was filled, not only allowed. */
    default boolean isWindowLimited() {
        return true;
    }

    /** The larger of the bytes acknowledged since the last loss and those between the two losses before (OLIA). */
    default long bytesBetweenLosses() {
        return 0;
    }

    /** Kept for the time when no other flow works (RFC 8684 section 3.3.8). */
    boolean isBackup();

    /** Whether its owner gives it new data: established, and not suspected to have failed. */
    boolean isUsable();
}
