package net.braid.bench;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import net.braid.wire.Checksum;

/** An IPv4 data segment of 1,500 bytes with timestamps, and a DSS with 64-bit numbers where asked for. */
final class DataSegment {
    static final int LENGTH = 1500;

    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final int SOURCE = 0x0a000001;
    private static final int DESTINATION = 0x0a000002;

    private DataSegment() {
    }

    static MemorySegment create(boolean dss) {
        MemorySegment packet = Arena.global().allocate(LENGTH, 64);
        int optionLength = dss ? 40 : 12;
        packet.set(SHORT, 0, (short) 0x4500);
        packet.set(SHORT, 2, (short) LENGTH);
        packet.set(INT, 4, 0x00014000);
        packet.set(SHORT, 8, (short) 0x4006);
        packet.set(INT, 12, SOURCE);
        packet.set(INT, 16, DESTINATION);
        packet.set(SHORT, 10, (short) Checksum.finish(Checksum.sum(packet, 0, 20)));
        packet.set(SHORT, 20, (short) 40_000);
        packet.set(SHORT, 22, (short) 443);
        packet.set(INT, 24, 0x12345678);
        packet.set(INT, 28, 0x23456789);
        packet.set(SHORT, 32, (short) ((20 + optionLength) / 4 << 12 | 0x18));
        packet.set(SHORT, 34, (short) 0x7fff);
        packet.set(INT, 40, 0x0101080a);
        packet.set(INT, 44, 1_000);
        packet.set(INT, 48, 2_000);
        if (dss) {
            writeDss(packet);
        }
        for (int i = 40 + optionLength; i < LENGTH; i++) {
            packet.set(ValueLayout.JAVA_BYTE, i, (byte) (i * 31));
        }
        int pseudo = Checksum.pseudoHeader(false, 0, SOURCE, 0, DESTINATION, 6, LENGTH - 20);
        int sum = Checksum.add(pseudo, Checksum.sum(packet, 20, LENGTH - 20));
        packet.set(SHORT, 36, (short) Checksum.finish(sum));
        return packet;
    }

    /** Kind 30, length 26, subtype 2, all numbers of 64 bits, and two bytes of padding. */
    private static void writeDss(MemorySegment packet) {
        packet.set(INT, 52, 0x1e1a200f);
        packet.set(LONG, 56, 0x1122334455667788L);
        packet.set(LONG, 64, 0x2122334455667788L);
        packet.set(INT, 72, 1);
        packet.set(SHORT, 76, (short) 1420);
        packet.set(SHORT, 78, (short) 0x0101);
    }
}
