package net.braid.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import net.braid.runtime.Engine;
import net.braid.runtime.Stream;
import net.braid.runtime.StreamInfo;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Sends a file to {@code braid receive}. */
@Command(name = "send",
        description = "Send a file to a 'braid receive', over all paths, and compare the SHA-256 of both ends.",
        mixinStandardHelpOptions = true,
        footer = {"", "Exit code 1 when the connection fails or the file arrives changed."})
final class SendCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private WireOptions wire;

    @Mixin
    private ConnectionOptions connection;

    @Parameters(index = "0", paramLabel = "FILE", description = "The file.")
    private Path file;

    @Parameters(index = "1", paramLabel = "ADDRESS", description = "The receiver's address.")
    private String host;

    @Parameters(index = "2", paramLabel = "PORT", description = "The receiver's port.")
    private int port;

    @Option(names = "--timeout", paramLabel = "TIME", defaultValue = "30s", converter = Quantity.Time.class,
            description = "How long to wait for an answer (default: ${DEFAULT-VALUE}).")
    private long timeout;

    @Option(names = "--json", description = "Print the result as one line of JSON.")
    private boolean json;

    @Override
    public Integer call() {
        if (!Files.isReadable(file) || Files.isDirectory(file)) {
            throw new UserError(file + " is not a file that can be read");
        }
        try (Engine engine = wire.open(connection.config());
                Stream stream = engine.connect(null, 0, WireOptions.address("ADDRESS", host), WireOptions.port(port),
                        connection.config(), timeout)) {
            boolean bar = !json && Progress.isTerminal();
            FileTransfer.Result result = FileTransfer.send(file, stream.inputStream(), stream.outputStream(),
                    header -> new Progress(spec.commandLine().getErr(), header.length(), bar));
            StreamInfo info = stream.info();
            spec.commandLine().getOut().println(json ? FileReport.json(result, info) : FileReport.text(result, info));
            return Braid.SUCCESS;
        } catch (IOException problem) {
            return Talk.failed(spec, problem);
        }
    }
}
