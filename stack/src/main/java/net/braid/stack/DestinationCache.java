package net.braid.stack;

import java.util.HashMap;
import java.util.Map;
import net.braid.tcp.Counter;
import net.braid.tcp.Counters;
import net.braid.tcp.PathMetrics;
import net.braid.wire.IpAddress;

/**
 * What earlier connections learned of a destination (RFC 9040 section 8): bounded, the least recently written entry
 * goes first, and nothing is believed for ever.
 */
final class DestinationCache {
    /** Linux forgets {@code tcp_metrics} after an hour. */
    static final long EXPIRY_NANOS = 3_600L * 1_000_000_000L;
    /** RFC 1191 section 6.3 asks to forget a path MTU after about ten minutes. */
    static final long MTU_EXPIRY_NANOS = 600L * 1_000_000_000L;

    private static final class Entry {
        final IpAddress remote;
        PathMetrics metrics;
        long storedAt;
        Entry older;
        Entry newer;

        Entry(IpAddress remote) {
            this.remote = remote;
        }
    }

    private final int limit;
    private final Counters counters;
    private final Map<IpAddress, Entry> entries = new HashMap<>();
    private Entry oldest;
    private Entry newest;

    DestinationCache(int limit, Counters counters) {
        this.limit = limit;
        this.counters = counters;
    }

    int size() {
        return entries.size();
    }

    /** What is known of {@code remote}, {@link PathMetrics#UNKNOWN} if nothing is. */
    PathMetrics get(IpAddress remote, long now) {
        Entry entry = entries.get(remote);
        if (entry == null) {
            return PathMetrics.UNKNOWN;
        }
        if (now - entry.storedAt >= EXPIRY_NANOS) {
            unlink(entry);
            entries.remove(remote);
            return PathMetrics.UNKNOWN;
        }
        PathMetrics m = entry.metrics;
        if (m.pathMtu() != 0 && now - entry.storedAt >= MTU_EXPIRY_NANOS) {
            return new PathMetrics(m.smoothedRttNanos(), m.rttVarianceNanos(), 0);
        }
        return m;
    }

    void put(IpAddress remote, PathMetrics metrics, long now) {
        if (limit == 0 || metrics.equals(PathMetrics.UNKNOWN)) {
            return;
        }
        Entry entry = entries.get(remote);
        if (entry != null) {
            unlink(entry);
        } else {
            if (entries.size() == limit) {
                entries.remove(oldest.remote);
                unlink(oldest);
                counters.increment(Counter.TCP_METRICS_EVICTED);
            }
            entry = new Entry(remote);
            entries.put(remote, entry);
        }
        entry.metrics = metrics;
        entry.storedAt = now;
        entry.older = newest;
        if (newest == null) {
            oldest = entry;
        } else {
            newest.newer = entry;
        }
        newest = entry;
    }

    private void unlink(Entry entry) {
        if (entry.older == null) {
            oldest = entry.newer;
        } else {
            entry.older.newer = entry.newer;
        }
        if (entry.newer == null) {
            newest = entry.older;
        } else {
            entry.newer.older = entry.older;
        }
        entry.older = null;
        entry.newer = null;
    }
}
