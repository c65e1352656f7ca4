package net.braid.bench;

import java.util.Arrays;

/**
 * One bulk transfer.
 *
 * @param tenths bytes that arrived in each tenth of a second
 * @param senderSeconds processor time of the sending process meanwhile
 * @param receiverSeconds of the receiving process
 * @param machineSeconds of everything this machine did
 */
record BulkRun(long[] tenths, double senderSeconds, double receiverSeconds, double machineSeconds) {
    private static final double PER_SECOND = 1e9 / Samples.STEP_NANOS;

    /** Bits a second, without the tenths in which fewer than {@code stall} bytes came. NaN when these are the most. */
    double rate(double stall) {
        long flowing = Arrays.stream(tenths).filter(bytes -> bytes >= stall).count();
        long bytes = Arrays.stream(tenths).filter(count -> count >= stall).sum();
        return 2 * flowing < tenths.length ? Double.NaN : bytes * 8 * PER_SECOND / flowing;
    }

    double stalledSeconds(double stall) {
        return Arrays.stream(tenths).filter(bytes -> bytes < stall).count() / PER_SECOND;
    }

    double gigabytes() {
        return Arrays.stream(tenths).sum() / 1e9;
    }
}
