package net.braid.runtime;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.Semaphore;

/**
 * A Unix domain socket that other processes of the same user ask a running engine through: one line in, then lines of
 * JSON, then the end. Only its owner may open it (mode 0600).
 */
public final class ControlSocket implements AutoCloseable {
    private static final int LONGEST_REQUEST = 4096;
    private static final int MOST_CLIENTS = 16;

    /** What is said through the socket. */
    @FunctionalInterface
    public interface Handler {
        /** Answers one request, on a thread of its own. */
        void onRequest(String line, Replies replies) throws IOException;
    }

    /** The way back to who asked. */
    public interface Replies {
        /** @throws IOException when nobody listens any more */
        void send(String line) throws IOException;

        /**
         * Returns when nobody listens any more; for answers without end. May be asked on another thread than the one
         * that sends.
         */
        default void awaitEnd() {
        }
    }

    private final Path path;
    private final ServerSocketChannel server;
    private final Handler handler;
    private final Semaphore clients = new Semaphore(MOST_CLIENTS);

    private ControlSocket(Path path, ServerSocketChannel server, Handler handler) {
        this.path = path;
        this.server = server;
        this.handler = handler;
    }

    /**
     * Where the socket of an engine is: {@code NAME.sock} in {@link RunFolder} when that can be written, else
     * {@code $XDG_RUNTIME_DIR/braid/NAME.sock}.
     *
     * @param name of the device, 1 to 15 of letters, digits, dot, dash and underscore
     * @throws IllegalArgumentException when the name is none
     */
    public static Path path(String name) {
        if (!name.matches("[A-Za-z0-9_-][A-Za-z0-9._-]{0,14}")) {
            throw new IllegalArgumentException("'" + name + "' is no name of a device");
        }
        String runtime = System.getenv("XDG_RUNTIME_DIR");
        Path usual = RunFolder.path();
        Path there = usual;
        while (!Files.exists(there)) {
            there = there.getParent();
        }
        Path folder = runtime == null || Files.isWritable(there) ? usual : Path.of(runtime, "braid");
        return folder.resolve(name + ".sock");
    }

    /**
     * Opens the socket; one that a process which is gone has left behind is replaced.
     *
     * @throws IOException when it cannot be made, or another process answers there
     */
    public static ControlSocket open(Path path, Handler handler) throws IOException {
        if (Files.exists(path) && answers(path)) {
            throw new IOException("another program answers at " + path);
        }
        Path folder = path.toAbsolutePath().getParent();
        Files.createDirectories(folder);
        // Made where nobody else can reach it, and moved when it has its mode: no instant with another one.
        Path nursery = Files.createTempDirectory(folder, ".s",
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            Path made = nursery.resolve("s");
            server.bind(UnixDomainSocketAddress.of(made));
            Files.setPosixFilePermissions(made, PosixFilePermissions.fromString("rw-------"));
            Files.move(made, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException | RuntimeException problem) {
            server.close();
            throw problem;
        } finally {
            Files.deleteIfExists(nursery.resolve("s"));
            Files.deleteIfExists(nursery);
        }
        ControlSocket socket = new ControlSocket(path, server, handler);
        Thread.ofVirtual().name("control").start(socket::acceptAll);
        return socket;
    }

    private static boolean answers(Path path) {
        try (SocketChannel probe = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
            return probe.isConnected();
        } catch (IOException nobody) {
            return false;
        }
    }

    private void acceptAll() {
        try {
            while (true) {
                SocketChannel client = server.accept();
                if (clients.tryAcquire()) {
                    Thread.ofVirtual().name("control-client").start(() -> serve(client));
                } else {
                    client.close();
                }
            }
        } catch (IOException closed) {
            // The end of the engine.
        }
    }

    private void serve(SocketChannel client) {
        try (client) {
            String line = readLine(client);
            if (line != null) {
                handler.onRequest(line, new Replies() {
                    @Override
                    public void send(String reply) throws IOException {
                        write(client, reply);
                    }

                    @Override
                    public void awaitEnd() {
                        readToEnd(client);
                    }
                });
            }
        } catch (IOException gone) {
            // Who asked does not wait for the answer.
        } finally {
            clients.release();
        }
    }

    private static String readLine(SocketChannel client) throws IOException {
        ByteBuffer line = ByteBuffer.allocate(LONGEST_REQUEST);
        while (line.hasRemaining() && client.read(line) >= 0) {
            for (int i = 0; i < line.position(); i++) {
                if (line.get(i) == '\n') {
                    return new String(line.array(), 0, i, StandardCharsets.UTF_8);
                }
            }
        }
        return null;
    }

    private static void readToEnd(SocketChannel client) {
        try {
            ByteBuffer ignored = ByteBuffer.allocate(64);
            while (client.read(ignored.clear()) >= 0) {
                // What is said after the request means nothing.
            }
        } catch (IOException gone) {
            // That is the end, too.
        }
    }

    private static void write(SocketChannel client, String reply) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap((reply + "\n").getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
            client.write(bytes);
        }
    }

    public Path path() {
        return path;
    }

    /** Closes and removes the socket. */
    @Override
    public void close() {
        try {
            server.close();
            Files.deleteIfExists(path);
        } catch (IOException stays) {
            // The next engine replaces what is left.
        }
    }
}
