package net.braid.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** The programs {@code ip} and {@code nft}, and the settings of the kernel under /proc/sys. */
final class HostPrograms {
    private static final Path SETTINGS = Path.of("/proc/sys");
    private static final int CAP_NET_ADMIN = 12;

    /** What a program said. */
    record Answer(int code, String out, String err) {
        boolean good() {
            return code == 0;
        }

        /** The line of its complaint that says most. */
        String complaint() {
            return err.lines().map(String::strip).filter(line -> !line.isEmpty()).findFirst()
                    .orElse("exit code " + code);
        }
    }

    /** @throws HostException when the program cannot be started; not when it fails */
    Answer run(List<String> command, String input) throws HostException {
        try {
            ProcessBuilder builder = new ProcessBuilder(command);
            builder.environment().put("LC_ALL", "C");
            Process process = builder.start();
            CompletableFuture<byte[]> err = CompletableFuture.supplyAsync(() -> drain(process));
            try (OutputStream stdin = process.getOutputStream()) {
                stdin.write(input.getBytes(StandardCharsets.UTF_8));
            } catch (IOException gone) {
                // It ended without reading; its exit code and complaint say why.
            }
            String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return new Answer(process.waitFor(), out, new String(err.join(), StandardCharsets.UTF_8));
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new HostException("interrupted while '" + String.join(" ", command) + "' was running");
        } catch (IOException missing) {
            throw new HostException("the program '" + command.getFirst() + "' cannot be run; it comes with the package "
                    + (command.getFirst().equals("nft") ? "nftables" : "iproute2"));
        }
    }

    private static byte[] drain(Process process) {
        try {
            return process.getErrorStream().readAllBytes();
        } catch (IOException gone) {
            return new byte[0];
        }
    }

    /** Runs a program that must not fail, and returns what it printed. */
    String ask(String... command) throws HostException {
        Answer answer = run(List.of(command), "");
        if (!answer.good()) {
            throw new HostException(String.join(" ", command) + ": " + answer.complaint());
        }
        return answer.out();
    }

    /** A setting by its path, as {@code net/ipv4/ip_forward}, or null where the kernel has none. */
    String setting(String name) {
        try {
            return Files.readString(SETTINGS.resolve(name)).strip();
        } catch (IOException absent) {
            return null;
        }
    }

    void set(String name, String value) throws HostException {
        try {
            Files.writeString(SETTINGS.resolve(name), value);
        } catch (IOException problem) {
            throw new HostException("cannot set " + name + ": " + Reason.of(problem));
        }
    }

    /** Whether this process may configure the network of its namespace. */
    static boolean mayAdministrate() {
        try {
            return Files.readAllLines(Path.of("/proc/self/status")).stream()
                    .filter(line -> line.startsWith("CapEff:"))
                    .mapToLong(line -> Long.parseUnsignedLong(line.substring(7).strip(), 16))
                    .anyMatch(capabilities -> (capabilities >> CAP_NET_ADMIN & 1) != 0);
        } catch (IOException unknown) {
            return true;
        }
    }

    /** What tells this network namespace from the others. */
    static String networkNamespace() {
        try {
            return Files.readSymbolicLink(Path.of("/proc/self/ns/net")).toString();
        } catch (IOException | UnsupportedOperationException unknown) {
            return "";
        }
    }
}
