package net.braid.mptcp;

import net.braid.wire.DataSequenceNumber;

/**
 * The one place where data sequence numbers of the wire become data offsets and back. Offset 0 is the first byte behind
 * the initial number: IDSN + 1 (RFC 8684 section 3.1: the SYN with MP_CAPABLE takes IDSN).
 */
final class DataSequence {
    private long initial;

    void start(long initialDataSequenceNumber) {
        initial = initialDataSequenceNumber;
    }

    long toWire(long offset) {
        return initial + 1 + offset;
    }

    /**
     * The offset that a number of the wire means.
     *
     * @param wide 64 bits, else only the lower 32 count and the nearest to {@code reference} is meant
     */
    long toOffset(long wire, boolean wide, long reference) {
        //= rfc8684#3.3.1 C10
        //# Implementations MUST accept a
        //# 32-bit DSN and implicitly promote it to a 64-bit quantity by
        //# incrementing the upper 32 bits of the sequence number each time the
        //# lower 32 bits wrap.
        long full = wide ? wire : DataSequenceNumber.expand((int) wire, toWire(reference));
        return full - initial - 1;
    }
}
