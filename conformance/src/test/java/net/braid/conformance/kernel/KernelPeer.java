package net.braid.conformance.kernel;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assertions;

/** A program that uses the kernel's sockets in a namespace: {@code kernel/peer.py}, which says what it can do. */
final class KernelPeer implements AutoCloseable {
    private static final int PATIENCE_SECONDS = 30;

    /** A line of the program. */
    record Event(String word, Map<String, String> values) {
        static Event parse(String line) {
            String[] words = line.split(" ");
            Map<String, String> values = new HashMap<>();
            for (int i = 1; i < words.length; i++) {
                int equals = words[i].indexOf('=');
                if (equals > 0) {
                    values.put(words[i].substring(0, equals), words[i].substring(equals + 1));
                }
            }
            return new Event(words[0], values);
        }

        String get(String key) {
            return String.valueOf(values.get(key));
        }

        long bytes() {
            return Long.parseLong(get("bytes"));
        }

        String sha() {
            return get("sha");
        }
    }

    private final Process process;
    private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
    private final List<Event> passed = new ArrayList<>();
    private final List<String> heard = new ArrayList<>();

    private KernelPeer(String namespace, List<String> arguments) {
        try {
            Path script = Files.createTempFile("braid-peer", ".py");
            try (InputStream source = KernelPeer.class.getResourceAsStream("/kernel/peer.py")) {
                Files.write(script, source.readAllBytes());
            }
            List<String> command = new ArrayList<>(List.of("python3", script.toString()));
            command.addAll(arguments);
            process = new ProcessBuilder(Shell.in(namespace, command)).redirectErrorStream(true).start();
            Thread.ofPlatform().daemon(true).name("peer").start(() -> listen(script));
        } catch (IOException problem) {
            throw new UncheckedIOException(problem);
        }
    }

    /** @return once it listens, on all addresses of a family */
    static KernelPeer serve(String namespace, String kind, boolean ipv6, int port, int count, String steps) {
        return serve(namespace, kind, ipv6 ? "::" : "0.0.0.0", port, count, steps);
    }

    static KernelPeer serve(String namespace, String kind, String address, int port, int count, String steps) {
        KernelPeer peer = new KernelPeer(namespace,
                List.of("serve", kind, address, "" + port, "" + count, steps));
        peer.await("listening");
        return peer;
    }

    static KernelPeer connect(String namespace, String kind, String address, int port, int count, String steps) {
        return new KernelPeer(namespace, List.of("connect", kind, address, "" + port, "" + count, steps));
    }

    /** Sends datagrams back. */
    static KernelPeer pong(String namespace, String address, int port) {
        KernelPeer peer = new KernelPeer(namespace, List.of("pong", address, "" + port));
        peer.await("listening");
        return peer;
    }

    /** Sends datagrams to {@link #pong}: how many have come back, and after how many milliseconds the fastest. */
    static Event ping(String namespace, String address, int port, int count) {
        try (KernelPeer peer = new KernelPeer(namespace, List.of("ping", address, "" + port, "" + count))) {
            return peer.await("pinged");
        }
    }

    private void listen(Path script) {
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                synchronized (heard) {
                    heard.add(line);
                }
                events.add(Event.parse(line));
            }
            Files.deleteIfExists(script);
        } catch (IOException gone) {
            events.add(new Event("gone", Map.of()));
        }
    }

    /** The first event of this name since the last {@link #goOn} that was not asked for before. */
    Event await(String word) {
        return await(word, PATIENCE_SECONDS);
    }

    Event await(String word, int seconds) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        try {
            for (Event event : passed) {
                if (event.word.equals(word)) {
                    passed.remove(event);
                    return event;
                }
            }
            while (true) {
                Event event = events.poll(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS);
                if (event == null) {
                    return Assertions.fail("the kernel's program has not said '" + word + "' but " + said());
                }
                if (event.word.equals(word)) {
                    return event;
                }
                passed.add(event);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    String said() {
        synchronized (heard) {
            return heard.toString();
        }
    }

    /** The step {@code wait} goes on. What was said before it does not count any more. */
    void goOn() {
        await("waiting");
        events.clear();
        passed.clear();
        try {
            process.getOutputStream().write('\n');
            process.getOutputStream().flush();
        } catch (IOException problem) {
            throw new UncheckedIOException(problem);
        }
    }

    /** SIG{@code name}. */
    void signal(String name) {
        Shell.run("kill", "-" + name, "" + process.pid()).must();
    }

    /** Without a farewell to anybody. */
    void kill() {
        process.destroyForcibly();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
