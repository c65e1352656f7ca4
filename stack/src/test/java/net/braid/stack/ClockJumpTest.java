package net.braid.stack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import net.braid.mptcp.ConnectionConfig;
import net.braid.tcp.Counter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The machine was suspended: from one call to the next an hour, or half a year, has passed. */
class ClockJumpTest {
    private static final long HOUR = 3_600_000_000_000L;
    private static final int BYTES = 2_000_000;

    @ParameterizedTest(name = "{0} hours")
    @ValueSource(longs = {1, 24 * 30 * 6})
    void transferGoesOnAfterTheClockHasJumped(long hours) {
        Duo duo = new Duo();
        Duo.Application client = duo.established(ConnectionConfig.DEFAULT);
        long written = 0;
        for (int i = 0; i < 20_000 && written < BYTES; i++) {
            if (i == 20) {
                // In the middle: what the client has sent waits at the server, and its timers are long overdue.
                duo.turn(duo.client, duo.clientLink);
                duo.now += hours * HOUR;
            }
            written += client.write(written, (int) Math.min(20_000, BYTES - written));
            duo.run(1);
        }
        duo.run(1000);
        assertEquals(BYTES, duo.accepted.getFirst().received);
        assertNull(client.reason);
        assertNull(duo.accepted.getFirst().reason);
    }

    @Test
    void jumpCostsAtMostOneTimeoutAndNoBackOff() {
        Duo duo = new Duo();
        Duo.Application client = duo.established(ConnectionConfig.DEFAULT);
        client.write(0, 1000);
        duo.run(100);
        client.write(1000, 1000);
        duo.turn(duo.client, duo.clientLink);
        duo.now += HOUR;
        duo.run(100);
        assertEquals(2000, duo.accepted.getFirst().received);
        assertTrue(duo.client.counters().get(Counter.TCP_TIMEOUTS) <= 1, duo.client.counters().toString());
        client.write(2000, 1000);
        duo.run(50);
        assertEquals(3000, duo.accepted.getFirst().received);
    }
}
