package net.braid.conformance.kernel;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assertions;

/** Runs programs of this machine. */
final class Shell {
    /** What a program said. */
    record Said(List<String> command, int code, String out, String err) {
        /** It must have worked. */
        Said must() {
            Assertions.assertEquals(0, code, () -> String.join(" ", command) + ": " + out + err);
            return this;
        }
    }

    private Shell() {
    }

    static Said run(String... command) {
        return run(List.of(command), "");
    }

    static Said run(List<String> command, String input) {
        try {
            Process process = new ProcessBuilder(command).start();
            StringBuilder err = new StringBuilder();
            Thread drain = Thread.ofVirtual().start(() -> {
                try {
                    err.append(new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8));
                } catch (IOException gone) {
                    err.append(gone.getMessage());
                }
            });
            process.getOutputStream().write(input.getBytes(StandardCharsets.UTF_8));
            process.getOutputStream().close();
            String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            int code = process.waitFor();
            drain.join();
            return new Said(command, code, out, err.toString());
        } catch (IOException problem) {
            throw new UncheckedIOException(problem);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while " + command + " ran", e);
        }
    }

    /** {@code command}, started in a network namespace. The process is the program itself, for signals. */
    static List<String> in(String namespace, List<String> command) {
        List<String> whole = new ArrayList<>(List.of("ip", "netns", "exec", namespace));
        whole.addAll(command);
        return whole;
    }
}
