package net.braid.conformance;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import net.braid.base.Requirement;
import net.braid.mptcp.ConnectionConfig;
import net.braid.mptcp.MultipathConfig;
import net.braid.sim.Middlebox;
import net.braid.tcp.CloseReason;
import net.braid.tcp.SubflowConfig;
import net.braid.wire.TcpOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * One end has fallen back to plain TCP, and the other does not know yet (RFC 8684 section 3.7): what the one takes for
 * the end of the stream, or for new bytes, the other must not send by the way.
 */
class HiddenFallbackTest {
    private static Duet duet(String box, int version) {
        MultipathConfig config = Duet.mesh().version(version).acceptVersion0(true).build();
        Duet d = new Duet(2, config, config);
        for (var path : d.paths) {
            path.add(Middlebox.parse(box));
        }
        return d;
    }

    @ParameterizedTest
    @CsvSource({
        // Bare acknowledgments make the server fall back; its FIN comes before the client knows.
        "ack-early direction=backward, 1, 15000, 1", "ack-early direction=backward, 0, 15000, 1",
        "ack-early direction=backward, 1, 0, 1", "ack-early direction=forward, 0, 1, 15000",
        // The client never sees a DSS, and ends with FIN alone.
        "strip what=dss direction=backward, 1, 1, 0",
        // Data without a mapping comes first, then a DSS that proves nothing any more.
        "strip what=dss on=data, 0, 0, 12", "strip what=dss on=data, 1, 0, 12"})
    @Requirement({"D18", "D22", "D24"})
    void bothStreamsAreWholeAndEndInOrder(String box, int version, long up, long down) {
        try (Duet d = duet(box, version)) {
            d.transfer(up, down);
            d.complete(up, down);
        }
    }

    @ParameterizedTest
    @CsvSource({"0", "1", "2", "3"})
    @Requirement({"D18", "D24"})
    void nothingIsRepeatedAsNewBytesWhereOptionsVanishEarly(int spared) {
        for (int bytes = 1; bytes < 6_000; bytes = 3 * bytes + 1) {
            try (Duet d = duet("strip what=mptcp on=no-syn after=" + spared, 1)) {
                d.transfer(bytes, 20_000);
                d.run(200 * Duet.SECONDS);
                assertNull(d.atClient.violation());
                assertNull(d.atServer.violation());
            }
        }
    }

    /** Each subflow is joined in order, and then nothing that it carries counts: that must not go on for ever. */
    @ParameterizedTest
    @CsvSource({"strip what=mptcp on=data, 0", "strip what=dss on=data direction=forward, 1",
        "strip what=dss on=ack direction=backward after=3, 1",
        // Segments without the timestamps that were agreed are dropped: no data passes, only joins do.
        "strip what=all on=data, 1"})
    @Requirement({"D19", "C21"})
    void connectionWhoseSubflowsAllLoseTheirOptionsEndsWithAnError(String box, int version) {
        try (Duet d = duet("rewrite-isn", version)) {
            d.transfer(5_000_000, 0).run(Duet.SECONDS / 2);
            assertTrue(Duet.established(d.serverConnection()) > 2);
            for (var path : d.paths) {
                path.add(Middlebox.parse(box));
            }
            d.run(3_000 * Duet.SECONDS);
            assertNull(d.atServer.violation());
            assertInstanceOf(CloseReason.TimedOut.class, d.atClient.closeReason());
            assertNotNull(d.atServer.closeReason());
            assertFalse(d.atServer.ended());
        }
    }

    /** All that fits the buffer is acknowledged without DATA_ACK, and then the infinite mapping comes, late. */
    @Test
    @Requirement({"D22", "D23"})
    void whatWasAcknowledgedBeforeTheFallbackWasKnownMakesRoom() {
        MultipathConfig mesh = Duet.mesh().build();
        ConnectionConfig small = ConnectionConfig.builder().multipath(mesh).sendBuffer(7_000, 7_000)
                .flow(SubflowConfig.builder().timestamps(false).sack(false).build()).build();
        try (Duet d = new Duet(1, small, small, Duet.PATH)) {
            d.paths[0].add(Middlebox.parse("strip what=dss on=no-syn direction=forward"));
            d.fromServer[0].drop(s -> s.options.has(TcpOptions.DSS_MAPPING) && s.options.dataLength == 0, 0, 3);
            d.transfer(200_000, 9_000);
            d.complete(200_000, 9_000);
        }
    }
}
