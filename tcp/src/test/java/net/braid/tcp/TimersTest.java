package net.braid.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import net.braid.tcp.Timers.Timer;
import org.junit.jupiter.api.Test;

class TimersTest {
    @Test
    void theEarliestIsTheLeastOfAll() {
        SplittableRandom random = new SplittableRandom(1);
        Timers timers = new Timers();
        long[] twin = new long[Timer.values().length];
        java.util.Arrays.fill(twin, Timers.OFF);
        for (int i = 0; i < 100_000; i++) {
            Timer timer = Timer.values()[random.nextInt(twin.length)];
            if (random.nextInt(3) == 0) {
                timers.clear(timer);
                twin[timer.ordinal()] = Timers.OFF;
            } else {
                long deadline = random.nextInt(1000);
                timers.set(timer, deadline);
                twin[timer.ordinal()] = deadline;
            }
            if (random.nextInt(3) == 0) {
                assertEquals(java.util.Arrays.stream(twin).min().orElseThrow(), timers.earliest());
            }
        }
    }

    @Test
    void expiresOnceAndNotBefore() {
        Timers timers = new Timers();
        timers.set(Timer.PERSIST, 10);
        assertFalse(timers.expire(Timer.PERSIST, 9));
        assertTrue(timers.expire(Timer.PERSIST, 10));
        assertFalse(timers.expire(Timer.PERSIST, 10));
        assertEquals(Timers.OFF, timers.earliest());
    }
}
