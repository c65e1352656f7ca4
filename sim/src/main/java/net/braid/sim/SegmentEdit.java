package net.braid.sim;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import net.braid.wire.Ipv4Header;
import net.braid.wire.Ipv6Header;
import net.braid.wire.OptionKind;
import net.braid.wire.TcpFlags;
import net.braid.wire.TcpHeader;

/** Changes TCP packets in place. The packet begins at offset 0; {@link #mend} comes last. */
final class SegmentEdit {
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    /** Looks at one option, from its kind byte on. */
    @FunctionalInterface
    interface OptionVisitor {
        void onOption(long at, int kind, int length);
    }

    private SegmentEdit() {
    }

    /** All options but padding, in order; a list that is broken ends there. */
    static void options(MemorySegment memory, long tcp, OptionVisitor visitor) {
        long at = tcp + TcpHeader.LENGTH;
        long end = tcp + TcpHeader.headerLength(memory, tcp);
        while (at < end) {
            int kind = Byte.toUnsignedInt(memory.get(ValueLayout.JAVA_BYTE, at));
            if (kind == OptionKind.END) {
                return;
            }
            if (kind == OptionKind.NOP) {
                at++;
                continue;
            }
            int length = at + 1 < end ? Byte.toUnsignedInt(memory.get(ValueLayout.JAVA_BYTE, at + 1)) : 0;
            if (length < 2 || at + length > end) {
                return;
            }
            visitor.onOption(at, kind, length);
            at += length;
        }
    }

    /** Writes NOPs over an option. */
    static void blank(MemorySegment memory, long at, int length) {
        for (long i = at; i < at + length; i++) {
            memory.set(ValueLayout.JAVA_BYTE, i, (byte) OptionKind.NOP);
        }
    }

    static void sequenceNumber(MemorySegment memory, long tcp, int value) {
        memory.set(INT, tcp + 4, value);
    }

    static void acknowledgmentNumber(MemorySegment memory, long tcp, int value) {
        memory.set(INT, tcp + 8, value);
    }

    /** Adds {@code shift} to the edges of all SACK blocks. */
    static void shiftSackBlocks(MemorySegment memory, long tcp, int shift) {
        options(memory, tcp, (at, kind, length) -> {
            if (kind == OptionKind.SACK) {
                for (long edge = at + 2; edge + 4 <= at + length; edge += 4) {
                    memory.set(INT, edge, memory.get(INT, edge) + shift);
                }
            }
        });
    }

    static void flags(MemorySegment memory, long tcp, int value) {
        memory.set(ValueLayout.JAVA_BYTE, tcp + 13, (byte) value);
    }

    static void window(MemorySegment memory, long tcp, int value) {
        memory.set(SHORT, tcp + 14, (short) value);
    }

    static void ports(MemorySegment memory, long tcp, int source, int destination) {
        TcpHeader.setPorts(memory, tcp, source, destination);
    }

    static void sourceV4(MemorySegment memory, int bits) {
        memory.set(INT, 12, bits);
    }

    static void destinationV4(MemorySegment memory, int bits) {
        memory.set(INT, 16, bits);
    }

    /** Exchanges source and destination, addresses and ports. */
    static void turnRound(MemorySegment memory, int length, long tcp) {
        if (Packets.version(memory, length) == Ipv4Header.VERSION) {
            int source = Ipv4Header.source(memory, 0);
            sourceV4(memory, Ipv4Header.destination(memory, 0));
            destinationV4(memory, source);
        } else {
            for (int i = 0; i < 16; i += 4) {
                int source = memory.get(INT, 8 + i);
                memory.set(INT, 8 + i, memory.get(INT, 24 + i));
                memory.set(INT, 24 + i, source);
            }
        }
        ports(memory, tcp, TcpHeader.destinationPort(memory, tcp), TcpHeader.sourcePort(memory, tcp));
    }

    /**
     * Makes a bare packet of the one in {@code memory}: its IP header and ports, no options, no payload.
     *
     * @return its length
     */
    static int bare(MemorySegment memory, int length, long tcp, int sequence, int acknowledgment, int flags,
            int window) {
        TcpHeader.write(memory, tcp, TcpHeader.sourcePort(memory, tcp), TcpHeader.destinationPort(memory, tcp),
                sequence, acknowledgment, TcpHeader.LENGTH, flags, window, 0);
        int total = (int) tcp + TcpHeader.LENGTH;
        length(memory, length, total);
        return total;
    }

    /** Makes an acknowledgment without options of the 20 bytes of header at {@code tcp}. */
    static void acknowledgment(MemorySegment memory, long tcp, int sequence, int acknowledgment, int window) {
        TcpHeader.write(memory, tcp, TcpHeader.sourcePort(memory, tcp), TcpHeader.destinationPort(memory, tcp),
                sequence, acknowledgment, TcpHeader.LENGTH, TcpFlags.ACK, window, 0);
    }

    /** Three words behind a header without options. */
    static void appendOption(MemorySegment memory, long tcp, int first, int second, int third) {
        memory.set(INT, tcp + 20, first);
        memory.set(INT, tcp + 24, second);
        memory.set(INT, tcp + 28, third);
        memory.set(ValueLayout.JAVA_BYTE, tcp + 12, (byte) ((TcpHeader.LENGTH + 12) << 2));
    }

    /** Writes the length of the packet into its IP header. {@code was} may be any length with the whole header. */
    static void length(MemorySegment memory, int was, int total) {
        if (Packets.version(memory, was) == Ipv4Header.VERSION) {
            memory.set(SHORT, 2, (short) total);
        } else {
            memory.set(SHORT, 4, (short) (total - Ipv6Header.LENGTH));
        }
    }

    /** Makes both checksums right. */
    static void mend(MemorySegment memory, int length) {
        if (Packets.version(memory, length) == Ipv4Header.VERSION) {
            Ipv4Header.writeChecksum(memory, 0);
        }
        TcpChecksums.complete(memory, length);
    }

    static int withoutEnds(int flags) {
        return flags & ~(TcpFlags.FIN | TcpFlags.PSH);
    }
}
