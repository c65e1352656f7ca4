package net.braid.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import net.braid.wire.Ipv4Header;
import net.braid.wire.OptionWriter;
import net.braid.wire.TcpFlags;
import net.braid.wire.TcpHeader;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The host is H with numbers from 1001 on, its peer P with numbers from 5001 on; P's window scale is 1, H's 2. */
class WireCheckerTest {
    private final Simulation simulation = new Simulation(1);
    private final PipeBenchSink sink = new PipeBenchSink();
    private final Pipe out = new Pipe(simulation, "out", PipeProperties.PERFECT, sink);
    private final Pipe in = new Pipe(simulation, "in", PipeProperties.PERFECT, sink);
    private final WireChecker checker = new WireChecker("h", out, in);

    private final class PipeBenchSink implements FrameSink {
        @Override
        public void onFrame(int frame, long now) {
            simulation.frames().release(frame);
        }

        @Override
        public void onBatchEnd(long now) {
            // Nothing to do.
        }
    }

    private interface Options {
        void write(OptionWriter options);
    }

    private void segment(boolean fromHost, int seq, int ack, int flags, int window, int payload, Options options) {
        int frame = simulation.frames().allocate(2000);
        MemorySegment memory = simulation.frames().memory(frame);
        OptionWriter writer = new OptionWriter();
        writer.begin(memory, 40);
        options.write(writer);
        int header = 20 + writer.length();
        int length = 20 + header + payload;
        simulation.frames().length(frame, length);
        Ipv4Header.write(memory, 0, 0, length, 0, Ipv4Header.DONT_FRAGMENT, 64, 6, fromHost ? 0x0a000001 : 0x0a000002,
                fromHost ? 0x0a000002 : 0x0a000001);
        TcpHeader.write(memory, 20, fromHost ? 1000 : 80, fromHost ? 80 : 1000, seq, ack, header, flags, window, 0);
        TcpChecksums.complete(memory, length);
        (fromHost ? out : in).offer(frame);
        simulation.runUntil(simulation.now() + 1);
    }

    private void host(int seq, int ack, int window, int payload) {
        segment(true, seq, ack, TcpFlags.ACK, window, payload, options -> { });
    }

    private void peer(int seq, int ack, int window, int payload) {
        segment(false, seq, ack, TcpFlags.ACK, window, payload, options -> { });
    }

    @BeforeEach
    void handshake() {
        segment(true, 1000, 0, TcpFlags.SYN, 1000, 0, options -> options.windowScale(2));
        segment(false, 5000, 1001, TcpFlags.SYN | TcpFlags.ACK, 2000, 0, options -> options.windowScale(1));
        host(1001, 5001, 500, 0);
        assertTrue(checker.violations().isEmpty());
    }

    @AfterEach
    void close() {
        simulation.close();
    }

    private void expect(String part) {
        assertEquals(1, checker.violations().size(), () -> checker.violations().toString());
        assertTrue(checker.violations().getFirst().contains(part), checker.violations().getFirst());
    }

    @Test
    void anOrderlyExchangeIsNotComplainedAbout() {
        host(1001, 5001, 500, 1000);
        peer(5001, 2001, 1000, 700);
        host(2001, 5701, 325, 1000);
        host(3001, 5701, 325, 1000);
        peer(5701, 4001, 1000, 0);
        segment(true, 4001, 5701, TcpFlags.ACK | TcpFlags.FIN, 325, 0, options -> { });
        peer(5701, 4002, 1000, 0);
        assertTrue(checker.violations().isEmpty(), () -> checker.violations().toString());
        assertEquals(3, checker.dataSegments(1000, 80));
    }

    @Test
    void dataBeyondTheOfferedWindowIsAViolation() {
        host(1001, 5001, 500, 1000);
        host(2001, 5001, 500, 1001);
        expect("sends up to 2001 where the peer has offered up to 2000");
    }

    @Test
    void aWindowTakenBackIsAViolation() {
        host(1001, 5001, 499, 0);
        expect("takes its window back from 2000 to 1996");
    }

    @Test
    void anAcknowledgmentOfWhatHasNotArrivedIsAViolation() {
        peer(5001, 1001, 1000, 100);
        host(1001, 5102, 500, 0);
        expect("acknowledges up to 101 where only 100 has arrived");
    }

    @Test
    void aSackBlockOfWhatHasNotArrivedIsAViolation() {
        peer(5201, 1001, 1000, 100);
        segment(true, 1001, 5001, TcpFlags.ACK, 500, 0, options -> {
            options.sack(1);
            options.sackBlock(5201, 5302);
        });
        expect("SACK block [200, 301) has not arrived");
    }

    @Test
    void aSackBlockThatIsNoRangeIsAViolation() {
        peer(5201, 1001, 1000, 100);
        segment(true, 1001, 5001, TcpFlags.ACK, 500, 0, options -> {
            options.sack(1);
            options.sackBlock(5301, 5201);
        });
        expect("is not a range");
    }

    @Test
    void dataBehindAFinIsAViolation() {
        segment(true, 1001, 5001, TcpFlags.ACK | TcpFlags.FIN, 500, 10, options -> { });
        host(1011, 5001, 500, 5);
        expect("sends up to 15 after its FIN at 10");
    }

    @Test
    void moreInFlightThanAgreedIsAViolation() {
        checker.flightLimit(1500);
        host(1001, 5001, 500, 1000);
        host(2001, 5001, 500, 600);
        expect("1600 bytes in flight, more than 1500");
    }

    @Test
    void retransmissionsAreCounted() {
        host(1001, 5001, 500, 1000);
        host(1001, 5001, 500, 1000);
        assertEquals(1, checker.retransmissions(1000, 80));
        assertEquals(1, checker.retransmissions(80, 1000));
    }

    private void handshakeWithSack() {
        segment(true, 91_000, 0, TcpFlags.SYN, 1000, 0, options -> options.sackPermitted());
        segment(false, 95_000, 91_001, TcpFlags.SYN | TcpFlags.ACK, 20_000, 0, options -> options.sackPermitted());
        host(91_001, 95_001, 1000, 0);
    }

    @Test
    void newDataBeyondTheCongestionWindowIsAViolation() {
        checker.newDataLimit((local, localPort, remote, remotePort) -> 1500);
        handshakeWithSack();
        host(91_001, 95_001, 1000, 1000);
        host(92_001, 95_001, 1000, 1000);
        assertEquals(0, checker.violationCount());
        host(93_001, 95_001, 1000, 1000);
        expect("on top of 2000 bytes in flight, where its congestion window allows 1500");
    }

    @Test
    void selectivelyAcknowledgedBytesAreNotInFlight() {
        checker.newDataLimit((local, localPort, remote, remotePort) -> 1500);
        handshakeWithSack();
        host(91_001, 95_001, 1000, 1000);
        host(92_001, 95_001, 1000, 1000);
        segment(false, 95_001, 91_001, TcpFlags.ACK, 20_000, 0, options -> {
            options.sack(1);
            options.sackBlock(92_001, 93_001);
        });
        host(93_001, 95_001, 1000, 1000);
        assertEquals(0, checker.violationCount(), () -> checker.violations().toString());
    }

    @Test
    void retransmissionsAreNotNewData() {
        checker.newDataLimit((local, localPort, remote, remotePort) -> 1500);
        handshakeWithSack();
        host(91_001, 95_001, 1000, 1000);
        host(92_001, 95_001, 1000, 1000);
        host(91_001, 95_001, 1000, 1000);
        assertEquals(0, checker.violationCount(), () -> checker.violations().toString());
    }

    @Test
    void connectionThatTakesThePortsOfASilentOneIsJudgedAnew() {
        segment(false, 71_000, 0, TcpFlags.SYN, 1000, 0, options -> { });
        segment(true, 61_000, 71_001, TcpFlags.SYN | TcpFlags.ACK, 1000, 0, options -> { });
        peer(71_001, 61_001, 1000, 100);
        host(61_001, 71_101, 900, 100);
        assertEquals(0, checker.violationCount(), () -> checker.violations().toString());
        host(61_101, 71_202, 900, 100);
        expect("acknowledges up to 201 where only 100 has arrived");
    }
}
