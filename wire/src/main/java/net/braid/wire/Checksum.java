package net.braid.wire;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import net.braid.base.Pieces;

/**
 * The Internet checksum (RFC 1071): one's complement sums of 16-bit big-endian words.
 *
 * <p>A <em>sum</em> is folded to 16 bits and not complemented, 0..0xffff; sums are joined by {@link #add}. The
 * <em>checksum</em> that goes on the wire is {@link #finish} of a sum. A correct packet, summed with its checksum in
 * place, gives 0xffff.
 */
public final class Checksum {
    /** The sum of a packet whose checksum is right. */
    public static final int VALID = 0xffff;

    private static final boolean LITTLE = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;

    /** Up to here a run counts as a header: no TCP header is longer. */
    private static final int HEADER_LONGS = 16;

    private Checksum() {
    }

    /** Sum of {@code length} bytes; an odd length is padded with one zero byte. */
    public static int sum(MemorySegment memory, long offset, int length) {
        assert length >= 0 && offset >= 0 && offset + length <= memory.byteSize();
        // Native order and two accumulators of 64 bits: C2 turns this loop into vector code. One's complement sums do
        // not mind the byte order (RFC 1071 section 2 (B)), so the result is turned once, at the end.
        int longs = length >>> 3;
        if (longs > HEADER_LONGS) {
            return finishSum(memory, offset, length, longs, manyLongs(memory, offset, longs));
        }
        long sum = 0;
        for (int i = 0; i < longs; i++) {
            long word = memory.get(ValueLayout.JAVA_LONG_UNALIGNED, offset + ((long) i << 3));
            sum += (word & 0xffff_ffffL) + (word >>> 32);
        }
        return finishSum(memory, offset, length, longs, sum);
    }

    /**
     * The loop of its own for payloads: C2 makes vector code of a loop only when its profile shows many rounds, and the
     * headers would spoil the profile.
     */
    private static long manyLongs(MemorySegment memory, long offset, int longs) {
        long even = 0;
        long odd = 0;
        for (int i = 0; i < longs; i++) {
            long word = memory.get(ValueLayout.JAVA_LONG_UNALIGNED, offset + ((long) i << 3));
            even += word & 0xffff_ffffL;
            odd += word >>> 32;
        }
        return (even & 0xffff_ffffL) + (even >>> 32) + (odd & 0xffff_ffffL) + (odd >>> 32);
    }

    private static int finishSum(MemorySegment memory, long offset, int length, int longs, long sumOfLongs) {
        long sum = sumOfLongs;
        long at = offset + ((long) longs << 3);
        if ((length & 4) != 0) {
            sum += Integer.toUnsignedLong(memory.get(ValueLayout.JAVA_INT_UNALIGNED, at));
            at += 4;
        }
        if ((length & 2) != 0) {
            sum += Short.toUnsignedInt(memory.get(ValueLayout.JAVA_SHORT_UNALIGNED, at));
            at += 2;
        }
        if ((length & 1) != 0) {
            int last = Byte.toUnsignedInt(memory.get(ValueLayout.JAVA_BYTE, at));
            sum += LITTLE ? last : last << 8;
        }
        int folded = fold(sum);
        return LITTLE ? swap(folded) : folded;
    }

    /** Sum over all pieces as one run of bytes. */
    public static int sum(Pieces pieces) {
        int sum = 0;
        int before = 0;
        for (int i = 0; i < pieces.count(); i++) {
            int length = pieces.length(i);
            sum = append(sum, before, sum(pieces.memory(i), pieces.offset(i), length));
            before += length;
        }
        return sum;
    }

    /** One's complement addition of two sums. */
    public static int add(int sum, int other) {
        int total = sum + other;
        return (total & 0xffff) + (total >>> 16);
    }

    /**
     * The sum of a run of {@code bytesBefore} bytes with sum {@code sum}, followed by a run with sum {@code next} that
     * was computed on its own. At an odd place the bytes of every word of {@code next} change sides.
     */
    public static int append(int sum, long bytesBefore, int next) {
        return add(sum, (bytesBefore & 1) == 0 ? next : swap(next));
    }

    /** Exchanges the two bytes of a sum. */
    public static int swap(int sum) {
        return (sum & 0xff) << 8 | sum >>> 8;
    }

    /** Folds a sum of 16-bit words that has grown up to 63 bits. */
    public static int fold(long sum) {
        assert sum >= 0;
        sum = (sum & 0xffff_ffffL) + (sum >>> 32);
        sum = (sum & 0xffff_ffffL) + (sum >>> 32);
        int folded = (int) (sum & 0xffff) + (int) (sum >>> 16);
        folded = (folded & 0xffff) + (folded >>> 16);
        return (folded & 0xffff) + (folded >>> 16);
    }

    /** Sum of the two 16-bit halves of a 32-bit number, folded. */
    public static int sumOfInt(int value) {
        return add(value >>> 16, value & 0xffff);
    }

    /** Sum of the four 16-bit quarters of a 64-bit number, folded. */
    public static int sumOfLong(long value) {
        return fold((value >>> 32) + (value & 0xffff_ffffL));
    }

    /**
     * Sum of the pseudo header of IPv4 (RFC 9293 section 3.1) or IPv6 (RFC 8200 section 8.1). Addresses as in
     * {@link SegmentView}. With checksum offload, this very value is what stands in the checksum field.
     *
     * @param length of the upper-layer packet, header and payload, in bytes
     */
    public static int pseudoHeader(boolean ipv6, long sourceHigh, long sourceLow, long destinationHigh,
            long destinationLow, int protocol, int length) {
        assert length >= 0 && protocol >= 0 && protocol <= 255;
        long sum = (long) protocol + (length >>> 16) + (length & 0xffff);
        if (ipv6) {
            sum += (sourceHigh >>> 32) + (sourceHigh & 0xffff_ffffL) + (sourceLow >>> 32) + (sourceLow & 0xffff_ffffL)
                    + (destinationHigh >>> 32) + (destinationHigh & 0xffff_ffffL)
                    + (destinationLow >>> 32) + (destinationLow & 0xffff_ffffL);
        } else {
            sum += (sourceLow & 0xffff_ffffL) + (destinationLow & 0xffff_ffffL);
        }
        return fold(sum);
    }

    /** The checksum of a sum: its one's complement. */
    public static int finish(int sum) {
        return ~sum & 0xffff;
    }

    /**
     * The checksum after one 16-bit word at an even place has changed, by equation 3 of RFC 1624 section 3:
     * HC' = ~(~HC + ~m + m').
     */
    public static int update(int checksum, int oldWord, int newWord) {
        return finish(add(add(finish(checksum), ~oldWord & 0xffff), newWord & 0xffff));
    }

    /** As {@link #update}, for a 32-bit field at an even place. */
    public static int updateInt(int checksum, int oldValue, int newValue) {
        return update(update(checksum, oldValue >>> 16, newValue >>> 16), oldValue & 0xffff, newValue & 0xffff);
    }
}
