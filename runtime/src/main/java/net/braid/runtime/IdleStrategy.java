package net.braid.runtime;

/**
 * What a shard does when it has nothing to do.
 *
 * @param spinNanos how long it looks again and again before it sleeps: 0 saves power and leaves the processor to
 *     others; more saves the wake-up of a few microseconds. Long.MAX_VALUE never sleeps.
 */
public record IdleStrategy(long spinNanos) {
    /** Sleeps at once; the default. On few cores spinning takes time from those who have work. */
    public static final IdleStrategy PARK = new IdleStrategy(0);
    /** Looks for 50 microseconds, then sleeps. */
    public static final IdleStrategy SPIN_THEN_PARK = new IdleStrategy(50_000);
    /** Never sleeps: for a core of its own. */
    public static final IdleStrategy SPIN = new IdleStrategy(Long.MAX_VALUE);

    public IdleStrategy {
        if (spinNanos < 0) {
            throw new IllegalArgumentException("spinNanos must not be negative: " + spinNanos);
        }
    }
}
