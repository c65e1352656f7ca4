package net.braid.wire;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import net.braid.base.Pieces;

/**
 * Writes a pcapng file (draft-ietf-opsawg-pcapng): one section, little-endian, one interface per path with a name, raw
 * IP packets, time in nanoseconds, comments on packets. The stream belongs to the caller, who also buffers and closes
 * it.
 */
public final class PcapngWriter {
    /** LINKTYPE_RAW: the packet begins with the IP header. */
    public static final int RAW_IP = 101;
    /** More than any IP packet. */
    static final int SNAP_LENGTH = 1 << 18;

    static final int SECTION_HEADER = 0x0a0d0d0a;
    static final int INTERFACE = 1;
    static final int SIMPLE_PACKET = 3;
    static final int ENHANCED_PACKET = 6;
    static final int BYTE_ORDER_MAGIC = 0x1a2b3c4d;
    static final int OPTION_END = 0;
    static final int OPTION_COMMENT = 1;
    static final int OPTION_NAME = 2;
    static final int OPTION_RESOLUTION = 9;
    static final int OPTION_TIME_OFFSET = 14;
    private static final int OPTION_APPLICATION = 4;

    private final OutputStream out;
    private ByteBuffer block = ByteBuffer.allocate(4096).order(ByteOrder.LITTLE_ENDIAN);
    private int interfaces;

    /** Writes the section header at once. */
    public PcapngWriter(OutputStream out) throws IOException {
        this.out = out;
        begin(SECTION_HEADER, 64);
        block.putInt(BYTE_ORDER_MAGIC).putShort((short) 1).putShort((short) 0).putLong(-1);
        option(OPTION_APPLICATION, "Braid");
        block.putInt(OPTION_END);
        finish();
    }

    /** Declares a path; may be called at any time. Returns the number to name it by. */
    public int addInterface(String name) throws IOException {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        begin(INTERFACE, 64 + bytes.length);
        block.putShort((short) RAW_IP).putShort((short) 0).putInt(SNAP_LENGTH);
        option(OPTION_NAME, name);
        block.putShort((short) OPTION_RESOLUTION).putShort((short) 1).put((byte) 9);
        pad();
        block.putInt(OPTION_END);
        finish();
        return interfaces++;
    }

    /**
     * Writes a packet that lies in one piece.
     *
     * @param timestampNanos since the epoch, or since the start of a simulation
     * @param comment null for none
     */
    public void write(int interfaceId, long timestampNanos, MemorySegment memory, long offset, int length,
            String comment) throws IOException {
        beginPacket(interfaceId, timestampNanos, length, comment);
        copy(memory, offset, length);
        finishPacket(comment);
    }

    /** Writes a packet as it is handed to a link: header, then payload. */
    public void write(int interfaceId, long timestampNanos, MemorySegment header, long headerOffset, int headerLength,
            Pieces payload, String comment) throws IOException {
        beginPacket(interfaceId, timestampNanos, headerLength + payload.totalLength(), comment);
        copy(header, headerOffset, headerLength);
        for (int i = 0; i < payload.count(); i++) {
            copy(payload.memory(i), payload.offset(i), payload.length(i));
        }
        finishPacket(comment);
    }

    private void beginPacket(int interfaceId, long timestampNanos, int length, String comment) {
        assert interfaceId >= 0 && interfaceId < interfaces;
        begin(ENHANCED_PACKET, 64 + length + (comment == null ? 0 : 4 * comment.length()));
        block.putInt(interfaceId).putInt((int) (timestampNanos >>> 32)).putInt((int) timestampNanos);
        block.putInt(length).putInt(length);
    }

    private void copy(MemorySegment memory, long offset, int length) {
        MemorySegment.copy(memory, ValueLayout.JAVA_BYTE, offset, block.array(), block.position(), length);
        block.position(block.position() + length);
    }

    private void finishPacket(String comment) throws IOException {
        pad();
        if (comment != null) {
            option(OPTION_COMMENT, comment);
            block.putInt(OPTION_END);
        }
        finish();
    }

    private void begin(int type, int capacity) {
        if (block.capacity() < capacity) {
            block = ByteBuffer.allocate(Integer.highestOneBit(capacity) << 1).order(ByteOrder.LITTLE_ENDIAN);
        }
        block.clear().putInt(type).putInt(0);
    }

    private void finish() throws IOException {
        int length = block.position() + 4;
        block.putInt(length).putInt(4, length);
        out.write(block.array(), 0, length);
    }

    private void option(int code, String value) {
        byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
        if (bytes.length > 0xffff) {
            throw new IllegalArgumentException("a comment or name of " + bytes.length + " bytes; at most 65535 fit");
        }
        block.putShort((short) code).putShort((short) bytes.length).put(bytes);
        pad();
    }

    private void pad() {
        while ((block.position() & 3) != 0) {
            block.put((byte) 0);
        }
    }
}
