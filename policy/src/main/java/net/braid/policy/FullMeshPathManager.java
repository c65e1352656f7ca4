package net.braid.policy;

import java.util.ArrayList;
import java.util.List;
import net.braid.mptcp.Endpoint;
import net.braid.mptcp.PathManager;
import net.braid.tcp.CloseReason;
import net.braid.wire.IpAddress;

/**
 * A subflow from each address of ours to each address of the peer ({@code fullmesh}), but where somebody has said what
 * an address is for ({@link Endpoint}), that holds; with {@code endpoints} nothing else is used. The side that
 * opened the connection opens subflows; the other announces its further addresses. So the two never join each other at
 * once (RFC 8684 section 3.9.2); and where the peer's subflow stands between two addresses already, none of ours is
 * opened.
 *
 * <p>What a pair of addresses has gone through decides whether it is tried again:
 *
 * <pre>
 *   subflow lost that had been established, or lost again since   after 1 s, doubled each time it fails, to 64 s
 *   refused for now (T of MP_TCPRST), or no room                  the same; when another subflow has made room
 *   never answered                                                after 16 s, 32 s, and then each 64 s
 *   join refused, or ended by FIN, or reset for a reason          not until the peer announces it anew, or our address
 *                                                                 has come back
 * </pre>
 */
public final class FullMeshPathManager implements PathManager {
    private static final long RETRY_NANOS = 1_000_000_000L;
    private static final int MOST_DOUBLINGS = 6;
    /** A path from which no word has come yet begins with this many doublings. */
    private static final int DOUBLINGS_OF_SILENCE = 4;
    private static final long NEVER = Long.MAX_VALUE;
    private static final int NONE = -1;

    private enum State {
        /** No subflow; one is opened when {@link Pair#retryAt} has come. */
        WANTED,
        /** Asked for. */
        JOINING,
        OPEN,
        /** RFC 8684 section 3.9.3. */
        REFUSED
    }

    private record Remote(int id, IpAddress address, int port) {
        boolean isAt(IpAddress otherAddress, int otherPort) {
            return address.equals(otherAddress) && port == otherPort;
        }
    }

    /** An address of ours and a place of the peer. */
    private static final class Pair {
        final IpAddress local;
        final IpAddress remote;
        final int remotePort;
        State state = State.WANTED;
        /** A subflow has stood here: the path is known to work at times. */
        boolean proven;
        /** The last attempt had an answer, if only a refusal. */
        boolean answered;
        int failures;
        long retryAt;
        /** Number of the subflow, while it is open and not the first. */
        int subflow = NONE;

        Pair(IpAddress local, IpAddress remote, int remotePort) {
            this.local = local;
            this.remote = remote;
            this.remotePort = remotePort;
        }

        void retryLater(long now) {
            state = State.WANTED;
            if (!proven && !answered) {
                failures = Math.max(failures, DOUBLINGS_OF_SILENCE);
            }
            retryAt = now + (RETRY_NANOS << Math.min(failures, MOST_DOUBLINGS));
            failures++;
        }

        void retryNow() {
            if (state != State.OPEN && state != State.JOINING) {
                state = State.WANTED;
                failures = 0;
                retryAt = 0;
            }
        }
    }

    /** A subflow that the peer opened: from any port of its. */
    private record Inbound(IpAddress local, int localPort, IpAddress remote, int remotePort) {
    }

    /** Addresses of which nothing was said are used too. */
    private final boolean all;
    private final List<Remote> remotes = new ArrayList<>();
    private final List<Pair> pairs = new ArrayList<>();
    private final List<Inbound> inbound = new ArrayList<>();
    private IpAddress firstLocal;
    /** The peer has been told that {@link #firstLocal} is gone; when it comes back it is announced like any other. */
    private boolean firstWithdrawn;
    private Remote firstRemote;
    private boolean client;
    private boolean ready;
    private long retryAt = NEVER;

    public FullMeshPathManager() {
        this(true);
    }

    private FullMeshPathManager(boolean all) {
        this.all = all;
    }

    @Override
    public void onEvent(Event event, Commands commands, long now) {
        switch (event) {
            case Event.Established e -> {
                client = e.client();
                firstLocal = e.local();
                firstRemote = new Remote(0, e.remote(), e.remotePort());
                remotes.add(firstRemote);
                Pair first = pair(e.local(), firstRemote);
                first.state = State.OPEN;
                first.proven = true;
            }
            case Event.FullyEstablished e -> {
                ready = true;
                announceAll(commands);
            }
            case Event.AddressAnnounced e -> onAnnounced(new Remote(e.addressId(), e.address(), e.port()));
            case Event.AddressRemoved e -> {
                remotes.removeIf(remote -> remote.id == e.addressId());
                forgetWhatIsGone();
            }
            case Event.SubflowEstablished e -> onSubflowEstablished(e);
            case Event.SubflowClosed e -> onSubflowClosed(e, now);
            case Event.SubflowNotOpened e -> {
                Pair pair = find(e.local(), e.remote(), e.remotePort());
                if (pair != null && pair.state == State.JOINING) {
                    pair.state = State.WANTED;
                    pair.retryAt = NEVER;
                }
            }
            case Event.LocalAddressAdded e -> {
                retryFrom(e.address());
                announceAll(commands);
            }
            case Event.LocalAddressRemoved e -> {
                firstWithdrawn |= e.address().equals(firstLocal);
                commands.withdraw(e.address());
            }
            case Event.EndpointsChanged e -> {
                roomForOneMore(now);
                closeUnwanted(commands);
                for (Pair pair : pairs) {
                    if (pair.proven && endpoint(pair.local, commands) != null) {
                        pair.retryNow();
                    }
                }
                announceAll(commands);
            }
        }
        openMissing(commands, now);
    }

    private void onAnnounced(Remote remote) {
        if (!isKnown(remote.address, remote.port)) {
            remotes.add(remote);
        }
        for (Pair pair : pairs) {
            if (remote.isAt(pair.remote, pair.remotePort)) {
                pair.retryNow();
            }
        }
    }

    private void onSubflowEstablished(Event.SubflowEstablished e) {
        Pair pair = find(e.local(), e.remote(), e.remotePort());
        if (pair != null && pair.state != State.OPEN) {
            pair.state = State.OPEN;
            pair.proven = true;
            pair.failures = 0;
            pair.subflow = e.subflow();
        } else {
            inbound.add(new Inbound(e.local(), e.localPort(), e.remote(), e.remotePort()));
        }
    }

    private void onSubflowClosed(Event.SubflowClosed e, long now) {
        roomForOneMore(now);
        Pair pair = find(e.local(), e.remote(), e.remotePort());
        if (inbound.remove(new Inbound(e.local(), e.localPort(), e.remote(), e.remotePort())) || pair == null) {
            return;
        }
        pair.subflow = NONE;
        pair.answered = !(e.reason() instanceof CloseReason.TimedOut || e.reason() instanceof CloseReason.Unreachable);
        if (mayBeRetried(pair, e.reason(), e.temporary())) {
            pair.retryLater(now);
        } else {
            pair.state = State.REFUSED;
        }
        forgetWhatIsGone();
    }

    /** Those that found none before try again. */
    private void roomForOneMore(long now) {
        for (Pair pair : pairs) {
            if (pair.state == State.WANTED && pair.retryAt == NEVER) {
                pair.retryAt = now;
            }
        }
    }

    /** Pairs with a place that the peer has taken back, once no subflow leads there. */
    private void forgetWhatIsGone() {
        pairs.removeIf(pair -> pair.state != State.OPEN && pair.state != State.JOINING
                && !isKnown(pair.remote, pair.remotePort));
    }

    private boolean isKnown(IpAddress address, int port) {
        for (Remote remote : remotes) {
            if (remote.isAt(address, port)) {
                return true;
            }
        }
        return false;
    }

    private static boolean mayBeRetried(Pair pair, CloseReason reason, boolean temporary) {
        if (temporary) {
            return true;
        }
        //= rfc8684#3.9.3 B13
        //# From the connection initiator's point of view, if an MP_JOIN
        //# fails, it SHOULD NOT attempt to connect to the same IP address and
        //# port during the lifetime of the connection, unless the other host
        //# refreshes the information with another ADD_ADDR option.
        return switch (reason) {
            case CloseReason.Finished() -> false;
            case CloseReason.ResetByPeer(int mptcpReason) -> pair.proven && mptcpReason == 0;
            case CloseReason.Refused r -> pair.proven;
            // Nobody has refused anything: the path was dark, and may not be so later. Seldom: see spec/exceptions.
            case CloseReason.TimedOut t -> true;
            case CloseReason.Unreachable u -> true;
            case CloseReason.Aborted a -> pair.proven;
        };
    }

    /** An address of ours is new, or back: what happened to it before no longer counts. */
    private void retryFrom(IpAddress local) {
        for (Pair pair : pairs) {
            if (pair.local.equals(local)) {
                pair.retryNow();
            }
        }
    }

    private void announceAll(Commands commands) {
        for (IpAddress local : ready ? commands.localAddresses() : List.<IpAddress>of()) {
            Endpoint endpoint = endpoint(local, commands);
            boolean wanted = endpoint == null ? all && !client : endpoint.signal();
            int port = endpoint == null ? 0 : endpoint.port();
            // The peer knows where the first subflow leads.
            if (wanted && (!local.equals(firstLocal) || firstWithdrawn || port != 0)) {
                commands.announce(local, port);
            }
        }
    }

    private void openMissing(Commands commands, long now) {
        retryAt = NEVER;
        if (!ready || !client) {
            return;
        }
        for (Remote remote : remotes) {
            for (IpAddress local : commands.localAddresses()) {
                if (!isServed(local, remote.address) && isWanted(local, remote, commands)) {
                    openIfDue(pair(local, remote), commands, now);
                }
            }
        }
    }

    /** What was said of an address; null: nothing. */
    private static Endpoint endpoint(IpAddress local, Commands commands) {
        for (Endpoint endpoint : commands.endpoints()) {
            if (endpoint.address().equals(local) && !endpoint.implicit()) {
                return endpoint;
            }
        }
        return null;
    }

    private boolean isWanted(IpAddress local, Remote remote, Commands commands) {
        if (!mayLead(local, remote, commands)) {
            return false;
        }
        Endpoint endpoint = endpoint(local, commands);
        if (endpoint == null ? all : endpoint.subflow() && (endpoint.fullmesh() || remote == main(local, commands))) {
            return true;
        }
        return remote != firstRemote && local.equals(substitute(remote, commands));
    }

    private boolean mayLead(IpAddress local, Remote remote, Commands commands) {
        return local.isV4() == remote.address.isV4() && !(commands.remoteRefusesInitialAddress()
                && remote.isAt(firstRemote.address, firstRemote.port));
    }

    /** The place of the peer for an address that has one subflow only. */
    private Remote main(IpAddress local, Commands commands) {
        for (Remote remote : remotes) {
            if (mayLead(local, remote, commands)) {
                return remote;
            }
        }
        return null;
    }

    /** From where a place of the peer's is reached that no address is meant for; null: there is one that is. */
    private IpAddress substitute(Remote remote, Commands commands) {
        IpAddress substitute = null;
        for (IpAddress local : commands.localAddresses()) {
            Endpoint endpoint = endpoint(local, commands);
            if (local.isV4() == remote.address.isV4()) {
                if (endpoint == null ? all : endpoint.subflow() && endpoint.fullmesh()) {
                    return null;
                }
                substitute = substitute == null || local.equals(firstLocal) ? local : substitute;
            }
        }
        return substitute;
    }

    /** What was said of an address has changed, and some of its subflows have no place in it. */
    private void closeUnwanted(Commands commands) {
        for (Pair pair : pairs) {
            if (pair.state == State.OPEN && pair.subflow != NONE && endpoint(pair.local, commands) != null) {
                for (Remote remote : remotes) {
                    if (remote.isAt(pair.remote, pair.remotePort) && !isWanted(pair.local, remote, commands)) {
                        commands.closeSubflow(pair.subflow);
                    }
                }
            }
        }
    }

    private void openIfDue(Pair pair, Commands commands, long now) {
        if (pair.state == State.WANTED && pair.retryAt <= now) {
            pair.state = State.JOINING;
            commands.openSubflow(pair.local, 0, pair.remote, pair.remotePort, false);
        } else if (pair.state == State.WANTED) {
            retryAt = Math.min(retryAt, pair.retryAt);
        }
    }

    private boolean isServed(IpAddress local, IpAddress remote) {
        for (Inbound subflow : inbound) {
            if (subflow.local.equals(local) && subflow.remote.equals(remote)) {
                return true;
            }
        }
        return false;
    }

    private Pair find(IpAddress local, IpAddress remote, int remotePort) {
        for (Pair pair : pairs) {
            if (pair.local.equals(local) && pair.remote.equals(remote) && pair.remotePort == remotePort) {
                return pair;
            }
        }
        return null;
    }

    private Pair pair(IpAddress local, Remote remote) {
        Pair pair = find(local, remote.address, remote.port);
        if (pair == null) {
            pair = new Pair(local, remote.address, remote.port);
            pairs.add(pair);
        }
        return pair;
    }

    @Override
    public long deadline() {
        return retryAt;
    }

    @Override
    public void onDeadline(Commands commands, long now) {
        openMissing(commands, now);
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

    /** {@code endpoints}. */
    public static final class EndpointFactory implements PathManager.Factory {
        @Override
        public String name() {
            return "endpoints";
        }

        @Override
        public PathManager create() {
            return new FullMeshPathManager(false);
        }
    }
}
