package net.braid.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Multipath TCP over Wi-Fi and 3G is never below plain TCP over Wi-Fi, whatever the receive buffer (the experiment of
 * Raiciu et al., NSDI 2012): the reviewed table {@code buffers.txt}, and the plot {@code docs/buffers.svg}.
 */
class NeverBelowTest {
    private static final Path FILE = Path.of("conformance/src/test/resources/net/braid/conformance/buffers.txt");
    private static final Path PLOT = Path.of("docs/buffers.svg");
    private static final String REWRITE = "buffers.rewrite";
    private static BufferTable table;

    @BeforeAll
    static void compute() throws IOException {
        table = BufferTable.compute();
        if (Boolean.getBoolean(REWRITE)) {
            Files.write(Reactor.find().root().resolve(FILE), table.lines());
            Files.writeString(Reactor.find().root().resolve(PLOT), table.plot());
        }
    }

    @Test
    void everyBufferGivesNinetySevenPercentOfPlainTcpOverWifi() {
        for (BufferTable.Row row : table.rows()) {
            assertTrue(row.multipath() >= 0.97 * row.plain(), row.toString());
        }
    }

    @Test
    void mobileCarriesItsShareFromFourHundredKilobytesOn() {
        for (BufferTable.Row row : table.rows()) {
            if (row.kilobytes() >= 400) {
                assertTrue(row.mobileShare() >= 5 && row.multipath() > row.plain(), row.toString());
            }
        }
    }

    @Test
    void everyRowIsAsReviewed() throws IOException {
        List<String> reviewed = Files.readAllLines(Reactor.find().root().resolve(FILE));
        assertEquals(String.join("\n", reviewed), String.join("\n", table.lines()), "If this is better, run\n"
                + "  ./braid test conformance -Dtest=NeverBelowTest -D" + REWRITE + "=true\n"
                + "and say in the commit why.");
    }
}
