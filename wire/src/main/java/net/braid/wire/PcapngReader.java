package net.braid.wire;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Reads pcapng files: any number of sections, both byte orders, every time resolution; unknown blocks are skipped. */
public final class PcapngReader implements CaptureReader {
    /** A file may declare as many interfaces; more is an attack, not a capture. */
    static final int INTERFACE_LIMIT = 1 << 16;
    private static final int SHORTEST_BLOCK = 12;

    private final CaptureInput input;
    private final List<Interface> interfaces = new ArrayList<>();
    private ByteOrder order = ByteOrder.LITTLE_ENDIAN;

    /**
     * @param resolution as if_tsresol: a power of ten, or with the top bit set a power of two
     */
    private record Interface(String name, int linkType, int snapLength, int resolution, long offsetSeconds) {

        long toNanos(long units) {
            long seconds;
            long nanos;
            if ((resolution & 0x80) == 0) {
                int power = resolution;
                if (power <= 9) {
                    long perSecond = power(power);
                    seconds = Long.divideUnsigned(units, perSecond);
                    nanos = Long.remainderUnsigned(units, perSecond) * power(9 - power);
                } else {
                    seconds = 0;
                    nanos = power - 9 > 18 ? 0 : Long.divideUnsigned(units, power(power - 9));
                }
            } else {
                int power = resolution & 0x7f;
                seconds = power > 63 ? 0 : units >>> power;
                long rest = power > 63 ? 0 : units & (1L << power) - 1;
                nanos = power > 63 ? 0 : (long) ((double) rest / (double) (1L << Math.min(power, 62)) * 1e9);
            }
            return (seconds + offsetSeconds) * 1_000_000_000L + nanos;
        }

        private static long power(int exponent) {
            long result = 1;
            for (int i = 0; i < exponent; i++) {
                result *= 10;
            }
            return result;
        }
    }

    /** The four bytes of the first block type have been read. */
    PcapngReader(CaptureInput input) throws IOException {
        this.input = input;
        sectionHeader(input.offset() - 4);
    }

    @Override
    public CapturedPacket next() throws IOException {
        while (true) {
            long start = input.offset();
            byte[] bytes = input.readOrEnd(4, "a block type");
            if (bytes == null) {
                return null;
            }
            int type = ByteBuffer.wrap(bytes).order(order).getInt();
            if (type == PcapngWriter.SECTION_HEADER) {
                sectionHeader(start);
                continue;
            }
            ByteBuffer body = body(start);
            switch (type) {
                case PcapngWriter.INTERFACE -> interfaces.add(description(start, body));
                case PcapngWriter.ENHANCED_PACKET -> {
                    return enhanced(start, body);
                }
                case PcapngWriter.SIMPLE_PACKET -> {
                    return simple(start, body);
                }
                default -> {
                    // Statistics, names, secrets: nothing for us.
                }
            }
        }
    }

    /** A section header tells its byte order behind its length, which cannot be read before. */
    private void sectionHeader(long start) throws IOException {
        byte[] bytes = input.read(8, "a section header");
        int magic = CaptureInput.bigEndianInt(bytes, 4);
        if (magic == PcapngWriter.BYTE_ORDER_MAGIC) {
            order = ByteOrder.BIG_ENDIAN;
        } else if (Integer.reverseBytes(magic) == PcapngWriter.BYTE_ORDER_MAGIC) {
            order = ByteOrder.LITTLE_ENDIAN;
        } else {
            throw new CaptureFormatException(start + 8, "0x%08x is no byte order magic".formatted(magic));
        }
        int length = ByteBuffer.wrap(bytes).order(order).getInt();
        check(start, length, 28);
        ByteBuffer rest = ByteBuffer.wrap(input.read(length - 12, "a section header")).order(order);
        int major = Short.toUnsignedInt(rest.getShort(0));
        if (major != 1) {
            throw new CaptureFormatException(start + 12, "pcapng version " + major + ", only 1 is known");
        }
        checkTrailer(start, length, rest.getInt(length - 16));
        interfaces.clear();
    }

    /** What lies between the two lengths of a block. */
    private ByteBuffer body(long start) throws IOException {
        int length = ByteBuffer.wrap(input.read(4, "a block")).order(order).getInt();
        check(start, length, SHORTEST_BLOCK);
        byte[] bytes = input.read(length - 8, "a block");
        ByteBuffer body = ByteBuffer.wrap(bytes).order(order);
        checkTrailer(start, length, body.getInt(length - SHORTEST_BLOCK));
        return body.limit(length - SHORTEST_BLOCK);
    }

    private static void check(long start, int length, int shortest) throws CaptureFormatException {
        if (length < shortest || length > CaptureInput.LIMIT || (length & 3) != 0) {
            throw new CaptureFormatException(start + 4, "a block of " + Integer.toUnsignedString(length)
                    + " bytes; a multiple of 4 from " + shortest + " to " + CaptureInput.LIMIT + " is expected");
        }
    }

    private static void checkTrailer(long start, int length, int trailer) throws CaptureFormatException {
        if (trailer != length) {
            throw new CaptureFormatException(start + length - 4, "block length " + Integer.toUnsignedString(trailer)
                    + " at its end, but " + length + " at its start");
        }
    }

    private Interface description(long start, ByteBuffer body) throws IOException {
        if (interfaces.size() == INTERFACE_LIMIT) {
            throw new CaptureFormatException(start, "more than " + INTERFACE_LIMIT + " interfaces");
        }
        require(start, body, 8, "an interface description");
        int linkType = Short.toUnsignedInt(body.getShort(0));
        int snapLength = body.getInt(4);
        String name = "";
        int resolution = 6;
        long offsetSeconds = 0;
        int at = 8;
        while (at + 4 <= body.limit()) {
            int code = Short.toUnsignedInt(body.getShort(at));
            int length = optionLength(start, body, at);
            if (code == PcapngWriter.OPTION_END) {
                break;
            } else if (code == PcapngWriter.OPTION_NAME) {
                name = text(body, at + 4, length);
            } else if (code == PcapngWriter.OPTION_RESOLUTION && length == 1) {
                resolution = Byte.toUnsignedInt(body.get(at + 4));
            } else if (code == PcapngWriter.OPTION_TIME_OFFSET && length == 8) {
                offsetSeconds = body.getLong(at + 4);
            }
            at += 4 + padded(length);
        }
        return new Interface(name, linkType, snapLength, resolution, offsetSeconds);
    }

    private CapturedPacket enhanced(long start, ByteBuffer body) throws IOException {
        require(start, body, 20, "an enhanced packet");
        int id = body.getInt(0);
        if (id < 0 || id >= interfaces.size()) {
            throw new CaptureFormatException(start + 8, "interface " + Integer.toUnsignedString(id)
                    + " was not described; " + interfaces.size() + " are");
        }
        Interface from = interfaces.get(id);
        long units = Integer.toUnsignedLong(body.getInt(4)) << 32 | Integer.toUnsignedLong(body.getInt(8));
        int captured = body.getInt(12);
        if (captured < 0 || captured > body.limit() - 20) {
            throw new CaptureFormatException(start + 20, "a packet of " + Integer.toUnsignedString(captured)
                    + " bytes in a block that has room for " + (body.limit() - 20));
        }
        String comment = null;
        int at = 20 + padded(captured);
        while (at + 4 <= body.limit()) {
            int code = Short.toUnsignedInt(body.getShort(at));
            int length = optionLength(start, body, at);
            if (code == PcapngWriter.OPTION_END) {
                break;
            } else if (code == PcapngWriter.OPTION_COMMENT && comment == null) {
                comment = text(body, at + 4, length);
            }
            at += 4 + padded(length);
        }
        return new CapturedPacket(id, from.name, from.linkType, from.toNanos(units),
                CaptureInput.toNative(body.array(), 20, captured), body.getInt(16), comment);
    }

    private CapturedPacket simple(long start, ByteBuffer body) throws IOException {
        require(start, body, 4, "a simple packet");
        if (interfaces.isEmpty()) {
            throw new CaptureFormatException(start, "a simple packet before any interface was described");
        }
        Interface from = interfaces.get(0);
        int original = body.getInt(0);
        int captured = original < 0 ? body.limit() - 4 : Math.min(original, body.limit() - 4);
        if (from.snapLength > 0) {
            captured = Math.min(captured, from.snapLength);
        }
        return new CapturedPacket(0, from.name, from.linkType, 0, CaptureInput.toNative(body.array(), 4, captured),
                original, null);
    }

    private static int optionLength(long start, ByteBuffer body, int at) throws CaptureFormatException {
        int length = Short.toUnsignedInt(body.getShort(at + 2));
        if (length > body.limit() - at - 4) {
            throw new CaptureFormatException(start + 8 + at, "an option of " + length + " bytes, but "
                    + (body.limit() - at - 4) + " are left in the block");
        }
        return length;
    }

    private static void require(long start, ByteBuffer body, int bytes, String what) throws CaptureFormatException {
        if (body.limit() < bytes) {
            throw new CaptureFormatException(start, what + " of " + body.limit() + " bytes; " + bytes + " are needed");
        }
    }

    private static String text(ByteBuffer body, int at, int length) {
        return new String(body.array(), at, length, StandardCharsets.UTF_8);
    }

    private static int padded(int length) {
        return (length + 3) & ~3;
    }
}
