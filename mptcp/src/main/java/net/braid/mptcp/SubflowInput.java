package net.braid.mptcp;

import java.lang.foreign.MemorySegment;
import net.braid.base.Pieces;
import net.braid.tcp.CloseReason;
import net.braid.tcp.Counter;
import net.braid.tcp.Counters;
import net.braid.tcp.SegmentKind;
import net.braid.tcp.Subflow;
import net.braid.tcp.SubflowOwner;
import net.braid.wire.OptionWriter;
import net.braid.wire.SegmentView;
import net.braid.wire.TcpOptions;

/** The owner of a connection's subflows. For plain TCP, tags are the only subflow's own offsets. */
final class SubflowInput implements SubflowOwner {
    private static final String AFTER_CLOSE = "data arrived after close";
    private static final long NANOS_PER_MILLI = 1_000_000L;

    private final Connection connection;
    private final ConnectionHost host;
    private final Flows flows;
    private final SendStream send;
    private final ReceiveStream receive;
    private final Counters counters;

    SubflowInput(Connection connection, ConnectionHost host, Flows flows, SendStream send, ReceiveStream receive,
            Counters counters) {
        this.connection = connection;
        this.host = host;
        this.flows = flows;
        this.send = send;
        this.receive = receive;
        this.counters = counters;
    }

    @Override
    public void onEstablished(Subflow subflow, long now) {
        connection.onEstablished(subflow);
    }

    @Override
    public boolean onOptions(Subflow subflow, SegmentView segment, long now) {
        if (segment.payloadLength > 0 && segment.options.has(TcpOptions.TIMESTAMPS)) {
            receive.measureByEcho(segment.options.timestampEcho,
                    (int) (now / NANOS_PER_MILLI) + subflow.timestampOffset());
        }
        Multipath multipath = connection.multipath();
        return multipath == null || multipath.onOptions(flows.of(subflow), segment, now);
    }

    @Override
    public boolean onPayload(Subflow subflow, long offset, MemorySegment segment, long at, int length, long now) {
        if (connection.closeReason() != null) {
            // A subflow that still has its farewell to say.
            return false;
        }
        Multipath multipath = connection.multipath();
        if (multipath != null) {
            long before = receive.received();
            boolean taken = multipath.onPayload(flows.of(subflow), offset, segment, at, length, now);
            if (!connection.hasReader() && (receive.received() > before || receive.holes() > 0)) {
                // What was there before may come again, by another subflow.
                connection.abortLater(AFTER_CLOSE);
            } else if (receive.received() > before) {
                connection.raiseReadable();
            }
            return taken;
        }
        if (!connection.hasReader()) {
            connection.abortLater(AFTER_CLOSE);
            return false;
        }
        boolean outOfOrder = offset > receive.received();
        ReceiveStream.Custody custody = receive.offer(offset, segment, at, length);
        if (custody != ReceiveStream.Custody.TAKEN) {
            if (outOfOrder && custody == ReceiveStream.Custody.OUT_OF_MEMORY) {
                // Never acknowledged by SACK, so nothing that the peer relies on is thrown away.
                counters.increment(Counter.OFO_PRUNED);
            }
            return false;
        }
        if (!outOfOrder) {
            connection.raiseReadable();
        }
        return true;
    }

    @Override
    public void onReceiveNext(Subflow subflow, long rcvNxt, long now) {
        if (!subflow.timestampsEnabled()) {
            receive.measureByWindow(now);
        }
        Multipath multipath = connection.multipath();
        if (multipath != null) {
            long before = receive.received();
            multipath.onReceiveNext(flows.of(subflow), now);
            if (receive.received() > before) {
                connection.raiseReadable();
            }
        }
    }

    @Override
    public void onAcknowledged(Subflow subflow, long tag, long length, long now) {
        Multipath multipath = connection.multipath();
        if (multipath != null) {
            multipath.onAcknowledged(flows.of(subflow), tag, length, now);
        } else {
            send.onAcknowledged(tag + length);
        }
        send.grow(flows, subflow.maximumSegmentSize());
        connection.raiseWritable();
    }

    @Override
    public void onRetransmissionTimeout(Subflow subflow, int consecutive, long now) {
        Multipath multipath = connection.multipath();
        if (multipath != null) {
            multipath.onRetransmissionTimeout(flows.of(subflow), now);
        }
    }

    @Override
    public void onPeerFin(Subflow subflow, long finalOffset, long now) {
        if (connection.isPlain()) {
            connection.onRemoteFin(now);
        } else {
            connection.multipath().onSubflowFin(flows.of(subflow), now);
        }
    }

    @Override
    public void onTimeWait(Subflow subflow, long now) {
        host.onSubflowTimeWait(connection, subflow, now);
        connection.gone(subflow, new CloseReason.Finished(), now);
    }

    @Override
    public void onClosed(Subflow subflow, CloseReason reason, long now) {
        SubflowContext context = connection.multipath() == null ? null : flows.of(subflow);
        if (context != null && context.fastClose && context.isEstablished()) {
            MultipathKeys keys = connection.multipath().keys();
            host.onSubflowFastClosed(connection, subflow, keys.remote(), keys.version(), now);
        } else {
            host.onSubflowClosed(connection, subflow, now);
        }
        connection.gone(subflow, reason, now);
    }

    @Override
    public void onTrouble(Subflow subflow, int retransmissions, long now) {
        connection.raiseTrouble(retransmissions);
    }

    @Override
    public long receiveWindow(Subflow subflow) {
        return receive.window(subflow.maximumSegmentSize());
    }

    @Override
    public void gather(Subflow subflow, long tag, int length, Pieces pieces) {
        send.gather(tag, length, pieces);
    }

    @Override
    public boolean isBackup(Subflow subflow) {
        return connection.multipath() != null && flows.of(subflow).isBackup();
    }

    @Override
    public boolean isUsable(Subflow subflow) {
        return connection.multipath() == null || flows.of(subflow).isUsable();
    }

    @Override
    public int optionBytes(Subflow subflow) {
        Multipath multipath = connection.multipath();
        return multipath == null ? 0 : multipath.optionBytes();
    }

    @Override
    public void writeOptions(Subflow subflow, SegmentKind kind, OptionWriter options, long offset, long tag,
            int length) {
        Multipath multipath = connection.multipath();
        if (multipath != null) {
            multipath.output().write(flows.of(subflow), kind, options, offset, tag, length);
        }
    }
}
