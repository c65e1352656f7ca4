package net.braid.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A {@link PeerProgram} in a network namespace. */
final class PeerProcess implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 30;
    private static final double TICKS_PER_SECOND = 100;
    private static final int USER_TIME = 11;

    private final String text;
    private final Process process;
    private final LinkedBlockingQueue<String> lines = new LinkedBlockingQueue<>();

    /** Starts it, and waits until it is ready. */
    PeerProcess(String namespace, String arguments) throws IOException, InterruptedException {
        text = arguments;
        List<String> words = new ArrayList<>(List.of("ip", "netns", "exec", namespace,
                ProcessHandle.current().info().command().orElse("java"), "-XX:+UseSerialGC", "-Xmx256m"));
        String options = System.getProperty("braid.peer.options", "");
        if (!options.isEmpty()) {
            words.addAll(List.of(options.split(" ")));
        }
        words.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-cp", System.getProperty("java.class.path"),
                PeerProgram.class.getName()));
        words.addAll(List.of(arguments.split(" ")));
        process = new ProcessBuilder(words).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        Thread.ofPlatform().daemon(true).start(this::read);
        answer();
    }

    private void read() {
        try (BufferedReader reader = process.inputReader(StandardCharsets.US_ASCII)) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                lines.add(line);
            }
        } catch (IOException gone) {
            // It is over.
        }
        lines.add("failed: it has ended");
    }

    void order(String order) throws IOException {
        process.outputWriter(StandardCharsets.US_ASCII).append(order).append('\n').flush();
    }

    /** The next line it prints. */
    String answer() throws IOException, InterruptedException {
        String line = lines.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        if (line == null || line.startsWith("failed")) {
            throw new IOException(text + ": " + (line == null ? "no answer" : line));
        }
        return line;
    }

    /** Seconds of processor time so far, of all its threads, in user and in kernel mode. */
    double cpuSeconds() throws IOException {
        String stat = Files.readString(Path.of("/proc/" + process.pid() + "/stat"));
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        return (Long.parseLong(fields[USER_TIME]) + Long.parseLong(fields[USER_TIME + 1])) / TICKS_PER_SECOND;
    }

    /** The same for everything that this machine has done, interrupts too. */
    static double machineSeconds() throws IOException {
        String[] fields = Files.readString(Path.of("/proc/stat")).lines().findFirst().orElseThrow().split(" +");
        long ticks = 0;
        // user, nice, system; not idle and iowait; irq, softirq
        for (int field : new int[] {1, 2, 3, 6, 7}) {
            ticks += Long.parseLong(fields[field]);
        }
        return ticks / TICKS_PER_SECOND;
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
