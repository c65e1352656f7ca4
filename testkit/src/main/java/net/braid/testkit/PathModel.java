package net.braid.testkit;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import net.braid.mptcp.Endpoint;
import net.braid.mptcp.PathManager;
import net.braid.mptcp.PathManager.Event;
import net.braid.tcp.CloseReason;
import net.braid.wire.IpAddress;

/**
 * A connection reduced to its addresses and subflows, driven at random from a seed: addresses of both sides come and
 * go, joins succeed, fail for good or for now, subflows die. After every event the commands of the path manager are
 * checked; a broken rule throws AssertionError with the seed.
 */
final class PathModel implements PathManager.Commands {
    private static final int LIMIT = 8;
    private static final int PORT = 80;
    private static final int MOST_OPENED_AT_ONCE = 64;
    private static final int MOST_ROUNDS = 8;
    private static final List<IpAddress> OURS = addresses("10.0.1.1", "10.0.2.1", "10.0.3.1", "fd00::1");
    private static final List<IpAddress> THEIRS = addresses("10.9.1.1", "10.9.2.1", "10.9.3.1", "fd00::9");

    private record Place(IpAddress local, IpAddress remote, int port) {
    }

    private static final class Subflow {
        final int index;
        final Place place;
        final int localPort;
        boolean established;

        Subflow(int index, Place place, int localPort, boolean established) {
            this.index = index;
            this.place = place;
            this.localPort = localPort;
            this.established = established;
        }
    }

    /** What became of the joins to a place, as far as a path manager must remember it. */
    private enum Past {
        WORKED, FAILED
    }

    private final long seed;
    private final SplittableRandom random;
    private final PathManager manager;
    private final boolean client;
    private final boolean refusesInitial;
    private final List<IpAddress> locals = new ArrayList<>();
    private final Map<Integer, IpAddress> announcedByPeer = new HashMap<>();
    private final List<Subflow> subflows = new ArrayList<>();
    private final Map<Place, Past> past = new HashMap<>();
    private final List<Place> asked = new ArrayList<>();
    private final IpAddress firstRemote = THEIRS.getFirst();
    private final int firstRemotePort;
    private final List<Endpoint> endpoints = new ArrayList<>();
    private boolean mayOpen;
    private int nextPort = 50_000;
    private int nextIndex = 1;
    private int openedNow;
    private long now = 1;
    private long steps;
    private long digest;

    PathModel(PathManager.Factory factory, long seed) {
        this.seed = seed;
        random = new SplittableRandom(seed);
        manager = factory.create();
        client = random.nextBoolean();
        refusesInitial = random.nextInt(4) == 0;
        firstRemotePort = client ? PORT : 40_000;
        locals.add(OURS.getFirst());
        locals.add(OURS.get(random.nextInt(1, OURS.size())));
        Place first = new Place(locals.getFirst(), firstRemote, firstRemotePort);
        subflows.add(new Subflow(0, first, client ? nextPort++ : PORT, true));
        past.put(first, Past.WORKED);
        tell(new Event.Established(first.local, subflows.getFirst().localPort, firstRemote, firstRemotePort, client));
        check(asked.isEmpty(), "nothing is opened before the peer has shown that it speaks Multipath TCP");
    }

    private static List<IpAddress> addresses(String... texts) {
        List<IpAddress> parsed = new ArrayList<>();
        for (String text : texts) {
            parsed.add(IpAddress.parse(text));
        }
        return parsed;
    }

    void run(int count) {
        for (int i = 0; i < count; i++) {
            step();
        }
    }

    /** Depends on every command so far. */
    long digest() {
        return digest;
    }

    void step() {
        steps++;
        pass(random.nextLong(1L << random.nextInt(1, 37)));
        int dice = random.nextInt(100);
        if (!mayOpen && dice < 50) {
            mayOpen = true;
            tell(new Event.FullyEstablished());
        } else if (dice < 55) {
            finishJoin();
        } else if (dice < 65) {
            loseSubflow();
        } else if (dice < 75) {
            peerAnnounces();
        } else if (dice < 80) {
            peerRemoves();
        } else if (dice < 90) {
            localAddressChanges();
        } else if (dice < 93) {
            endpointsChange();
        } else {
            peerJoins();
        }
    }

    private void pass(long nanos) {
        long end = now + nanos;
        while (manager.deadline() <= end) {
            now = Math.max(now, manager.deadline());
            openedNow = 0;
            manager.onDeadline(this, now);
            check(manager.deadline() > now, "a deadline that has come is set anew");
            settle();
        }
        now = end;
    }

    private void tell(Event event) {
        openedNow = 0;
        manager.onEvent(event, this, now);
        settle();
    }

    /** Does what was asked for, as the engine does: after the event, and with an end. */
    private void settle() {
        for (int round = 0; !asked.isEmpty(); round++) {
            check(round < MOST_ROUNDS, "what answers to answers ask for has an end");
            List<Place> due = List.copyOf(asked);
            asked.clear();
            for (Place place : due) {
                if (subflows.size() >= LIMIT || random.nextInt(20) == 0) {
                    manager.onEvent(new Event.SubflowNotOpened(place.local, place.remote, place.port), this, now);
                } else {
                    subflows.add(new Subflow(nextIndex++, place, nextPort++, false));
                }
            }
        }
    }

    private void finishJoin() {
        Subflow joining = any(false);
        if (joining == null) {
            return;
        }
        if (random.nextInt(3) != 0) {
            joining.established = true;
            past.put(joining.place, Past.WORKED);
            tell(new Event.SubflowEstablished(joining.index, joining.place.local, joining.localPort,
                    joining.place.remote, joining.place.port));
            return;
        }
        boolean temporary = random.nextInt(3) == 0;
        CloseReason reason = reason();
        // Where nobody has answered, nobody has refused: the path may be tried again, after a while.
        boolean silent = reason instanceof CloseReason.TimedOut || reason instanceof CloseReason.Unreachable;
        if (!temporary && !silent) {
            past.putIfAbsent(joining.place, Past.FAILED);
        }
        close(joining, reason, temporary);
    }

    private void loseSubflow() {
        Subflow subflow = any(true);
        if (subflow != null) {
            close(subflow, reason(), random.nextInt(4) == 0);
        }
    }

    private CloseReason reason() {
        return switch (random.nextInt(6)) {
            case 0 -> new CloseReason.Finished();
            case 1 -> new CloseReason.ResetByPeer(random.nextInt(7));
            case 2 -> new CloseReason.Refused();
            case 3 -> new CloseReason.TimedOut(9);
            case 4 -> new CloseReason.Unreachable(3, 1);
            default -> new CloseReason.Aborted("model");
        };
    }

    private void close(Subflow subflow, CloseReason reason, boolean temporary) {
        subflows.remove(subflow);
        tell(new Event.SubflowClosed(subflow.index, subflow.place.local, subflow.localPort, subflow.place.remote,
                subflow.place.port, reason, temporary));
    }

    private Subflow any(boolean established) {
        List<Subflow> found = subflows.stream().filter(subflow -> subflow.established == established).toList();
        return found.isEmpty() ? null : found.get(random.nextInt(found.size()));
    }

    private void peerAnnounces() {
        int id = random.nextInt(1, THEIRS.size() + 1);
        IpAddress address = THEIRS.get(id - 1);
        announcedByPeer.put(id, address);
        past.keySet().removeIf(place -> past.get(place) == Past.FAILED && place.remote.equals(address));
        tell(new Event.AddressAnnounced(id, address, PORT));
    }

    private void peerRemoves() {
        int id = random.nextInt(THEIRS.size() + 1);
        announcedByPeer.remove(id);
        tell(new Event.AddressRemoved(id));
    }

    private void peerJoins() {
        IpAddress local = locals.isEmpty() ? null : locals.get(random.nextInt(locals.size()));
        IpAddress remote = THEIRS.get(random.nextInt(THEIRS.size()));
        if (mayOpen && local != null && local.isV4() == remote.isV4() && subflows.size() < LIMIT) {
            Place place = new Place(local, remote, random.nextInt(1024, 40_000));
            Subflow joined = new Subflow(nextIndex++, place, PORT, true);
            subflows.add(joined);
            tell(new Event.SubflowEstablished(joined.index, local, PORT, remote, joined.place.port));
        }
    }

    private void localAddressChanges() {
        IpAddress address = OURS.get(random.nextInt(OURS.size()));
        if (!locals.remove(address)) {
            locals.add(address);
            past.keySet().removeIf(place -> past.get(place) == Past.FAILED && place.local.equals(address));
            tell(new Event.LocalAddressAdded(address));
            return;
        }
        tell(new Event.LocalAddressRemoved(address));
        for (Subflow subflow : List.copyOf(subflows)) {
            if (subflow.place.local.equals(address)) {
                close(subflow, new CloseReason.Aborted("address is gone"), false);
            }
        }
    }

    /** Somebody says what an address is for, or takes it back. */
    private void endpointsChange() {
        IpAddress address = OURS.get(random.nextInt(OURS.size()));
        if (!endpoints.removeIf(endpoint -> endpoint.address().equals(address))) {
            boolean signal = random.nextBoolean();
            endpoints.add(new Endpoint(OURS.indexOf(address) + 1, address, signal && random.nextBoolean() ? PORT : 0,
                    signal, random.nextBoolean(), random.nextBoolean(), !signal && random.nextBoolean(), false));
        }
        tell(new Event.EndpointsChanged());
    }

    private void note(String command, Object... details) {
        digest = digest * 31 + command.hashCode();
        for (Object detail : details) {
            digest = digest * 31 + detail.hashCode();
        }
    }

    private void check(boolean holds, String rule) {
        if (!holds) {
            throw new AssertionError("broken: " + rule + "; seed " + seed + ", step " + steps + ", time " + now
                    + ", addresses " + locals + ", peer's " + announcedByPeer + ", asked " + asked);
        }
    }

    // ---- commands

    @Override
    public void openSubflow(IpAddress local, int localPort, IpAddress remote, int remotePort, boolean backup) {
        note("open", local, localPort, remote, remotePort, backup);
        Place place = new Place(local, remote, remotePort);
        boolean initial = remote.equals(firstRemote) && remotePort == firstRemotePort;
        check(mayOpen, "nothing is opened before the peer has shown that it speaks Multipath TCP");
        check(locals.contains(local), "subflows start at addresses that are ours");
        check(local.isV4() == remote.isV4(), "both ends of a subflow are of one family");
        check(initial || remotePort == PORT && announcedByPeer.containsValue(remote),
                "subflows lead to where the peer was first, or has announced to be");
        check(!initial || !refusesInitial, "the initial address is left alone when the peer asks for it");
        check(past.get(place) != Past.FAILED, "a join that was refused is not repeated before it is announced anew");
        check(++openedNow <= MOST_OPENED_AT_ONCE, "one event does not set off a storm of joins");
        asked.add(place);
    }

    @Override
    public void closeSubflow(int subflow) {
        note("close", subflow);
        check(subflow >= 0 && subflow < nextIndex, "only a subflow that has been there is closed");
    }

    @Override
    public void announce(IpAddress address, int port) {
        note("announce", address, port);
        check(locals.contains(address), "only addresses that are ours are announced");
        check(port >= 0 && port <= 65_535, "a port has 16 bits");
    }

    @Override
    public void withdraw(IpAddress address) {
        note("withdraw", address);
    }

    @Override
    public void setBackup(int subflow, boolean backup) {
        note("backup", subflow, backup);
        check(subflow >= 0 && subflow < nextIndex, "only a subflow that has been there is changed");
    }

    @Override
    public List<IpAddress> localAddresses() {
        return List.copyOf(locals);
    }

    @Override
    public List<Endpoint> endpoints() {
        return List.copyOf(endpoints);
    }

    @Override
    public int subflowCount() {
        return subflows.size();
    }

    @Override
    public boolean remoteRefusesInitialAddress() {
        return refusesInitial;
    }
}
