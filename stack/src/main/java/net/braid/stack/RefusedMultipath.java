package net.braid.stack;

import java.util.LinkedHashMap;
import net.braid.wire.IpAddress;

/**
 * Destinations to which SYNs with MP_CAPABLE do not get through, while SYNs without do (RFC 8684 section 3.9.3): for an
 * hour, as in Linux ({@code net.mptcp.blackhole_timeout}), connections there start as plain TCP.
 */
final class RefusedMultipath {
    private static final long LIFETIME_NANOS = 3_600_000_000_000L;
    private static final int LIMIT = 1024;

    private final LinkedHashMap<IpAddress, Long> until = new LinkedHashMap<>();

    void add(IpAddress remote, long now) {
        until.remove(remote);
        if (until.size() == LIMIT) {
            until.pollFirstEntry();
        }
        until.put(remote, now + LIFETIME_NANOS);
    }

    boolean contains(IpAddress remote, long now) {
        Long end = until.get(remote);
        if (end == null) {
            return false;
        }
        if (end <= now) {
            until.remove(remote);
            return false;
        }
        return true;
    }
}
