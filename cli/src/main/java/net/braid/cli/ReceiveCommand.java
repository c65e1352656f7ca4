package net.braid.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import net.braid.runtime.Acceptance;
import net.braid.runtime.Engine;
import net.braid.runtime.Stream;
import net.braid.runtime.StreamInfo;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Receives one file from {@code braid send}. */
@Command(name = "receive",
        description = "Wait for a 'braid send' and receive its file.",
        mixinStandardHelpOptions = true,
        footer = {"", "The file gets its name only when it is complete and its SHA-256 is that of the sender.",
            "Exit code 1 when the connection fails or the file arrives changed."})
final class ReceiveCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private WireOptions wire;

    @Mixin
    private ConnectionOptions connection;

    @Parameters(index = "0", paramLabel = "PORT", description = "The port to listen on, on all addresses.")
    private int port;

    @Option(names = "--output", paramLabel = "PATH", defaultValue = ".",
            description = "The folder for the file, or the file itself (default: this folder).")
    private Path output;

    @Option(names = "--json", description = "Print the result as one line of JSON.")
    private boolean json;

    @Override
    public Integer call() {
        Path folder = Files.isDirectory(output) ? output : output.toAbsolutePath().getParent();
        if (!Files.isWritable(folder)) {
            throw new UserError("--output " + output + ": " + folder + " cannot be written to");
        }
        try (Engine engine = wire.open(connection.config());
                Acceptance acceptance = engine.listen(WireOptions.EVERYWHERE, WireOptions.port(port), 16,
                        connection.config());
                Stream stream = acceptance.accept()) {
            boolean bar = !json && Progress.isTerminal();
            FileTransfer.Result result = FileTransfer.receive(output, stream.inputStream(), stream.outputStream(),
                    header -> new Progress(spec.commandLine().getErr(), header.length(), bar));
            StreamInfo info = stream.info();
            spec.commandLine().getOut().println(json ? FileReport.json(result, info) : FileReport.text(result, info));
            return Braid.SUCCESS;
        } catch (IOException problem) {
            return Talk.failed(spec, problem);
        }
    }
}
