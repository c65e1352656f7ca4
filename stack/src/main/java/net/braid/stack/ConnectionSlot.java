package net.braid.stack;

import java.util.Arrays;
import java.util.List;
import net.braid.base.RandomSource;
import net.braid.mptcp.Connection;
import net.braid.mptcp.ConnectionHost;
import net.braid.mptcp.Endpoint;
import net.braid.mptcp.MultipathConfig;
import net.braid.mptcp.PacketScheduler;
import net.braid.mptcp.PathLimits;
import net.braid.mptcp.PathManager;
import net.braid.mptcp.PathWatcher;
import net.braid.tcp.Subflow;
import net.braid.wire.IpAddress;
import net.braid.wire.MptcpCrypto;

/** A connection's place in the shard: its number for deadlines, its links in lists, its flows. */
final class ConnectionSlot implements ConnectionHost {
    private final Stack stack;
    /** Index in the shard's deadline heap. */
    final int number;
    Connection connection;
    private FlowSlot[] flows = new FlowSlot[1];

    /** Transmit list. */
    boolean queued;
    ConnectionSlot nextQueued;
    /** Waiters for memory. */
    boolean waitsForMemory;
    ConnectionSlot nextWaiter;
    /** The listener that this connection came from, while its handshake is not complete. */
    Listener listener;
    ConnectionSlot olderHalfOpen;
    ConnectionSlot newerHalfOpen;
    /** Off the network; only a last segment may still wait to be sent. */
    boolean gone;

    ConnectionSlot(Stack stack, int number) {
        this.stack = stack;
        this.number = number;
    }

    void add(FlowSlot slot, int index) {
        if (index >= flows.length) {
            flows = Arrays.copyOf(flows, Math.max(index + 1, 2 * flows.length));
        }
        assert flows[index] == null;
        flows[index] = slot;
    }

    FlowSlot flow(int index) {
        return flows[index];
    }

    /** Bound for {@link #flow}; places may be empty. */
    int places() {
        return flows.length;
    }

    void remove(int index) {
        flows[index] = null;
    }

    @Override
    public void onWork(Connection c) {
        stack.enqueue(this);
    }

    @Override
    public void onEstablished(Connection c, long now) {
        stack.onEstablished(this, now);
    }

    @Override
    public void onSubflowTimeWait(Connection c, Subflow subflow, long now) {
        stack.onTimeWait(this, flows[subflow.index()], now);
    }

    @Override
    public void onSubflowClosed(Connection c, Subflow subflow, long now) {
        stack.leaveNetwork(this, flows[subflow.index()], now);
    }

    @Override
    public void onSubflowFastClosed(Connection c, Subflow subflow, long peerKey, int version, long now) {
        stack.onFastClosed(this, flows[subflow.index()], peerKey, version, now);
    }

    @Override
    public void onClosed(Connection c, long now) {
        stack.onClosed(this, now);
        if (stack.pathSettings().watcher() != null) {
            stack.pathSettings().watcher().onClosed(c);
        }
    }

    @Override
    public void onMemoryWanted(Connection c) {
        stack.onMemoryWanted(this);
    }

    @Override
    public RandomSource random() {
        return stack.random();
    }

    @Override
    public MptcpCrypto crypto() {
        return stack.crypto();
    }

    @Override
    public long drawKey(Connection c, int version) {
        return stack.tokens().drawKey(version, number);
    }

    @Override
    public void releaseToken(Connection c) {
        stack.tokens().release(c.token(), number);
    }

    @Override
    public void onMultipathRefused(Connection c, long now) {
        stack.refusedMultipath().add(c.remoteAddress(), now);
    }

    @Override
    public boolean isMultipathRefused(Connection c, long now) {
        return stack.refusedMultipath().contains(c.remoteAddress(), now);
    }

    @Override
    public PathManager pathManager(String name) {
        return stack.policies().pathManager(name);
    }

    @Override
    public PacketScheduler scheduler(String name) {
        return stack.policies().scheduler(name);
    }

    @Override
    public List<IpAddress> localAddresses(Connection c) {
        return stack.routes().locals();
    }

    @Override
    public List<Endpoint> endpoints(Connection c) {
        return stack.pathSettings().endpoints();
    }

    @Override
    public PathWatcher watcher(Connection c) {
        return stack.pathSettings().watcher();
    }

    @Override
    public PathLimits limits(Connection c, MultipathConfig config) {
        return stack.pathSettings().limits(config);
    }

    @Override
    public Subflow openSubflow(Connection c, int index, IpAddress local, int localPort, IpAddress remote,
            int remotePort, long now) {
        return stack.openSubflow(this, index, local, localPort, remote, remotePort, now);
    }

    @Override
    public int localPort(Connection c, Subflow flow) {
        return flows[flow.index()].ports >>> 16;
    }
}
