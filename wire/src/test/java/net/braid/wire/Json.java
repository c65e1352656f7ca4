package net.braid.wire;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** As much JSON as our test data needs. A value is a Map, List, String, Long, Double, Boolean or null. */
final class Json {
    private final String text;
    private int at;

    private Json(String text) {
        this.text = text;
    }

    static Node resource(String name) {
        try (InputStream in = Json.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("no test resource " + name);
            }
            Json json = new Json(new String(in.readAllBytes(), StandardCharsets.UTF_8));
            return new Node(json.value());
        } catch (IOException e) {
            throw new IllegalStateException(name, e);
        }
    }

    /** A value with the accessors that tests want. */
    record Node(Object value) {
        Node get(String key) {
            return new Node(map().get(key));
        }

        boolean has(String key) {
            return map().get(key) != null;
        }

        Map<?, ?> map() {
            return (Map<?, ?>) value;
        }

        List<Node> list() {
            List<Node> nodes = new ArrayList<>();
            for (Object element : (List<?>) value) {
                nodes.add(new Node(element));
            }
            return nodes;
        }

        boolean isNull() {
            return value == null;
        }

        int number() {
            return (int) (long) (Long) value;
        }

        long longNumber() {
            return (Long) value;
        }

        String text() {
            return (String) value;
        }

        /** Hexadecimal text as a number of up to 64 bits. */
        long hex() {
            return Long.parseUnsignedLong(text(), 16);
        }

        int number(String key) {
            return get(key).number();
        }

        String text(String key) {
            return get(key).text();
        }

        long hex(String key) {
            return get(key).hex();
        }

        @Override
        public String toString() {
            return String.valueOf(value);
        }
    }

    private Object value() {
        char c = next();
        return switch (c) {
            case '{' -> object();
            case '[' -> array();
            case '"' -> string();
            case 't' -> word("true", Boolean.TRUE);
            case 'f' -> word("false", Boolean.FALSE);
            case 'n' -> word("null", null);
            default -> number();
        };
    }

    private Object word(String word, Object value) {
        at += word.length();
        return value;
    }

    private Map<String, Object> object() {
        Map<String, Object> map = new LinkedHashMap<>();
        at++;
        while (next() != '}') {
            String key = string();
            if (next() != ':') {
                throw new IllegalStateException("no colon at " + at);
            }
            at++;
            map.put(key, value());
            if (next() == ',') {
                at++;
            }
        }
        at++;
        return map;
    }

    private List<Object> array() {
        List<Object> list = new ArrayList<>();
        at++;
        while (next() != ']') {
            list.add(value());
            if (next() == ',') {
                at++;
            }
        }
        at++;
        return list;
    }

    private String string() {
        StringBuilder result = new StringBuilder();
        at++;
        while (text.charAt(at) != '"') {
            char c = text.charAt(at++);
            if (c != '\\') {
                result.append(c);
                continue;
            }
            c = text.charAt(at++);
            switch (c) {
                case 'n' -> result.append('\n');
                case 't' -> result.append('\t');
                case 'u' -> {
                    result.append((char) Integer.parseInt(text.substring(at, at + 4), 16));
                    at += 4;
                }
                default -> result.append(c);
            }
        }
        at++;
        return result.toString();
    }

    private Object number() {
        int start = at;
        while (at < text.length() && "+-.eE0123456789".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
        String digits = text.substring(start, at);
        if (digits.isEmpty()) {
            throw new IllegalStateException("no value at " + at);
        }
        if (digits.indexOf('.') >= 0 || digits.indexOf('e') >= 0 || digits.indexOf('E') >= 0) {
            return Double.valueOf(digits);
        }
        return Long.valueOf(digits);
    }

    private char next() {
        while (Character.isWhitespace(text.charAt(at))) {
            at++;
        }
        return text.charAt(at);
    }
}
