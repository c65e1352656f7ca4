package net.braid.link;

/** What the link knows about the TCP checksum of a received packet. */
public enum ChecksumState {
    /** Nothing: the receiver must verify. */
    UNVERIFIED,
    /** Verified by the link. */
    VALID,
    /** The packet never left the machine: the field holds only the sum of the pseudo header, the bytes are good. */
    PARTIAL
}
