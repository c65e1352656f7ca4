package net.braid.cli;

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

    Talk(CommandSpec spec, boolean verbose) {
        err = spec.commandLine().getErr();
        this.verbose = verbose;
    }

    void begin(Stream stream) throws IOException {
        if (verbose) {
            StreamInfo info = stream.info();
            err.println("connected: " + info.local() + " port " + info.localPort() + " to " + info.remote() + " port "
                    + info.remotePort() + (info.multipath() ? ", Multipath TCP" : ", plain TCP"));
            err.flush();
        }
    }

    int end(Stream stream, CloseReason reason) {
        return switch (reason) {
            case null -> fail("the peer has not confirmed the end of the connection");
            case CloseReason.Finished f -> Braid.SUCCESS;
            case CloseReason.Aborted a -> fail("connection aborted: " + a.why());
            case CloseReason.ResetByPeer r -> fail("connection reset by peer at the end");
            case CloseReason other -> fail(other.getClass().getSimpleName().toLowerCase(Locale.ROOT));
        };
    }

    private int fail(String message) {
        err.println("braid: " + message);
        err.flush();
        return Braid.FAILED;
    }

    static int failed(CommandSpec spec, IOException problem) {
        PrintWriter err = spec.commandLine().getErr();
        err.println("braid: " + problem.getMessage());
        err.flush();
        return Braid.FAILED;
    }
}
