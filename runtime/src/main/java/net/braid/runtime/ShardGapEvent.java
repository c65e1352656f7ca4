package net.braid.runtime;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

/** A shard has not looked at its links for a while: a collection, or a machine with too much to do. */
@Name("net.braid.ShardGap")
@Label("Shard gap")
@Category("Braid")
@Description("The thread of a shard was away for more than 10 ms")
@StackTrace(false)
final class ShardGapEvent extends Event {
    @Label("Shard")
    String shard;
    @Label("Gap")
    @Timespan(Timespan.NANOSECONDS)
    long gap;

    static void commit(String shard, long gapNanos) {
        ShardGapEvent event = new ShardGapEvent();
        if (event.isEnabled()) {
            event.shard = shard;
            event.gap = gapNanos;
            event.commit();
        }
    }
}
