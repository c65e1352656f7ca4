package net.braid.stack;

import net.braid.mptcp.Connection;
import net.braid.mptcp.ConnectionHost;
import net.braid.tcp.Subflow;

/** A connection's place in the shard: its number for deadlines, its links in lists, its flows. */
final class ConnectionSlot implements ConnectionHost {
    private final Stack stack;
    /** Index in the shard's deadline heap. */
    final int number;
    Connection connection;
    private FlowSlot flow;

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

    void add(FlowSlot slot, Subflow subflow) {
        assert flow == null;
        slot.subflow = subflow;
        flow = slot;
        connection.add(subflow);
    }

    FlowSlot flow(int index) {
        assert index == 0;
        return flow;
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
    public void onTimeWait(Connection c, Subflow subflow, long now) {
        stack.onTimeWait(this, now);
    }

    @Override
    public void onClosed(Connection c, long now) {
        stack.onClosed(this, now);
    }

    @Override
    public void onMemoryWanted(Connection c) {
        stack.onMemoryWanted(this);
    }
}
