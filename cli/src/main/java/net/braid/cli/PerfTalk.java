package net.braid.cli;

import java.io.DataOutputStream;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicBoolean;
import net.braid.runtime.Stream;
import net.braid.tcp.CloseReason;

/** One connection of a measurement from beginning to end, at either side. Runs on a thread of its own. */
final class PerfTalk implements Runnable {
    private static final long FAREWELL_NANOS = 5_000_000_000L;

    private final PerfFlow flow;
    private final PerfMeter meter;
    private final PerfRequest request;
    private final boolean client;
    private final boolean raw;
    private final Iperf3Control control;
    private final AtomicBoolean concluded = new AtomicBoolean();
    private volatile IOException problem;
    private volatile PerfReport report;
    private volatile boolean enough;
    private volatile boolean ending;
    private volatile boolean over;
    private volatile long overAt;

    /** @param raw neither request nor report: only bytes */
    PerfTalk(int number, Stream stream, PerfRequest request, boolean client, boolean raw) {
        this(number, stream, request, client, raw, null);
    }

    /** A client's connection to an iperf3 server: only bytes, and their end is agreed on elsewhere. */
    PerfTalk(int number, Stream stream, PerfRequest request, Iperf3Control control) {
        this(number, stream, request, true, true, control);
    }

    private PerfTalk(int number, Stream stream, PerfRequest request, boolean client, boolean raw,
            Iperf3Control control) {
        this.control = control;
        this.flow = new PerfFlow(number, stream, request.nanos(), request.bytes());
        this.meter = new PerfMeter(flow, System.nanoTime());
        this.request = request;
        this.client = client;
        this.raw = raw;
    }

    PerfFlow flow() {
        return flow;
    }

    PerfMeter meter() {
        return meter;
    }

    PerfRequest request() {
        return request;
    }

    boolean isClient() {
        return client;
    }

    /** The connection is closed, or has failed. */
    boolean isOver() {
        return over;
    }

    /** The whole run. */
    PerfSpan total() {
        return meter.total(over ? overAt : System.nanoTime());
    }

    /** What went wrong, or null. */
    IOException problem() {
        return problem;
    }

    /** What the server has seen, at a client that is not raw; else null. */
    PerfReport report() {
        return report;
    }

    /**
     * Looks at the paths, and ends what nobody else ends: a raw peer that sends more than was asked for.
     *
     * @param nanos since the run began
     */
    void look(long nanos) {
        // The end of all subflows is no news about paths.
        if (!ending && flow.stream().closeReason() == null) {
            meter.look();
        }
        if (client && raw && !request.clientSends() && !over && (request.nanos() > 0 && nanos >= request.nanos()
                || request.bytes() > 0 && flow.received() >= request.bytes())) {
            enough = true;
            if (control != null) {
                conclude();
            } else {
                flow.stream().abort();
            }
        }
    }

    private void conclude() {
        // The server closes as it likes from now on, also with data of ours that it has not read.
        enough = true;
        if (concluded.compareAndSet(false, true)) {
            control.conclude();
        }
    }

    /** Gives up: the other side does not do what it should. */
    void giveUp(String why) {
        if (!over) {
            problem = new IOException(why);
            flow.stream().abort();
        }
    }

    private boolean sends() {
        return client ? request.clientSends() : request.serverSends();
    }

    @Override
    public void run() {
        Stream stream = flow.stream();
        try {
            talk(stream);
            overAt = System.nanoTime();
            stream.close();
            CloseReason reason = stream.awaitClosed(FAREWELL_NANOS);
            if (!(reason instanceof CloseReason.Finished) && !enough) {
                fail(new IOException("the connection has not ended in order"));
            }
        } catch (IOException wrong) {
            overAt = System.nanoTime();
            fail(wrong);
            stream.abort();
        }
        over = true;
    }

    private void fail(IOException wrong) {
        if (problem == null && !enough) {
            problem = wrong;
        }
    }

    private void talk(Stream stream) throws IOException {
        if (client && !raw) {
            request.write(new DataOutputStream(stream.outputStream()));
        }
        Thread sender = sends() ? Thread.ofPlatform().daemon(true).name("perf-send-" + flow.number())
                .start(() -> send(stream)) : null;
        PerfReport.Tail tail = client && !raw ? new PerfReport.Tail() : null;
        boolean answersOnly = !client && !raw && !request.clientSends();
        if (!answersOnly) {
            receive(tail);
        }
        join(sender);
        if (problem != null) {
            throw problem;
        }
        if (control != null) {
            PerfReport seen = control.report(flow.number(), FAREWELL_NANOS);
            report = request.clientSends() ? seen : null;
        } else if (tail != null) {
            report = tail.report();
        } else if (!raw) {
            stream.outputStream().write(
                    new PerfReport(flow.received(), flow.receivingNanos(), meter.total(0).sentAgain()).toBytes());
        }
        if (stream.closeReason() == null) {
            meter.look();
        }
        ending = true;
        stream.shutdownOutput();
        if (answersOnly) {
            flow.receive(null);
        }
    }

    private void receive(PerfReport.Tail tail) throws IOException {
        try {
            flow.receive(tail);
        } catch (IOException wrong) {
            if (!enough) {
                throw wrong;
            }
        }
    }

    private void send(Stream stream) {
        try {
            flow.send();
            if (control != null) {
                conclude();
            } else if (client || raw) {
                stream.shutdownOutput();
            }
        } catch (IOException wrong) {
            fail(wrong);
            stream.abort();
        }
    }

    private static void join(Thread sender) {
        try {
            if (sender != null) {
                sender.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
