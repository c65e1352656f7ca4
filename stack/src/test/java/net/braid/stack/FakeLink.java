package net.braid.stack;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import net.braid.base.Pieces;
import net.braid.link.ChecksumState;
import net.braid.link.Link;
import net.braid.link.LinkProperties;
import net.braid.wire.Checksum;
import net.braid.wire.DropReason;
import net.braid.wire.SegmentDecoder;
import net.braid.wire.SegmentView;

/** A link that keeps what it is given; {@link #peer} joins two of them. {@link #offer} queues a packet to receive. */
final class FakeLink implements Link {
    /** One packet on its way. */
    record Packet(MemorySegment memory, int segmentSize, ChecksumState state) {
        int length() {
            return (int) memory.byteSize();
        }

        SegmentView decode() {
            SegmentView view = new SegmentView();
            DropReason reason = SegmentDecoder.decode(memory, 0, length(), state == ChecksumState.UNVERIFIED, view);
            if (reason != DropReason.NONE) {
                throw new AssertionError("sent a packet that is refused: " + reason);
            }
            view.segmentSize = segmentSize;
            return view;
        }
    }

    private final LinkProperties properties;
    private final ArrayDeque<Packet> incoming = new ArrayDeque<>();
    final List<Packet> sent = new ArrayList<>();
    FakeLink peer;
    boolean full;
    /** Says that it is ready, and then does not take the packet. */
    boolean refuses;
    /** Room for so many packets, then full; negative: without end. */
    int room = -1;

    FakeLink() {
        this(LinkProperties.plain("fake", 0, 1500));
    }

    FakeLink(LinkProperties properties) {
        this.properties = properties;
    }

    @Override
    public LinkProperties properties() {
        return properties;
    }

    void offer(Packet packet) {
        incoming.add(packet);
    }

    boolean hasIncoming() {
        return !incoming.isEmpty();
    }

    @Override
    public int receive(PacketHandler handler, int limit) {
        int count = 0;
        for (; count < limit && !incoming.isEmpty(); count++) {
            Packet packet = incoming.poll();
            handler.onPacket(this, packet.memory(), 0, packet.length(), packet.segmentSize(), packet.state());
        }
        return count;
    }

    @Override
    public boolean ready() {
        return !full && room != 0;
    }

    @Override
    public boolean send(MemorySegment header, long headerOffset, int headerLength, Pieces payload, int segmentSize) {
        if (!ready() || refuses) {
            return false;
        }
        if (room > 0) {
            room--;
        }
        MemorySegment copy = Arena.ofAuto().allocate(headerLength + payload.totalLength());
        MemorySegment.copy(header, headerOffset, copy, 0, headerLength);
        payload.copyTo(copy, headerLength);
        Packet packet = new Packet(copy, segmentSize,
                properties.checksumOffload() ? ChecksumState.PARTIAL : ChecksumState.UNVERIFIED);
        if (properties.checksumOffload()) {
            checkPartialSum(packet);
        }
        sent.add(packet);
        if (peer != null) {
            peer.offer(packet);
        }
        return true;
    }

    /** With offload the field must hold the folded sum of the pseudo header, not complemented. */
    private static void checkPartialSum(Packet packet) {
        SegmentView view = packet.decode();
        int length = packet.length() - (int) (view.tcp - view.packet);
        int expected = Checksum.pseudoHeader(view.ipv6, view.sourceHigh, view.sourceLow, view.destinationHigh,
                view.destinationLow, 6, length);
        int found = net.braid.wire.TcpHeader.checksum(packet.memory(), view.tcp);
        if (found != expected) {
            throw new AssertionError("partial checksum " + found + ", expected " + expected);
        }
    }

    SegmentView last() {
        return sent.getLast().decode();
    }

    @Override
    public void flush() {
    }

    @Override
    public void close() {
    }
}
