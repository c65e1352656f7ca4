package net.braid.cli;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * What {@code braid send} says before the bytes of a file. All numbers are big-endian.
 *
 * <pre>
 *   sender:   8 bytes "BRAIDF1\n" | 8 length of the file | 2 length of the name | name, UTF-8 | the file | 32 SHA-256
 *   receiver:                                                       1 (it is the same) or 0 | 32 its own SHA-256
 * </pre>
 *
 * @param name without folders
 */
record FileHeader(String name, long length) {
    static final int DIGEST_BYTES = 32;

    private static final byte[] MAGIC = "BRAIDF1\n".getBytes(StandardCharsets.US_ASCII);
    private static final int LONGEST_NAME = 255;

    void write(DataOutputStream out) throws IOException {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        out.write(MAGIC);
        out.writeLong(length);
        out.writeShort(bytes.length);
        out.write(bytes);
    }

    /** @throws IOException when this is not what a sender says, with a line that says so */
    static FileHeader read(DataInputStream in) throws IOException {
        try {
            byte[] magic = in.readNBytes(MAGIC.length);
            if (!Arrays.equals(magic, MAGIC)) {
                throw new IOException("the peer is no 'braid send'");
            }
            long length = in.readLong();
            byte[] name = in.readNBytes(in.readUnsignedShort());
            String text = new String(name, StandardCharsets.UTF_8);
            if (length < 0 || !isSafe(text)) {
                throw new IOException("the peer sends a file that cannot be: '" + text + "', " + length + " bytes");
            }
            return new FileHeader(text, length);
        } catch (EOFException e) {
            throw new IOException("the peer has ended before it named a file");
        }
    }

    /** Whether a name is one file in one folder: it must not lead anywhere else. */
    static boolean isSafe(String name) {
        return !name.isEmpty() && name.length() <= LONGEST_NAME && !name.equals(".") && !name.equals("..")
                && name.chars().noneMatch(c -> c == '/' || c == '\\' || c == 0 || Character.isISOControl(c));
    }
}
