package net.braid.wire;

/**
 * Why a TCP or Multipath TCP option was ignored. The segment that carries it stays: only the option is lost. A set of
 * faults is a bit mask, bit {@link #ordinal}.
 */
public enum OptionFault {
    /** Nothing. */
    NONE,
    /** Kind without length, length 0 or 1, or beyond the header: nothing behind it can be read (RFC 9293 MUST-7). */
    LIST,
    /** Length does not suit the kind, subtype, version or flags. */
    LENGTH,
    /** Not on this kind of segment. */
    SEGMENT,
    /** MPTCP subtype without a meaning, or without one in this version. */
    SUBTYPE,
    /** MP_CAPABLE: not a version that may stand here. */
    VERSION,
    /** MP_CAPABLE: no crypto algorithm that we know, or not exactly one in an answer. */
    CRYPTO,
    /** MP_CAPABLE: B is set. In version 1 only the option is ignored; in version 0 the whole SYN must be dropped. */
    EXTENSIBILITY,
    /** ADD_ADDR of version 0: IPVer is neither 4 nor 6, or does not suit the length. */
    ADDRESS_FAMILY,
    /** A second option of a kind that may stand only once; the first one counts. */
    DUPLICATE;

    public int bit() {
        return 1 << ordinal();
    }
}
