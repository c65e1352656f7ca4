package net.braid.tcp;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import net.braid.wire.DropReason;
import net.braid.wire.Ipv4Header;
import net.braid.wire.SegmentDecoder;
import net.braid.wire.SegmentView;
import net.braid.wire.TcpHeader;

/**
 * One packet on the wire of the tests. The engine sees native memory only: {@link #decode} copies the bytes to a native
 * buffer first.
 *
 * @param segmentSize payload of each wire segment when several ride under this header, else 0
 */
record Packet(byte[] bytes, int segmentSize) {
    private static final int CAPACITY = 0xffff;
    private static final int ADDRESS_A = 0x0a000001;
    private static final int ADDRESS_B = 0x0a000002;
    private static final MemorySegment BUFFER = Arena.ofAuto().allocate(CAPACITY, 8);

    static Packet of(MemorySegment tcp, long at, int headerLength, byte[] payload, int segmentSize, int ecn) {
        int total = Ipv4Header.LENGTH + headerLength + payload.length;
        Ipv4Header.write(BUFFER, 0, ecn, total, 0, Ipv4Header.DONT_FRAGMENT, 64, TcpHeader.PROTOCOL, ADDRESS_A,
                ADDRESS_B);
        byte[] bytes = new byte[total];
        MemorySegment.copy(BUFFER, ValueLayout.JAVA_BYTE, 0, bytes, 0, Ipv4Header.LENGTH);
        MemorySegment.copy(tcp, ValueLayout.JAVA_BYTE, at, bytes, Ipv4Header.LENGTH, headerLength);
        System.arraycopy(payload, 0, bytes, Ipv4Header.LENGTH + headerLength, payload.length);
        return new Packet(bytes, segmentSize);
    }

    /** Valid until the next call, as in the engine. */
    SegmentView decode(SegmentView view) {
        MemorySegment.copy(bytes, 0, BUFFER, ValueLayout.JAVA_BYTE, 0, bytes.length);
        DropReason reason = SegmentDecoder.decode(BUFFER, 0, bytes.length, false, view);
        if (reason != DropReason.NONE) {
            throw new AssertionError("a packet of the tests does not decode: " + reason);
        }
        view.segmentSize = segmentSize;
        return view;
    }

    /** As {@link #decode}, with the mark that a congested router sets. */
    SegmentView decodeMarked(SegmentView view) {
        decode(view);
        view.ecn = Ecn.CE;
        return view;
    }
}
