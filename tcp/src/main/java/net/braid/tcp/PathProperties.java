package net.braid.tcp;

/**
 * What a subflow must know of the path below it.
 *
 * @param mtu the largest IP packet that the first link takes, in bytes
 * @param ipv6 decides the IP header length (20 or 40) and the smallest packets that we make for a path (576 for IPv4,
 *     beneath which routers may cut them; 1280 for IPv6, which every path takes)
 * @param maximumPacketBytes more than {@code mtu} when the link segments for us (TSO), at most 65,535
 */
public record PathProperties(int mtu, boolean ipv6, int maximumPacketBytes) {

    public int ipHeaderLength() {
        return ipv6 ? 40 : 20;
    }

    public int minimumMtu() {
        return ipv6 ? 1280 : 576;
    }

    public boolean segmentationOffload() {
        return maximumPacketBytes > mtu;
    }
}
