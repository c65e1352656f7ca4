package net.braid.bench;

import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import net.braid.wire.IpAddress;

/**
 * One end of the comparison: the same program over the kernel's sockets and over Braid, so that nothing else differs.
 * It lives as long as the comparison, so that Java has compiled it when it counts.
 *
 * <pre>
 *   server kernel ADDRESS PORT                    accepts, and does what the first byte of a connection says
 *   client kernel ADDRESS PORT                    reads orders, one a line, and answers each with a line
 *   server|client braid ADDRESS PORT LINKS LOCALS
 *
 *   orders:  send SECONDS SUBFLOWS      bulk data to the server, which then prints samples
 *            receive SECONDS SUBFLOWS   bulk data from the server
 *            exchange SECONDS           64 bytes to and fro; answers with median and 99th percentile, nanoseconds
 *            open SECONDS THREADS       connections, with one byte to and fro each; answers with their number a second
 * </pre>
 */
final class PeerProgram {
    static final int MESSAGE = 64;
    private static final int CHUNK = 256 * 1024;
    private static final byte SINK = 'S';
    private static final byte SOURCE = 'R';
    private static final byte ECHO = 'E';
    private static final int MOST_EXCHANGES = 1 << 20;

    private final Host host;

    private PeerProgram(Host host) {
        this.host = host;
    }

    public static void main(String[] words) throws IOException {
        boolean server = words[0].equals("server");
        IpAddress address = IpAddress.parse(words[2]);
        int port = Integer.parseInt(words[3]);
        try (Host host = words[1].equals("kernel") ? new KernelHost(server, address, port)
                : new BraidHost(server, words[4], words[5], address, port)) {
            say("ready");
            if (server) {
                endWithParent();
                new PeerProgram(host).serve();
            } else {
                new PeerProgram(host).obey();
            }
        }
    }

    private static synchronized void say(String line) {
        System.out.println(line);
        System.out.flush();
    }

    // ---- the server

    /** When our input ends, so do we. */
    private static void endWithParent() {
        Thread.ofPlatform().daemon(true).start(() -> {
            try {
                while (System.in.read() >= 0) {
                    // Nothing is expected.
                }
            } catch (IOException gone) {
                // As good as the end.
            }
            Runtime.getRuntime().halt(0);
        });
    }

    private void serve() throws IOException {
        while (true) {
            Line line = host.accept();
            Thread.ofPlatform().daemon(true).start(() -> serve(line));
        }
    }

    private static void serve(Line line) {
        try (line; Arena arena = Arena.ofConfined()) {
            MemorySegment first = arena.allocate(MESSAGE, 64);
            int count = line.read(first, 0, 1);
            if (count < 1) {
                return;
            }
            switch (first.get(ValueLayout.JAVA_BYTE, 0)) {
                case SINK -> say(sink(line, arena));
                case SOURCE -> source(line, arena, Long.MAX_VALUE);
                default -> echo(line, first);
            }
        } catch (IOException gone) {
            // The client has seen enough.
        }
    }

    private static void echo(Line line, MemorySegment memory) throws IOException {
        line.write(memory, 0, 1);
        for (int count = line.read(memory, 0, MESSAGE); count >= 0; count = line.read(memory, 0, MESSAGE)) {
            line.write(memory, 0, count);
        }
    }

    // ---- both

    private static void source(Line line, Arena arena, long end) throws IOException {
        MemorySegment chunk = arena.allocate(CHUNK, 64);
        try {
            while (System.nanoTime() < end) {
                line.write(chunk, 0, CHUNK);
            }
        } catch (EOFException enough) {
            // The client ends it so.
        }
    }

    private static String sink(Line line, Arena arena) throws IOException {
        return sink(line, arena, Long.MAX_VALUE);
    }

    private static String sink(Line line, Arena arena, long end) throws IOException {
        MemorySegment chunk = arena.allocate(CHUNK, 64);
        Samples samples = new Samples(System.nanoTime());
        for (int count = line.read(chunk, 0, CHUNK); count >= 0; count = line.read(chunk, 0, CHUNK)) {
            long now = System.nanoTime();
            samples.add(now, count);
            if (now >= end) {
                break;
            }
        }
        return samples.toLine();
    }

    // ---- the client

    private void obey() throws IOException {
        BufferedReader orders = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        for (String order = orders.readLine(); order != null; order = orders.readLine()) {
            String[] words = order.split(" ");
            long nanos = (long) (Double.parseDouble(words[1]) * 1e9);
            try {
                say(switch (words[0]) {
                    case "send" -> send(nanos, Integer.parseInt(words[2]));
                    case "receive" -> receive(nanos, Integer.parseInt(words[2]));
                    case "exchange" -> exchange(nanos);
                    case "open" -> open(nanos, Integer.parseInt(words[2]));
                    default -> "failed: what is " + order + "?";
                });
            } catch (IOException problem) {
                say("failed: " + problem.getMessage());
            }
        }
    }

    private Line begin(Arena arena, byte what, int subflows) throws IOException {
        MemorySegment first = arena.allocate(1);
        first.set(ValueLayout.JAVA_BYTE, 0, what);
        Line line = host.connect(subflows);
        line.write(first, 0, 1);
        return line;
    }

    private String send(long nanos, int subflows) throws IOException {
        try (Arena arena = Arena.ofConfined(); Line line = begin(arena, SINK, subflows)) {
            source(line, arena, System.nanoTime() + nanos);
        }
        return "done";
    }

    private String receive(long nanos, int subflows) throws IOException {
        try (Arena arena = Arena.ofConfined(); Line line = begin(arena, SOURCE, subflows)) {
            return sink(line, arena, System.nanoTime() + nanos);
        }
    }

    private String exchange(long nanos) throws IOException {
        long[] took = new long[MOST_EXCHANGES];
        int count = 0;
        try (Arena arena = Arena.ofConfined(); Line line = begin(arena, ECHO, 1)) {
            MemorySegment message = arena.allocate(MESSAGE, 64);
            readAll(line, message, 1);
            long end = System.nanoTime() + nanos;
            for (long now = System.nanoTime(); now < end && count < MOST_EXCHANGES; count++) {
                line.write(message, 0, MESSAGE);
                readAll(line, message, MESSAGE);
                long then = System.nanoTime();
                took[count] = then - now;
                now = then;
            }
        }
        Arrays.sort(took, 0, count);
        return count == 0 ? "failed: no answer" : took[count / 2] + " " + took[(int) (count * 0.99)];
    }

    private static void readAll(Line line, MemorySegment target, int length) throws IOException {
        for (int done = 0; done < length; ) {
            int count = line.read(target, done, length - done);
            if (count < 0) {
                throw new EOFException("the server has ended the connection");
            }
            done += count;
        }
    }

    private String open(long nanos, int threads) throws IOException {
        long begin = System.nanoTime();
        AtomicLong count = new AtomicLong();
        AtomicReference<IOException> problem = new AtomicReference<>();
        Thread[] workers = new Thread[threads];
        for (int i = 0; i < threads; i++) {
            workers[i] = Thread.ofPlatform().start(() -> {
                try {
                    openUntil(begin + nanos, count);
                } catch (IOException failed) {
                    problem.set(failed);
                }
            });
        }
        try {
            for (Thread worker : workers) {
                worker.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (problem.get() != null) {
            throw problem.get();
        }
        return String.format(Locale.ROOT, "%.1f", count.get() / ((System.nanoTime() - begin) / 1e9));
    }

    private void openUntil(long end, AtomicLong count) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment answer = arena.allocate(1);
            while (System.nanoTime() < end) {
                try (Line line = begin(arena, ECHO, 1)) {
                    readAll(line, answer, 1);
                }
                count.incrementAndGet();
            }
        }
    }
}
