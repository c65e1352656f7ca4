package net.braid.mptcp;

import net.braid.tcp.SubflowConfig;

/**
 * Settings of one connection, with defaults near those of a current Linux kernel. Sizes are payload bytes: Linux counts
 * bookkeeping too, so the 32 MiB of {@code tcp_rmem} of Linux 6.16 and later hold less than our 32 MiB.
 *
 * @param flow settings of each subflow; its {@code windowScale} is derived from {@code receiveBufferMaximum}
 * @param congestionControl name of a {@code CongestionController.Factory}
 * @param sendBufferInitial bytes written and not yet acknowledged that the connection holds at first
 * @param sendBufferMaximum up to where it grows ({@code tcp_wmem[2]})
 * @param receiveBufferInitial bytes received and not yet read that the connection holds at first
 * @param receiveBufferMaximum up to where it grows ({@code tcp_rmem[2]})
 * @param autoTuning let both buffers grow by need
 * @param noDelay Nagle's algorithm off ({@code TCP_NODELAY})
 * @param resetOnClose close sends RST and throws unsent data away ({@code SO_LINGER} with time 0)
 * @param timeToLive TTL or hop limit of what we send, 1 to 255 (RFC 9293 MUST-49)
 * @param dscp differentiated services code point, 0 to 63 (RFC 9293 MUST-48)
 * @param multipath Multipath TCP; {@link MultipathConfig#OFF} for plain TCP
 */
public record ConnectionConfig(
        SubflowConfig flow,
        String congestionControl,
        int sendBufferInitial,
        int sendBufferMaximum,
        int receiveBufferInitial,
        int receiveBufferMaximum,
        boolean autoTuning,
        boolean noDelay,
        boolean resetOnClose,
        int timeToLive,
        int dscp,
        MultipathConfig multipath) {

    /** The largest window that RFC 7323 section 2.3 can express: 65,535 shifted by 14. */
    public static final int LARGEST_BUFFER = 65_535 << 14;
    private static final int SMALLEST_BUFFER = 256;

    public static final ConnectionConfig DEFAULT = builder().build();

    public static Builder builder() {
        return new Builder();
    }

    public Builder toBuilder() {
        Builder b = new Builder();
        b.flow = flow;
        b.congestionControl = congestionControl;
        b.sendBufferInitial = sendBufferInitial;
        b.sendBufferMaximum = sendBufferMaximum;
        b.receiveBufferInitial = receiveBufferInitial;
        b.receiveBufferMaximum = receiveBufferMaximum;
        b.autoTuning = autoTuning;
        b.noDelay = noDelay;
        b.resetOnClose = resetOnClose;
        b.timeToLive = timeToLive;
        b.dscp = dscp;
        b.multipath = multipath;
        return b;
    }

    /** The smallest shift with which a window of {@code bytes} can be offered (RFC 7323 section 2.2), 0 to 14. */
    public static int windowScaleFor(int bytes) {
        int shift = 0;
        while (shift < 14 && 65_535L << shift < bytes) {
            shift++;
        }
        return shift;
    }

    /** Mutable twin; each method checks its range and throws IllegalArgumentException. */
    public static final class Builder {
        private SubflowConfig flow = SubflowConfig.DEFAULT;
        private String congestionControl = "cubic";
        private int sendBufferInitial = 128 * 1024;
        private int sendBufferMaximum = 16 * 1024 * 1024;
        private int receiveBufferInitial = 128 * 1024;
        private int receiveBufferMaximum = 32 * 1024 * 1024;
        private boolean autoTuning = true;
        private boolean noDelay = false;
        private boolean resetOnClose = false;
        private int timeToLive = 64;
        private int dscp = 0;
        private MultipathConfig multipath = MultipathConfig.OFF;

        private Builder() {
        }

        public Builder flow(SubflowConfig value) {
            if (value == null) {
                throw new IllegalArgumentException("flow must not be null");
            }
            flow = value;
            return this;
        }

        public Builder congestionControl(String name) {
            if (name == null || name.isEmpty()) {
                throw new IllegalArgumentException("congestionControl must be a name");
            }
            congestionControl = name;
            return this;
        }

        /** With {@code initial == maximum} the buffer never changes. */
        public Builder sendBuffer(int initial, int maximum) {
            checkBuffer("sendBuffer", initial, maximum);
            sendBufferInitial = initial;
            sendBufferMaximum = maximum;
            return this;
        }

        /** With {@code initial == maximum} the buffer never changes. */
        public Builder receiveBuffer(int initial, int maximum) {
            checkBuffer("receiveBuffer", initial, maximum);
            receiveBufferInitial = initial;
            receiveBufferMaximum = maximum;
            return this;
        }

        public Builder autoTuning(boolean value) {
            autoTuning = value;
            return this;
        }

        public Builder noDelay(boolean value) {
            noDelay = value;
            return this;
        }

        public Builder resetOnClose(boolean value) {
            resetOnClose = value;
            return this;
        }

        public Builder timeToLive(int value) {
            timeToLive = inRange("timeToLive", value, 1, 255);
            return this;
        }

        public Builder dscp(int value) {
            dscp = inRange("dscp", value, 0, 63);
            return this;
        }

        public Builder multipath(MultipathConfig value) {
            if (value == null) {
                throw new IllegalArgumentException("multipath must not be null");
            }
            multipath = value;
            return this;
        }

        public ConnectionConfig build() {
            SubflowConfig scaled = flow.toBuilder().windowScale(windowScaleFor(receiveBufferMaximum)).build();
            return new ConnectionConfig(scaled, congestionControl, sendBufferInitial, sendBufferMaximum,
                    receiveBufferInitial, receiveBufferMaximum, autoTuning, noDelay, resetOnClose, timeToLive, dscp,
                    multipath);
        }

        private static void checkBuffer(String name, int initial, int maximum) {
            inRange(name + " initial", initial, SMALLEST_BUFFER, LARGEST_BUFFER);
            inRange(name + " maximum", maximum, initial, LARGEST_BUFFER);
        }
    }

    static int inRange(String name, int value, int low, int high) {
        if (value < low || value > high) {
            throw new IllegalArgumentException(name + " must be in " + low + ".." + high + ": " + value);
        }
        return value;
    }
}
