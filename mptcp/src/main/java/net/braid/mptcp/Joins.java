package net.braid.mptcp;

import net.braid.mptcp.SubflowContext.Stage;
import net.braid.tcp.Counter;
import net.braid.tcp.Subflow;
import net.braid.wire.IpAddress;
import net.braid.wire.MptcpOption.JoinSyn;
import net.braid.wire.MptcpOption.ResetReason;

/** Further subflows, ours and the peer's, within the limits (RFC 8684 section 3.2). */
final class Joins {
    private final Multipath multipath;
    private final ConnectionHost host;
    private final MemoryBudget memory;
    private final Flows flows;

    Joins(Multipath multipath, ConnectionHost host, MemoryBudget memory) {
        this.multipath = multipath;
        this.host = host;
        this.memory = memory;
        flows = multipath.flows();
    }

    /** Registers a subflow that the stack has made. */
    private SubflowContext add(Subflow flow, IpAddress local, int localPort, IpAddress remote, int remotePort,
            boolean first,
            Stage stage) {
        SubflowContext context = new SubflowContext(flow, flow.index(), local, localPort, remote, remotePort, first,
                stage,
                memory, Multipath.MAPPING_LIMIT);
        // A nonce of its own for each attempt (RFC 8684 section 3.2).
        context.localNonce = host.random().nextInt();
        flows.add(context);
        return context;
    }

    /** Opens a further subflow; false: not within the limits, or not possible. */
    boolean join(IpAddress local, int localPort, IpAddress remote, int remotePort, boolean backup, int remoteId,
            long now) {
        int index = flows.freeIndex();
        if (!multipath.isMultipath() || multipath.ending().isFinished() && !flows.isEmpty() || index < 0
                || flows.count() > multipath.paths().limits().subflows()
                || isOpen(local, localPort, remote, remotePort)) {
            return false;
        }
        int localId = multipath.paths().localId(local);
        if (localId == Paths.NO_ID) {
            return false;
        }
        Subflow flow = host.openSubflow(multipath.connection(), index, local, localPort, remote, remotePort, now);
        if (flow == null) {
            return false;
        }
        SubflowContext context = add(flow, local, host.localPort(multipath.connection(), flow), remote, remotePort,
                false,
                Stage.JOIN_SYN);
        context.localId = localId;
        context.remoteId = remoteId;
        context.backupForPeer = backup;
        context.backupForUs = backup;
        multipath.counters().increment(Counter.MPTCP_JOIN_SYN_TX);
        flow.limitBackoff();
        flow.connect(now);
        host.onWork(multipath.connection());
        return true;
    }

    private boolean isOpen(IpAddress local, int localPort, IpAddress remote, int remotePort) {
        for (int i = 0; i < flows.places(); i++) {
            SubflowContext c = flows.at(i);
            if (c != null && localPort == 0 && c.stage != Stage.ESTABLISHED && c.local.equals(local)
                    && c.remote.equals(remote) && c.remotePort == remotePort) {
                return true;
            }
        }
        return false;
    }

    /**
     * Whether a SYN with MP_JOIN may become a subflow: -1, or the reason for refusing it (MP_TCPRST).
     */
    int judgeJoin(long now) {
        multipath.ending().onPeerJoins();
        int refusal = judge(now);
        return refusal >= 0 && multipath.keys().version() == 0 ? ConnectionHost.NO_REASON : refusal;
    }

    private int judge(long now) {
        if (!multipath.isMultipath() || multipath.ending().isSettled()
                || multipath.connection().closeReason() != null) {
            return ResetReason.MPTCP_ERROR;
        }
        if (flows.freeIndex() < 0 || flows.count() - yielding() > multipath.paths().limits().subflows()) {
            multipath.probes().askAll(now);
            return ResetReason.PROHIBITED;
        }
        return -1;
    }

    /** Where both sides look for a first subflow at once, and there may be only one, ours give way to the client's. */
    private int yielding() {
        return multipath.isClient() || flows.establishedCount() > 0 ? 0 : flows.count(Stage.JOIN_SYN);
    }

    /** The peer joins with a subflow that the stack has made for it. */
    void acceptJoin(Subflow flow, IpAddress local, int localPort, IpAddress remote, int remotePort, JoinSyn syn) {
        SubflowContext context = add(flow, local, localPort, remote, remotePort, false, Stage.JOIN_WAIT);
        context.localId = Math.max(0, multipath.paths().localId(local));
        context.backupForPeer = multipath.paths().isBackup(local);
        multipath.joins().onSyn(context, syn);
        flow.limitBackoff();
        multipath.counters().increment(Counter.MPTCP_JOIN_SYN_RX);
    }
}
