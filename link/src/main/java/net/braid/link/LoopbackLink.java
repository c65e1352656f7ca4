package net.braid.link;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import net.braid.base.BlockPool;
import net.braid.base.Pieces;

/**
 * One of two links that hand each other's packets over in memory, in order and without delay: for tests and for two
 * stacks in one thread. A packet that was sent waits at the other end until {@link #receive}; super-segments stay
 * whole.
 */
public final class LoopbackLink implements Link {
    private static final int LARGEST_PACKET = 65_535;
    private static final int BLOCK_BYTES = 1 << 16;

    private final LinkProperties properties;
    private final BlockPool pool;
    private final int capacity;
    private final int[] blocks;
    private final int[] lengths;
    private final int[] segmentSizes;
    private LoopbackLink peer;
    private int head;
    private int size;
    private boolean closed;

    private LoopbackLink(LinkProperties properties, BlockPool pool, int capacity) {
        this.properties = properties;
        this.pool = pool;
        this.capacity = capacity;
        this.blocks = new int[capacity];
        this.lengths = new int[capacity];
        this.segmentSizes = new int[capacity];
    }

    /**
     * Two links, numbered 0 and 1, each the other's peer.
     *
     * @param offload super-segments of up to 65,535 bytes and checksums that are never computed
     * @param capacity packets that may wait at each end; above it the sender's link is not ready
     */
    public static LoopbackLink[] pair(Arena arena, int mtu, boolean offload, int capacity) {
        BlockPool pool = new BlockPool(arena, BLOCK_BYTES, 2 * capacity);
        int largest = offload ? LARGEST_PACKET : mtu;
        LoopbackLink[] links = new LoopbackLink[2];
        for (int i = 0; i < 2; i++) {
            links[i] = new LoopbackLink(new LinkProperties("loopback" + i, i, mtu, largest, offload), pool, capacity);
        }
        links[0].peer = links[1];
        links[1].peer = links[0];
        return links;
    }

    @Override
    public LinkProperties properties() {
        return properties;
    }

    /** Packets that wait to be received here. */
    public int waiting() {
        return size;
    }

    @Override
    public boolean ready() {
        return peer.size < capacity;
    }

    @Override
    public boolean send(MemorySegment header, long headerOffset, int headerLength, Pieces payload, int segmentSize) {
        int length = headerLength + payload.totalLength();
        assert length <= properties.maximumPacketBytes();
        if (peer.closed) {
            return true;
        }
        if (!ready()) {
            return false;
        }
        int block = pool.allocate();
        assert block != BlockPool.NONE;
        MemorySegment memory = pool.block(block);
        MemorySegment.copy(header, headerOffset, memory, 0, headerLength);
        payload.copyTo(memory, headerLength);
        peer.add(block, length, payload.totalLength() > segmentSize ? segmentSize : 0);
        return true;
    }

    private void add(int block, int length, int segmentSize) {
        int tail = (head + size) % capacity;
        blocks[tail] = block;
        lengths[tail] = length;
        segmentSizes[tail] = segmentSize;
        size++;
    }

    @Override
    public int receive(PacketHandler handler, int limit) {
        int count = 0;
        ChecksumState state = properties.checksumOffload() ? ChecksumState.PARTIAL : ChecksumState.UNVERIFIED;
        while (count < limit && size > 0) {
            int block = blocks[head];
            int length = lengths[head];
            int segmentSize = segmentSizes[head];
            head = (head + 1) % capacity;
            size--;
            handler.onPacket(this, pool.block(block), 0, length, segmentSize, state);
            pool.release(block);
            count++;
        }
        return count;
    }

    @Override
    public void flush() {
        // Packets are at the other end already.
    }

    /** What still waits here is dropped, and so is what the peer sends from now on. */
    @Override
    public void close() {
        closed = true;
        while (size > 0) {
            pool.release(blocks[head]);
            head = (head + 1) % capacity;
            size--;
        }
    }
}
