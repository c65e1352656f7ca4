package net.braid.wire;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * Checks and reads received MPTCP options. {@link #check} allocates nothing; {@link #read} makes a record of an option
 * that has passed.
 *
 * <p>What only the connection can know stays its business: whether keys, tokens and HMACs are right, whether a checksum
 * was negotiated.
 */
public final class MptcpOptionDecoder {
    /** The crypto bits of MP_CAPABLE: D to H in version 1, C to H in version 0. */
    private static final int CRYPTO_V1 = 0x1f;
    private static final int CRYPTO_V0 = 0x3f;

    private MptcpOptionDecoder() {
    }

    /**
     * Whether option {@code index} of a decoded segment may be read.
     *
     * @param version on a SYN with MP_CAPABLE the highest that this host speaks, on its SYN/ACK the one that was
     *     offered, else that of the connection
     */
    public static OptionFault check(SegmentView view, int index, int version) {
        assert index < view.options.mptcpCount;
        return check(view.memory, view.options.mptcpOffset[index], view.options.mptcpLength[index], version,
                view.flags);
    }

    /** Option {@code index} of a decoded segment, {@link #check} of which is {@link OptionFault#NONE}. */
    public static MptcpOption read(SegmentView view, int index, int version) {
        assert index < view.options.mptcpCount;
        return read(view.memory, view.options.mptcpOffset[index], view.options.mptcpLength[index], version, view.flags);
    }

    /**
     * Whether an option may be read.
     *
     * @param offset of its kind byte
     * @param length as its second byte says, 3..40, all of it inside the header
     * @param flags of the TCP header
     */
    public static OptionFault check(MemorySegment memory, long offset, int length, int version, int flags) {
        assert length >= 3 && length <= OptionWriter.CAPACITY;
        int third = Byte.toUnsignedInt(memory.get(Layouts.BYTE, offset + 2));
        boolean syn = (flags & TcpFlags.SYN) != 0;
        boolean reset = (flags & TcpFlags.RST) != 0;
        int subtype = third >>> 4;
        return switch (subtype) {
            case OptionKind.MP_CAPABLE -> capable(memory, offset, length, version, flags);
            case OptionKind.MP_JOIN -> {
                if (reset) {
                    yield OptionFault.SEGMENT;
                }
                int expected = !syn ? 24 : (flags & TcpFlags.ACK) != 0 ? 16 : 12;
                yield length == expected ? OptionFault.NONE : OptionFault.LENGTH;
            }
            case OptionKind.DSS -> {
                if (syn) {
                    yield OptionFault.SEGMENT;
                }
                if (length < 4) {
                    yield OptionFault.LENGTH;
                }
                int bits = memory.get(Layouts.BYTE, offset + 3);
                int expected = OptionDecoder.dssLength(bits);
                yield length == expected || (bits & OptionDecoder.M) != 0 && length == expected + 2
                        ? OptionFault.NONE : OptionFault.LENGTH;
            }
            case OptionKind.ADD_ADDR -> syn ? OptionFault.SEGMENT : addAddress(memory, offset, length, version, third);
            case OptionKind.REMOVE_ADDR -> fixed(syn, length >= 4);
            case OptionKind.MP_PRIO -> fixed(syn, length == 3 || length == 4 && version == 0);
            case OptionKind.MP_FAIL -> fixed(syn, length == 12);
            case OptionKind.MP_FASTCLOSE -> fixed(syn || reset && version == 0, length == 12);
            case OptionKind.MP_TCPRST -> version == 0 ? OptionFault.SUBTYPE : fixed(!reset, length == 4);
            case OptionKind.MP_EXPERIMENTAL -> OptionFault.NONE;
            default -> OptionFault.SUBTYPE;
        };
    }

    private static OptionFault fixed(boolean wrongSegment, boolean rightLength) {
        if (wrongSegment) {
            return OptionFault.SEGMENT;
        }
        return rightLength ? OptionFault.NONE : OptionFault.LENGTH;
    }

    private static OptionFault capable(MemorySegment memory, long offset, int length, int version, int flags) {
        if ((flags & TcpFlags.RST) != 0) {
            return OptionFault.SEGMENT;
        }
        if (length < 4) {
            return OptionFault.LENGTH;
        }
        boolean syn = (flags & TcpFlags.SYN) != 0;
        boolean answer = (flags & TcpFlags.ACK) != 0;
        int offered = memory.get(Layouts.BYTE, offset + 2) & 0x0f;
        // A SYN may ask for more than we speak, and is answered with what we speak; but version 0 knows no such thing.
        boolean versionFits = syn && !answer ? offered <= version || version > 0
                : syn ? offered <= version : offered == version;
        if (!versionFits) {
            return OptionFault.VERSION;
        }
        int form = offered == 0 ? 0 : 1;
        boolean lengthFits = syn && !answer ? length == (form == 0 ? 12 : 4)
                : syn ? length == 12 : length == 20 || form == 1 && (length == 22 || length == 24);
        if (!lengthFits) {
            return OptionFault.LENGTH;
        }
        int bits = memory.get(Layouts.BYTE, offset + 3);
        if ((bits & MptcpOption.Capable.EXTENSIBILITY) != 0) {
            return OptionFault.EXTENSIBILITY;
        }
        int crypto = bits & (form == 0 ? CRYPTO_V0 : CRYPTO_V1);
        boolean cryptoFits = syn && !answer ? (crypto & MptcpOption.Capable.HMAC) != 0
                : crypto == MptcpOption.Capable.HMAC;
        return cryptoFits ? OptionFault.NONE : OptionFault.CRYPTO;
    }

    private static OptionFault addAddress(MemorySegment memory, long offset, int length, int version, int third) {
        boolean v6;
        if (version == 0) {
            int family = third & 0x0f;
            if (family != 4 && family != 6) {
                return OptionFault.ADDRESS_FAMILY;
            }
            v6 = family == 6;
            if (v6 ? length != 20 && length != 22 : length != 8 && length != 10) {
                return OptionFault.LENGTH;
            }
        } else {
            int bare = (third & 1) != 0 ? length : length - 8;
            if (bare != 8 && bare != 10 && bare != 20 && bare != 22) {
                return OptionFault.LENGTH;
            }
            v6 = bare >= 20;
        }
        // A mapped address would turn into IPv4 in our hands, and its echo would not match.
        return v6 && IpAddress.isV4(memory.get(Layouts.LONG, offset + 4), memory.get(Layouts.LONG, offset + 12))
                ? OptionFault.ADDRESS_FAMILY : OptionFault.NONE;
    }

    /** Reads an option that {@link #check} has let pass with the same arguments. */
    public static MptcpOption read(MemorySegment memory, long offset, int length, int version, int flags) {
        assert check(memory, offset, length, version, flags) == OptionFault.NONE;
        int third = Byte.toUnsignedInt(memory.get(Layouts.BYTE, offset + 2));
        int fourth = length > 3 ? Byte.toUnsignedInt(memory.get(Layouts.BYTE, offset + 3)) : 0;
        boolean lowBit = (third & 1) != 0;
        return switch (third >>> 4) {
            case OptionKind.MP_CAPABLE -> new MptcpOption.Capable(third & 0x0f, fourth, length,
                    length >= 12 ? memory.get(Layouts.LONG, offset + 4) : 0,
                    length >= 20 ? memory.get(Layouts.LONG, offset + 12) : 0,
                    length >= 22 ? Short.toUnsignedInt(memory.get(Layouts.SHORT, offset + 20)) : 0,
                    length == 24 ? Short.toUnsignedInt(memory.get(Layouts.SHORT, offset + 22)) : 0);
            case OptionKind.MP_JOIN -> switch (length) {
                case 12 -> new MptcpOption.JoinSyn(lowBit, fourth, memory.get(Layouts.INT, offset + 4),
                        memory.get(Layouts.INT, offset + 8));
                case 16 -> new MptcpOption.JoinSynAck(lowBit, fourth, memory.get(Layouts.LONG, offset + 4),
                        memory.get(Layouts.INT, offset + 12));
                default -> new MptcpOption.JoinAck(memory.get(Layouts.LONG, offset + 4),
                        memory.get(Layouts.LONG, offset + 12), memory.get(Layouts.INT, offset + 20));
            };
            case OptionKind.DSS -> dataSequenceSignal(memory, offset, length);
            case OptionKind.ADD_ADDR -> addAddress(memory, offset, length, version, lowBit, fourth);
            case OptionKind.REMOVE_ADDR -> new MptcpOption.RemoveAddress(bytes(memory, offset + 3, length - 3));
            case OptionKind.MP_PRIO -> new MptcpOption.Priority(lowBit,
                    length == 4 ? fourth : MptcpOption.Priority.THIS_SUBFLOW);
            case OptionKind.MP_FAIL -> new MptcpOption.Fail(memory.get(Layouts.LONG, offset + 4));
            case OptionKind.MP_FASTCLOSE -> new MptcpOption.FastClose(memory.get(Layouts.LONG, offset + 4));
            case OptionKind.MP_TCPRST -> new MptcpOption.ResetReason(lowBit, fourth);
            case OptionKind.MP_EXPERIMENTAL -> new MptcpOption.Experimental(third & 0x0f,
                    bytes(memory, offset + 3, length - 3));
            default -> throw new AssertionError("subtype " + (third >>> 4) + " has passed the check");
        };
    }

    private static MptcpOption dataSequenceSignal(MemorySegment memory, long offset, int length) {
        TcpOptions options = new TcpOptions();
        OptionDecoder.decode(memory, offset, length, TcpFlags.ACK, options);
        int parts = options.present & (TcpOptions.DSS_CHECKSUM << 1) - TcpOptions.DSS_ACK;
        return new MptcpOption.DataSequenceSignal(parts, options.dataAck, options.dataSequence,
                options.subflowSequence, options.dataLength, options.checksum);
    }

    private static MptcpOption addAddress(MemorySegment memory, long offset, int length, int version, boolean lowBit,
            int addressId) {
        boolean echo = version != 0 && lowBit;
        int bare = version == 0 || echo ? length : length - 8;
        boolean v6 = bare >= 20;
        long at = offset + 4;
        IpAddress address = v6 ? IpAddress.readV6(memory, at) : IpAddress.readV4(memory, at);
        at += address.byteCount();
        int port = MptcpOption.AddAddress.NO_PORT;
        if (bare == 10 || bare == 22) {
            port = Short.toUnsignedInt(memory.get(Layouts.SHORT, at));
            at += 2;
        }
        long hmac = bare == length ? 0 : memory.get(Layouts.LONG, at);
        return new MptcpOption.AddAddress(version == 0 ? 0 : 1, echo, addressId, address, port, hmac);
    }

    private static List<Integer> bytes(MemorySegment memory, long offset, int count) {
        List<Integer> list = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            list.add(Byte.toUnsignedInt(memory.get(Layouts.BYTE, offset + i)));
        }
        return list;
    }
}
