package net.braid.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import net.braid.base.Requirement;
import org.junit.jupiter.api.Test;

/** The reviewed table of outcomes behind middleboxes (RFC 8684 sections 3.7 and 6). */
@Requirement({"A28", "A29", "B05", "C07", "D18", "D19", "D20", "D21", "D22", "D23", "D26", "D27", "E12"})
class MiddleboxTableTest {
    private static final Path FILE = Path.of("conformance/src/test/resources/middlebox-table.txt");
    private static final String REWRITE = "middlebox.rewrite";

    @Test
    void everyCellIsAsReviewed() throws IOException {
        List<String> actual = MiddleboxTable.lines();
        Path file = Reactor.find().root().resolve(FILE);
        if (Boolean.getBoolean(REWRITE)) {
            Files.write(file, actual);
        }
        List<String> reviewed = Files.readAllLines(file);
        List<String> changes = new ArrayList<>();
        for (int i = 0; i < Math.max(reviewed.size(), actual.size()); i++) {
            String was = i < reviewed.size() ? reviewed.get(i) : "";
            String is = i < actual.size() ? actual.get(i) : "";
            if (!was.equals(is)) {
                changes.add("was  " + was + "\n is  " + is);
            }
        }
        assertEquals("", String.join("\n", changes), "If this is right by RFC 8684 section 3.7, run\n"
                + "  ./braid test conformance -Dtest=MiddleboxTableTest -D" + REWRITE + "=true\n"
                + "and commit " + FILE + " with the reason.\n");
    }
}
