package net.braid.cli;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.ArrayBlockingQueue;
import net.braid.base.Pieces;
import net.braid.link.ChecksumState;
import net.braid.link.Link;
import net.braid.link.LinkProperties;

/** One of two links that join two engines in memory. The engines poll them. */
final class MemoryLink implements Link {
    private record Packet(MemorySegment memory, int length, int segmentSize) {
    }

    private final LinkProperties properties;
    private final ArrayBlockingQueue<Packet> incoming = new ArrayBlockingQueue<>(256);
    private MemoryLink peer;

    private MemoryLink(int index) {
        properties = new LinkProperties("memory" + index, index, 1500, 65_535, true);
    }

    static MemoryLink[] pair(int index) {
        MemoryLink[] links = {new MemoryLink(index), new MemoryLink(index)};
        links[0].peer = links[1];
        links[1].peer = links[0];
        return links;
    }

    @Override
    public LinkProperties properties() {
        return properties;
    }

    @Override
    public boolean send(MemorySegment header, long offset, int headerLength, Pieces payload, int segmentSize) {
        int length = headerLength + payload.totalLength();
        MemorySegment memory = Arena.ofAuto().allocate(length, 8);
        MemorySegment.copy(header, offset, memory, 0, headerLength);
        payload.copyTo(memory, headerLength);
        peer.incoming.offer(new Packet(memory, length, payload.totalLength() > segmentSize ? segmentSize : 0));
        return true;
    }

    @Override
    public int receive(PacketHandler handler, int limit) {
        int count = 0;
        for (Packet packet = null; count < limit && (packet = incoming.poll()) != null; count++) {
            handler.onPacket(this, packet.memory, 0, packet.length, packet.segmentSize, ChecksumState.PARTIAL);
        }
        return count;
    }

    @Override
    public void flush() {
    }

    @Override
    public void close() {
    }
}
