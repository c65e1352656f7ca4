package net.braid.sim;

/**
 * What one direction of a cable does to frames. Immutable; {@link Pipe#properties(PipeProperties)} exchanges all at
 * once.
 *
 * @param rateBits bits of IP packet per second; 0: infinite
 * @param delayNanos from the last bit sent to the last bit received
 * @param jitterNanos added to the delay, uniform in [0, jitter]
 * @param jitterReorders frames with different jitter may overtake each other
 * @param mtu larger frames are dropped here; a router complains before that
 * @param queue in front of the transmitter
 * @param loss on the wire, behind the queue
 * @param reorder share of frames that are held back
 * @param holdNanos by how long; 0: by {@code holdPackets}
 * @param holdPackets by how many later frames they are overtaken
 * @param duplicate share of frames that arrive twice
 * @param corrupt share of frames of which one to three bits of one 16-bit word are flipped, so that a checksum finds it
 */
public record PipeProperties(
        long rateBits,
        long delayNanos,
        long jitterNanos,
        boolean jitterReorders,
        int mtu,
        QueueProperties queue,
        LossProperties loss,
        double reorder,
        long holdNanos,
        int holdPackets,
        double duplicate,
        double corrupt) {

    /** Infinite rate, no delay, MTU 1500, no faults. */
    public static final PipeProperties PERFECT = new Builder().build();

    /** A frame held back by count is let go after this time if not enough frames follow. */
    static final long LONGEST_HOLD_NANOS = 1_000_000_000;

    public static PipeProperties of(long rateBits, long delayNanos) {
        return new Builder().rate(rateBits).delay(delayNanos).build();
    }

    public static Builder builder() {
        return new Builder();
    }

    public Builder toBuilder() {
        Builder b = new Builder();
        b.rateBits = rateBits;
        b.delayNanos = delayNanos;
        b.jitterNanos = jitterNanos;
        b.jitterReorders = jitterReorders;
        b.mtu = mtu;
        b.queue = queue;
        b.loss = loss;
        b.reorder = reorder;
        b.holdNanos = holdNanos;
        b.holdPackets = holdPackets;
        b.duplicate = duplicate;
        b.corrupt = corrupt;
        return b;
    }

    static void checkProbability(String what, double value) {
        if (!(value >= 0 && value <= 1)) {
            throw new IllegalArgumentException(what + " probability must be in 0..1: " + value);
        }
    }

    /** Mutable twin; each method checks its range and throws IllegalArgumentException. */
    public static final class Builder {
        private long rateBits;
        private long delayNanos;
        private long jitterNanos;
        private boolean jitterReorders;
        private int mtu = 1500;
        private QueueProperties queue = new QueueProperties.Packets(QueueProperties.DEFAULT_PACKETS);
        private LossProperties loss = LossProperties.NONE;
        private double reorder;
        private long holdNanos;
        private int holdPackets = 1;
        private double duplicate;
        private double corrupt;

        public Builder rate(long bitsPerSecond) {
            rateBits = inRange("rate in bit/s", bitsPerSecond, 0, 1_000_000_000_000L);
            return this;
        }

        public Builder delay(long nanos) {
            delayNanos = inRange("delay in ns", nanos, 0, 3_600_000_000_000L);
            return this;
        }

        public Builder jitter(long nanos, boolean reorders) {
            jitterNanos = inRange("jitter in ns", nanos, 0, 3_600_000_000_000L);
            jitterReorders = reorders;
            return this;
        }

        public Builder mtu(int bytes) {
            mtu = (int) inRange("mtu", bytes, 68, 65_535);
            return this;
        }

        public Builder queue(QueueProperties properties) {
            queue = properties;
            return this;
        }

        public Builder loss(LossProperties properties) {
            loss = properties;
            return this;
        }

        public Builder loss(double probability) {
            return loss(new LossProperties.Random(probability));
        }

        public Builder reorderByTime(double share, long nanos) {
            checkProbability("reordering", share);
            reorder = share;
            holdNanos = inRange("hold in ns", nanos, 1, 3_600_000_000_000L);
            return this;
        }

        public Builder reorderByPackets(double share, int packets) {
            checkProbability("reordering", share);
            reorder = share;
            holdNanos = 0;
            holdPackets = (int) inRange("hold in packets", packets, 1, 1000);
            return this;
        }

        public Builder duplicate(double share) {
            checkProbability("duplication", share);
            duplicate = share;
            return this;
        }

        public Builder corrupt(double share) {
            checkProbability("corruption", share);
            corrupt = share;
            return this;
        }

        /** The same pipe without any fault: no loss, reordering, duplication or corruption. */
        public Builder healed() {
            loss = LossProperties.NONE;
            reorder = 0;
            duplicate = 0;
            corrupt = 0;
            jitterReorders = false;
            return this;
        }

        public PipeProperties build() {
            return new PipeProperties(rateBits, delayNanos, jitterNanos, jitterReorders, mtu, queue, loss, reorder,
                    holdNanos, holdPackets, duplicate, corrupt);
        }

        private static long inRange(String name, long value, long low, long high) {
            if (value < low || value > high) {
                throw new IllegalArgumentException(name + " must be in " + low + ".." + high + ": " + value);
            }
            return value;
        }
    }
}
