package net.braid.wire;

/** 64-bit data sequence numbers, of which the wire may carry the lower half only (RFC 8684 section 3.3.1). */
public final class DataSequenceNumber {
    private DataSequenceNumber() {
    }

    /**
     * The 64-bit number congruent to {@code wire} that lies nearest to {@code reference}; of two equally near ones, the
     * higher. All modulo 2^64.
     *
     * @param reference RCV.NXT for a data sequence number, SND.UNA for a DATA_ACK
     */
    public static long expand(int wire, long reference) {
        int delta = wire - (int) reference;
        return reference + (delta == Integer.MIN_VALUE ? 1L << 31 : delta);
    }
}
