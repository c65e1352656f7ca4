package net.braid.tcp;

import net.braid.base.RandomSource;

/**
 * Limits challenge ACKs (RFC 5961 section 7). Per flow and with a random budget each second: a shared or a known limit
 * could be read out by an attacker who sends spoofed segments and counts the answers to his own.
 */
final class ChallengeAcks {
    private static final long PERIOD_NANOS = 1_000_000_000;

    private final int perSecond;
    private final RandomSource random;
    private long periodEnd = Long.MIN_VALUE;
    private int budget;

    ChallengeAcks(int perSecond, RandomSource random) {
        this.perSecond = perSecond;
        this.random = random;
    }

    boolean allow(long now) {
        if (now >= periodEnd) {
            periodEnd = now + PERIOD_NANOS;
            int half = (perSecond + 1) / 2;
            budget = half + random.nextInt(half + 1);
        }
        if (budget == 0) {
            return false;
        }
        budget--;
        return true;
    }
}
