package net.braid.runtime;

import java.util.concurrent.locks.LockSupport;

/** For links without a descriptor, such as those in memory: they are polled every {@code pollNanos}. */
final class ParkWaiter implements Waiter {
    static final long POLL_NANOS = 100_000L;

    private final long pollNanos;
    private volatile Thread sleeper;

    ParkWaiter(long pollNanos) {
        this.pollNanos = pollNanos;
    }

    @Override
    public void await(long nanos) {
        sleeper = Thread.currentThread();
        LockSupport.parkNanos(this, Math.min(nanos, pollNanos));
    }

    @Override
    public void wake() {
        Thread thread = sleeper;
        if (thread != null) {
            LockSupport.unpark(thread);
        }
    }

    @Override
    public void close() {
        // Nothing is held.
    }
}
