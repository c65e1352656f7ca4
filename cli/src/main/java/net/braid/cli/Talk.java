package net.braid.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Locale;
import net.braid.runtime.Stream;
import net.braid.runtime.StreamInfo;
import net.braid.tcp.CloseReason;
import picocli.CommandLine.Model.CommandSpec;

/** What the user hears of one connection on standard error, and the exit code that it ends with. */
final class Talk {
    private final PrintWriter err;
    private final boolean verbose;
    private final boolean json;

    Talk(CommandSpec spec, boolean verbose, boolean json) {
        err = spec.commandLine().getErr();
        this.verbose = verbose;
        this.json = json;
    }

    /**
     * Standard input to the peer and its words to standard output, to the end of both.
     *
     * @param patienceNanos how long to wait for the confirmation of the end
     * @return the exit code
     */
    int converse(Stream stream, long patienceNanos) throws IOException {
        if (verbose || json) {
            err.println(opening(stream.info(), json));
            err.flush();
        }
        // Not System.out: it keeps silent about what could not be written.
        CloseReason reason = new Relay(stream, System.in, new FileOutputStream(FileDescriptor.out)).run(patienceNanos);
        return switch (reason) {
            case null -> fail(err, "the peer has not confirmed the end of the connection");
            case CloseReason.Finished f -> Braid.SUCCESS;
            case CloseReason.Aborted a -> fail(err, "connection aborted: " + a.why());
            case CloseReason.ResetByPeer r -> fail(err, "connection reset by peer at the end");
            case CloseReason other -> fail(err, other.getClass().getSimpleName().toLowerCase(Locale.ROOT));
        };
    }

    static String opening(StreamInfo info, boolean json) {
        return json ? String.format(Locale.ROOT, "{\"local\":\"%s\",\"local_port\":%d,\"remote\":\"%s\","
                + "\"remote_port\":%d,\"multipath\":%b,\"token\":\"%08x\"}", info.local(), info.localPort(),
                info.remote(), info.remotePort(), info.multipath(), info.token())
                : "connected: " + info.local() + " port " + info.localPort() + " to " + info.remote() + " port "
                + info.remotePort() + (info.multipath() ? ", Multipath TCP" : ", plain TCP");
    }

    static int failed(CommandSpec spec, IOException problem) {
        return fail(spec.commandLine().getErr(), Reason.of(problem));
    }

    private static int fail(PrintWriter err, String message) {
        err.println("braid: " + message);
        err.flush();
        return Braid.FAILED;
    }
}
