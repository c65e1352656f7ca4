package net.braid.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.List;
import net.braid.runtime.StreamInfo;
import net.braid.wire.IpAddress;
import org.junit.jupiter.api.Test;

/** Figures of paths between two looks, and how they read. */
class PerfMeterTest {
    private static final long SECOND = 1_000_000_000L;
    private static final IpAddress REMOTE = IpAddress.parse("10.9.0.1");

    private final PerfMeter meter = new PerfMeter(new PerfFlow(1, null, SECOND, 0), 0);

    private static StreamInfo.Path path(String local, long sent, long again) {
        return new StreamInfo.Path(0, IpAddress.parse(local), 4000, REMOTE, 5201, 0, 0, true, false, false, 12_300_000,
                120_000, 0, 0, 1420, sent, again, 0);
    }

    @Test
    void cutHasWhatCameSinceTheLastOne() {
        meter.look(List.of(path("10.1.0.1", 1000, 10)));
        meter.cut(SECOND);
        meter.look(List.of(path("10.1.0.1", 1500, 12)));
        PerfSpan.Path path = meter.cut(2 * SECOND).paths().getFirst();
        assertEquals(500, path.sent());
        assertEquals(2, path.sentAgain());
    }

    @Test
    void pathThatIsGoneIsShownOnceMoreAndStaysInTheTotal() {
        meter.look(List.of(path("10.1.0.1", 1000, 0), path("10.2.0.1", 700, 0)));
        meter.look(List.of(path("10.1.0.1", 2000, 0)));
        PerfSpan first = meter.cut(SECOND);
        assertEquals(2, first.paths().size());
        assertFalse(first.paths().get(1).live());
        assertEquals(1, meter.cut(2 * SECOND).paths().size());
        assertEquals(700, meter.total(2 * SECOND).paths().get(1).sent());
    }

    @Test
    void linesNamePathsWithTheirRates() {
        PerfSpan.Path path = new PerfSpan.Path("10.1.0.1", 4000, "10.9.0.1", 5201, true, 6_270_000, 0, 2840,
                12_300_000, 120_000);
        PerfSpan span = new PerfSpan(1, SECOND, 2 * SECOND, 6_270_000, 0, List.of(path));
        assertEquals(List.of("[  1]    1.0-2.0    s  sent 6.3 MB  50.2 Mbit/s",
                "      10.1.0.1 -> 10.9.0.1  sent 50.2 Mbit/s  rtt 12.3 ms  cwnd 120.0 kB  retransmitted 2.8 kB"),
                span.text().lines().toList());
    }

    @Test
    void sumAddsConnections() {
        PerfSpan sum = PerfSpan.sum(List.of(new PerfSpan(1, 0, SECOND, 10, 1, List.of()),
                new PerfSpan(2, 0, SECOND, 20, 2, List.of())));
        assertEquals(new PerfSpan(0, 0, SECOND, 30, 3, List.of()), sum);
    }

    @Test
    void spanOfNoTimeHasNoRate() {
        assertEquals(0, PerfSpan.bits(1000, 0));
    }
}
