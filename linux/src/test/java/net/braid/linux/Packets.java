package net.braid.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import net.braid.base.Pieces;
import net.braid.link.ChecksumState;
import net.braid.link.Link;
import net.braid.wire.Checksum;
import net.braid.wire.IpAddress;
import net.braid.wire.Ipv4Header;
import net.braid.wire.Ipv6Header;
import net.braid.wire.TcpHeader;

/** TCP packets as the stack hands them to a link, and those that a link hands over, kept. */
final class Packets implements Link.PacketHandler {
    static final int SEQUENCE = 0xffff_fff0;
    private static final int TCP_HEADER = 32;

    /** One that has arrived. */
    record Arrived(byte[] bytes, int segmentSize, ChecksumState state) {
    }

    final List<Arrived> arrived = new ArrayList<>();
    final MemorySegment header;
    int headerLength;
    final Pieces payload = new Pieces();
    private final MemorySegment ring;
    private final boolean ipv6;

    Packets(Arena arena, boolean ipv6) {
        this.ipv6 = ipv6;
        header = arena.allocate(128, 8);
        ring = arena.allocate(1 << 17, 8);
        for (int i = 0; i < 1 << 17; i++) {
            ring.set(ValueLayout.JAVA_BYTE, i, (byte) (i * 31 + (i >> 8)));
        }
    }

    static IpAddress address(boolean ipv6, int last) {
        return IpAddress.parse((ipv6 ? "2001:db8:9::" : "10.254.9.") + last);
    }

    /** Prepares a packet with payload in pieces of the given lengths, which need not be even. */
    Packets tcp(IpAddress source, IpAddress destination, int flags, int... pieces) {
        payload.clear();
        int at = 1;
        for (int length : pieces) {
            payload.add(ring, at, length);
            at += length;
        }
        int transport = ipv6 ? Ipv6Header.LENGTH : Ipv4Header.LENGTH;
        headerLength = transport + TCP_HEADER;
        int total = headerLength + payload.totalLength();
        TcpHeader.write(header, transport, 4000, 5000, SEQUENCE, 77, TCP_HEADER, flags, 1000, 0);
        for (int i = TcpHeader.LENGTH; i < TCP_HEADER; i++) {
            header.set(ValueLayout.JAVA_BYTE, transport + i, (byte) 1);
        }
        int pseudo = Checksum.pseudoHeader(ipv6, source.high(), source.low(), destination.high(), destination.low(),
                TcpHeader.PROTOCOL, total - transport);
        TcpHeader.setChecksum(header, transport, pseudo);
        if (ipv6) {
            Ipv6Header.write(header, 0, 0, 0, total - transport, TcpHeader.PROTOCOL, 64, source.high(), source.low(),
                    destination.high(), destination.low());
        } else {
            Ipv4Header.write(header, 0, 0, total, 9, Ipv4Header.DONT_FRAGMENT, 64, TcpHeader.PROTOCOL,
                    source.v4Bits(), destination.v4Bits());
        }
        return this;
    }

    boolean send(Link link, int segmentSize) {
        return link.send(header, 0, headerLength, payload, segmentSize);
    }

    /** What is in all payload pieces. */
    byte[] sentPayload() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment all = arena.allocate(Math.max(1, payload.totalLength()));
            payload.copyTo(all, 0);
            return all.asSlice(0, payload.totalLength()).toArray(ValueLayout.JAVA_BYTE);
        }
    }

    @Override
    public void onPacket(Link link, MemorySegment memory, long offset, int length, int segmentSize,
            ChecksumState state) {
        arrived.add(new Arrived(memory.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE), segmentSize, state));
    }

    /** Looks at the link until so many bytes of payload behind headers like ours have arrived, ten seconds at most. */
    void awaitPayload(Link link, int bytes) {
        long end = System.nanoTime() + 10_000_000_000L;
        while (arrived.stream().mapToInt(one -> one.bytes().length - headerLength).sum() < bytes
                && System.nanoTime() < end) {
            link.receive(this, 64);
        }
    }

    /** Looks at the link until so many packets have arrived, ten seconds at most. */
    void await(Link link, int count) {
        long end = System.nanoTime() + 10_000_000_000L;
        while (arrived.size() < count && System.nanoTime() < end) {
            link.receive(this, count - arrived.size());
        }
    }
}
