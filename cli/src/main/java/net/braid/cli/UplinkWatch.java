package net.braid.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** Follows the uplinks: whenever an address, a route or an interface changes, what must be there is made again. */
final class UplinkWatch {
    /** Changes come in swarms; this long after one, and all of it is known. */
    private static final long QUIET_MILLIS = 200;
    /** Not all that matters is announced: rules and tables that somebody removes are found this often. */
    private static final long ROUND_SECONDS = 30;

    private UplinkWatch() {
    }

    interface Convergence {
        /** Null: there is nothing to follow any more. */
        UplinkWork.Outcome run() throws IOException;
    }

    /** Returns when the uplinks are taken down. */
    static void run(PrintWriter out, PrintWriter err, Convergence convergence) throws IOException,
            InterruptedException {
        Process monitor;
        try {
            monitor = new ProcessBuilder("ip", "-o", "monitor", "link", "address", "route")
                    .redirectError(ProcessBuilder.Redirect.DISCARD).start();
        } catch (IOException missing) {
            throw new HostException("the program 'ip' cannot be run; it comes with the package iproute2");
        }
        Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(monitor::destroy));
        Semaphore changes = new Semaphore(0);
        Thread.ofPlatform().daemon().name("uplink-watch").start(() -> {
            try (BufferedReader lines = new BufferedReader(
                    new InputStreamReader(monitor.getInputStream(), StandardCharsets.UTF_8))) {
                while (lines.readLine() != null) {
                    changes.release();
                }
            } catch (IOException ended) {
                // Seen by the loop below.
            }
        });
        // What has changed before the monitor listened.
        changes.release();
        String complaint = "";
        while (complaint != null && monitor.isAlive()) {
            if (changes.tryAcquire(ROUND_SECONDS, TimeUnit.SECONDS)) {
                Thread.sleep(QUIET_MILLIS);
                changes.drainPermits();
            }
            complaint = converge(out, err, convergence, complaint);
        }
        if (complaint != null) {
            throw new HostException("ip monitor has ended");
        }
        monitor.destroy();
    }

    /** Returns the trouble there was, empty for none, null when it is over. */
    private static String converge(PrintWriter out, PrintWriter err, Convergence convergence, String complaint) {
        try {
            UplinkWork.Outcome outcome = convergence.run();
            if (outcome == null) {
                return null;
            }
            if (!outcome.steps().isEmpty()) {
                out.println("followed a change:");
                UplinkText.paths(outcome.setup().state()).forEach(out::println);
                out.flush();
            }
            return "";
        } catch (IOException | UserError problem) {
            // An uplink may be gone for a while. The same trouble is told once.
            String message = String.valueOf(problem.getMessage());
            if (!message.equals(complaint)) {
                err.println("braid: " + message);
                err.flush();
            }
            return message;
        }
    }
}
