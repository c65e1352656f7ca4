package net.braid.policy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** As much JSON as the vectors of this module need: objects, arrays, strings without escapes, numbers. */
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
            return new Node(new Json(new String(in.readAllBytes(), StandardCharsets.UTF_8)).value());
        } catch (IOException e) {
            throw new IllegalStateException(name, e);
        }
    }

    /** A value with the accessors that tests want. */
    record Node(Object value) {
        Node get(String key) {
            return new Node(((Map<?, ?>) value).get(key));
        }

        List<Node> list(String key) {
            List<Node> nodes = new ArrayList<>();
            for (Object element : (List<?>) get(key).value) {
                nodes.add(new Node(element));
            }
            return nodes;
        }

        double number() {
            return (Double) value;
        }

        double number(String key) {
            return get(key).number();
        }

        @Override
        public String toString() {
            return value instanceof Map<?, ?> map && map.get("name") != null ? map.get("name").toString()
                    : String.valueOf(value);
        }
    }

    private Object value() {
        return switch (next()) {
            case '{' -> object();
            case '[' -> array();
            case '"' -> string();
            default -> number();
        };
    }

    private Map<String, Object> object() {
        Map<String, Object> map = new LinkedHashMap<>();
        at++;
        while (next() != '}') {
            String key = string();
            expect(':');
            map.put(key, value());
            skipComma();
        }
        at++;
        return map;
    }

    private List<Object> array() {
        List<Object> list = new ArrayList<>();
        at++;
        while (next() != ']') {
            list.add(value());
            skipComma();
        }
        at++;
        return list;
    }

    private String string() {
        expect('"');
        int end = text.indexOf('"', at);
        String result = text.substring(at, end);
        at = end + 1;
        return result;
    }

    private Double number() {
        int start = at;
        while ("+-.eE0123456789".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
        return Double.valueOf(text.substring(start, at));
    }

    private void expect(char wanted) {
        if (next() != wanted) {
            throw new IllegalStateException("no " + wanted + " at " + at);
        }
        at++;
    }

    private void skipComma() {
        if (next() == ',') {
            at++;
        }
    }

    private char next() {
        while (Character.isWhitespace(text.charAt(at))) {
            at++;
        }
        return text.charAt(at);
    }
}
