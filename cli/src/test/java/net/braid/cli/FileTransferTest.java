package net.braid.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import net.braid.runtime.Acceptance;
import net.braid.runtime.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code braid send} and {@code braid receive}: a file between two engines. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@SuppressWarnings("try")
class FileTransferTest {
    private static final FileTransfer.Watcher UNSEEN =
            header -> new Progress(new PrintWriter(OutputStream.nullOutputStream()), header.length(), false);

    @TempDir
    Path folder;

    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final TwoEngines engines;

    FileTransferTest() throws IOException {
        engines = new TwoEngines();
    }

    @AfterEach
    void stop() {
        threads.shutdownNow();
        engines.close();
    }

    private Path file(int length) throws IOException {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return Files.write(folder.resolve("picture of " + length), bytes);
    }

    private Path target() throws IOException {
        return Files.createDirectories(folder.resolve("there"));
    }

    private void arrives(int length) throws Exception {
        Path file = file(length);
        Path target = target();
        try (Acceptance acceptance = engines.listen(); Stream mine = engines.connect();
                Stream theirs = acceptance.accept()) {
            Future<FileTransfer.Result> received = threads.submit(() -> FileTransfer.receive(target,
                    theirs.inputStream(), theirs.outputStream(), UNSEEN));
            FileTransfer.Result sent = FileTransfer.send(file, mine.inputStream(), mine.outputStream(), UNSEEN);
            assertArrayEquals(sent.digest(), received.get().digest());
            assertEquals(-1, Files.mismatch(file, target.resolve(file.getFileName())));
        }
    }

    @Test
    void fileArrivesWhole() throws Exception {
        arrives(9_000_001);
    }

    @Test
    void emptyFileArrives() throws Exception {
        arrives(0);
    }

    @Test
    void brokenConnectionLeavesNoFile() throws Exception {
        Path target = target();
        try (Acceptance acceptance = engines.listen(); Stream mine = engines.connect();
                Stream theirs = acceptance.accept()) {
            Future<FileTransfer.Result> received = threads.submit(() -> FileTransfer.receive(target,
                    theirs.inputStream(), theirs.outputStream(), UNSEEN));
            DataOutputStream out = new DataOutputStream(mine.outputStream());
            new FileHeader("half", 1_000_000).write(out);
            out.write(new byte[500_000]);
            mine.abort();
            assertThrows(ExecutionException.class, received::get);
        }
        try (var files = Files.list(target)) {
            assertEquals(List.of(), files.toList());
        }
    }

    @Test
    void changedFileDoesNotGetItsName() throws Exception {
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        DataOutputStream data = new DataOutputStream(said);
        new FileHeader("lie", 3).write(data);
        data.write(new byte[3]);
        data.write(new byte[FileHeader.DIGEST_BYTES]);
        Path target = target();
        InputStream in = new ByteArrayInputStream(said.toByteArray());
        IOException problem = assertThrows(IOException.class,
                () -> FileTransfer.receive(target, in, OutputStream.nullOutputStream(), UNSEEN));
        assertTrue(problem.getMessage().startsWith("the file has arrived changed"), problem.getMessage());
        assertFalse(Files.exists(target.resolve("lie")));
    }

    @Test
    void nameThatLeadsElsewhereIsRefused() throws IOException {
        for (String name : List.of("../up", "/etc/passwd", "a\\b", "..", ".", "", "line\nbreak")) {
            ByteArrayOutputStream said = new ByteArrayOutputStream();
            new FileHeader(name, 1).write(new DataOutputStream(said));
            assertThrows(IOException.class, () -> FileHeader.read(
                    new DataInputStream(new ByteArrayInputStream(said.toByteArray()))), name);
        }
    }

    @Test
    void headerReadsBackAsItself() throws IOException {
        FileHeader header = new FileHeader("Übersicht.pdf", 1L << 40);
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        header.write(new DataOutputStream(said));
        assertEquals(header, FileHeader.read(new DataInputStream(new ByteArrayInputStream(said.toByteArray()))));
    }

    @Test
    void otherProgramIsNoSender() {
        ByteArrayInputStream in = new ByteArrayInputStream("SSH-2.0-OpenSSH\r\n".getBytes());
        assertEquals("the peer is no 'braid send'",
                assertThrows(IOException.class, () -> FileHeader.read(new DataInputStream(in))).getMessage());
    }
}
