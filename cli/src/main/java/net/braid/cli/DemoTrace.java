package net.braid.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What was seen of a run: samples at even distances, and events. Times are nanoseconds since the start. */
final class DemoTrace {
    static final long SAMPLE_NANOS = 50_000_000;

    /** How an event is to be shown. */
    enum Kind {
        /** Done to the network. */
        WORLD_DOWN, WORLD_UP, WORLD_CHANGE,
        /** Done by the engine. */
        ENGINE,
        /** A path that was gone carries data again. */
        COMEBACK,
        MILESTONE
    }

    /** {@code path} is its place in the settings, or -1. */
    record Event(long timeNanos, Kind kind, int path, String text) {
        /** Worth to be seen first. */
        boolean isLoud() {
            return kind != Kind.ENGINE && kind != Kind.COMEBACK;
        }
    }

    /** One path at one sample. */
    static final class PathSeries {
        /** Payload bytes that came out of the path at the server, from the start. */
        private long[] delivered = new long[256];
        private long[] inFlight = new long[256];
        private long[] window = new long[256];
        private long[] rtt = new long[256];
        private long[] queue = new long[256];

        long delivered(int sample) {
            return delivered[sample];
        }

        long inFlight(int sample) {
            return inFlight[sample];
        }

        /** Congestion window in bytes, 0 without a subflow. */
        long window(int sample) {
            return window[sample];
        }

        /** Smoothed, in nanoseconds, 0 when unknown. */
        long rtt(int sample) {
            return rtt[sample];
        }

        long queue(int sample) {
            return queue[sample];
        }

        private void grow(int capacity) {
            delivered = Arrays.copyOf(delivered, capacity);
            inFlight = Arrays.copyOf(inFlight, capacity);
            window = Arrays.copyOf(window, capacity);
            rtt = Arrays.copyOf(rtt, capacity);
            queue = Arrays.copyOf(queue, capacity);
        }
    }

    private final List<PathSeries> paths = new ArrayList<>();
    private final List<Event> events = new ArrayList<>();
    private long[] read = new long[256];
    private int samples;

    DemoTrace(int pathCount) {
        for (int i = 0; i < pathCount; i++) {
            paths.add(new PathSeries());
        }
    }

    void event(long timeNanos, Kind kind, int path, String text) {
        events.add(new Event(timeNanos, kind, path, text));
    }

    /** A sample of the whole; then {@link #path} for each path, before the next one. */
    void sample(long readBytes) {
        if (samples == read.length) {
            read = Arrays.copyOf(read, 2 * samples);
            paths.forEach(series -> series.grow(2 * samples));
        }
        read[samples++] = readBytes;
    }

    void path(int path, long delivered, long inFlight, long window, long rtt, long queue) {
        PathSeries series = paths.get(path);
        series.delivered[samples - 1] = delivered;
        series.inFlight[samples - 1] = inFlight;
        series.window[samples - 1] = window;
        series.rtt[samples - 1] = rtt;
        series.queue[samples - 1] = queue;
    }

    /** In the order of time. */
    List<Event> events() {
        return events;
    }

    int pathCount() {
        return paths.size();
    }

    PathSeries path(int index) {
        return paths.get(index);
    }

    /** Sample i is of the instant i * {@link #SAMPLE_NANOS}. */
    int samples() {
        return samples;
    }

    /** Bytes that the reader had at a sample. */
    long read(int sample) {
        return read[sample];
    }

    /** Payload bits per second over a path in the {@code span} samples up to {@code sample}. */
    double rate(int path, int sample, int span) {
        int from = Math.max(0, sample - span);
        PathSeries series = paths.get(path);
        return sample == from ? 0 : bits(series.delivered[sample] - series.delivered[from], sample - from);
    }

    /** Bits per second that the reader got in the {@code span} samples up to {@code sample}. */
    double readRate(int sample, int span) {
        int from = Math.max(0, sample - span);
        return sample == from ? 0 : bits(read[sample] - read[from], sample - from);
    }

    private static double bits(long bytes, int span) {
        return bytes * 8e9 / (span * (double) SAMPLE_NANOS);
    }
}
