package net.braid.stack;

import java.util.List;
import net.braid.mptcp.Endpoint;
import net.braid.mptcp.MultipathConfig;
import net.braid.mptcp.PathLimits;
import net.braid.mptcp.PathManager;
import net.braid.mptcp.PathWatcher;

/** What all connections of a stack obey beside their own settings; changes reach those that run. */
public final class PathSettings {
    private final Stack stack;
    private List<Endpoint> endpoints = List.of();
    private PathLimits limits;
    private PathWatcher watcher;

    PathSettings(Stack stack) {
        this.stack = stack;
    }

    /** What addresses of ours are for. */
    public List<Endpoint> endpoints() {
        return endpoints;
    }

    public void endpoints(List<Endpoint> all, long now) {
        endpoints = List.copyOf(all);
        stack.onPathEvent(new PathManager.Event.EndpointsChanged(), now);
    }

    /** Who wants to know of paths, or null. */
    public PathWatcher watcher() {
        return watcher;
    }

    public void watcher(PathWatcher value) {
        watcher = value;
    }

    /** The limits of a connection with these settings. */
    public PathLimits limits(MultipathConfig config) {
        return limits == null ? PathLimits.of(config) : limits;
    }

    /** From now on these hold for all connections. */
    public void limits(PathLimits value, long now) {
        limits = value;
        stack.onPathEvent(new PathManager.Event.EndpointsChanged(), now);
    }
}
