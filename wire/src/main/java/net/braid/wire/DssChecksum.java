package net.braid.wire;

/**
 * The checksum of a DSS mapping (RFC 8684 section 3.3.1): one's complement, over a pseudo header of 64-bit data
 * sequence number, relative subflow sequence number, data-level length and zero, and then the payload of the mapping.
 * The sum of the payload may be gathered segment by segment, in any order, with {@link #add}.
 */
public final class DssChecksum {
    private DssChecksum() {
    }

    /** Adds the sum of a stretch of payload that begins {@code offset} bytes behind the start of the mapping. */
    public static int add(int payloadSum, long offset, int stretchSum) {
        return Checksum.append(payloadSum, offset, stretchSum);
    }

    /**
     * The checksum to send.
     *
     * @param dataSequence 64 bits, even when the option carries 32
     * @param subflowSequence relative; 0 for a lone DATA_FIN
     * @param dataLength with 1 for DATA_FIN, 1..65,535; an infinite mapping (0) carries the literal 0, not a checksum
     * @param payloadSum {@link Checksum#sum} of all bytes of the mapping; 0 for a lone DATA_FIN
     */
    public static int compute(long dataSequence, int subflowSequence, int dataLength, int payloadSum) {
        return Checksum.finish(sum(dataSequence, subflowSequence, dataLength, payloadSum));
    }

    /** Whether a mapping has arrived as it was sent; arguments as for {@link #compute}. */
    public static boolean matches(int checksum, long dataSequence, int subflowSequence, int dataLength,
            int payloadSum) {
        return Checksum.add(sum(dataSequence, subflowSequence, dataLength, payloadSum), checksum) == Checksum.VALID;
    }

    private static int sum(long dataSequence, int subflowSequence, int dataLength, int payloadSum) {
        assert dataLength >= 0 && dataLength <= 0xffff;
        int pseudo = Checksum.add(Checksum.sumOfLong(dataSequence), Checksum.sumOfInt(subflowSequence));
        return Checksum.add(Checksum.add(pseudo, dataLength), payloadSum);
    }
}
