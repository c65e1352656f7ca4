package net.braid.conformance;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Finds {@code @Requirement} on tests in sources: what it names, and the test it stands on. */
public final class NamedTests {
    private static final Pattern MARK = Pattern.compile("^\\s*@Requirement\\(([^)]*)(\\)?)");
    private static final Pattern NAME = Pattern.compile("\"([^\"]*)\"");
    private static final Pattern TYPE = Pattern.compile("^\\s*(?:[a-z]+\\s+)*(?:class|interface)\\s+(\\w+)");
    private static final Pattern METHOD = Pattern.compile("^\\s*(?:[a-z]+\\s+)*void\\s+(\\w+)\\(");

    /** @param test {@code TypeTest.method}, or {@code TypeTest} when it stands on a type */
    public record Mark(String requirement, String test, String file, int line) {
    }

    private final List<Mark> marks = new ArrayList<>();

    public List<Mark> marks() {
        return marks;
    }

    public void read(String file, List<String> lines) {
        String outer = file.substring(file.lastIndexOf('/') + 1).replace(".java", "");
        for (int i = 0; i < lines.size(); i++) {
            Matcher mark = MARK.matcher(lines.get(i));
            if (!mark.find()) {
                continue;
            }
            int start = i;
            StringBuilder names = new StringBuilder(mark.group(1));
            while (mark.group(2).isEmpty() && lines.get(i).indexOf(')') < 0 && i + 1 < lines.size()) {
                names.append(lines.get(++i));
            }
            String test = testBelow(outer, lines, i + 1);
            Matcher name = NAME.matcher(names);
            while (name.find()) {
                marks.add(new Mark(name.group(1), test, file, start + 1));
            }
        }
    }

    private static String testBelow(String outer, List<String> lines, int from) {
        for (int i = from; i < lines.size(); i++) {
            Matcher method = METHOD.matcher(lines.get(i));
            if (method.find()) {
                return outer + "." + method.group(1);
            }
            Matcher type = TYPE.matcher(lines.get(i));
            if (type.find()) {
                return type.group(1).equals(outer) ? outer : outer + "." + type.group(1);
            }
        }
        return outer;
    }
}
