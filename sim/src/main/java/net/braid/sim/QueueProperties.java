package net.braid.sim;

/**
 * The queue in front of a transmitter. The frame that is being transmitted is no longer in it. A queue is needed only
 * where there is a rate.
 */
public sealed interface QueueProperties {
    int DEFAULT_PACKETS = 1000;

    /** Drops what arrives when this many packets wait. */
    record Packets(int limit) implements QueueProperties {
        public Packets {
            checkLimit(limit);
        }
    }

    /** Drops what arrives when it would make more than this many bytes wait. */
    record Bytes(long limit) implements QueueProperties {
        public Bytes {
            checkLimit(limit);
        }
    }

    /**
     * Random early detection (Floyd and Jacobson 1993), gentle: the probability rises from 0 at {@code minimum} to
     * {@code probability} at {@code maximum}, and from there to 1 at twice the maximum.
     *
     * @param minimum average queue in bytes below which nothing is dropped
     * @param maximum average queue in bytes
     * @param probability at the maximum
     * @param weight of a new sample in the average
     * @param limit of the real queue in bytes
     * @param ecn mark packets that can be marked instead of dropping them, up to the maximum (RFC 3168 section 7)
     */
    record Red(long minimum, long maximum, double probability, double weight, long limit, boolean ecn)
            implements QueueProperties {
        public Red {
            if (minimum <= 0 || maximum <= minimum || limit < maximum) {
                throw new IllegalArgumentException("RED needs 0 < minimum < maximum <= limit: " + minimum + ", "
                        + maximum + ", " + limit);
            }
            PipeProperties.checkProbability("RED", probability);
            PipeProperties.checkProbability("RED weight", weight);
        }

        /** The usual settings for a queue of {@code limit} bytes. */
        public static Red of(long limit, boolean ecn) {
            return new Red(Math.max(1, limit / 12), Math.max(2, limit / 4), 0.1, 0.002, Math.max(2, limit), ecn);
        }
    }

    /**
     * CoDel (RFC 8289).
     *
     * @param targetNanos the standing delay that is acceptable
     * @param intervalNanos the longest round-trip time that is usual
     * @param limit in packets
     * @param ecn mark packets that can be marked instead of dropping them
     */
    record CoDel(long targetNanos, long intervalNanos, int limit, boolean ecn) implements QueueProperties {
        public CoDel {
            if (targetNanos <= 0 || intervalNanos <= targetNanos) {
                throw new IllegalArgumentException("CoDel needs 0 < target < interval: " + targetNanos + " ns, "
                        + intervalNanos + " ns");
            }
            checkLimit(limit);
        }

        /** 5 ms and 100 ms (RFC 8289 sections 4.3 and 4.4). */
        public static CoDel of(int limit, boolean ecn) {
            return new CoDel(5_000_000, 100_000_000, limit, ecn);
        }
    }

    private static void checkLimit(long limit) {
        if (limit < 0) {
            throw new IllegalArgumentException("a queue's limit must not be negative: " + limit);
        }
    }
}
