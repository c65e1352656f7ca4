package net.braid.conformance.kernel;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assertions;

/** A process of {@code braid emulate} that joins two interfaces of a namespace. */
final class EmulatedLink implements AutoCloseable {
    private final Process process;

    /** @return once frames pass */
    EmulatedLink(String namespace, String first, String second, String... options) throws IOException {
        List<String> arguments = new ArrayList<>(List.of("emulate", first, second));
        arguments.addAll(List.of(options));
        process = InteropTest.braidCommand(namespace, arguments).redirectErrorStream(true).start();
        BufferedReader lines = process.inputReader(StandardCharsets.UTF_8);
        String line = lines.readLine();
        while (line != null && line.startsWith("WARNING")) {
            line = lines.readLine();
        }
        Assertions.assertEquals(first + " and " + second + " are joined", line);
    }

    /** A line on its standard input, such as {@code down}. It is obeyed within the 200 ms that this waits. */
    void order(String line) throws IOException, InterruptedException {
        process.getOutputStream().write((line + "\n").getBytes(StandardCharsets.US_ASCII));
        process.getOutputStream().flush();
        Thread.sleep(200);
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
