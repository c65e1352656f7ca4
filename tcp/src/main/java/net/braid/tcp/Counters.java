package net.braid.tcp;

/** One long per {@link Counter}. Written by one thread; a reader on another sees a value that was true recently. */
public final class Counters {
    private static final Counter[] ALL = Counter.values();
    private final long[] values = new long[ALL.length];

    public void increment(Counter counter) {
        values[counter.ordinal()]++;
    }

    public void add(Counter counter, long amount) {
        values[counter.ordinal()] += amount;
    }

    public long get(Counter counter) {
        return values[counter.ordinal()];
    }

    /** All counters that are not zero, one a line, as {@code nstat} prints them. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        for (Counter counter : ALL) {
            if (get(counter) != 0) {
                text.append(counter.linuxName()).append(' ').append(get(counter)).append('\n');
            }
        }
        return text.toString();
    }
}
