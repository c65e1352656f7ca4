package net.braid.conformance;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Finds citations in sources. One is a line {@code //= rfc9293#3.10.7.4} and below it one or more lines that begin with
 * {@code //#} and hold the words of the RFC, wrapped at will. After the section may stand the entries of our checklist
 * that the code below obeys: {@code //= rfc8684#3.3.2 C13}.
 */
public final class Citations {
    private static final Pattern SOURCE = Pattern.compile("^//= ([a-z0-9-]+)#([0-9A-Za-z.]+)((?: [A-K]\\d\\d)*)$");
    private static final String SOURCE_MARK = "//=";
    private static final String QUOTE_MARK = "//#";

    /**
     * @param line of the source mark, from 1
     * @param entries of the checklist, often none
     */
    public record Citation(String file, int line, String document, String section, List<String> entries, String quote) {
        @Override
        public String toString() {
            return file + ":" + line + ": " + document + "#" + section;
        }
    }

    private final List<Citation> citations = new ArrayList<>();
    private final List<String> violations = new ArrayList<>();

    public List<Citation> citations() {
        return citations;
    }

    /** Citations that are not well formed. */
    public List<String> violations() {
        return violations;
    }

    public void read(String file, List<String> lines) {
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).strip();
            if (line.startsWith(SOURCE_MARK)) {
                i = readOne(file, lines, i);
            } else if (line.startsWith(QUOTE_MARK)) {
                violations.add(file + ":" + (i + 1) + ": a quote without its source (//= rfc...#section) above");
            }
        }
    }

    /** Returns the index of the last line that belongs to the citation. */
    private int readOne(String file, List<String> lines, int start) {
        Matcher source = SOURCE.matcher(lines.get(start).strip());
        StringBuilder quote = new StringBuilder();
        int end = start;
        while (end + 1 < lines.size() && lines.get(end + 1).strip().startsWith(QUOTE_MARK)) {
            end++;
            quote.append(lines.get(end).strip().substring(QUOTE_MARK.length())).append('\n');
        }
        if (!source.matches()) {
            violations.add(file + ":" + (start + 1) + ": a source must look like //= rfc9293#3.10.7.4");
        } else if (quote.toString().isBlank()) {
            violations.add(file + ":" + (start + 1) + ": a source without words (//# ...) below");
        } else {
            citations.add(new Citation(file, start + 1, source.group(1), source.group(2),
                    entries(source.group(3)), quote.toString()));
        }
        return end;
    }

    private static List<String> entries(String text) {
        return text.isEmpty() ? List.of() : List.of(text.strip().split(" "));
    }
}
