package net.braid.policy;

import java.util.ArrayList;
import java.util.List;
import net.braid.mptcp.PathManager;
import net.braid.tcp.CloseReason;
import net.braid.wire.IpAddress;

/**
 * Two subflows between the first pair of addresses, told apart by the local port ({@code ndiffports}): for networks
 * that spread flows over several paths by their ports. The side that opened opens them. A subflow that is lost is
 * replaced after a second; a join that the peer refuses is not repeated (RFC 8684 section 3.9.3) unless it says
 * temporary.
 */
public final class NDiffPortsPathManager implements PathManager {
    /** Subflows in all, as the module parameter num_subflows of MPTCP 0.90. */
    private static final int SUBFLOWS = 2;
    private static final long RETRY_NANOS = 1_000_000_000L;
    private static final long NEVER = Long.MAX_VALUE;

    private IpAddress local;
    private IpAddress remote;
    private int remotePort;
    private boolean client;
    private boolean ready;
    private boolean refused;
    /** Local ports of those that stand between the first pair, and whether one is being opened. */
    private final List<Integer> standing = new ArrayList<>();
    private boolean joining;
    private long retryAt = NEVER;

    @Override
    public void onEvent(Event event, Commands commands, long now) {
        switch (event) {
            case Event.Established e -> {
                client = e.client();
                local = e.local();
                remote = e.remote();
                remotePort = e.remotePort();
                standing.add(e.localPort());
            }
            case Event.FullyEstablished e -> {
                ready = true;
                fill(commands);
            }
            case Event.SubflowEstablished e when isOurs(e.local(), e.remote(), e.remotePort()) -> {
                joining = false;
                standing.add(e.localPort());
                fill(commands);
            }
            case Event.SubflowClosed e when isOurs(e.local(), e.remote(), e.remotePort()) -> onClosed(e, now);
            case Event.SubflowNotOpened e -> {
                joining = false;
                retryAt = now + RETRY_NANOS;
            }
            case Event.AddressAnnounced e when e.address().equals(remote) && e.port() == remotePort -> {
                refused = false;
                fill(commands);
            }
            case Event.LocalAddressAdded e when e.address().equals(local) -> {
                refused = false;
                fill(commands);
            }
            case Event.LocalAddressRemoved e -> commands.withdraw(e.address());
            default -> {
            }
        }
    }

    private boolean isOurs(IpAddress from, IpAddress to, int port) {
        return from.equals(local) && to.equals(remote) && port == remotePort;
    }

    private void onClosed(Event.SubflowClosed e, long now) {
        boolean stood = standing.remove((Integer) e.localPort());
        if (!stood) {
            joining = false;
        }
        // One that had stood is replaced, unless it ended in order: then somebody wanted it so.
        refused = !e.temporary() && (!stood || e.reason() instanceof CloseReason.Finished);
        if (!refused) {
            retryAt = now + RETRY_NANOS;
        }
    }

    private void fill(Commands commands) {
        boolean wanted = client && ready && !refused && !joining && standing.size() < SUBFLOWS;
        if (wanted && !commands.remoteRefusesInitialAddress() && commands.localAddresses().contains(local)) {
            joining = true;
            commands.openSubflow(local, 0, remote, remotePort, false);
        }
    }

    @Override
    public long deadline() {
        return retryAt;
    }

    @Override
    public void onDeadline(Commands commands, long now) {
        retryAt = NEVER;
        fill(commands);
    }

    /** {@code ndiffports}. */
    public static final class Factory implements PathManager.Factory {
        @Override
        public String name() {
            return "ndiffports";
        }

        @Override
        public PathManager create() {
            return new NDiffPortsPathManager();
        }
    }
}
