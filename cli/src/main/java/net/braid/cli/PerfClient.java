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
 * @param patienceNanos how long to wait for an answer, and for the end after the time of the run
 */
record PerfClient(Engine engine, IpAddress host, int port, ConnectionConfig config, PerfRequest request, boolean raw,
        long intervalNanos, long patienceNanos) {
    private static final long NO_LIMIT = Long.MAX_VALUE;

    /**
     * Runs it to the end.
     *
     * @throws IOException when a connection cannot be opened or fails
     */
    void run(PerfPrinter printer) throws IOException {
        List<Stream> streams = new ArrayList<>();
        try {
            List<PerfTalk> talks = new ArrayList<>();
            for (int number = 1; number <= request.connections(); number++) {
                Stream stream = engine.connect(null, 0, host, port, config, patienceNanos);
                streams.add(stream);
                printer.opened(number, stream.info());
                talks.add(new PerfTalk(number, stream, request, true, raw));
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
}
