package net.braid.wire;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Reads classic pcap files: both byte orders, microseconds and nanoseconds. */
public final class PcapReader implements CaptureReader {
    private static final int MICROSECONDS = 0xa1b2c3d4;
    private static final int NANOSECONDS = 0xa1b23c4d;
    private static final int RECORD_HEADER = 16;

    private final CaptureInput input;
    private final ByteOrder order;
    private final int nanosPerUnit;
    private final int linkType;

    PcapReader(CaptureInput input, int magic) throws IOException {
        this.input = input;
        int swapped = Integer.reverseBytes(magic);
        if (magic == MICROSECONDS || magic == NANOSECONDS) {
            order = ByteOrder.BIG_ENDIAN;
        } else if (swapped == MICROSECONDS || swapped == NANOSECONDS) {
            order = ByteOrder.LITTLE_ENDIAN;
        } else {
            throw new CaptureFormatException(0, "0x%08x is the magic number of neither pcap nor pcapng"
                    .formatted(magic));
        }
        nanosPerUnit = magic == NANOSECONDS || swapped == NANOSECONDS ? 1 : 1000;
        ByteBuffer header = ByteBuffer.wrap(input.read(20, "the file header")).order(order);
        int major = Short.toUnsignedInt(header.getShort(0));
        if (major != 2) {
            throw new CaptureFormatException(4, "pcap version " + major + ", only 2 is known");
        }
        linkType = header.getInt(16) & 0x0fff_ffff;
    }

    @Override
    public CapturedPacket next() throws IOException {
        long start = input.offset();
        byte[] bytes = input.readOrEnd(RECORD_HEADER, "a packet header");
        if (bytes == null) {
            return null;
        }
        ByteBuffer header = ByteBuffer.wrap(bytes).order(order);
        int captured = header.getInt(8);
        int original = header.getInt(12);
        if (captured < 0 || captured > CaptureInput.LIMIT) {
            throw new CaptureFormatException(start + 8, "a packet of " + Integer.toUnsignedString(captured)
                    + " bytes; at most " + CaptureInput.LIMIT + " are believed");
        }
        long nanos = Integer.toUnsignedLong(header.getInt(0)) * 1_000_000_000L
                + Integer.toUnsignedLong(header.getInt(4)) * nanosPerUnit;
        byte[] packet = input.read(captured, "a packet");
        return new CapturedPacket(0, "", linkType, nanos, CaptureInput.toNative(packet, 0, captured), original, null);
    }
}
