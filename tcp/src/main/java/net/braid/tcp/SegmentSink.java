package net.braid.tcp;

import java.lang.foreign.MemorySegment;
import net.braid.base.Pieces;

/**
 * Where a subflow builds a segment. The stack behind it knows the path: it writes the IP header in front of the TCP
 * header, fills in ports and checksum, and hands both to the link.
 */
public interface SegmentSink {

    /** Room for one segment on the path of {@code subflow}. False: the link is full, and nothing has happened. */
    boolean claim(Subflow subflow);

    /** Native memory with the header under construction. */
    MemorySegment header();

    /** Offset in {@link #header} at which the 20 bytes of TCP header begin; options follow. */
    long tcpHeader();

    /** The payload, empty after {@link #claim}. */
    Pieces payload();

    /**
     * Sends what was claimed.
     *
     * @param tcpHeaderLength 20 to 60, a multiple of 4
     * @param segmentSize 0 for a single segment, else payload bytes of each wire segment
     * @param ecn the two ECN bits of the IP header
     */
    void commit(Subflow subflow, int tcpHeaderLength, int segmentSize, int ecn);
}
