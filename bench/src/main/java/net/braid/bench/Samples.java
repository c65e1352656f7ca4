package net.braid.bench;

import java.util.Arrays;
import java.util.StringJoiner;

/** What an end has received in each tenth of a second. A tenth in which nothing came is there, with 0. */
final class Samples {
    static final long STEP_NANOS = 100_000_000L;

    private final long begin;
    private long[] bytes = new long[64];
    private int length;

    /** @param begin by System.nanoTime, which on Linux all processes of a machine share */
    Samples(long begin) {
        this.begin = begin;
    }

    void add(long now, long count) {
        int index = (int) ((now - begin) / STEP_NANOS);
        if (index >= bytes.length) {
            bytes = Arrays.copyOf(bytes, 2 * (index + 1));
        }
        bytes[index] += count;
        length = Math.max(length, index + 1);
    }

    String toLine() {
        StringJoiner line = new StringJoiner(" ").add("samples").add(Long.toString(begin));
        for (int i = 0; i < length; i++) {
            line.add(Long.toString(bytes[i]));
        }
        return line.toString();
    }

    /** @throws IllegalArgumentException when this is no line of samples */
    static Samples of(String line) {
        String[] words = line.split(" ");
        if (words.length < 2 || !words[0].equals("samples")) {
            throw new IllegalArgumentException(line);
        }
        Samples samples = new Samples(Long.parseLong(words[1]));
        for (int i = 2; i < words.length; i++) {
            samples.add(samples.begin + (i - 2) * STEP_NANOS, Long.parseLong(words[i]));
        }
        return samples;
    }

    /** The tenths that lie wholly between two times. */
    long[] between(long from, long to) {
        int first = (int) Math.max(0, Math.ceilDiv(from - begin, STEP_NANOS));
        int last = (int) Math.max(first, Math.floorDiv(to - begin, STEP_NANOS));
        long[] found = new long[last - first];
        for (int i = first; i < Math.min(last, length); i++) {
            found[i - first] = bytes[i];
        }
        return found;
    }
}
