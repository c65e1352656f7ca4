package net.braid.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import net.braid.mptcp.ConnectionConfig;
import net.braid.runtime.Engine;
import net.braid.runtime.Stream;
import net.braid.wire.IpAddress;

/**
 * The side of a measurement that opens the connections.
 *
 * @param peer what is at the other end *
 * @param patienceNanos how long to wait for an answer, and for the end after the time of the run
 */
record PerfClient(Engine engine, IpAddress host, int port, ConnectionConfig config, PerfRequest request, Peer peer,
        long intervalNanos, long patienceNanos) {
    private static final long NO_LIMIT = Long.MAX_VALUE;

    /** Who answers: a {@code braid perf server}, any program that sends or reads, or an iperf3 server. */
    enum Peer { BRAID, RAW, IPERF3 }

    /**
     * Runs it to the end.
     *
     * @throws IOException when a connection cannot be opened or fails
     */
    void run(PerfPrinter printer) throws IOException {
        List<Stream> streams = new ArrayList<>();
        try {
            Iperf3Control control = null;
            if (peer == Peer.IPERF3) {
                Stream first = open();
                streams.add(first);
                control = new Iperf3Control(first, request);
                control.propose();
            }
            List<PerfTalk> talks = new ArrayList<>();
            for (int number = 1; number <= request.connections(); number++) {
                Stream stream = open();
                streams.add(stream);
                printer.opened(number, stream.info());
                if (control == null) {
                    talks.add(new PerfTalk(number, stream, request, true, peer == Peer.RAW));
                } else {
                    control.join(stream);
                    talks.add(new PerfTalk(number, stream, request, control));
                }
            }
            if (control != null) {
                control.begin(talks);
            }
            // An amount may take as long as it takes; a time is over when it is over.
            long limit = request.nanos() == 0 ? NO_LIMIT : request.nanos() + patienceNanos;
            new PerfWatch(talks, printer, intervalNanos, limit).run();
            for (PerfTalk talk : talks) {
                if (talk.problem() != null) {
                    throw talk.problem();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            streams.forEach(Stream::close);
        }
    }

    private Stream open() throws IOException {
        return engine.connect(null, 0, host, port, config, patienceNanos);
    }
}
