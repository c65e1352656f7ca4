package net.braid.stack;

/**
 * Limits and settings of one shard.
 *
 * @param memoryBytes most bytes of payload in all send and receive buffers together
 * @param blockBytes size of the blocks of which buffers are made, a power of two, 16 KiB to 1 MiB: the largest
 *     packet must fit in one gather list
 * @param connectionLimit most connections, handshakes included
 * @param timeWaitLimit most entries in TIME-WAIT ({@code tcp_max_tw_buckets}); above it the oldest goes
 * @param firstEphemeralPort lowest port for connections that do not name one ({@code ip_local_port_range})
 * @param lastEphemeralPort highest such port
 * @param resetsPerSecond most resets a second for segments that belong to no connection
 * @param destinationLimit most destinations whose path metrics are remembered
 * @param anyDestination take packets to whatever address, as a transparent gateway does; else only to addresses that
 *     have a route
 */
public record StackConfig(
        long memoryBytes,
        int blockBytes,
        int connectionLimit,
        int timeWaitLimit,
        int firstEphemeralPort,
        int lastEphemeralPort,
        int resetsPerSecond,
        int destinationLimit,
        boolean anyDestination) {

    public static final StackConfig DEFAULT = builder().build();

    public static Builder builder() {
        return new Builder();
    }

    int memoryBlocks() {
        return (int) Math.min(Integer.MAX_VALUE, memoryBytes / blockBytes);
    }

    /** Each method checks its range and throws IllegalArgumentException. */
    public static final class Builder {
        private long memoryBytes = 256L << 20;
        private int blockBytes = 16 * 1024;
        private int connectionLimit = 1 << 20;
        private int timeWaitLimit = 65_536;
        private int firstEphemeralPort = 32_768;
        private int lastEphemeralPort = 60_999;
        private int resetsPerSecond = 1_000;
        private int destinationLimit = 4_096;
        private boolean anyDestination = false;

        private Builder() {
        }

        public Builder memoryBytes(long value) {
            memoryBytes = inRange("memoryBytes", value, 4_096, 1L << 44);
            return this;
        }

        public Builder blockBytes(int value) {
            blockBytes = (int) inRange("blockBytes", value, 16 * 1024, 1 << 20);
            if (Integer.bitCount(value) != 1) {
                throw new IllegalArgumentException("blockBytes must be a power of two: " + value);
            }
            return this;
        }

        public Builder connectionLimit(int value) {
            connectionLimit = (int) inRange("connectionLimit", value, 1, 1 << 26);
            return this;
        }

        public Builder timeWaitLimit(int value) {
            timeWaitLimit = (int) inRange("timeWaitLimit", value, 0, 1 << 24);
            return this;
        }

        public Builder ephemeralPorts(int first, int last) {
            firstEphemeralPort = (int) inRange("first ephemeral port", first, 1, 65_535);
            lastEphemeralPort = (int) inRange("last ephemeral port", last, first, 65_535);
            return this;
        }

        public Builder resetsPerSecond(int value) {
            resetsPerSecond = (int) inRange("resetsPerSecond", value, 0, 1_000_000_000);
            return this;
        }

        public Builder destinationLimit(int value) {
            destinationLimit = (int) inRange("destinationLimit", value, 0, 1 << 24);
            return this;
        }

        public Builder anyDestination(boolean value) {
            anyDestination = value;
            return this;
        }

        public StackConfig build() {
            if (memoryBytes < 4L * blockBytes) {
                throw new IllegalArgumentException(
                        "memoryBytes must be at least 4 blocks of " + blockBytes + ": " + memoryBytes);
            }
            return new StackConfig(memoryBytes, blockBytes, connectionLimit, timeWaitLimit, firstEphemeralPort,
                    lastEphemeralPort, resetsPerSecond, destinationLimit, anyDestination);
        }

        private static long inRange(String name, long value, long low, long high) {
            if (value < low || value > high) {
                throw new IllegalArgumentException(name + " must be in " + low + ".." + high + ": " + value);
            }
            return value;
        }
    }
}
