package net.braid.mptcp;

import java.util.ArrayList;
import java.util.List;
import net.braid.tcp.CloseReason;
import net.braid.tcp.Counter;
import net.braid.wire.IpAddress;
import net.braid.wire.MptcpCrypto;
import net.braid.wire.MptcpOption.AddAddress;
import net.braid.wire.MptcpOption.Priority;
import net.braid.wire.MptcpOption.RemoveAddress;

/**
 * Addresses, their ids, and subflows that come and go (RFC 8684 section 3.4): between the path manager, which decides,
 * and the engine, which limits. Control plane.
 */
final class Paths implements PathManager.Commands {
    private static final long NEVER = Long.MAX_VALUE;
    /** Announcements without echo are repeated so often, at doubled intervals. */
    private static final int ADD_ADDRESS_REPEATS = 3;
    private static final int MOST_ADDRESSES = 32;
    /** Ids have 8 bits on the wire, and 0 is the first subflow's. */
    private static final int MOST_IDS = 255;
    /** More addresses than ids. */
    static final int NO_ID = -1;
    /** While there is no subflow at all, the side that opened tries again this often. */
    private static final long REJOIN_NANOS = 500_000_000L;
    /** A peer may announce, remove and join; above this many such events in a second the rest is ignored. */
    private static final int EVENTS_PER_SECOND = 64;
    /** Commands that a path manager gives in answer to what came of its commands. */
    private static final int MOST_ROUNDS = 8;

    /** An address of ours that the peer was told of. */
    private static final class Announced {
        final int id;
        final IpAddress address;
        final int port;
        boolean echoed;
        int repeats;
        long deadline;

        Announced(int id, IpAddress address, int port, long deadline) {
            this.id = id;
            this.address = address;
            this.port = port;
            this.deadline = deadline;
        }
    }

    private record Remote(int id, IpAddress address, int port) {
        boolean isAt(Remote other) {
            return address.equals(other.address) && port == other.port;
        }
    }

    private record LocalId(IpAddress address, int id) {
    }

    private final Multipath multipath;
    private final MultipathConfig config;
    private final PathManager manager;
    private final List<LocalId> localIds = new ArrayList<>();
    private int lastId;
    private final List<Announced> announced = new ArrayList<>();
    private final List<Remote> remotes = new ArrayList<>();
    private final List<Runnable> commands = new ArrayList<>();
    private SubflowContext origin;
    private boolean client;
    private boolean open;
    private long rejoinAt = NEVER;
    /** We look for a new subflow when there is none; and where the last one led. */
    private boolean rejoins;
    private Remote lastRemote;
    private long periodEnd;
    private int eventsInPeriod;
    private long now;

    Paths(Multipath multipath, MultipathConfig config, PathManager manager) {
        this.multipath = multipath;
        this.config = config;
        this.manager = manager;
    }

    // ---- events from the connection

    void onEstablished(SubflowContext first, boolean isClient, long time) {
        origin = first;
        client = isClient;
        localIds.add(new LocalId(first.local, 0));
        if (watcher() != null) {
            watcher().onCreated(multipath.connection(), first.describe());
        }
        tell(new PathManager.Event.Established(first.local, first.localPort, first.remote, first.remotePort,
                isClient), time);
    }

    void onFullyEstablished(long time) {
        open = true;
        tell(new PathManager.Event.FullyEstablished(), time);
    }

    void onSubflowEstablished(SubflowContext c, long time) {
        rejoinAt = NEVER;
        rejoins = false;
        if (watcher() != null) {
            watcher().onSubflowEstablished(multipath.connection(), c.describe());
        }
        tell(new PathManager.Event.SubflowEstablished(c.index, c.local, c.localPort, c.remote, c.remotePort), time);
    }

    void onSubflowClosed(SubflowContext c, CloseReason reason, long time) {
        CloseReason precise = reason instanceof CloseReason.ResetByPeer ? new CloseReason.ResetByPeer(c.peerResetReason)
                : reason;
        if (watcher() != null) {
            watcher().onSubflowClosed(multipath.connection(), c.describe(), precise);
        }
        tell(new PathManager.Event.SubflowClosed(c.index, c.local, c.localPort, c.remote, c.remotePort, precise,
                c.peerResetTemporary), time);
    }

    /**
     * The side that opened goes on. So does the other when {@code last}, the subflow that ended last, has lost its
     * address here: the peer may not know, for the reset may be lost, and who only reads never asks.
     */
    void onNoSubflow(SubflowContext last, long time) {
        rejoins = open && (client || rejoins || !localAddresses().contains(last.local));
        if (rejoins) {
            lastRemote = new Remote(last.remoteId, last.remote, last.remotePort);
            rejoinAt = time + REJOIN_NANOS;
        }
    }

    /** An address of ours has come or gone, or what they are for has changed. */
    void onEvent(PathManager.Event event, long time) {
        if (origin == null) {
            return;
        }
        if (event instanceof PathManager.Event.LocalAddressRemoved gone) {
            multipath.onLocalAddressGone(gone.address(), time);
        }
        tell(event, time);
        if (event instanceof PathManager.Event.LocalAddressAdded && multipath.flows().isEmpty() && rejoins) {
            rejoinAt = time;
        }
        if (event instanceof PathManager.Event.EndpointsChanged) {
            setPriorities();
        }
    }

    /** What is said of an address holds for its subflows that stand. */
    private void setPriorities() {
        Flows flows = multipath.flows();
        for (int i = 0; i < flows.places(); i++) {
            SubflowContext context = flows.at(i);
            Endpoint endpoint = context == null || !context.isOpen() ? null : endpoint(context.local);
            if (endpoint != null && endpoint.backup() != context.backupForPeer) {
                setBackup(i, endpoint.backup());
            }
        }
    }

    private Endpoint endpoint(IpAddress address) {
        for (Endpoint endpoint : endpoints()) {
            if (endpoint.address().equals(address)) {
                return endpoint;
            }
        }
        return null;
    }

    /** Whether subflows from an address are backups. */
    boolean isBackup(IpAddress address) {
        Endpoint endpoint = endpoint(address);
        return endpoint != null && endpoint.backup();
    }

    /** A valid ADD_ADDR without echo flag (its HMAC has been checked). */
    void onAddAddress(AddAddress option, SubflowContext on, long time) {
        //= rfc8684#3.4.1 D07 K05
        //# Therefore, a host MUST treat address advertisements
        //# as soft state
        if (!allowEvent(time) || !IpAddress.isUnicast(option.address().high(), option.address().low())
                || option.address().isLoopback()) {
            multipath.counters().increment(Counter.MPTCP_ADD_ADDR_DROP);
            return;
        }
        //= rfc8684#3.4.1 D06
        //# If no
        //# port is specified, MPTCP SHOULD attempt to connect to the specified
        //# address on the same port as the port that is already in use by the
        //# subflow on which the ADD_ADDR signal was sent
        int port = option.hasPort() ? option.port() : on.remotePort;
        for (Remote known : remotes) {
            if (known.id == option.addressId() && known.address.equals(option.address()) && !option.hasPort()) {
                // Said again, perhaps on another subflow.
                port = known.port;
            } else if (known.id == option.addressId() && !known.address.equals(option.address())) {
                //= rfc8684#3.4.1 D05 E07
                //# A host wishing to replace an existing Address ID MUST first remove
                //# the existing one
                multipath.counters().increment(Counter.MPTCP_ADD_ADDR_DROP);
                return;
            }
        }
        Remote remote = new Remote(option.addressId(), option.address(), port);
        boolean refresh = remotes.contains(remote);
        if (!refresh && remotes.size() >= limits().addAddressAccepted()) {
            multipath.counters().increment(Counter.MPTCP_ADD_ADDR_DROP);
            return;
        }
        if (!refresh) {
            remotes.add(remote);
        }
        if (option.version() == 1) {
            multipath.signal(option.toEcho(), on, Counter.MPTCP_ECHO_ADD_TX, time);
        }
        if (watcher() != null) {
            watcher().onAnnounced(multipath.connection(), new PeerAddress(remote.id, remote.address, remote.port));
        }
        tell(new PathManager.Event.AddressAnnounced(remote.id, remote.address, remote.port), time);
    }

    void onEcho(AddAddress echo) {
        for (Announced a : announced) {
            if (a.id == echo.addressId() && a.address.equals(echo.address())) {
                a.echoed = true;
                a.deadline = NEVER;
            }
        }
    }

    void onRemoveAddress(RemoveAddress option, long time) {
        if (!allowEvent(time)) {
            return;
        }
        for (int id : option.addressIds()) {
            boolean known = remotes.removeIf(remote -> remote.id == id);
            known |= multipath.probeSubflowsTo(id, time);
            if (known && watcher() != null) {
                watcher().onRemoved(multipath.connection(), id);
            }
            if (known) {
                tell(new PathManager.Event.AddressRemoved(id), time);
            }
        }
    }

    /** Whether there is a place of the peer to which a subflow may be opened. */
    boolean hasTarget() {
        return !multipath.remoteRefusesInitialAddress() || !remotes.isEmpty();
    }

    boolean allowEvent(long time) {
        if (time >= periodEnd) {
            periodEnd = time + 1_000_000_000L;
            eventsInPeriod = 0;
        }
        return ++eventsInPeriod <= EVENTS_PER_SECOND;
    }

    // ---- ids

    /** The id of an address of ours; a new one when it has none yet (0 is the first subflow's); or {@link #NO_ID}. */
    int localId(IpAddress address) {
        for (LocalId known : localIds) {
            if (known.address.equals(address)) {
                return known.id;
            }
        }
        if (localIds.size() > MOST_ADDRESSES) {
            localIds.removeIf(known -> known.id != 0 && !isInUse(known.address));
        }
        Endpoint endpoint = endpoint(address);
        if (endpoint != null && !endpoint.implicit() && !isIdTaken(endpoint.id())) {
            localIds.add(new LocalId(address, endpoint.id()));
            return endpoint.id();
        }
        // Each in its turn: an id comes again as late as can be, for the peer may have missed that it is free.
        for (int i = 0; i < MOST_IDS; i++) {
            lastId = lastId % MOST_IDS + 1;
            if (!isIdTaken(lastId)) {
                localIds.add(new LocalId(address, lastId));
                return lastId;
            }
        }
        return NO_ID;
    }

    private boolean isInUse(IpAddress address) {
        Flows flows = multipath.flows();
        boolean used = localAddresses().contains(address)
                || announced.stream().anyMatch(a -> a.address.equals(address));
        for (int i = 0; i < flows.places() && !used; i++) {
            used = flows.at(i) != null && flows.at(i).local.equals(address);
        }
        return used;
    }

    private boolean isIdTaken(int id) {
        for (LocalId known : localIds) {
            if (known.id == id) {
                return true;
            }
        }
        return false;
    }

    // ---- time

    long deadline() {
        long earliest = Math.min(rejoinAt, manager.deadline());
        // Asked once a segment: no iterator.
        for (int i = 0; i < announced.size(); i++) {
            earliest = Math.min(earliest, announced.get(i).deadline);
        }
        return earliest;
    }

    void onDeadline(long time) {
        now = time;
        for (Announced a : announced) {
            if (a.deadline <= time) {
                repeat(a, time);
            }
        }
        if (rejoinAt <= time) {
            rejoin(time);
        }
        if (manager.deadline() <= time) {
            manager.onDeadline(this, time);
        }
    }

    private void repeat(Announced a, long time) {
        if (a.echoed || a.repeats >= ADD_ADDRESS_REPEATS) {
            a.deadline = NEVER;
            return;
        }
        a.repeats++;
        a.deadline = time + (config.addAddressNanos() << a.repeats);
        sendAnnouncement(a, time);
    }

    /** Break before make (RFC 8684 section 3.3.3): from each of our addresses to where the peer was first. */
    private void rejoin(long time) {
        rejoinAt = time + REJOIN_NANOS;
        Remote initial = new Remote(0, origin.remote, origin.remotePort);
        if (!multipath.remoteRefusesInitialAddress()) {
            rejoin(initial, time);
        }
        if (!remotes.contains(lastRemote) && !lastRemote.isAt(initial)) {
            rejoin(lastRemote, time);
        }
        for (Remote remote : remotes) {
            rejoin(remote, time);
        }
    }

    private void rejoin(Remote remote, long time) {
        for (IpAddress local : localAddresses()) {
            if (local.isV4() == remote.address.isV4()) {
                multipath.opening().join(local, 0, remote.address, remote.port,
                        config.backupAdditional() || isBackup(local), remote.id, time);
            }
        }
    }

    private void tell(PathManager.Event event, long time) {
        now = time;
        manager.onEvent(event, this, time);
    }

    /** Does what was asked for, once the input under way is over. What answers to answers ask for has an end. */
    void runCommands() {
        for (int round = 0; round < MOST_ROUNDS && !commands.isEmpty(); round++) {
            List<Runnable> due = List.copyOf(commands);
            commands.clear();
            for (Runnable command : due) {
                command.run();
            }
        }
        commands.clear();
    }

    boolean hasCommands() {
        return !commands.isEmpty();
    }

    // ---- commands of the path manager

    @Override
    public void openSubflow(IpAddress local, int localPort, IpAddress remote, int remotePort, boolean backup) {
        long time = now;
        commands.add(() -> {
            boolean initial = remote.equals(origin.remote) && remotePort == origin.remotePort;
            //= rfc8684#3.1 A23
            //# therefore the receiver MUST NOT try to open
            //# any additional subflows toward this address and port.
            boolean opened = open && !(initial && multipath.remoteRefusesInitialAddress())
                    && multipath.opening().join(local, localPort, remote, remotePort,
                            backup || config.backupAdditional() || isBackup(local), remoteId(remote, remotePort), time);
            if (!opened) {
                tell(new PathManager.Event.SubflowNotOpened(local, remote, remotePort), time);
            }
        });
    }

    private int remoteId(IpAddress address, int port) {
        for (Remote remote : remotes) {
            if (remote.address.equals(address) && remote.port == port) {
                return remote.id;
            }
        }
        return 0;
    }

    @Override
    public void closeSubflow(int subflow) {
        long time = now;
        commands.add(() -> multipath.closeSubflow(subflow, time));
    }

    @Override
    public void announce(IpAddress address, int port) {
        long time = now;
        commands.add(() -> {
            int announcedPort = port == 0 ? AddAddress.NO_PORT : port;
            boolean known = announced.stream().anyMatch(a -> a.address.equals(address) && a.port == announcedPort);
            int id = known || announced.size() == MOST_ADDRESSES || !multipath.isMultipath() ? NO_ID
                    : localId(address);
            if (id != NO_ID) {
                Announced a = new Announced(id, address, announcedPort,
                        time + config.addAddressNanos());
                announced.add(a);
                sendAnnouncement(a, time);
            }
        });
    }

    private void sendAnnouncement(Announced a, long time) {
        MultipathKeys keys = multipath.keys();
        int version = keys.version();
        long hmac = version == 1 ? keys.crypto().addAddressHmac(keys.local(), keys.remote(), a.id, a.address,
                a.port) : 0;
        if (version == 0) {
            // No echo: nothing says that it arrived, nothing repeats it.
            a.deadline = NEVER;
        }
        multipath.signalAddress(new AddAddress(version, false, a.id, a.address, a.port, hmac),
                Counter.MPTCP_ADD_ADDR_TX, time);
    }

    /** An ADD_ADDR of the peer: is its HMAC right? */
    boolean isGenuine(AddAddress option) {
        if (!option.hasHmac()) {
            return option.version() == 0;
        }
        MultipathKeys keys = multipath.keys();
        long expected = keys.crypto().addAddressHmac(keys.remote(), keys.local(), option.addressId(), option.address(),
                option.port());
        return MptcpCrypto.matches(expected, option.truncatedHmac());
    }

    @Override
    public void withdraw(IpAddress address) {
        long time = now;
        commands.add(() -> {
            int id = -1;
            for (LocalId known : localIds) {
                if (known.address.equals(address)) {
                    id = known.id;
                }
            }
            announced.removeIf(a -> a.address.equals(address));
            // An address has an id since it was announced or used, even if its subflows have ended meanwhile.
            if (id >= 0 && multipath.isMultipath() && !isAllThereIs(address)) {
                multipath.signalAddress(new RemoveAddress(List.of(id)), Counter.MPTCP_RM_ADDR_TX, time);
            }
            closeFrom(address, time);
        });
    }

    /** The only open subflows are from this address, and wait for it: the peer must not end them. */
    private boolean isAllThereIs(IpAddress address) {
        Flows flows = multipath.flows();
        boolean here = false;
        for (int i = 0; i < flows.places(); i++) {
            SubflowContext context = flows.at(i);
            here |= context != null && context.isOpen() && context.local.equals(address);
        }
        return here && !flows.hasOpenElsewhere(address);
    }

    /** Ends the subflows from an address, unless there is no other to go on with. */
    private void closeFrom(IpAddress address, long time) {
        Flows flows = multipath.flows();
        boolean elsewhere = flows.hasOpenElsewhere(address);
        for (int i = 0; elsewhere && i < flows.places(); i++) {
            SubflowContext context = flows.at(i);
            //= rfc8684#3.4.2 D11
            //# A subflow that is still functioning MUST be closed with a FIN
            //# exchange as in regular TCP, rather than using this option.
            if (context != null && context.isOpen() && context.local.equals(address)) {
                multipath.closeSubflow(i, time);
            }
        }
    }

    @Override
    public void setBackup(int subflow, boolean backup) {
        long time = now;
        commands.add(() -> {
            SubflowContext context = multipath.flows().at(subflow);
            if (context != null && multipath.isMultipath()) {
                context.backupForPeer = backup;
                onPriority(context);
                multipath.signal(new Priority(backup, Priority.THIS_SUBFLOW), context, Counter.MPTCP_MP_PRIO_TX, time);
            }
        });
    }

    @Override
    public List<IpAddress> localAddresses() {
        return multipath.host().localAddresses(multipath.connection());
    }

    @Override
    public List<Endpoint> endpoints() {
        return multipath.host().endpoints(multipath.connection());
    }

    /** MP_PRIO has come or gone. */
    void onPriority(SubflowContext context) {
        if (watcher() != null) {
            watcher().onPriority(multipath.connection(), context.describe());
        }
    }

    private PathWatcher watcher() {
        return multipath.host().watcher(multipath.connection());
    }

    PathLimits limits() {
        return multipath.host().limits(multipath.connection(), config);
    }

    List<PeerAddress> peerAddresses() {
        return remotes.stream().map(remote -> new PeerAddress(remote.id, remote.address, remote.port)).toList();
    }

    @Override
    public int subflowCount() {
        return multipath.flows().count();
    }

    @Override
    public boolean remoteRefusesInitialAddress() {
        return multipath.remoteRefusesInitialAddress();
    }
}
