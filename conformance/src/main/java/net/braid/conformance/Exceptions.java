package net.braid.conformance;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Deliberate departures from an RFC: files of {@code spec/exceptions} in a small part of TOML, tables {@code
 * [[exception]]} with the keys {@code requirement}, {@code quote} and {@code reason}, one string in quotation marks
 * each, on one line or between triple quotation marks. The key {@code checklist} may name entries of the checklist that
 * are not, or not wholly, met for it: {@code "A06 C20"}.
 */
public final class Exceptions {
    private static final Pattern KEY = Pattern.compile("^(\\w+)\\s*=\\s*(\"\"\"|\")(.*)$");
    private static final Set<String> KEYS = Set.of("requirement", "quote", "reason");
    private static final String ENTRIES = "checklist";

    /**
     * @param requirement for example {@code rfc6298#2.4}
     * @param entries of the checklist, often none
     */
    public record Departure(String requirement, String quote, String reason, List<String> entries) {
        public String document() {
            return requirement.substring(0, requirement.indexOf('#'));
        }
    }

    private Exceptions() {
    }

    /** @throws IllegalArgumentException with name and line of what is wrong */
    public static List<Departure> parse(String name, List<String> lines) {
        List<Departure> departures = new ArrayList<>();
        Map<String, String> table = null;
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).strip();
            if (line.isEmpty() || line.startsWith("#")) {
                continue;
            }
            if (line.equals("[[exception]]")) {
                finish(name, i, table, departures);
                table = new TreeMap<>();
                continue;
            }
            Matcher key = KEY.matcher(line);
            if (table == null || !key.matches() || !KEYS.contains(key.group(1)) && !key.group(1).equals(ENTRIES)) {
                throw wrong(name, i, "expected [[exception]], requirement, quote, reason or checklist");
            }
            StringBuilder value = new StringBuilder(key.group(3));
            String close = key.group(2);
            while (close.length() == 3 && value.indexOf(close) < 0 && i + 1 < lines.size()) {
                value.append('\n').append(lines.get(++i));
            }
            int end = value.lastIndexOf(close);
            if (end < 0) {
                throw wrong(name, i, "a string that does not end");
            }
            table.put(key.group(1), value.substring(0, end).strip());
        }
        finish(name, lines.size() - 1, table, departures);
        return departures;
    }

    private static void finish(String name, int line, Map<String, String> table, List<Departure> departures) {
        if (table == null) {
            return;
        }
        String entries = table.remove(ENTRIES);
        if (!table.keySet().equals(KEYS) || !table.get("requirement").matches("[a-z0-9-]+#[0-9A-Za-z.]+")) {
            throw wrong(name, line, "an exception needs requirement (rfc6298#2.4), quote and reason");
        }
        departures.add(new Departure(table.get("requirement"), table.get("quote"), table.get("reason"),
                entries == null ? List.of() : List.of(entries.strip().split("\\s+"))));
    }

    private static IllegalArgumentException wrong(String name, int line, String what) {
        return new IllegalArgumentException(name + ":" + (line + 1) + ": " + what);
    }
}
