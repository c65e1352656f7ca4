package net.braid.cli;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import net.braid.runtime.Stream;

/**
 * The connection on which an iperf3 client and server agree. Each connection of a run starts with the same 37 bytes;
 * then, on this one, the server says with single bytes how far it is, and both send JSON behind 4 bytes of length.
 */
final class Iperf3Control {
    private static final int TEST_START = 1;
    private static final int TEST_RUNNING = 2;
    private static final int TEST_END = 4;
    private static final int PARAM_EXCHANGE = 9;
    private static final int CREATE_STREAMS = 10;
    private static final int EXCHANGE_RESULTS = 13;
    private static final int DISPLAY_RESULTS = 14;
    private static final int IPERF_DONE = 16;
    private static final int ACCESS_DENIED = 255;
    private static final int SERVER_ERROR = 254;

    private static final int COOKIE_LETTERS = 36;
    private static final String LETTERS = "abcdefghijklmnopqrstuvwxyz234567";
    private static final int BLOCK = 128 * 1024;
    private static final int LONGEST_JSON = 1 << 20;

    private final byte[] cookie = newCookie();
    private final PerfRequest request;
    private final DataInputStream in;
    private final DataOutputStream out;
    private final CompletableFuture<List<PerfReport>> reports = new CompletableFuture<>();
    private volatile List<PerfTalk> talks;
    private int running;

    /** @param stream is open, and this class's alone */
    Iperf3Control(Stream stream, PerfRequest request) {
        this.request = request;
        in = new DataInputStream(stream.inputStream());
        out = new DataOutputStream(stream.outputStream());
    }

    private static byte[] newCookie() {
        byte[] cookie = new byte[COOKIE_LETTERS + 1];
        for (int i = 0; i < COOKIE_LETTERS; i++) {
            cookie[i] = (byte) LETTERS.charAt(ThreadLocalRandom.current().nextInt(LETTERS.length()));
        }
        return cookie;
    }

    /** Agrees on the run, up to the point where the server waits for connections. */
    void propose() throws IOException {
        out.write(cookie);
        await(PARAM_EXCHANGE);
        say(String.format(Locale.ROOT, "{\"tcp\":true,\"omit\":0,\"time\":%d,\"num\":%d,\"blockcount\":0,"
                + "\"parallel\":%d,%s\"len\":%d,\"client_version\":\"3.12\"}", seconds(), request.bytes(),
                request.connections(), request.clientSends() ? "" : "\"reverse\":true,", BLOCK));
        await(CREATE_STREAMS);
    }

    /** Says on a connection that has just been opened that it belongs to this run. */
    void join(Stream data) throws IOException {
        data.outputStream().write(cookie);
    }

    /** All connections are there. */
    void begin(List<PerfTalk> connections) throws IOException {
        await(TEST_START);
        await(TEST_RUNNING);
        talks = connections;
        running = connections.size();
    }

    /** A connection has sent, or received, what it should. After the last one both sides tell what they have seen. */
    synchronized void conclude() {
        if (--running == 0) {
            Thread.ofPlatform().daemon(true).name("iperf3-control").start(() -> {
                try {
                    reports.complete(exchange());
                } catch (IOException problem) {
                    reports.completeExceptionally(problem);
                }
            });
        }
    }

    private List<PerfReport> exchange() throws IOException {
        out.writeByte(TEST_END);
        await(EXCHANGE_RESULTS);
        say("{\"cpu_util_total\":0,\"cpu_util_user\":0,\"cpu_util_system\":0,\"sender_has_retransmits\":1,"
                + "\"streams\":" + talks.stream().map(this::result).collect(Collectors.joining(",", "[", "]")) + "}");
        List<PerfReport> seen = reports(hear());
        await(DISPLAY_RESULTS);
        out.writeByte(IPERF_DONE);
        if (seen.size() != talks.size()) {
            throw new IOException("the server has told of " + seen.size() + " connections, not of " + talks.size());
        }
        return seen;
    }

    /** It numbers connections 1, 3, 4, 5 and so on. */
    private String result(PerfTalk talk) {
        PerfSpan total = talk.total();
        int number = talk.flow().number();
        return String.format(Locale.ROOT, "{\"id\":%d,\"bytes\":%d,\"retransmits\":%d,\"jitter\":0,\"errors\":0,"
                + "\"packets\":0,\"start_time\":0,\"end_time\":%.6f}", number == 1 ? 1 : number + 1,
                request.clientSends() ? total.sent() : total.received(), request.clientSends() ? 0 : -1,
                (total.toNanos() - total.fromNanos()) / 1e9);
    }

    private static List<PerfReport> reports(String text) throws IOException {
        try {
            return Json.parse(text).at("streams").items().stream().map(stream -> new PerfReport(
                    stream.at("bytes").number(0), (long) ((stream.at("end_time").decimal(0)
                    - stream.at("start_time").decimal(0)) * 1e9), Math.max(0, stream.at("retransmits").number(0))))
                    .toList();
        } catch (IllegalArgumentException wrong) {
            throw new IOException("the server's results cannot be read: " + wrong.getMessage(), wrong);
        }
    }

    /**
     * What the server has seen of a connection.
     *
     * @param number of the connection, from 1
     * @throws IOException when it does not say so within {@code nanos}
     */
    PerfReport report(int number, long nanos) throws IOException {
        try {
            return reports.get(nanos, TimeUnit.NANOSECONDS).get(number - 1);
        } catch (ExecutionException failed) {
            throw new IOException(failed.getCause().getMessage(), failed.getCause());
        } catch (TimeoutException e) {
            throw new IOException("the server has not told what it has seen", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    // ---- words of the protocol

    private long seconds() {
        return Math.ceilDiv(request.nanos(), 1_000_000_000L);
    }

    private void await(int state) throws IOException {
        int said;
        try {
            said = in.readUnsignedByte();
        } catch (EOFException e) {
            throw new IOException("the server has ended the run; is it iperf3?", e);
        }
        if (said == ACCESS_DENIED) {
            throw new IOException("the iperf3 server is busy with another run");
        }
        if (said == SERVER_ERROR) {
            throw new IOException("the iperf3 server reports error " + in.readInt());
        }
        if (said != state) {
            throw new IOException("the server is no iperf3, or one that is too different: state " + said + ", not "
                    + state);
        }
    }

    private void say(String json) throws IOException {
        byte[] bytes = json.getBytes(StandardCharsets.US_ASCII);
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    private String hear() throws IOException {
        int length = in.readInt();
        if (length < 0 || length > LONGEST_JSON) {
            throw new IOException("the server has told too much: " + Integer.toUnsignedString(length) + " bytes");
        }
        return new String(in.readNBytes(length), StandardCharsets.UTF_8);
    }
}
