package net.braid.stack;

import net.braid.link.Link;
import net.braid.tcp.Subflow;
import net.braid.wire.IpAddress;
import net.braid.wire.TcpHeader;

/**
 * What the stack keeps per flow: its four-tuple, its link, and the parts of its IP header that do not change, summed up
 * in advance so that the header of a data segment costs a few stores.
 */
class FlowSlot {
    private static final int IPV4_CONSTANT_SUM = 0x4500 + TcpHeader.PROTOCOL;

    final long localHigh;
    final long localLow;
    final long remoteHigh;
    final long remoteLow;
    /** Local port in the upper half, remote port in the lower: as they stand in a segment that we send. */
    final int ports;
    final boolean ipv6;
    final ConnectionSlot owner;
    final Link link;
    final boolean checksumOffload;
    /** Sum of the addresses and the protocol number, not folded. */
    final long pseudoHeaderSum;
    /** Sum of the IPv4 header but for traffic class, length, identification, flags and time to live; not folded. */
    final long headerSum;
    /** IPv6 flow label, 20 bits (RFC 6437). */
    final int flowLabel;
    Subflow subflow;
    /** Cached by {@link Demultiplexer}. */
    int hash;
    /** IPv4 identification of the next packet: unique per flow, which matters where routers may cut (RFC 6864). */
    int identification;

    FlowSlot(ConnectionSlot owner, IpAddress local, int localPort, IpAddress remote, int remotePort, Link link,
            int random) {
        this.owner = owner;
        this.localHigh = local.high();
        this.localLow = local.low();
        this.remoteHigh = remote.high();
        this.remoteLow = remote.low();
        this.ports = Demultiplexer.ports(localPort, remotePort);
        this.ipv6 = !local.isV4();
        this.link = link;
        this.checksumOffload = link.properties().checksumOffload();
        long sum = TcpHeader.PROTOCOL;
        if (ipv6) {
            sum += quarters(localHigh) + quarters(localLow) + quarters(remoteHigh) + quarters(remoteLow);
        } else {
            sum += quarters(localLow & 0xffff_ffffL) + quarters(remoteLow & 0xffff_ffffL);
        }
        this.pseudoHeaderSum = sum;
        this.headerSum = sum - TcpHeader.PROTOCOL + IPV4_CONSTANT_SUM;
        this.flowLabel = random & 0xf_ffff;
        this.identification = random >>> 12;
    }

    /** The same place in the network, without a connection. */
    FlowSlot(FlowSlot flow) {
        owner = null;
        localHigh = flow.localHigh;
        localLow = flow.localLow;
        remoteHigh = flow.remoteHigh;
        remoteLow = flow.remoteLow;
        ports = flow.ports;
        ipv6 = flow.ipv6;
        link = flow.link;
        checksumOffload = flow.checksumOffload;
        pseudoHeaderSum = flow.pseudoHeaderSum;
        headerSum = flow.headerSum;
        flowLabel = flow.flowLabel;
        identification = flow.identification;
    }

    boolean matches(long lh, long ll, long rh, long rl, int p) {
        return ports == p && remoteLow == rl && localLow == ll && remoteHigh == rh && localHigh == lh;
    }

    private static long quarters(long value) {
        return (value >>> 48) + (value >>> 32 & 0xffff) + (value >>> 16 & 0xffff) + (value & 0xffff);
    }
}
