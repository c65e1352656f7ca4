package net.braid.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import net.braid.base.Pieces;
import org.junit.jupiter.api.Test;

class ChecksumTest {
    private static final long SEED = 20261125;

    private final MemorySegment memory = Arena.ofAuto().allocate(1 << 16);
    private final SplitMix random = new SplitMix(SEED);

    /** The definition of RFC 1071 section 1, byte by byte. */
    private static int slow(MemorySegment memory, long offset, int length) {
        long sum = 0;
        for (int i = 0; i < length; i++) {
            int b = Byte.toUnsignedInt(memory.get(Layouts.BYTE, offset + i));
            sum += (i & 1) == 0 ? b << 8 : b;
        }
        while (sum >>> 16 != 0) {
            sum = (sum & 0xffff) + (sum >>> 16);
        }
        return (int) sum;
    }

    private void fill(int length) {
        for (int i = 0; i < length; i++) {
            memory.set(Layouts.BYTE, i, (byte) random.nextInt());
        }
    }

    @Test
    void sumOfTheExampleInRfc1071IsDdf2() {
        memory.set(Layouts.LONG, 0, 0x0001_f203_f4f5_f6f7L);
        assertEquals(0xddf2, Checksum.sum(memory, 0, 8));
    }

    @Test
    void sumEqualsTheDefinitionAtEveryLengthAndAlignment() {
        fill(1600);
        for (int offset = 0; offset < 9; offset++) {
            for (int length = 0; length < 1500; length++) {
                assertEquals(slow(memory, offset, length), Checksum.sum(memory, offset, length),
                        "offset " + offset + " length " + length);
            }
        }
    }

    @Test
    void sumOfOnlyOnesDoesNotOverflow() {
        memory.fill((byte) 0xff);
        assertEquals(0xffff, Checksum.sum(memory, 0, 1 << 16));
    }

    @Test
    void sumOfPiecesEqualsTheSumOfTheirBytesInOneRun() {
        fill(20_000);
        MemorySegment copy = Arena.ofAuto().allocate(20_000);
        Pieces pieces = new Pieces();
        for (int round = 0; round < 2_000; round++) {
            pieces.clear();
            int count = 1 + random.nextInt(Pieces.CAPACITY);
            for (int i = 0; i < count; i++) {
                pieces.add(memory, random.nextInt(10_000), 1 + random.nextInt(300));
            }
            pieces.copyTo(copy, 0);
            assertEquals(slow(copy, 0, pieces.totalLength()), Checksum.sum(pieces), "round " + round + " seed " + SEED);
        }
    }

    @Test
    void pseudoHeaderEqualsTheSumOfItsBytes() {
        for (int round = 0; round < 10_000; round++) {
            long sourceHigh = random.nextLong();
            long sourceLow = random.nextLong();
            long destinationHigh = random.nextLong();
            long destinationLow = random.nextLong();
            int length = random.nextInt(0x10_0000);
            memory.set(Layouts.LONG, 0, sourceHigh);
            memory.set(Layouts.LONG, 8, sourceLow);
            memory.set(Layouts.LONG, 16, destinationHigh);
            memory.set(Layouts.LONG, 24, destinationLow);
            memory.set(Layouts.INT, 32, length);
            memory.set(Layouts.INT, 36, 58);
            assertEquals(slow(memory, 0, 40), Checksum.pseudoHeader(true, sourceHigh, sourceLow, destinationHigh,
                    destinationLow, 58, length));
            length &= 0xffff;
            memory.set(Layouts.INT, 0, (int) sourceLow);
            memory.set(Layouts.INT, 4, (int) destinationLow);
            memory.set(Layouts.INT, 8, 6 << 16 | length);
            assertEquals(slow(memory, 0, 12), Checksum.pseudoHeader(false, 0,
                    IpAddress.mapped((int) sourceLow), 0, IpAddress.mapped((int) destinationLow), 6, length));
        }
    }

    @Test
    void incrementalUpdateFollowsRfc1624() {
        // RFC 1624 section 4: old checksum DD2F, field 5555 becomes 3285; equation 3 gives 0000, equation 2 does not.
        assertEquals(0x0000, Checksum.update(0xdd2f, 0x5555, 0x3285));
    }

    @Test
    void incrementalUpdateEqualsAFreshChecksum() {
        fill(64);
        for (int round = 0; round < 100_000; round++) {
            int before = Checksum.finish(Checksum.sum(memory, 0, 64));
            int place = random.nextInt(31) * 2;
            int old = memory.get(Layouts.INT, place);
            int changed = random.nextInt();
            memory.set(Layouts.INT, place, changed);
            int fresh = Checksum.finish(Checksum.sum(memory, 0, 64));
            assertEquals(fresh, Checksum.updateInt(before, old, changed), "round " + round + " seed " + SEED);
        }
    }

    @Test
    void foldedNumbersEqualTheSumOfTheirBytes() {
        for (int round = 0; round < 10_000; round++) {
            long value = round == 0 ? -1L : random.nextLong();
            memory.set(Layouts.LONG, 0, value);
            assertEquals(slow(memory, 0, 8), Checksum.sumOfLong(value));
            assertEquals(slow(memory, 4, 4), Checksum.sumOfInt((int) value));
        }
    }
}
