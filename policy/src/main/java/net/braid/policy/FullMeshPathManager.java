package net.braid.policy;

import java.util.ArrayList;
import java.util.List;
import net.braid.mptcp.PathManager;
import net.braid.wire.IpAddress;

/**
 * A subflow from each address of ours to each address of the peer ({@code fullmesh}). The side that opened opens them;
 * the other announces its further addresses. A subflow that is lost is tried again each second.
 */
public final class FullMeshPathManager implements PathManager {
    private static final long RETRY_NANOS = 1_000_000_000L;
    private static final long NEVER = Long.MAX_VALUE;

    private record Remote(int id, IpAddress address, int port) {
    }

    private record Pair(IpAddress local, Remote remote) {
    }

    private final List<Remote> remotes = new ArrayList<>();
    private final List<Pair> open = new ArrayList<>();
    /** Pairs that the peer refused for good: not tried again until announced anew (RFC 8684 section 3.9.3). */
    private final List<Pair> refused = new ArrayList<>();
    private IpAddress firstLocal;
    private boolean client;
    private boolean ready;
    private long retryAt = NEVER;

    @Override
    public void onEvent(Event event, Commands commands, long now) {
        switch (event) {
            case Event.Established e -> {
                client = e.client();
                firstLocal = e.local();
                Remote first = new Remote(0, e.remote(), e.remotePort());
                remotes.add(first);
                open.add(new Pair(e.local(), first));
            }
            case Event.FullyEstablished e -> {
                ready = true;
                if (client) {
                    openMissing(commands);
                } else {
                    announceOthers(commands);
                }
            }
            case Event.AddressAnnounced e -> {
                Remote remote = new Remote(e.addressId(), e.address(), e.port());
                if (!remotes.contains(remote)) {
                    remotes.add(remote);
                }
                refused.removeIf(pair -> pair.remote.equals(remote));
                openMissing(commands);
            }
            case Event.AddressRemoved e -> remotes.removeIf(remote -> remote.id == e.addressId() && remote.id != 0);
            case Event.SubflowEstablished e -> {
                // The engine joins by itself when no subflow is left.
                for (Remote remote : remotes) {
                    Pair pair = new Pair(e.local(), remote);
                    if (remote.address.equals(e.remote()) && remote.port == e.remotePort() && !open.contains(pair)) {
                        open.add(pair);
                    }
                }
            }
            case Event.SubflowClosed e -> {
                Pair pair = find(e.local(), e.remote(), e.remotePort());
                if (pair != null) {
                    open.remove(pair);
                    retryAt = Math.min(retryAt, now + RETRY_NANOS);
                }
            }
            case Event.LocalAddressAdded e -> {
                if (client) {
                    openMissing(commands);
                } else if (ready && !e.address().equals(firstLocal)) {
                    commands.announce(e.address(), 0);
                }
            }
            case Event.LocalAddressRemoved e -> {
                commands.withdraw(e.address());
                open.removeIf(pair -> pair.local.equals(e.address()));
            }
        }
    }

    private void announceOthers(Commands commands) {
        for (IpAddress local : commands.localAddresses()) {
            if (!local.equals(firstLocal)) {
                commands.announce(local, 0);
            }
        }
    }

    private void openMissing(Commands commands) {
        if (!ready || !client) {
            return;
        }
        for (Remote remote : remotes) {
            if (remote.id == 0 && commands.remoteRefusesInitialAddress()) {
                continue;
            }
            for (IpAddress local : commands.localAddresses()) {
                Pair pair = new Pair(local, remote);
                if (local.isV4() == remote.address.isV4() && !open.contains(pair) && !refused.contains(pair)) {
                    open.add(pair);
                    commands.openSubflow(local, 0, remote.address, remote.port, false);
                }
            }
        }
    }

    private Pair find(IpAddress local, IpAddress remote, int port) {
        for (Pair pair : open) {
            if (pair.local.equals(local) && pair.remote.address.equals(remote) && pair.remote.port == port) {
                return pair;
            }
        }
        return null;
    }

    @Override
    public long deadline() {
        return retryAt;
    }

    @Override
    public void onDeadline(Commands commands, long now) {
        retryAt = NEVER;
        openMissing(commands);
    }

    /** {@code fullmesh}. */
    public static final class Factory implements PathManager.Factory {
        @Override
        public String name() {
            return "fullmesh";
        }

        @Override
        public PathManager create() {
            return new FullMeshPathManager();
        }
    }
}
