package net.braid.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Test vectors and captures are what {@code spec/fixtures.tsv} says they are. */
class FixtureTest {
    private final Path root = Reactor.find().root();

    private static String hash(Path file) throws IOException, NoSuchAlgorithmException {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
    }

    @Test
    void vectorsAndCapturesAreThoseOfTheirOrigin() throws IOException, NoSuchAlgorithmException {
        Map<String, String> listed = new TreeMap<>();
        for (String line : Files.readAllLines(root.resolve("spec/fixtures.tsv"))) {
            if (!line.startsWith("#")) {
                String[] fields = line.split("\t");
                assertEquals(3, fields.length, line);
                listed.put(fields[0], fields[1]);
            }
        }
        Map<String, String> found = new TreeMap<>();
        for (String room : List.of("wire", "policy")) {
            try (Stream<Path> files = Files.walk(root.resolve(room).resolve("src/test/resources"))) {
                for (Path file : files.filter(f -> f.toString().matches(".*\\.(json|pcap)")).sorted().toList()) {
                    found.put(root.relativize(file).toString(), hash(file));
                }
            }
        }
        assertEquals(listed, found);
    }
}
