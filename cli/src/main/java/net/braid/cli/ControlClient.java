package net.braid.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Asks a running engine through its control socket. */
final class ControlClient implements AutoCloseable {
    private static final String RESULT = "{\"result\":";

    private final SocketChannel channel;
    private final BufferedReader in;

    /** @throws IOException when nobody answers there, with a line that says so */
    ControlClient(Path socket, String request) throws IOException {
        try {
            channel = SocketChannel.open(UnixDomainSocketAddress.of(socket));
        } catch (IOException nobody) {
            throw new IOException("nobody answers at " + socket + ": no command of braid runs on that device, or it is "
                    + "another user's");
        }
        ByteBuffer bytes = ByteBuffer.wrap((request + "\n").getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
        in = new BufferedReader(Channels.newReader(channel, StandardCharsets.UTF_8));
    }

    /** The next line of the answer, or null at its end. */
    String line() throws IOException {
        return in.readLine();
    }

    /**
     * The one answer to a request, as JSON.
     *
     * @throws UserError when the engine says that the request is wrong
     * @throws IOException when it says nothing
     */
    String result() throws IOException {
        String line = line();
        if (line == null) {
            throw new IOException("the program on that device has ended");
        }
        if (line.startsWith(RESULT)) {
            return line.substring(RESULT.length(), line.length() - 1);
        }
        throw new UserError(Json.parse(line).at("error").text("no answer"));
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
