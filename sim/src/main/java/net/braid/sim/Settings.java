package net.braid.sim;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;

/** The key=value words of a line. Each must be used exactly once; what is left over is an error. */
final class Settings {
    private final Map<String, String> values = new LinkedHashMap<>();

    /** @throws IllegalArgumentException for a word without a key or a key given twice */
    Settings(String[] words, int from) {
        for (int i = from; i < words.length; i++) {
            int equals = words[i].indexOf('=');
            if (equals <= 0 || equals == words[i].length() - 1) {
                throw new IllegalArgumentException("'" + words[i] + "' is not of the form key=value");
            }
            String key = words[i].substring(0, equals);
            if (values.put(key, words[i].substring(equals + 1)) != null) {
                throw new IllegalArgumentException("'" + key + "' is given twice");
            }
        }
    }

    private Settings(Map<String, String> taken) {
        values.putAll(taken);
    }

    boolean isEmpty() {
        return values.isEmpty();
    }

    /** The value of {@code key}, or null; it counts as used. */
    String take(String key) {
        return values.remove(key);
    }

    String take(String key, String otherwise) {
        String value = values.remove(key);
        return value == null ? otherwise : value;
    }

    /** Hands the value of {@code key} to {@code use}, if there is one; it counts as used. */
    void with(String key, Consumer<String> use) {
        String value = values.remove(key);
        if (value != null) {
            use.accept(value);
        }
    }

    /** A copy, for a second reader of the same words. */
    Settings copy() {
        return new Settings(values);
    }

    /** Moves out all keys that begin with {@code prefix}, without it. */
    Settings takeAll(String prefix) {
        Map<String, String> taken = new LinkedHashMap<>();
        for (String key : values.keySet().toArray(String[]::new)) {
            if (key.startsWith(prefix)) {
                taken.put(key.substring(prefix.length()), values.remove(key));
            }
        }
        return new Settings(taken);
    }

    /** @throws IllegalArgumentException when a key has not been used */
    void finish(String known) {
        for (String key : values.keySet()) {
            throw new IllegalArgumentException("unknown setting '" + key + "'; known are " + known);
        }
    }
}
