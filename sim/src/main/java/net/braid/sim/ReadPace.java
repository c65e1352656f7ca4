package net.braid.sim;

/**
 * How an application reads.
 *
 * @param bytes at most so many bytes at a time
 * @param intervalNanos between two reads; 0: whenever there is something
 * @param startNanos the first read happens no earlier than this, in virtual time
 */
public record ReadPace(long bytes, long intervalNanos, long startNanos) {
    /** Everything at once. */
    public static final ReadPace EAGER = new ReadPace(Long.MAX_VALUE, 0, 0);

    public ReadPace {
        if (bytes <= 0 || intervalNanos < 0 || startNanos < 0) {
            throw new IllegalArgumentException("a reader needs bytes above 0 and times not below 0: " + bytes + ", "
                    + intervalNanos + " ns, " + startNanos + " ns");
        }
    }

    /** A reader that takes {@code bytesPerSecond}, in steps of a tenth of a second. */
    public static ReadPace ofRate(long bytesPerSecond) {
        return new ReadPace(Math.max(1, bytesPerSecond / 10), 100_000_000, 0);
    }

    boolean isEager() {
        return intervalNanos == 0 && startNanos == 0;
    }
}
