package net.braid.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A JSON value that was read (RFC 8259). Asking for what is not there answers with an absent value, not an error: the
 * programs whose output is read here leave out what has nothing to say.
 *
 * @param value a Map, a List, a String, a Double, a Boolean or null
 */
record Json(Object value) {
    private static final Json ABSENT = new Json(null);
    private static final int DEEPEST = 64;

    /** @throws IllegalArgumentException when the text is not one JSON value */
    static Json parse(String text) {
        Reader reader = new Reader(text);
        Json value = reader.value(0);
        reader.space();
        if (reader.at < text.length()) {
            throw reader.wrong("the end");
        }
        return value;
    }

    boolean isPresent() {
        return value != null;
    }

    Json at(String key) {
        return value instanceof Map<?, ?> map && map.get(key) instanceof Json found ? found : ABSENT;
    }

    boolean has(String key) {
        return value instanceof Map<?, ?> map && map.containsKey(key);
    }

    List<Json> items() {
        return value instanceof List<?> list ? list.stream().map(Json.class::cast).toList() : List.of();
    }

    /** A string, or a number as it reads without a fraction; {@code otherwise} for everything else. */
    String text(String otherwise) {
        return switch (value) {
            case String text -> text;
            case Double number -> Long.toString(number.longValue());
            case null, default -> otherwise;
        };
    }

    long number(long otherwise) {
        return value instanceof Double number ? number.longValue() : otherwise;
    }

    double decimal(double otherwise) {
        return value instanceof Double number ? number : otherwise;
    }

    boolean isTrue() {
        return Boolean.TRUE.equals(value);
    }

    private static final class Reader {
        private final String text;
        private int at;

        Reader(String text) {
            this.text = text;
        }

        IllegalArgumentException wrong(String expected) {
            return new IllegalArgumentException("no JSON: expected " + expected + " at character " + at);
        }

        void space() {
            while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
                at++;
            }
        }

        boolean take(char wanted) {
            space();
            boolean there = at < text.length() && text.charAt(at) == wanted;
            at += there ? 1 : 0;
            return there;
        }

        void need(char wanted) {
            if (!take(wanted)) {
                throw wrong("'" + wanted + "'");
            }
        }

        Json value(int depth) {
            space();
            if (depth > DEEPEST || at >= text.length()) {
                throw wrong("a value");
            }
            return switch (text.charAt(at)) {
                case '{' -> object(depth);
                case '[' -> array(depth);
                case '"' -> new Json(string());
                case 't' -> word("true", new Json(true));
                case 'f' -> word("false", new Json(false));
                case 'n' -> word("null", ABSENT);
                default -> number();
            };
        }

        private Json word(String word, Json value) {
            if (!text.startsWith(word, at)) {
                throw wrong(word);
            }
            at += word.length();
            return value;
        }

        private Json object(int depth) {
            Map<String, Json> members = new LinkedHashMap<>();
            need('{');
            if (!take('}')) {
                do {
                    space();
                    String key = string();
                    need(':');
                    members.put(key, value(depth + 1));
                } while (take(','));
                need('}');
            }
            return new Json(members);
        }

        private Json array(int depth) {
            List<Json> items = new ArrayList<>();
            need('[');
            if (!take(']')) {
                do {
                    items.add(value(depth + 1));
                } while (take(','));
                need(']');
            }
            return new Json(items);
        }

        private Json number() {
            int from = at;
            while (at < text.length() && "+-.eE0123456789".indexOf(text.charAt(at)) >= 0) {
                at++;
            }
            try {
                return new Json(Double.valueOf(text.substring(from, at)));
            } catch (NumberFormatException wrong) {
                at = from;
                throw wrong("a value");
            }
        }

        private String string() {
            need('"');
            StringBuilder read = new StringBuilder();
            while (at < text.length() && text.charAt(at) != '"') {
                char c = text.charAt(at++);
                read.append(c == '\\' ? escaped() : c);
            }
            need('"');
            return read.toString();
        }

        private char escaped() {
            char c = at < text.length() ? text.charAt(at++) : 0;
            return switch (c) {
                case '"', '\\', '/' -> c;
                case 'b' -> '\b';
                case 'f' -> '\f';
                case 'n' -> '\n';
                case 'r' -> '\r';
                case 't' -> '\t';
                case 'u' -> {
                    try {
                        char unit = (char) Integer.parseInt(text.substring(at, at + 4), 16);
                        at += 4;
                        yield unit;
                    } catch (NumberFormatException | StringIndexOutOfBoundsException wrong) {
                        throw wrong("four hexadecimal digits");
                    }
                }
                default -> throw wrong("an escape");
            };
        }
    }
}
