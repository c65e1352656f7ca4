package net.braid.tcp;

/**
 * What ICMP says of a flow. Anyone can forge it, so nothing counts unless it quotes a segment that is under way
 * (RFC 5927 section 4).
 */
final class PathErrors {
    private static final int V4_UNREACHABLE = 3;
    private static final int V6_UNREACHABLE = 1;

    private final Subflow flow;
    private final Counters counters;

    PathErrors(Subflow flow, Counters counters) {
        this.flow = flow;
        this.counters = counters;
    }

    /**
     * "Fragmentation needed" (RFC 1191) or "packet too big" (RFC 8201).
     *
     * @param mtu of the next hop in bytes, 0 when the router did not say
     * @param sequenceNumber of the quoted segment
     */
    void onPacketTooBig(int mtu, int sequenceNumber, long now) {
        if (!flow.state().isSynchronized() || !isOutstanding(sequenceNumber)) {
            counters.increment(Counter.LOCK_DROPPED_ICMPS);
        } else if (flow.pathMtu().onPacketTooBig(mtu, now)) {
            flow.sizes().update();
            flow.sender().onSegmentSizeReduced(flow.sizes().segment(), now);
        }
    }

    /**
     * Unreachable, time exceeded, parameter problem: a hard error ends an attempt to connect; everything else is only
     * trouble (RFC 5927 section 5.2).
     *
     * @param icmpType 3 of ICMP and 1 of ICMPv6 can be hard, all others are soft
     */
    void onUnreachable(int icmpType, int icmpCode, int sequenceNumber, long now) {
        TcpState state = flow.state();
        boolean connecting = state == TcpState.SYN_SENT || state == TcpState.SYN_RECEIVED;
        boolean ours = connecting ? sequenceNumber == flow.sender().wire(-1) : isOutstanding(sequenceNumber);
        if (!ours || state == TcpState.CLOSED || state == TcpState.TIME_WAIT) {
            counters.increment(Counter.LOCK_DROPPED_ICMPS);
        } else if (connecting && isHard(icmpType, icmpCode)) {
            counters.increment(Counter.TCP_ATTEMPT_FAILS);
            flow.close(new CloseReason.Unreachable(icmpType, icmpCode), now);
        } else {
            //= rfc9293#3.9.2.2
            //# Since these Unreachable messages indicate soft error conditions, a
            //# TCP implementation MUST NOT abort the connection (MUST-56), and it
            //# SHOULD make the information available to the application (SHLD-25).
            int retransmissions = connecting ? flow.handshake().retransmissions() : flow.consecutiveTimeouts();
            flow.owner().onTrouble(flow, retransmissions, now);
        }
    }

    /** ICMP: protocol, port and "needs fragments"; ICMPv6: prohibited (as RFC 5461 section 2 groups them) and port. */
    private boolean isHard(int type, int code) {
        if (flow.path().ipv6()) {
            return type == V6_UNREACHABLE && (code == 1 || code == 4);
        }
        return type == V4_UNREACHABLE && code >= 2 && code <= 4;
    }

    private boolean isOutstanding(int wire) {
        long offset = flow.sender().offsetOf(wire);
        return offset >= flow.sendUnacknowledged() && offset < flow.sendNext();
    }
}
