package net.braid.cli;

import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.util.Arrays;

/** A file over a stream, in either direction, with the digest of both ends compared. See {@link FileHeader}. */
final class FileTransfer {
    private static final int CHUNK = 256 * 1024;

    /** @param digest SHA-256 of the file, as both ends computed it */
    record Result(String name, long bytes, double seconds, byte[] digest) {
    }

    private FileTransfer() {
    }

    /** How a transfer shows how far it is. */
    @FunctionalInterface
    interface Watcher {
        Progress begin(FileHeader header);
    }

    /**
     * Sends a file and waits for the receiver's digest.
     *
     * @throws IOException when the connection fails, the file cannot be read, or the digests differ
     */
    static Result send(Path file, InputStream in, OutputStream out, Watcher watcher) throws IOException {
        FileHeader header = new FileHeader(file.getFileName().toString(), Files.size(file));
        MessageDigest digest = Digest.sha256();
        Progress progress = watcher.begin(header);
        DataOutputStream data = new DataOutputStream(new BufferedOutputStream(out, CHUNK));
        header.write(data);
        try (InputStream source = Files.newInputStream(file)) {
            copy(source, data, header.length(), digest, progress);
        }
        byte[] mine = digest.digest();
        data.write(mine);
        data.flush();
        out.close();
        DataInputStream answer = new DataInputStream(in);
        int same = answer.read();
        byte[] theirs = answer.readNBytes(FileHeader.DIGEST_BYTES);
        progress.end();
        if (same < 0 || theirs.length < FileHeader.DIGEST_BYTES) {
            throw new IOException("the peer has not confirmed the file");
        }
        if (same != 1 || !Arrays.equals(mine, theirs)) {
            throw new IOException("the file has arrived changed: SHA-256 " + Digest.hex(mine) + " here, "
                    + Digest.hex(theirs) + " there");
        }
        return new Result(header.name(), header.length(), progress.seconds(), mine);
    }

    /**
     * Receives a file. It gets its name only once it is complete and right.
     *
     * @param target a folder, or the file to write
     * @throws IOException when the connection fails, the file cannot be written, or the digests differ
     */
    static Result receive(Path target, InputStream in, OutputStream out, Watcher watcher) throws IOException {
        DataInputStream data = new DataInputStream(in);
        FileHeader header = FileHeader.read(data);
        Path file = Files.isDirectory(target) ? target.resolve(header.name()) : target;
        Path folder = file.toAbsolutePath().getParent();
        Path partial = Files.createTempFile(folder, "." + file.getFileName() + ".", ".part");
        try {
            MessageDigest digest = Digest.sha256();
            Progress progress = watcher.begin(header);
            try (OutputStream sink = Files.newOutputStream(partial)) {
                copy(data, sink, header.length(), digest, progress);
            }
            byte[] mine = digest.digest();
            byte[] theirs = data.readNBytes(FileHeader.DIGEST_BYTES);
            boolean same = Arrays.equals(mine, theirs);
            if (same) {
                Files.move(partial, file, StandardCopyOption.REPLACE_EXISTING);
            }
            byte[] answer = new byte[1 + FileHeader.DIGEST_BYTES];
            answer[0] = (byte) (same ? 1 : 0);
            System.arraycopy(mine, 0, answer, 1, FileHeader.DIGEST_BYTES);
            out.write(answer);
            out.close();
            progress.end();
            if (!same) {
                throw new IOException("the file has arrived changed: SHA-256 " + Digest.hex(mine) + " here, "
                        + Digest.hex(theirs) + " there");
            }
            return new Result(file.toString(), header.length(), progress.seconds(), mine);
        } finally {
            Files.deleteIfExists(partial);
        }
    }

    private static void copy(InputStream source, OutputStream sink, long length, MessageDigest digest,
            Progress progress) throws IOException {
        byte[] chunk = new byte[CHUNK];
        for (long left = length; left > 0;) {
            int read = source.read(chunk, 0, (int) Math.min(left, CHUNK));
            if (read < 0) {
                throw new IOException("ended " + left + " bytes before the end of the file");
            }
            sink.write(chunk, 0, read);
            digest.update(chunk, 0, read);
            progress.add(read);
            left -= read;
        }
    }
}
