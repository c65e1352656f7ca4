package net.braid.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What tests need of the kernel. Without the right to make interfaces they are skipped, unless the system property
 * {@code braid.require.kernel} is true: then they fail.
 */
final class Kernel {
    private static final Pattern LEFTOVER = Pattern.compile("(?m)^\\d+: (bw[a-z])(\\d+)[@:]");

    private Kernel() {
    }

    /** The test goes on only where this process may make interfaces and namespaces. */
    static void require() {
        String missing = missing();
        if (missing != null) {
            if (Boolean.getBoolean("braid.require.kernel")) {
                fail(missing);
            }
            abort(missing);
        }
        removeLeftovers();
    }

    /** Interfaces of runs that were killed: their names end with the number of a process that is no more. */
    private static void removeLeftovers() {
        try {
            Matcher names = LEFTOVER.matcher(run("ip -o link"));
            while (names.find()) {
                if (ProcessHandle.of(Long.parseLong(names.group(2))).isEmpty()) {
                    attempt("ip link del " + names.group(1) + names.group(2));
                }
            }
        } catch (IOException problem) {
            fail(problem);
        }
    }

    private static String missing() {
        try {
            String capabilities = Files.readAllLines(Path.of("/proc/self/status")).stream()
                    .filter(line -> line.startsWith("CapEff:")).findFirst().orElse("CapEff: 0");
            long bits = Long.parseUnsignedLong(capabilities.substring(7).trim(), 16);
            if ((bits & 1 << 12) == 0) {
                return "this process has no CAP_NET_ADMIN";
            }
        } catch (IOException noLinux) {
            return "this system has no /proc: it is not Linux";
        }
        if (!Files.isWritable(Path.of("/dev/net/tun"))) {
            return "/dev/net/tun cannot be written";
        }
        return Files.isExecutable(Path.of("/usr/sbin/ip")) || Files.isExecutable(Path.of("/sbin/ip"))
                || Files.isExecutable(Path.of("/usr/bin/ip")) ? null : "the program 'ip' (iproute2) is missing";
    }

    /** A name of at most 15 characters that no other run uses. */
    static String name(String prefix) {
        return prefix + ProcessHandle.current().pid();
    }

    /** Runs a command, its words split at spaces, that must succeed; returns its output. */
    static String run(String command) throws IOException {
        return run(List.of(command.split(" ")));
    }

    static String run(List<String> command) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes());
        try {
            assertEquals(0, process.waitFor(), String.join(" ", command) + ": " + output);
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
        return output;
    }

    /** Runs a command that may fail: for cleaning up. */
    static void attempt(String command) throws IOException {
        Process process = new ProcessBuilder(command.split(" ")).redirectErrorStream(true).start();
        process.getInputStream().readAllBytes();
        try {
            process.waitFor(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }
}
