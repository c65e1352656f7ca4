package net.braid.sim;

import net.braid.mptcp.MultipathConfig;

/** The settings of a flow in a scenario file that are about Multipath TCP. */
final class MultipathSettings {
    static final String KNOWN = "multipath, scheduler, path-manager, subflows, addresses, backup, dss-checksum, "
            + "refuse-checksum, refuse-initial-address, accept-v0, multipath-syns, no-path, close-timeout, "
            + "announce-again";

    private MultipathSettings() {
    }

    /** @throws IllegalArgumentException that says what is wrong */
    static MultipathConfig config(Settings settings) {
        String multipath = settings.take("multipath", "no");
        MultipathConfig.Builder b = MultipathConfig.builder();
        switch (multipath) {
            case "no" -> {
                return MultipathConfig.OFF;
            }
            case "v1" -> b.version(1);
            case "v0" -> b.version(0);
            default -> throw new IllegalArgumentException("multipath is no, v1 or v0, not '" + multipath + "'");
        }
        settings.with("scheduler", value -> b.scheduler(PolicyNames.scheduler(value)));
        settings.with("path-manager", value -> b.pathManager(PolicyNames.pathManager(value)));
        settings.with("subflows", value -> b.subflows(Quantities.smallCount(value)));
        settings.with("addresses", value -> b.addAddressAccepted(Quantities.smallCount(value)));
        settings.with("backup", value -> b.backupAdditional(Quantities.yes(value)));
        settings.with("dss-checksum", value -> b.checksum(Quantities.yes(value)));
        settings.with("refuse-checksum", value -> b.refuseChecksum(Quantities.yes(value)));
        settings.with("refuse-initial-address", value -> b.refuseInitialAddress(Quantities.yes(value)));
        settings.with("accept-v0", value -> b.acceptVersion0(Quantities.yes(value)));
        settings.with("multipath-syns", value -> b.synRetries(Quantities.smallCount(value)));
        settings.with("no-path", value -> b.noPathNanos(Quantities.time(value)));
        settings.with("close-timeout", value -> b.closeNanos(Quantities.time(value)));
        settings.with("announce-again", value -> b.addAddressNanos(Quantities.time(value)));
        return b.build();
    }
}
