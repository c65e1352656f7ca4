package net.braid.conformance;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** House rules that a source file can break. Each violation is one line, {@code name:line: what}. */
public final class SourceRules {
    static final int MAXIMUM_LINES = 700;
    static final int MAXIMUM_COLUMNS = 120;

    private static final Pattern WILDCARD_IMPORT = Pattern.compile("^import\\s+(static\\s+)?[\\w.]+\\.\\*\\s*;");
    private static final Pattern TYPE = Pattern.compile("\\b(?:class|interface|record|enum)\\s+([A-Z]\\w*)");
    private static final Pattern COMMENT_OR_STRING = Pattern.compile("\"[^\"]*\"|//.*|^\\s*/?\\*.*");
    private static final Pattern EMPTY_NAME = Pattern.compile(".*(?:Impl|Util|Utils|Helper|Manager)");

    private SourceRules() {
    }

    public static List<String> check(String name, List<String> lines) {
        List<String> violations = new ArrayList<>();
        if (lines.size() > MAXIMUM_LINES) {
            violations.add(name + ": " + lines.size() + " lines; what is the second class called?");
        }
        for (int i = 0; i < lines.size(); i++) {
            String problem = problem(lines.get(i));
            if (problem != null) {
                violations.add(name + ":" + (i + 1) + ": " + problem);
            }
        }
        return violations;
    }

    private static String problem(String line) {
        if (line.codePointCount(0, line.length()) > MAXIMUM_COLUMNS) {
            return "more than " + MAXIMUM_COLUMNS + " columns";
        }
        if (line.indexOf('\t') >= 0) {
            return "a tab";
        }
        if (WILDCARD_IMPORT.matcher(line).find()) {
            return "a wildcard import";
        }
        Matcher type = TYPE.matcher(COMMENT_OR_STRING.matcher(line).replaceAll(""));
        if (type.find() && EMPTY_NAME.matcher(type.group(1)).matches() && !type.group(1).endsWith("PathManager")) {
            return "a type named " + type.group(1) + ": say what it is";
        }
        return null;
    }
}
