package net.braid.runtime;

/** Where a shard sleeps until a link has packets, an application has asked for something, or time has come. */
public interface Waiter extends AutoCloseable {

    /** Sleeps at most {@code nanos} nanoseconds; may return early. Called by the shard's thread only. */
    void await(long nanos);

    /** Ends the sleep, or the next one when there is none now. From any thread. */
    void wake();

    @Override
    void close();
}
