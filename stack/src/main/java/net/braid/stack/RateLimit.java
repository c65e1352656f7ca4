package net.braid.stack;

import net.braid.base.RandomSource;

/**
 * At most so many replies a second. The second begins at a random instant and the budget varies by a half, so that
 * nobody can count with it what others were sent (RFC 5961 section 10).
 */
final class RateLimit {
    private static final long SECOND = 1_000_000_000L;

    private final int perSecond;
    private final RandomSource random;
    private long windowEnd = Long.MIN_VALUE;
    private int left;

    RateLimit(int perSecond, RandomSource random) {
        this.perSecond = perSecond;
        this.random = random;
    }

    boolean allows(long now) {
        if (now >= windowEnd) {
            windowEnd = now + SECOND;
            left = perSecond / 2 + random.nextInt(perSecond / 2 + 1) + (perSecond & 1);
        }
        if (left == 0) {
            return false;
        }
        left--;
        return true;
    }
}
