package net.braid.cli;

import net.braid.mptcp.ConnectionConfig;
import net.braid.mptcp.MultipathConfig;
import picocli.CommandLine.Option;

/** How connections behave, for all commands that open or accept some. */
final class ConnectionOptions {
    @Option(names = "--tcp", description = "Plain TCP, not Multipath TCP.")
    private boolean plain;

    @Option(names = "--mptcp-version", paramLabel = "0|1", defaultValue = "1",
            description = "Version that is asked for: 1 (RFC 8684) or 0 (RFC 6824); a server accepts both.")
    private int version;

    @Option(names = "--checksum", description = "Ask for DSS checksums.")
    private boolean checksum;

    @Option(names = "--congestion", paramLabel = "NAME", defaultValue = "cubic",
            description = "Congestion control: reno, cubic, lia, olia or balia (default: ${DEFAULT-VALUE}).")
    private String congestion;

    @Option(names = "--scheduler", paramLabel = "NAME", defaultValue = "default",
            description = "Which path takes the next bytes: default (lowest round-trip time) or roundrobin.")
    private String scheduler;

    @Option(names = "--path-manager", paramLabel = "NAME", defaultValue = "fullmesh",
            description = "Who opens subflows: fullmesh, endpoints (what 'braid endpoint' says), ndiffports, or "
                    + "default (nobody; what the peer asks for).")
    private String pathManager;

    @Option(names = "--subflows", paramLabel = "N", defaultValue = "7",
            description = "Most subflows besides the first, 0 to 7 (default: ${DEFAULT-VALUE}).")
    private int subflows;

    /** @throws UserError when something is out of range */
    ConnectionConfig config() {
        try {
            MultipathConfig multipath = MultipathConfig.builder().enabled(!plain).version(version).acceptVersion0(true)
                    .checksum(checksum).scheduler(scheduler).pathManager(pathManager).subflows(subflows).build();
            return ConnectionConfig.builder().congestionControl(congestion).multipath(multipath).build();
        } catch (IllegalArgumentException wrong) {
            throw new UserError(wrong.getMessage());
        }
    }
}
