package net.braid.conformance;

import static net.braid.conformance.MultipathTransfer.MILLIS;
import static net.braid.conformance.MultipathTransfer.SECONDS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import net.braid.base.Xoshiro256;
import net.braid.sim.PipeProperties;
import net.braid.tcp.Subflow;
import net.braid.tcp.TcpState;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Paths go dark in both directions, without a word, and come back. Instants are random but repeatable; a failure names
 * its instant.
 */
class DarkPathTest {
    private static final int INSTANTS = 100;
    private static final PipeProperties EQUAL = BulkTransfer.pipe(100_000_000, 20 * MILLIS, 250_000).build();
    /** What is sent over Wi-Fi and 3G. */
    private static final long FILE = 8_000_000;

    private static long instant(Xoshiro256 random, long from, long width) {
        return from + (long) (random.nextDouble() * width);
    }

    @Test
    void readerWaitsLessThanAQuarterSecondWhenOneOfTwoEqualPathsGoesDark() {
        Xoshiro256 random = new Xoshiro256(1);
        for (int i = 0; i < INSTANTS; i++) {
            long at = instant(random, SECONDS / 2, SECONDS);
            try (MultipathTransfer transfer = new MultipathTransfer(i, MultipathTransfer.MULTIPATH, EQUAL, EQUAL)) {
                transfer.run(at);
                transfer.path(i % 2).up(false);
                long gap = transfer.longestGap(SECONDS);
                assertTrue(gap < 250 * MILLIS, "dark at " + at + " ns, seed " + i + ": gap of " + gap / MILLIS + " ms");
                assertNull(transfer.receiver().violation());
            }
        }
    }

    @Test
    void readerWaitsLessThanASecondWhenWifiGoesDarkBesideMobile() {
        Xoshiro256 random = new Xoshiro256(2);
        for (int i = 0; i < INSTANTS; i++) {
            long at = instant(random, 2 * SECONDS, 4 * SECONDS);
            try (MultipathTransfer transfer = new MultipathTransfer(i, MultipathTransfer.MULTIPATH, FILE,
                    MultipathTransfer.WIFI, MultipathTransfer.MOBILE)) {
                transfer.run(at);
                transfer.path(0).up(false);
                long left = FILE - transfer.receiver().received();
                long gap = transfer.longestGap(600 * SECONDS);
                assertTrue(transfer.isOver(), "dark at " + at + " ns, seed " + i + ": never ends");
                long alone = (long) (left / (2_000_000 / 8.0 * MultipathTransfer.PAYLOAD / 1500) * SECONDS);
                double ratio = (transfer.now() - at) / (double) alone;
                assertTrue(gap < SECONDS && ratio < 1.1, "dark at " + at + " ns, seed " + i + ": gap of "
                        + gap / MILLIS + " ms, " + ratio + " of the time that 3G alone takes for the rest");
                assertNull(transfer.receiver().violation());
            }
        }
    }

    @ParameterizedTest(name = "{0} s")
    @ValueSource(ints = {1, 5, 30})
    void pathCarriesDataAgainWithinTwoSecondsOfItsReturn(int outage) {
        try (MultipathTransfer transfer = new MultipathTransfer(1, MultipathTransfer.MULTIPATH,
                MultipathTransfer.WIFI, MultipathTransfer.MOBILE)) {
            transfer.run(3 * SECONDS);
            transfer.path(0).up(false);
            transfer.run(outage * SECONDS);
            transfer.path(0).up(true);
            transfer.run(2 * SECONDS);
            long before = transfer.packetsOn(0);
            transfer.run(2 * SECONDS);
            long packets = transfer.packetsOn(0) - before;
            // 8 Mbit/s are 667 packets a second.
            assertTrue(packets >= 600, "packets in the two seconds after: " + packets);
        }
    }

    /** What waits to be acknowledged there may fill the buffer, but not that soon. */
    @Test
    void pathThatIsBackAfterTwoSecondsIsStillTheSameSubflow() {
        try (MultipathTransfer transfer = new MultipathTransfer(1, MultipathTransfer.MULTIPATH,
                MultipathTransfer.WIFI, MultipathTransfer.MOBILE)) {
            for (int path = 0; path < 2; path++) {
                transfer.run(3 * SECONDS);
                Subflow subflow = transfer.sender().connection().subflow(path);
                transfer.path(path).up(false);
                long dark = transfer.receivedIn(2 * SECONDS);
                transfer.path(path).up(true);
                transfer.run(2 * SECONDS);
                assertSame(subflow, transfer.sender().connection().subflow(path), "path " + path);
                assertEquals(TcpState.ESTABLISHED, subflow.state());
                assertTrue(dark > (path == 0 ? 300_000 : 1_600_000), "bytes in the dark: " + dark);
            }
        }
    }

    @ParameterizedTest(name = "{0} s")
    @ValueSource(ints = {1, 5, 10, 30})
    void rateIsBackWithinTwoSecondsWhenAllPathsWereDark(int outage) {
        try (MultipathTransfer transfer = new MultipathTransfer(1, MultipathTransfer.MULTIPATH, FILE,
                MultipathTransfer.WIFI, MultipathTransfer.MOBILE)) {
            transfer.run(3 * SECONDS);
            transfer.path(0).up(false);
            transfer.path(1).up(false);
            transfer.run(outage * SECONDS);
            transfer.path(1).up(true);
            transfer.path(0).up(true);
            transfer.run(2 * SECONDS);
            long packets = transfer.packetsOn(0) + transfer.packetsOn(1);
            long bytes = transfer.receivedIn(SECONDS);
            packets = transfer.packetsOn(0) + transfer.packetsOn(1) - packets;
            assertTrue(bytes > 1_000_000, "bytes in the third second: " + bytes);
            // The silence was no black hole: segments are as large as before.
            assertTrue(packets < 900, "packets in the third second: " + packets);
            transfer.run(4 * SECONDS);
            assertTrue(transfer.isOver(), "read " + transfer.receiver().received());
            assertEquals(FILE, transfer.receiver().received());
            assertNull(transfer.receiver().violation());
        }
    }

    @Test
    void thirtySecondsWithoutAnySubflowAreSurvived() {
        try (MultipathTransfer transfer = new MultipathTransfer(1, MultipathTransfer.MULTIPATH, FILE,
                MultipathTransfer.WIFI, MultipathTransfer.MOBILE)) {
            transfer.run(3 * SECONDS);
            transfer.loseAddresses();
            transfer.run(30 * SECONDS);
            assertEquals(0, transfer.sender().connection().subflowCount());
            transfer.regainAddresses();
            transfer.run(10 * SECONDS);
            assertTrue(transfer.isOver(), "read " + transfer.receiver().received());
            assertEquals(FILE, transfer.receiver().received());
            assertNull(transfer.receiver().violation());
        }
    }
}
