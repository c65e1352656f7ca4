package net.braid.mptcp;

/**
 * Settings of Multipath TCP on one connection. Times in nanoseconds.
 *
 * @param enabled offer it when we open, accept it when the peer does ({@code net.mptcp.enabled})
 * @param version what we offer: 1 (RFC 8684) or 0 (RFC 6824)
 * @param acceptVersion0 answer a peer that offers version 0 (bid-down, RFC 8684 section 5: off by default); a peer that
 *     does not answer our version 1 gets plain TCP, and who wants version 0 opens with it
 * @param checksum require the DSS checksum ({@code net.mptcp.checksum_enabled}); off by default, as in Linux, which
 *     departs from the SHOULD of RFC 8684 section 3.1
 * @param refuseChecksum a peer that requires checksums gets plain TCP
 * @param refuseInitialAddress set the C flag: no more subflows to the address and port of the first one
 *     ({@code net.mptcp.allow_join_initial_addr_port} = 0)
 * @param subflows most additional subflows, 0 to 7 ({@code ip mptcp limits set subflows})
 * @param addAddressAccepted most addresses that are taken from the peer, 0 to 32
 * @param pathManager name of a {@link PathManager.Factory}
 * @param scheduler name of a {@link PacketScheduler.Factory}
 * @param backupAdditional subflows that we open are backups
 * @param synRetries SYNs with MP_CAPABLE before one without ({@code mptcp_syn_retries})
 * @param noPathNanos how long a connection lives without any subflow
 * @param closeNanos how long an orphaned connection may go without progress, and its subflows may take to end
 *     ({@code net.mptcp.close_timeout})
 * @param addAddressNanos first interval at which an announcement without echo is repeated
 */
public record MultipathConfig(
        boolean enabled,
        int version,
        boolean acceptVersion0,
        boolean checksum,
        boolean refuseChecksum,
        boolean refuseInitialAddress,
        int subflows,
        int addAddressAccepted,
        String pathManager,
        String scheduler,
        boolean backupAdditional,
        int synRetries,
        long noPathNanos,
        long closeNanos,
        long addAddressNanos) {

    private static final long SECONDS = 1_000_000_000L;

    /** Plain TCP. */
    public static final MultipathConfig OFF = new Builder().enabled(false).build();
    /** Version 1, "default" path manager and scheduler. */
    public static final MultipathConfig DEFAULT = new Builder().build();

    public static Builder builder() {
        return new Builder();
    }

    public Builder toBuilder() {
        Builder b = new Builder();
        b.enabled = enabled;
        b.version = version;
        b.acceptVersion0 = acceptVersion0;
        b.checksum = checksum;
        b.refuseChecksum = refuseChecksum;
        b.refuseInitialAddress = refuseInitialAddress;
        b.subflows = subflows;
        b.addAddressAccepted = addAddressAccepted;
        b.pathManager = pathManager;
        b.scheduler = scheduler;
        b.backupAdditional = backupAdditional;
        b.synRetries = synRetries;
        b.noPathNanos = noPathNanos;
        b.closeNanos = closeNanos;
        b.addAddressNanos = addAddressNanos;
        return b;
    }

    /** Mutable twin; each method checks its range and throws IllegalArgumentException. */
    public static final class Builder {
        private boolean enabled = true;
        private int version = 1;
        private boolean acceptVersion0;
        private boolean checksum;
        private boolean refuseChecksum;
        private boolean refuseInitialAddress;
        private int subflows = 7;
        private int addAddressAccepted = 8;
        private String pathManager = "default";
        private String scheduler = "default";
        private boolean backupAdditional;
        private int synRetries = 2;
        private long noPathNanos = 60 * SECONDS;
        private long closeNanos = 60 * SECONDS;
        private long addAddressNanos = SECONDS;

        private Builder() {
        }

        public Builder enabled(boolean value) {
            enabled = value;
            return this;
        }

        public Builder version(int value) {
            version = ConnectionConfig.inRange("version", value, 0, 1);
            return this;
        }

        public Builder acceptVersion0(boolean value) {
            acceptVersion0 = value;
            return this;
        }

        public Builder checksum(boolean value) {
            checksum = value;
            return this;
        }

        public Builder refuseChecksum(boolean value) {
            refuseChecksum = value;
            return this;
        }

        public Builder refuseInitialAddress(boolean value) {
            refuseInitialAddress = value;
            return this;
        }

        public Builder subflows(int value) {
            subflows = ConnectionConfig.inRange("subflows", value, 0, 7);
            return this;
        }

        public Builder addAddressAccepted(int value) {
            addAddressAccepted = ConnectionConfig.inRange("addAddressAccepted", value, 0, 32);
            return this;
        }

        public Builder pathManager(String name) {
            pathManager = name;
            return this;
        }

        public Builder scheduler(String name) {
            scheduler = name;
            return this;
        }

        public Builder backupAdditional(boolean value) {
            backupAdditional = value;
            return this;
        }

        public Builder synRetries(int value) {
            synRetries = ConnectionConfig.inRange("synRetries", value, 0, 127);
            return this;
        }

        public Builder noPathNanos(long value) {
            noPathNanos = positive("noPathNanos", value);
            return this;
        }

        public Builder closeNanos(long value) {
            closeNanos = positive("closeNanos", value);
            return this;
        }

        public Builder addAddressNanos(long value) {
            addAddressNanos = positive("addAddressNanos", value);
            return this;
        }

        public MultipathConfig build() {
            return new MultipathConfig(enabled, version, acceptVersion0, checksum, refuseChecksum, refuseInitialAddress,
                    subflows, addAddressAccepted, pathManager, scheduler, backupAdditional, synRetries, noPathNanos,
                    closeNanos, addAddressNanos);
        }

        private static long positive(String name, long value) {
            if (value <= 0 || value > Long.MAX_VALUE / 4) {
                throw new IllegalArgumentException(name + " must be positive: " + value);
            }
            return value;
        }
    }
}
