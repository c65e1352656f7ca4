package net.braid.mptcp;

import net.braid.tcp.Subflow;
import net.braid.wire.IpAddress;

/**
 * One subflow of a connection as monitoring sees it, at the instant of the question. Ports are 0 to 65,535.
 *
 * @param flow live figures: window, flight, round-trip time
 * @param established its handshake is over, that of MP_JOIN included
 * @param localId address ids of both ends, 0..255
 * @param backup data goes there while no other path works
 * @param suspect it has not answered for too long, while others did: it gets no new data
 */
public record SubflowInfo(Subflow flow, IpAddress local, int localPort, IpAddress remote, int remotePort,
        int localId, int remoteId, boolean established, boolean backup, boolean suspect) {
}
