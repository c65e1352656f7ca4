package net.braid.runtime;

import java.util.ArrayList;
import java.util.List;
import net.braid.mptcp.Connection;
import net.braid.mptcp.PeerAddress;
import net.braid.mptcp.SubflowInfo;
import net.braid.wire.IpAddress;

/**
 * A connection at one instant, as {@code ss -Mi} shows one of the kernel.
 *
 * @param multipath Multipath TCP, not plain TCP by choice or by fallback
 * @param token our token, 0 when there is none
 * @param sent bytes that the application has handed over
 * @param received bytes that the application has been given
 * @param announced addresses of the peer
 */
public record StreamInfo(IpAddress local, int localPort, IpAddress remote, int remotePort, boolean multipath, int token,
        boolean checksum, long sent, long received, List<Path> paths, List<PeerAddress> announced) {

    /**
     * One subflow.
     *
     * @param localId address ids of both ends, 0..255
     * @param rttNanos smoothed round-trip time, 0 before the first measurement
     * @param congestionWindow in bytes
     * @param bytesInFlight in bytes
     * @param deliveryRate bytes a second
     * @param bytesSent payload bytes sent for the first time
     * @param bytesRetransmitted payload bytes sent again
     * @param bytesReceived payload bytes received in order
     */
    public record Path(int index, IpAddress local, int localPort, IpAddress remote, int remotePort, int localId,
            int remoteId, boolean established, boolean backup, boolean suspect, long rttNanos,
            long congestionWindow, long bytesInFlight, long deliveryRate, int maximumSegmentSize, long bytesSent,
            long bytesRetransmitted, long bytesReceived) {

        static Path of(SubflowInfo info) {
            var flow = info.flow();
            return new Path(flow.index(), info.local(), info.localPort(), info.remote(), info.remotePort(),
                    info.localId(), info.remoteId(), info.established(), info.backup(), info.suspect(),
                    flow.smoothedRttNanos(), flow.congestionWindow(), flow.bytesInFlight(), flow.deliveryRate(),
                    flow.maximumSegmentSize(), flow.sendNext(), flow.bytesRetransmitted(), flow.receiveNext());
        }
    }

    static StreamInfo of(Connection connection, Exchange exchange, long now) {
        List<Path> paths = new ArrayList<>();
        for (SubflowInfo info : connection.subflows()) {
            paths.add(Path.of(info));
        }
        return new StreamInfo(connection.localAddress(), connection.localPort(), connection.remoteAddress(),
                connection.remotePort(), connection.isMultipath(), connection.token(), connection.usesChecksum(),
                exchange.outbox.written(), exchange.inbox.read(), List.copyOf(paths),
                PeerAddress.of(connection));
    }
}
