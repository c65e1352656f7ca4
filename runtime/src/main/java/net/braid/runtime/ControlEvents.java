package net.braid.runtime;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import net.braid.mptcp.PeerAddress;

/**
 * What has happened between two looks at the connections, under the names of {@code ip mptcp monitor}. What came and
 * went in between is not seen.
 */
final class ControlEvents {
    private ControlEvents() {
    }

    /** One JSON object for each event, in a fixed order. */
    static <K> List<String> between(Map<K, StreamInfo> before, Map<K, StreamInfo> after) {
        List<String> events = new ArrayList<>();
        before.forEach((key, info) -> {
            if (!after.containsKey(key)) {
                events.add(ControlJson.event("CLOSED", info, null));
            }
        });
        after.forEach((key, info) -> {
            StreamInfo old = before.get(key);
            if (old == null) {
                events.add(ControlJson.event("CREATED", info, first(info)));
            }
            if (isEstablished(info) && (old == null || !isEstablished(old))) {
                events.add(ControlJson.event("ESTABLISHED", info, first(info)));
            }
            compareAddresses(old == null ? List.of() : old.announced(), info, events);
            compare(old, info, events);
        });
        return events;
    }

    private static boolean isEstablished(StreamInfo info) {
        return info.paths().stream().anyMatch(StreamInfo.Path::established);
    }

    private static StreamInfo.Path first(StreamInfo info) {
        return info.paths().isEmpty() ? null : info.paths().getFirst();
    }

    private static void compareAddresses(List<PeerAddress> old, StreamInfo info, List<String> events) {
        for (PeerAddress was : old) {
            if (!info.announced().contains(was)) {
                events.add(ControlJson.removed(info, was));
            }
        }
        for (PeerAddress address : info.announced()) {
            if (!old.contains(address)) {
                events.add(ControlJson.announced(info, address));
            }
        }
    }

    private static void compare(StreamInfo old, StreamInfo info, List<String> events) {
        for (StreamInfo.Path was : old == null ? List.<StreamInfo.Path>of() : old.paths()) {
            if (was.established() && same(info, was) == null) {
                events.add(ControlJson.event("SF_CLOSED", info, was));
            }
        }
        for (StreamInfo.Path path : info.paths()) {
            StreamInfo.Path was = old == null ? null : same(old, path);
            boolean initial = old == null || !isEstablished(old);
            if (path.established() && (was == null || !was.established()) && !(initial && path == first(info))) {
                events.add(ControlJson.event("SF_ESTABLISHED", info, path));
            } else if (was != null && was.backup() != path.backup()) {
                events.add(ControlJson.event("SF_PRIO", info, path));
            }
        }
    }

    private static StreamInfo.Path same(StreamInfo info, StreamInfo.Path wanted) {
        for (StreamInfo.Path path : info.paths()) {
            if (path.local().equals(wanted.local()) && path.localPort() == wanted.localPort()
                    && path.remote().equals(wanted.remote()) && path.remotePort() == wanted.remotePort()) {
                return path;
            }
        }
        return null;
    }
}
