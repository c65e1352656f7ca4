package net.braid.wire;

import java.lang.foreign.MemorySegment;

/** Reads the option list of a TCP header into {@link TcpOptions}: no exception, no allocation, whatever it holds. */
public final class OptionDecoder {
    /** Flags of a DSS option, byte 3 (RFC 8684 section 3.3). */
    static final int A = 0x01;
    static final int A64 = 0x02;
    static final int M = 0x04;
    static final int M64 = 0x08;
    static final int F = 0x10;
    /** Kind 30, length 26 without checksum, subtype DSS, and flags: a mapping and a DATA_ACK, both with 64 bits. */
    static final int WIDE_MAPPING_HEAD = 0x1e1a_2000 | A | A64 | M | M64;
    /** With two NOPs, or a checksum, behind it. */
    static final int WIDE_MAPPING_LENGTH = 28;
    /** The same with nothing but a 64-bit DATA_ACK. */
    static final int WIDE_ACK_HEAD = 0x1e0c_2000 | A | A64;
    static final int WIDE_ACK_LENGTH = 12;
    static final int TWO_NOPS = 0x0101;

    private OptionDecoder() {
    }

    /**
     * Reads {@code length} bytes of options.
     *
     * @param length 0..40
     * @param flags of the TCP header: DSS does not count on a SYN
     */
    public static void decode(MemorySegment memory, long offset, int length, int flags, TcpOptions options) {
        assert length >= 0 && length <= OptionWriter.CAPACITY;
        options.clear();
        int at = 0;
        // The layout that every sender with timestamps uses on data and ACKs (RFC 7323 appendix A).
        if (length >= 12 && memory.get(Layouts.INT, offset) == 0x0101_080a) {
            options.timestampValue = memory.get(Layouts.INT, offset + 4);
            options.timestampEcho = memory.get(Layouts.INT, offset + 8);
            options.present = TcpOptions.TIMESTAMPS;
            at = 12;
            if (dataSequenceSignalAlone(memory, offset + at, length - at, flags, options)) {
                return;
            }
        }
        while (at < length) {
            int kind = Byte.toUnsignedInt(memory.get(Layouts.BYTE, offset + at));
            if (kind == OptionKind.END) {
                return;
            }
            if (kind == OptionKind.NOP) {
                at++;
                continue;
            }
            //= rfc9293#3.1
            //# TCP implementations MUST be prepared to handle
            //# an illegal option length (e.g., zero); a suggested procedure is to
            //# reset the connection and log the error cause (MUST-7).
            // We ignore the rest of the list instead: an attacker or a broken box shall not end the connection.
            if (at + 1 >= length) {
                options.faults |= OptionFault.LIST.bit();
                return;
            }
            int optionLength = Byte.toUnsignedInt(memory.get(Layouts.BYTE, offset + at + 1));
            if (optionLength < 2 || optionLength > length - at) {
                options.faults |= OptionFault.LIST.bit();
                return;
            }
            OptionFault fault = kind == OptionKind.MPTCP
                    ? multipath(memory, offset + at, optionLength, flags, options)
                    : plain(memory, offset + at, kind, optionLength, options);
            if (fault != OptionFault.NONE) {
                options.faults |= fault.bit();
            }
            at += optionLength;
        }
    }

    /**
     * DSS with 64-bit numbers and nothing behind it but padding, as on nearly every segment of Multipath TCP: a mapping
     * with a DATA_ACK and no checksum, or a DATA_ACK alone. False: it is something else, and nothing has been read.
     */
    private static boolean dataSequenceSignalAlone(MemorySegment memory, long offset, int length, int flags,
            TcpOptions options) {
        boolean mapping = length == WIDE_MAPPING_LENGTH;
        if (!mapping && length != WIDE_ACK_LENGTH || (flags & TcpFlags.SYN) != 0) {
            return false;
        }
        if (memory.get(Layouts.INT, offset) != (mapping ? WIDE_MAPPING_HEAD : WIDE_ACK_HEAD)) {
            return false;
        }
        int parts = TcpOptions.DSS | TcpOptions.DSS_ACK | TcpOptions.DSS_ACK_64;
        if (mapping) {
            int tail = memory.get(Layouts.INT, offset + 24);
            if ((tail & 0xffff) != TWO_NOPS) {
                return false;
            }
            parts |= TcpOptions.DSS_MAPPING | TcpOptions.DSS_DSN_64;
            options.dataSequence = memory.get(Layouts.LONG, offset + 12);
            options.subflowSequence = memory.get(Layouts.INT, offset + 20);
            options.dataLength = tail >>> 16;
        }
        options.dataAck = memory.get(Layouts.LONG, offset + 4);
        options.mptcpOffset[0] = offset;
        options.mptcpLength[0] = mapping ? WIDE_MAPPING_LENGTH - 2 : WIDE_ACK_LENGTH;
        options.mptcpCount = 1;
        options.present |= parts | 1 << TcpOptions.MPTCP_SHIFT + OptionKind.DSS;
        return true;
    }

    private static OptionFault plain(MemorySegment memory, long offset, int kind, int length, TcpOptions options) {
        switch (kind) {
            case OptionKind.MAXIMUM_SEGMENT_SIZE:
                if (length != 4) {
                    return OptionFault.LENGTH;
                }
                if (options.has(TcpOptions.MAXIMUM_SEGMENT_SIZE)) {
                    return OptionFault.DUPLICATE;
                }
                options.maximumSegmentSize = Short.toUnsignedInt(memory.get(Layouts.SHORT, offset + 2));
                options.present |= TcpOptions.MAXIMUM_SEGMENT_SIZE;
                return OptionFault.NONE;
            case OptionKind.WINDOW_SCALE:
                if (length != 3) {
                    return OptionFault.LENGTH;
                }
                if (options.has(TcpOptions.WINDOW_SCALE)) {
                    return OptionFault.DUPLICATE;
                }
                options.windowScale = Byte.toUnsignedInt(memory.get(Layouts.BYTE, offset + 2));
                options.present |= TcpOptions.WINDOW_SCALE;
                return OptionFault.NONE;
            case OptionKind.SACK_PERMITTED:
                if (length != 2) {
                    return OptionFault.LENGTH;
                }
                options.present |= TcpOptions.SACK_PERMITTED;
                return OptionFault.NONE;
            case OptionKind.SACK:
                return sack(memory, offset, length, options);
            case OptionKind.TIMESTAMPS:
                if (length != 10) {
                    return OptionFault.LENGTH;
                }
                if (options.has(TcpOptions.TIMESTAMPS)) {
                    return OptionFault.DUPLICATE;
                }
                options.timestampValue = memory.get(Layouts.INT, offset + 2);
                options.timestampEcho = memory.get(Layouts.INT, offset + 6);
                options.present |= TcpOptions.TIMESTAMPS;
                return OptionFault.NONE;
            case OptionKind.USER_TIMEOUT:
                if (length != 4) {
                    return OptionFault.LENGTH;
                }
                if (options.has(TcpOptions.USER_TIMEOUT)) {
                    return OptionFault.DUPLICATE;
                }
                options.userTimeout = Short.toUnsignedInt(memory.get(Layouts.SHORT, offset + 2));
                options.present |= TcpOptions.USER_TIMEOUT;
                return OptionFault.NONE;
            case OptionKind.FAST_OPEN:
                return fastOpen(offset + 2, length - 2, false, options);
            case OptionKind.EXPERIMENT:
                if (length < 4 || memory.get(Layouts.SHORT, offset + 2) != (short) OptionKind.FAST_OPEN_MAGIC) {
                    return OptionFault.NONE;
                }
                return fastOpen(offset + 4, length - 4, true, options);
            default:
                //= rfc9293#3.1
                //# A TCP implementation MUST (MUST-6) ignore without error any TCP
                //# Option it does not implement, assuming that the option has a length
                //# field.
                return OptionFault.NONE;
        }
    }

    private static OptionFault sack(MemorySegment memory, long offset, int length, TcpOptions options) {
        int edges = (length - 2) >>> 2;
        if (edges < 2 || edges > options.sackEdges.length || length != 2 + (edges & ~1) * 4) {
            return OptionFault.LENGTH;
        }
        if (options.has(TcpOptions.SACK)) {
            return OptionFault.DUPLICATE;
        }
        for (int i = 0; i < edges; i++) {
            options.sackEdges[i] = memory.get(Layouts.INT, offset + 2 + 4L * i);
        }
        options.sackCount = edges >>> 1;
        options.present |= TcpOptions.SACK;
        return OptionFault.NONE;
    }

    private static OptionFault fastOpen(long cookie, int length, boolean experimental, TcpOptions options) {
        if (length != 0 && (length < 4 || length > 16 || (length & 1) != 0)) {
            return OptionFault.LENGTH;
        }
        if (options.has(TcpOptions.FAST_OPEN)) {
            return OptionFault.DUPLICATE;
        }
        options.fastOpenCookie = cookie;
        options.fastOpenCookieLength = length;
        options.fastOpenExperimental = experimental;
        options.present |= TcpOptions.FAST_OPEN;
        return OptionFault.NONE;
    }

    private static OptionFault multipath(MemorySegment memory, long offset, int length, int flags,
            TcpOptions options) {
        if (length < 3) {
            return OptionFault.LENGTH;
        }
        int subtype = Byte.toUnsignedInt(memory.get(Layouts.BYTE, offset + 2)) >>> 4;
        options.mptcpOffset[options.mptcpCount] = offset;
        options.mptcpLength[options.mptcpCount] = length;
        options.mptcpCount++;
        options.present |= 1 << TcpOptions.MPTCP_SHIFT + subtype;
        return subtype == OptionKind.DSS ? dataSequenceSignal(memory, offset, length, flags, options)
                : OptionFault.NONE;
    }

    private static OptionFault dataSequenceSignal(MemorySegment memory, long offset, int length, int flags,
            TcpOptions options) {
        if (options.has(TcpOptions.DSS)) {
            return OptionFault.DUPLICATE;
        }
        if ((flags & TcpFlags.SYN) != 0) {
            return OptionFault.SEGMENT;
        }
        if (length < 4) {
            return OptionFault.LENGTH;
        }
        int bits = memory.get(Layouts.BYTE, offset + 3);
        int expected = dssLength(bits);
        boolean checksum = (bits & M) != 0 && length == expected + 2;
        if (length != expected && !checksum) {
            return OptionFault.LENGTH;
        }
        int found = TcpOptions.DSS;
        long at = offset + 4;
        if ((bits & A) != 0) {
            if ((bits & A64) != 0) {
                options.dataAck = memory.get(Layouts.LONG, at);
                found |= TcpOptions.DSS_ACK | TcpOptions.DSS_ACK_64;
                at += 8;
            } else {
                options.dataAck = Integer.toUnsignedLong(memory.get(Layouts.INT, at));
                found |= TcpOptions.DSS_ACK;
                at += 4;
            }
        }
        if ((bits & M) != 0) {
            found |= TcpOptions.DSS_MAPPING;
            if ((bits & M64) != 0) {
                options.dataSequence = memory.get(Layouts.LONG, at);
                found |= TcpOptions.DSS_DSN_64;
                at += 8;
            } else {
                options.dataSequence = Integer.toUnsignedLong(memory.get(Layouts.INT, at));
                at += 4;
            }
            options.subflowSequence = memory.get(Layouts.INT, at);
            options.dataLength = Short.toUnsignedInt(memory.get(Layouts.SHORT, at + 4));
            if ((bits & F) != 0) {
                found |= TcpOptions.DSS_DATA_FIN;
            }
            if (checksum) {
                options.checksum = Short.toUnsignedInt(memory.get(Layouts.SHORT, at + 6));
                found |= TcpOptions.DSS_CHECKSUM;
            }
        }
        options.present |= found;
        return OptionFault.NONE;
    }

    /** Length of a DSS option with these flags and without a checksum, 4..26. */
    static int dssLength(int bits) {
        int length = 4;
        if ((bits & A) != 0) {
            length += (bits & A64) != 0 ? 8 : 4;
        }
        if ((bits & M) != 0) {
            length += (bits & M64) != 0 ? 14 : 10;
        }
        return length;
    }
}
