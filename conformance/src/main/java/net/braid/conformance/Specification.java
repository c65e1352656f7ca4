package net.braid.conformance;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;

/**
 * The text of an RFC, for comparing words. Page breaks, line breaks, punctuation and case do not matter; the order of
 * words does.
 */
public final class Specification {
    private static final Pattern HEADING =
            Pattern.compile("^(\\s*)([0-9]+(?:\\.[0-9]+)*|[A-Z](?:\\.[0-9]+)+)\\.?(\\s+)\\S.*");
    private static final Pattern CONTENTS_LINE = Pattern.compile(".*(\\. ?){3,}\\s*[0-9]+\\s*$");
    private static final Pattern PAGE_FOOT = Pattern.compile("^\\S.*\\[Page [0-9]+]\\s*$");
    private static final Pattern PAGE_HEAD = Pattern.compile("^RFC [0-9]+ .*[12][0-9]{3}\\s*$");
    private static final Pattern MARKUP = Pattern.compile("</?sub>|\\{\\{[^}]*}}|\\{:[^}]*}");

    private final String whole;
    private final Map<String, String> sections = new TreeMap<>();

    private Specification(List<String> lines) {
        whole = words(String.join("\n", lines));
        record Start(String number, int line) { }
        List<Start> starts = new ArrayList<>();
        boolean numbered = lines.stream().noneMatch(line -> line.startsWith("# "));
        for (int i = 0; numbered && i < lines.size(); i++) {
            Matcher heading = HEADING.matcher(lines.get(i));
            if (heading.matches() && !CONTENTS_LINE.matcher(lines.get(i)).matches()) {
                // An indented "24.8 days" is no heading; an indented "4.2.2.17  Probing" is one (RFC 1122).
                boolean nested = heading.group(2).contains(".") && heading.group(3).length() >= 2;
                if (heading.group(1).isEmpty() || nested && heading.group(1).length() <= 9) {
                    starts.add(new Start(heading.group(2), i));
                }
            }
        }
        for (int s = 0; s < starts.size(); s++) {
            String number = starts.get(s).number;
            int end = s + 1;
            while (end < starts.size() && starts.get(end).number.startsWith(number + ".")) {
                end++;
            }
            int last = end < starts.size() ? starts.get(end).line : lines.size();
            String text = words(String.join("\n", lines.subList(starts.get(s).line, last)));
            sections.merge(number, text, (a, b) -> a + " \n " + b);
        }
    }

    public static Specification of(String text) {
        List<String> lines = text.lines()
                .filter(line -> !PAGE_FOOT.matcher(line).matches() && !PAGE_HEAD.matcher(line).matches()).toList();
        return new Specification(lines);
    }

    /** Reads {@code folder/name.txt.gz} or, for documents that only exist as their authors' text, {@code .md.gz}. */
    public static Specification read(Path folder, String name) throws IOException {
        for (String suffix : List.of(".txt.gz", ".md.gz")) {
            Path file = folder.resolve(name + suffix);
            if (Files.exists(file)) {
                try (InputStream in = new GZIPInputStream(Files.newInputStream(file))) {
                    return of(new String(in.readAllBytes(), StandardCharsets.UTF_8));
                }
            }
        }
        return null;
    }

    /** A document without numbered headings has no sections: only the whole of it can be searched. */
    public boolean hasSections() {
        return !sections.isEmpty();
    }

    public boolean hasSection(String section) {
        return sections.containsKey(section);
    }

    public boolean contains(String quote) {
        return (" " + whole + " ").contains(" " + words(quote) + " ");
    }

    public boolean contains(String section, String quote) {
        return (" " + sections.getOrDefault(section, "") + " ").contains(" " + words(quote) + " ");
    }

    static String words(String text) {
        return MARKUP.matcher(text).replaceAll("").replaceAll("-\\s*\\n\\s*", "-").toLowerCase(java.util.Locale.ROOT)
                .replaceAll("[^\\p{L}\\p{N}]+", " ").strip();
    }
}
