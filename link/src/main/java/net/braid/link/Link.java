package net.braid.link;

import java.lang.foreign.MemorySegment;
import net.braid.base.Pieces;

/** A way in and out for IP packets. Called from one thread only: that of the shard that owns it. */
public interface Link extends AutoCloseable {

    /** Receives a packet; the bytes are valid only until the call returns. */
    @FunctionalInterface
    interface PacketHandler {
        /**
         * @param offset of the IP header in {@code memory}
         * @param length of the IP packet in bytes, at most 65,535
         * @param segmentSize payload bytes of each wire segment when the link coalesced several, else 0
         */
        void onPacket(Link link, MemorySegment memory, long offset, int length, int segmentSize, ChecksumState state);
    }

    LinkProperties properties();

    /** Hands at most {@code limit} waiting packets to {@code handler}, in order, and returns how many. Never blocks. */
    int receive(PacketHandler handler, int limit);

    /**
     * Whether the next {@link #send}, of whatever size, will be accepted. A link that can be full must override this:
     * the engine asks before it builds a segment, and treats a segment that is refused after a yes as lost.
     */
    default boolean ready() {
        return true;
    }

    /**
     * Sends one IP packet: {@code headerLength} bytes of IP and TCP header at {@code headerOffset} of {@code header},
     * then the payload. Both belong to the caller again when the call returns.
     *
     * @param segmentSize 0 for a packet of at most {@link LinkProperties#mtu} bytes; else the payload bytes of each
     *     wire segment that the link must cut this packet into
     * @return false when the link is full; then nothing has been sent
     */
    boolean send(MemorySegment header, long headerOffset, int headerLength, Pieces payload, int segmentSize);

    /** Pushes sent packets to the device; called once per duty cycle. */
    void flush();

    @Override
    void close();
}
