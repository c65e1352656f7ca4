package net.braid.policy;

import net.braid.mptcp.PathManager;
import net.braid.wire.IpAddress;

/** Two subflows between the first pair of addresses, told apart by the local port ({@code ndiffports}). */
public final class NDiffPortsPathManager implements PathManager {
    /** Subflows in all, as the module parameter num_subflows of MPTCP 0.90. */
    private static final int SUBFLOWS = 2;

    private IpAddress local;
    private IpAddress remote;
    private int remotePort;
    private boolean client;

    @Override
    public void onEvent(Event event, Commands commands, long now) {
        switch (event) {
            case Event.Established e -> {
                client = e.client();
                local = e.local();
                remote = e.remote();
                remotePort = e.remotePort();
            }
            case Event.FullyEstablished e -> {
                for (int i = commands.subflowCount(); client && i < SUBFLOWS; i++) {
                    commands.openSubflow(local, 0, remote, remotePort, false);
                }
            }
            default -> {
            }
        }
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
