package net.braid.sim;

/**
 * What the simulated device of a host does for it.
 *
 * @param segmentation cuts super-segments of up to 65,535 bytes into segments (TSO), and computes checksums
 * @param checksum computes TCP checksums of packets to be sent, and verifies those of received ones
 * @param coalescing joins received segments (GRO); they count as verified
 * @param holdNanos how long a received packet waits for more before the host is told, as an interrupt would
 * @param backpressure a full queue makes the link not ready instead of dropping what is sent
 */
public record LinkOffload(boolean segmentation, boolean checksum, boolean coalescing, long holdNanos,
        boolean backpressure) {
    public static final LinkOffload NONE = new LinkOffload(false, false, false, 0, false);
    /** Everything; packets wait for at most 20 microseconds. */
    public static final LinkOffload FULL = new LinkOffload(true, true, true, 20_000, false);

    public LinkOffload {
        if (segmentation && !checksum) {
            throw new IllegalArgumentException("a device that segments must compute checksums as well");
        }
        if (coalescing && !checksum) {
            throw new IllegalArgumentException("a device that coalesces must verify checksums as well");
        }
        if (holdNanos < 0 || holdNanos > 1_000_000_000) {
            throw new IllegalArgumentException("hold must be in 0..1 s: " + holdNanos + " ns");
        }
    }

    public LinkOffload withBackpressure() {
        return new LinkOffload(segmentation, checksum, coalescing, holdNanos, true);
    }
}
