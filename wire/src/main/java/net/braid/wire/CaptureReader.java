package net.braid.wire;

import java.io.IOException;
import java.io.InputStream;

/** Reads the packets of a capture file, one after the other. The stream belongs to the caller. */
public sealed interface CaptureReader permits PcapReader, PcapngReader {

    /** The next packet, or null at the end of the file. */
    CapturedPacket next() throws IOException;

    /**
     * Opens a file of either format.
     *
     * @throws CaptureFormatException when it is neither
     */
    static CaptureReader open(InputStream in) throws IOException {
        CaptureInput input = new CaptureInput(in);
        byte[] magic = input.read(4, "magic number");
        int value = CaptureInput.bigEndianInt(magic, 0);
        return value == PcapngWriter.SECTION_HEADER ? new PcapngReader(input) : new PcapReader(input, value);
    }
}
