package net.braid.conformance;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import net.braid.base.RandomSource;
import net.braid.sim.TcpChecksums;
import net.braid.wire.IcmpWriter;
import net.braid.wire.IpAddress;
import net.braid.wire.Ipv4Header;
import net.braid.wire.TcpHeader;

/**
 * Makes bad packets out of good ones. It remembers the latest packets of live connections, and writes one at a time
 * into {@link #memory}: random bytes, a packet with some bytes changed, cut or stretched, ICMP about it, or the packet
 * itself once more.
 */
final class PacketMutator {
    private static final int REMEMBERED = 64;
    private static final int SLOT = 1500;
    private static final int LARGEST = 65_535;
    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED
            .withOrder(ByteOrder.BIG_ENDIAN);
    private static final IpAddress STRANGER = IpAddress.parse("203.0.113.9");
    private static final IpAddress STRANGER_V6 = IpAddress.parse("2001:db8::9");

    private final RandomSource random;
    private final MemorySegment corpus;
    private final int[] lengths = new int[REMEMBERED];
    private final MemorySegment memory;
    private int seen;

    PacketMutator(RandomSource random, Arena arena) {
        this.random = random;
        this.corpus = arena.allocate((long) REMEMBERED * SLOT, 64);
        this.memory = arena.allocate(LARGEST + 1, 64);
    }

    /** The packet made last; the next call overwrites it. */
    MemorySegment memory() {
        return memory;
    }

    void remember(MemorySegment packet, int length) {
        int slot = seen++ % REMEMBERED;
        MemorySegment.copy(packet, 0, corpus, (long) slot * SLOT, length);
        lengths[slot] = length;
    }

    boolean isReady() {
        return seen >= REMEMBERED;
    }

    /** A copy of a packet that was on the wire not long ago. Its length. */
    int replay() {
        int slot = random.nextInt(REMEMBERED);
        MemorySegment.copy(corpus, (long) slot * SLOT, memory, 0, lengths[slot]);
        return lengths[slot];
    }

    /** Random bytes, most often behind the first bytes of an IP header. */
    int garbage() {
        int length = random.nextInt(200);
        fill(0, length);
        if (length > 0 && random.nextInt(4) != 0) {
            memory.set(BYTE, 0, (byte) (random.nextInt(2) == 0 ? 0x45 : 0x60));
        }
        if (length > 20 && random.nextInt(2) == 0) {
            memory.set(SHORT, 2, (short) length);
            memory.set(BYTE, 9, (byte) TcpHeader.PROTOCOL);
            Ipv4Header.writeChecksum(memory, 0);
        }
        return length;
    }

    /** A live packet with one to four changes in IP header, TCP header, options or payload. Checksums are wrong now. */
    int mutant() {
        int length = replay();
        int changes = 1 + random.nextInt(4);
        for (int i = 0; i < changes; i++) {
            length = change(length);
        }
        return length;
    }

    private int change(int length) {
        int at = random.nextInt(Math.min(length, random.nextInt(8) == 0 ? length : 72));
        switch (random.nextInt(6)) {
            case 0 -> memory.set(BYTE, at, (byte) (memory.get(BYTE, at) ^ 1 << random.nextInt(8)));
            case 1 -> memory.set(BYTE, at, (byte) random.nextInt(256));
            case 2 -> memory.set(BYTE, at, (byte) (random.nextInt(2) == 0 ? 0 : 0xff));
            case 3 -> memory.set(BYTE, tcp() + 13, (byte) random.nextInt(256));
            case 4 -> fill(tcp() + 4, random.nextInt(16));
            default -> {
                return resize(length);
            }
        }
        return length;
    }

    /** Cut anywhere, or stretched to as much as coalescing could make of it; the IP length follows half of the time. */
    private int resize(int length) {
        int changed = random.nextInt(2) == 0 ? 1 + random.nextInt(length) : length + random.nextInt(LARGEST - length);
        if (random.nextInt(2) == 0 && changed > 60) {
            setIpLength(changed);
        }
        return changed;
    }

    private void setIpLength(int length) {
        if (isV6()) {
            memory.set(SHORT, 4, (short) (length - 40));
        } else {
            memory.set(SHORT, 2, (short) length);
        }
    }

    /** ICMP of any kind about a live packet, whose quotation may be damaged. */
    int icmp() {
        int slot = random.nextInt(REMEMBERED);
        MemorySegment quoted = corpus;
        long at = (long) slot * SLOT;
        boolean v6 = (corpus.get(BYTE, at) & 0xf0) == 0x60;
        int kind = random.nextInt(4);
        IpAddress sender = v6 ? STRANGER_V6 : STRANGER;
        int length = switch (kind) {
            case 0 -> IcmpWriter.packetTooBig(memory, 0, sender, random.nextInt(2000), quoted, at, lengths[slot]);
            case 1 -> IcmpWriter.timeExceeded(memory, 0, sender, quoted, at, lengths[slot]);
            case 2 -> IcmpWriter.unreachable(memory, 0, sender, random.nextInt(16), quoted, at, lengths[slot]);
            default -> IcmpWriter.write(memory, 0, sender, random.nextInt(256), random.nextInt(256),
                    (int) random.nextLong(), quoted, at, lengths[slot]);
        };
        if (random.nextInt(2) == 0) {
            int byteAt = random.nextInt(length);
            memory.set(BYTE, byteAt, (byte) random.nextInt(256));
        }
        return random.nextInt(8) == 0 ? random.nextInt(length) + 1 : length;
    }

    /** Makes the checksums of the packet right again, where it still is a packet that has them. */
    void mendChecksums(int length) {
        if (length < 40) {
            return;
        }
        if (!isV6() && (memory.get(BYTE, 0) & 0xf) >= 5 && (memory.get(BYTE, 0) & 0xf) * 4 <= length) {
            Ipv4Header.writeChecksum(memory, 0);
        }
        TcpChecksums.complete(memory, length);
    }

    private boolean isV6() {
        return (memory.get(BYTE, 0) & 0xf0) == 0x60;
    }

    private int tcp() {
        return isV6() ? 40 : 20;
    }

    private void fill(int from, int length) {
        for (int i = 0; i < length; i++) {
            memory.set(BYTE, from + i, (byte) random.nextInt(256));
        }
    }
}
