package net.braid.link;

/**
 * What does not change packet by packet.
 *
 * @param name as shown to people
 * @param index small number, unique in the shard
 * @param mtu the largest IP packet on the wire, in bytes, without any link header
 * @param maximumPacketBytes the largest IP packet that {@link Link#send} takes when it is told a segment size: more
 *     than {@code mtu} when the link segments (TSO), at most 65,535; otherwise equal to {@code mtu}
 * @param checksumOffload when true, the link completes TCP checksums: the field of a packet handed to
 *     {@link Link#send} holds the sum over the pseudo header (folded, not complemented, with the length of the whole
 *     packet); when false, the field holds the final checksum
 */
public record LinkProperties(String name, int index, int mtu, int maximumPacketBytes, boolean checksumOffload) {

    /** A link without any offload. */
    public static LinkProperties plain(String name, int index, int mtu) {
        return new LinkProperties(name, index, mtu, mtu, false);
    }

    public boolean segmentationOffload() {
        return maximumPacketBytes > mtu;
    }
}
