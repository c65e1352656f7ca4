package net.braid.stack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.BitSet;
import net.braid.base.Requirement;
import net.braid.base.Xoshiro256;
import net.braid.link.LinkProperties;
import net.braid.tcp.Counter;
import net.braid.tcp.Counters;
import net.braid.tcp.PathMetrics;
import net.braid.wire.IpAddress;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** What a stack chooses for a new connection: sequence number, port, route; and what it remembers of the last one. */
class ChoicesTest {
    private static final long SECOND = 1_000_000_000L;

    @Nested
    @Requirement("F04")
    class SequenceNumbers {
        private final InitialSequenceNumbers numbers = new InitialSequenceNumbers(new Xoshiro256(11));

        private int next(int remotePort, long now) {
            return numbers.next(0, 1, 0, 2, Demultiplexer.ports(1000, remotePort), now);
        }

        @Test
        void forOneFourTupleTheyGrowWithTheFourMicrosecondClock() {
            int first = next(80, SECOND);
            assertEquals(250_000, next(80, 2 * SECOND) - first);
            assertEquals(1, next(80, SECOND + 4_000) - first);
        }

        @Test
        @Requirement("A04")
        void ofNeighbouringPortsSayNothingOfEachOther() {
            int[] leading = new int[16];
            int rising = 0;
            int previous = next(1, SECOND);
            for (int port = 2; port <= 16_001; port++) {
                int iss = next(port, SECOND);
                leading[(iss - previous) >>> 28]++;
                rising += Integer.compareUnsigned(iss, previous) > 0 ? 1 : 0;
                previous = iss;
            }
            // Differences spread evenly over 16 classes: 1000 in each, standard deviation 31.
            for (int count : leading) {
                assertTrue(Math.abs(count - 1_000) < 160, "a class of " + count);
            }
            assertTrue(Math.abs(rising - 8_000) < 320, "rising " + rising);
        }

        @Test
        void differWithTheSecret() {
            InitialSequenceNumbers other = new InitialSequenceNumbers(new Xoshiro256(12));
            assertNotEquals(next(80, SECOND), other.next(0, 1, 0, 2, Demultiplexer.ports(1000, 80), SECOND));
        }

        @Test
        @Requirement("G06")
        void timestampOffsetsDependOnTheAddressesOnly() {
            assertEquals(numbers.timestampOffset(0, 1, 0, 2), numbers.timestampOffset(0, 1, 0, 2));
            assertNotEquals(numbers.timestampOffset(0, 1, 0, 2), numbers.timestampOffset(0, 1, 0, 3));
        }
    }

    @Nested
    @Requirement("H05")
    class Ports {
        private static final int FIRST = 32_768;
        private static final int LAST = 60_999;
        private final EphemeralPorts ports = new EphemeralPorts(FIRST, LAST, new Xoshiro256(13));

        @Test
        void stayInTheRangeAndDoNotRepeatSoon() {
            BitSet seen = new BitSet();
            int repeated = 0;
            for (int i = 0; i < 50; i++) {
                int port = ports.choose(0, 1, 0, 2, 80, p -> true);
                assertTrue(port >= FIRST && port <= LAST, "port " + port);
                repeated += seen.get(port) ? 1 : 0;
                seen.set(port);
            }
            assertEquals(0, repeated);
        }

        @Test
        void forOneDestinationTheNextCannotBeGuessed() {
            int[] steps = new int[501];
            int previous = ports.choose(0, 1, 0, 2, 80, p -> true);
            for (int i = 0; i < 50_000; i++) {
                int port = ports.choose(0, 1, 0, 2, 80, p -> true);
                steps[Math.floorMod(port - previous, LAST - FIRST + 1)]++;
                previous = port;
            }
            // Each step of 1..500 about 100 times, standard deviation 10.
            for (int step = 1; step <= 500; step++) {
                assertTrue(steps[step] > 50 && steps[step] < 160, "step " + step + ": " + steps[step]);
            }
        }

        @Test
        void differentDestinationsStartAtDifferentPlaces() {
            int[] classes = new int[8];
            for (int remote = 0; remote < 8_000; remote++) {
                int port = ports.choose(0, 1, 0, remote, 80, p -> true);
                classes[(port - FIRST) * 8 / (LAST - FIRST + 1)]++;
            }
            for (int count : classes) {
                assertTrue(Math.abs(count - 1_000) < 200, "a class of " + count);
            }
        }

        @Test
        void theLastFreePortIsFound() {
            assertEquals(45_678, ports.choose(0, 1, 0, 2, 80, p -> p == 45_678));
        }

        @Test
        void noFreePortIsSaid() {
            assertEquals(-1, ports.choose(0, 1, 0, 2, 80, p -> false));
        }
    }

    @Nested
    class Routes {
        private final RouteTable routes = new RouteTable();
        private final FakeLink wide = new FakeLink(LinkProperties.plain("wide", 0, 9000));
        private final FakeLink narrow = new FakeLink(LinkProperties.plain("narrow", 1, 1500));
        private final IpAddress home = IpAddress.parse("10.0.0.1");
        private final IpAddress mobile = IpAddress.parse("172.16.0.1");

        private IpAddress ip(String text) {
            return IpAddress.parse(text);
        }

        @Test
        void theLongestPrefixWinsAndBringsItsSourceAddress() {
            routes.add(home, IpAddress.ANY_V4, 0, wide);
            Route special = routes.add(mobile, ip("203.0.113.0"), 24, narrow);
            assertSame(special, routes.find(null, ip("203.0.113.9")));
            assertEquals(home, routes.find(null, ip("203.0.114.9")).local());
        }

        @Test
        void aGivenSourceAddressLimitsTheChoice() {
            routes.add(home, ip("203.0.113.0"), 24, wide);
            Route other = routes.add(mobile, IpAddress.ANY_V4, 0, narrow);
            assertSame(other, routes.find(mobile, ip("203.0.113.9")));
        }

        @Test
        void amongEqualsTheFirstWins() {
            Route first = routes.add(home, IpAddress.ANY_V4, 0, wide);
            routes.add(mobile, IpAddress.ANY_V4, 0, narrow);
            assertSame(first, routes.find(null, ip("1.2.3.4")));
        }

        @Test
        void familiesDoNotMix() {
            routes.add(home, IpAddress.ANY_V4, 0, wide);
            assertNull(routes.find(null, ip("2001:db8::1")));
            assertThrows(IllegalArgumentException.class, () -> routes.add(home, IpAddress.ANY_V6, 0, wide));
        }

        @Test
        void aRouteMayHaveASmallerMtuButNoLargerOne() {
            assertEquals(1280, routes.add(home, IpAddress.ANY_V4, 0, narrow, 1280).mtu());
            assertThrows(IllegalArgumentException.class, () -> routes.add(home, IpAddress.ANY_V4, 0, narrow, 1501));
            assertThrows(IllegalArgumentException.class, () -> routes.add(home, IpAddress.ANY_V4, 33, narrow));
        }

        @Test
        void localAddressesAreThoseOfRoutes() {
            Route route = routes.add(home, IpAddress.ANY_V4, 0, wide);
            assertTrue(routes.isLocal(home.high(), home.low()));
            assertTrue(!routes.isLocal(mobile.high(), mobile.low()));
            routes.remove(route);
            assertTrue(!routes.isLocal(home.high(), home.low()));
        }
    }

    @Nested
    class Destinations {
        private final Counters counters = new Counters();
        private final DestinationCache cache = new DestinationCache(3, counters);
        private final PathMetrics metrics = new PathMetrics(20_000_000, 5_000_000, 1_400);

        private IpAddress ip(int last) {
            return IpAddress.v4(0x0a00_0000 | last);
        }

        @Test
        void whatWasLearnedIsRemembered() {
            cache.put(ip(1), metrics, 0);
            assertEquals(metrics, cache.get(ip(1), SECOND));
            assertEquals(PathMetrics.UNKNOWN, cache.get(ip(2), SECOND));
        }

        @Test
        void nothingIsBelievedForEver() {
            cache.put(ip(1), metrics, 0);
            assertEquals(0, cache.get(ip(1), DestinationCache.MTU_EXPIRY_NANOS).pathMtu());
            assertEquals(20_000_000, cache.get(ip(1), DestinationCache.MTU_EXPIRY_NANOS).smoothedRttNanos());
            assertEquals(PathMetrics.UNKNOWN, cache.get(ip(1), DestinationCache.EXPIRY_NANOS));
            assertEquals(0, cache.size());
        }

        @Test
        @Requirement("H17")
        void theOldestGivesWay() {
            for (int i = 1; i <= 3; i++) {
                cache.put(ip(i), metrics, i);
            }
            cache.put(ip(1), metrics, 4);
            assertEquals(0, counters.get(Counter.TCP_METRICS_EVICTED));
            cache.put(ip(4), metrics, 5);
            assertEquals(3, cache.size());
            assertEquals(1, counters.get(Counter.TCP_METRICS_EVICTED));
            assertEquals(PathMetrics.UNKNOWN, cache.get(ip(2), 6));
            assertEquals(metrics, cache.get(ip(1), 6));
        }
    }

    @Test
    void rateLimitAllowsBetweenHalfAndAllOfItsBudget() {
        RateLimit limit = new RateLimit(100, new Xoshiro256(14));
        long now = 0;
        boolean varies = false;
        int first = -1;
        for (int second = 0; second < 50; second++) {
            int allowed = 0;
            for (int i = 0; i < 500; i++) {
                allowed += limit.allows(now) ? 1 : 0;
            }
            assertTrue(allowed >= 50 && allowed <= 100, "allowed " + allowed);
            varies |= first >= 0 && allowed != first;
            first = allowed;
            now += SECOND;
        }
        assertTrue(varies);
    }
}
