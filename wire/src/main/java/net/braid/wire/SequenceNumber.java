package net.braid.wire;

/**
 * The one place where 32-bit sequence numbers wrap (RFC 9293 section 3.4). Inside the engine every sequence number is
 * a 64-bit offset and is compared with the ordinary operators.
 */
public final class SequenceNumber {
    private SequenceNumber() {
    }

    /** The 64-bit offset congruent to {@code wire} that lies nearest to {@code reference}. */
    public static long unwrap(int wire, long reference) {
        return reference + (wire - (int) reference);
    }

    public static int wrap(long offset) {
        return (int) offset;
    }
}
