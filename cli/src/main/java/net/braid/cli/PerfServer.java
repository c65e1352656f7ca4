package net.braid.cli;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.channels.ClosedChannelException;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import net.braid.runtime.Acceptance;
import net.braid.runtime.Stream;

/** The side of a measurement that waits for connections. Each of them is served and reported by itself. */
final class PerfServer {
    private static final long NO_LIMIT = Long.MAX_VALUE;

    private final Acceptance acceptance;
    private final PerfRequest rawRequest;
    private final long intervalNanos;
    private final boolean json;
    private final PrintWriter out;
    private final PrintWriter err;
    private final AtomicInteger numbers = new AtomicInteger();
    private final ConcurrentHashMap<Long, AtomicInteger> served = new ConcurrentHashMap<>();
    private final CountDownLatch firstRun = new CountDownLatch(1);
    private volatile boolean failed;

    /** @param rawRequest what to do with every connection, or null: clients say so */
    PerfServer(Acceptance acceptance, PerfRequest rawRequest, long intervalNanos, boolean json, PrintWriter out,
            PrintWriter err) {
        this.acceptance = acceptance;
        this.rawRequest = rawRequest;
        this.intervalNanos = intervalNanos;
        this.json = json;
        this.out = out;
        this.err = err;
    }

    /**
     * Serves until the port is closed or, with {@code once}, until all connections of one run have ended.
     *
     * @return whether all connections went well
     * @throws IOException when the engine ends
     */
    boolean run(boolean once) throws IOException {
        Thread acceptor = Thread.currentThread();
        if (once) {
            Thread.ofVirtual().start(() -> closeAfterFirstRun());
        }
        try {
            while (!acceptor.isInterrupted()) {
                Stream stream = acceptance.accept();
                int number = numbers.incrementAndGet();
                Thread.ofPlatform().daemon(true).name("perf-serve-" + number).start(() -> serve(number, stream));
            }
        } catch (ClosedChannelException closed) {
            return !failed;
        }
        return !failed;
    }

    private void closeAfterFirstRun() {
        try {
            firstRun.await();
            acceptance.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void serve(int number, Stream stream) {
        PerfRequest request = rawRequest;
        try (stream) {
            PerfPrinter printer = new PerfPrinter(out, json);
            printer.opened(number, stream.info());
            if (request == null) {
                request = PerfRequest.read(new DataInputStream(stream.inputStream()));
            }
            PerfTalk talk = new PerfTalk(number, stream, request, false, rawRequest != null);
            new PerfWatch(List.of(talk), printer, intervalNanos, NO_LIMIT).run();
            if (talk.problem() != null) {
                throw talk.problem();
            }
        } catch (IOException wrong) {
            failed = true;
            err.println("braid: connection " + number + ": " + wrong.getMessage());
            err.flush();
            stream.abort();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            count(request);
        }
    }

    /** A run is over with its last connection; one that never said what it wants counts as a run. */
    private void count(PerfRequest request) {
        boolean last = request == null || rawRequest != null || served.computeIfAbsent(request.run(),
                run -> new AtomicInteger()).incrementAndGet() == request.connections();
        if (last) {
            if (request != null) {
                served.remove(request.run());
            }
            firstRun.countDown();
        }
    }
}
