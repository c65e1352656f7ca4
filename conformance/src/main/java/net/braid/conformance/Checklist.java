package net.braid.conformance;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What Braid has set out to do, in its own words: {@code spec/checklist.tsv}, and beside it {@code spec/open.tsv} with
 * the entries that are due and not there, each with the reason.
 */
public final class Checklist {
    private static final String LATER = "later";

    /**
     * @param level M: MUST, S: SHOULD, Y: worth having, L: needed for the Linux kernel as peer
     * @param due step of the plan by which it is there, or "later"
     * @param source RFC and section, or what else says so
     */
    public record Entry(String id, String level, String due, String source, String text) {
        /** A letter. */
        public String section() {
            return id.substring(0, 1);
        }

        public boolean isDue(int step) {
            return !due.equals(LATER) && Integer.parseInt(due) <= step;
        }
    }

    private final List<Entry> entries = new ArrayList<>();
    private final Map<String, Entry> byId = new HashMap<>();
    private final Map<String, String> titles = new TreeMap<>();
    private final Map<String, String> open = new TreeMap<>();

    /** @throws IllegalArgumentException with the line that is wrong */
    public static Checklist of(List<String> lines, List<String> openLines) {
        Checklist checklist = new Checklist();
        for (String line : lines) {
            checklist.read(line);
        }
        for (String line : openLines) {
            checklist.readOpen(line);
        }
        return checklist;
    }

    /** @param spec the folder of that name */
    public static Checklist read(Path spec) throws IOException {
        return of(Files.readAllLines(spec.resolve("checklist.tsv"), StandardCharsets.UTF_8),
                Files.readAllLines(spec.resolve("open.tsv"), StandardCharsets.UTF_8));
    }

    private void read(String line) {
        if (line.isBlank()) {
            return;
        }
        if (line.startsWith("#")) {
            if (line.matches("# [A-Z]\\. .*")) {
                titles.put(line.substring(2, 3), line.substring(5));
            }
            return;
        }
        String[] columns = line.split("\t", -1);
        boolean right = columns.length == 5 && columns[0].matches("[A-Z]\\d\\d") && columns[1].matches("[MSYL]")
                && columns[2].matches("\\d+|" + LATER);
        if (!right) {
            throw new IllegalArgumentException("id, level, due, source, text are expected: " + line);
        }
        Entry entry = new Entry(columns[0], columns[1], columns[2], columns[3], columns[4]);
        if (byId.put(entry.id, entry) != null || !titles.containsKey(entry.section())) {
            throw new IllegalArgumentException("twice, or in no section: " + line);
        }
        entries.add(entry);
    }

    private void readOpen(String line) {
        if (line.isBlank() || line.startsWith("#")) {
            return;
        }
        String[] columns = line.split("\t", -1);
        if (columns.length != 2 || !byId.containsKey(columns[0]) || columns[1].isBlank()) {
            throw new IllegalArgumentException("an id of the checklist and a reason are expected: " + line);
        }
        open.put(columns[0], columns[1]);
    }

    /** In the order of the file. */
    public List<Entry> entries() {
        return entries;
    }

    /** Null: there is none of this id. */
    public Entry entry(String id) {
        return byId.get(id);
    }

    /** Letter to title. */
    public Map<String, String> titles() {
        return titles;
    }

    /** Why an entry is not there, or null. */
    public String openReason(String id) {
        return open.get(id);
    }
}
