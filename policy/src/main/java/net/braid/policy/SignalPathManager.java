package net.braid.policy;

import net.braid.mptcp.PathManager;

/** Opens nothing and announces nothing by itself, but takes the peer's subflows ({@code default}). */
public final class SignalPathManager implements PathManager {

    @Override
    public void onEvent(Event event, Commands commands, long now) {
        if (event instanceof Event.LocalAddressRemoved gone) {
            commands.withdraw(gone.address());
        }
    }

    /** {@code default}. */
    public static final class Factory implements PathManager.Factory {
        @Override
        public String name() {
            return "default";
        }

        @Override
        public PathManager create() {
            return new SignalPathManager();
        }
    }
}
