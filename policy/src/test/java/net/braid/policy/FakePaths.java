package net.braid.policy;

import java.util.ArrayList;
import java.util.List;
import net.braid.mptcp.Endpoint;
import net.braid.mptcp.PathManager;
import net.braid.mptcp.PathManager.Event;
import net.braid.tcp.CloseReason;
import net.braid.wire.IpAddress;

/** What a path manager sees of a connection, played by a test. Commands are noted as text. */
final class FakePaths implements PathManager.Commands {
    static final long SECOND = 1_000_000_000L;
    static final IpAddress A1 = IpAddress.parse("10.0.1.1");
    static final IpAddress A2 = IpAddress.parse("10.0.2.1");
    static final IpAddress A6 = IpAddress.parse("fd00::1");
    static final IpAddress B1 = IpAddress.parse("10.9.1.1");
    static final IpAddress B2 = IpAddress.parse("10.9.2.1");
    static final IpAddress B6 = IpAddress.parse("fd00::9");
    static final int PORT = 80;
    static final int LOCAL_PORT = 50_000;

    final PathManager manager;
    final List<IpAddress> locals = new ArrayList<>(List.of(A1, A2));
    private final List<String> commands = new ArrayList<>();
    final List<Endpoint> endpoints = new ArrayList<>();
    boolean refusesInitial;
    int subflows = 1;
    long now = SECOND;

    FakePaths(PathManager manager) {
        this.manager = manager;
    }

    void event(Event event) {
        manager.onEvent(event, this, now);
    }

    /** The first subflow, from A1 to B1, stands, and more may follow. */
    FakePaths ready(boolean client) {
        event(client ? new Event.Established(A1, LOCAL_PORT, B1, PORT, true)
                : new Event.Established(B1, PORT, A1, LOCAL_PORT, false));
        event(new Event.FullyEstablished());
        return this;
    }

    void established(IpAddress local, int localPort, IpAddress remote, int remotePort) {
        subflows++;
        event(new Event.SubflowEstablished(subflows, local, localPort, remote, remotePort));
    }

    void closed(IpAddress local, int localPort, IpAddress remote, int remotePort, CloseReason reason) {
        event(new Event.SubflowClosed(1, local, localPort, remote, remotePort, reason, false));
    }

    void refusedForNow(IpAddress local, int localPort, IpAddress remote, int remotePort) {
        event(new Event.SubflowClosed(1, local, localPort, remote, remotePort, new CloseReason.ResetByPeer(2), true));
    }

    void announced(int id, IpAddress address) {
        event(new Event.AddressAnnounced(id, address, PORT));
    }

    /** Lets time pass, as far as the manager wants to be called. */
    void pass(long nanos) {
        long end = now + nanos;
        while (manager.deadline() <= end) {
            now = Math.max(now, manager.deadline());
            manager.onDeadline(this, now);
        }
        now = end;
    }

    /** Commands since the last call, in order. */
    String asked() {
        String all = String.join("; ", commands);
        commands.clear();
        return all;
    }

    @Override
    public void openSubflow(IpAddress local, int localPort, IpAddress remote, int remotePort, boolean backup) {
        commands.add("open " + local + " " + remote + ":" + remotePort);
    }

    @Override
    public void closeSubflow(int subflow) {
        commands.add("close " + subflow);
    }

    @Override
    public void announce(IpAddress address, int port) {
        commands.add("announce " + address + (port == 0 ? "" : ":" + port));
    }

    @Override
    public void withdraw(IpAddress address) {
        commands.add("withdraw " + address);
    }

    @Override
    public void setBackup(int subflow, boolean backup) {
        commands.add("backup " + subflow + " " + backup);
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
        return subflows;
    }

    @Override
    public boolean remoteRefusesInitialAddress() {
        return refusesInitial;
    }
}
