package net.braid.cli;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import net.braid.mptcp.ConnectionConfig;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Shows the engine at work: a file over Wi-Fi and 3G at once, Wi-Fi dies and comes back, and nobody notices. */
@Command(name = "demo",
        description = {"Send a file over two emulated networks at once, one of which dies on the way.", "",
            "Two hosts in a simulator, one Multipath TCP connection, no root. Watch it live; at the end there are a "
                + "verdict, a report for the browser and a capture for Wireshark."},
        mixinStandardHelpOptions = true,
        usageHelpWidth = 110,
        footer = {"",
            "A PATH is wifi, 3g, lte, dsl, ethernet or satellite, alone or with changes (3g:loss=1%%), or your own:",
            "  lab:rate=50mbit,rtt=30ms,queue=100ms,loss=0.1%%,jitter=5ms",
            "An EVENT is TIME:PATH:WHAT; WHAT is down, up, leave, return, or a change of the path (5s:3g:rate=1mbit).",
            "",
            "Exit code 0 when every byte arrived as it was sent, 1 when not, 2 when the arguments were wrong."})
final class Demo implements Callable<Integer> {
    private static final long FRAME_NANOS = 100_000_000;
    /** After this time of the world the transfer is given up. */
    private static final long LONGEST_NANOS = 3_600_000_000_000L;
    private static final int MOST_PATHS = 8;
    private static final long USUAL_BYTES = 16_000_000;
    /** For the last acknowledgments. */
    private static final long LAST_WORDS_NANOS = 500_000_000;
    /** Plain TCP may take ten minutes, and twenty times as long as Multipath TCP. */
    private static final long COMPARED_NANOS = 600_000_000_000L;
    private static final long COMPARED_TIMES = 20;

    @Spec
    private CommandSpec spec;

    @Option(names = "--file", paramLabel = "FILE", description = "Send this file (default: random bytes).")
    private Path file;

    @Option(names = {"--size", "--bytes"}, converter = Quantity.Size.class, paramLabel = "SIZE",
            description = "How many random bytes (default: 16MB).")
    private Long size;

    @Option(names = "--path", paramLabel = "PATH", converter = DemoPath.Converter.class,
            description = "One path; may be repeated (default: wifi and 3g). The first one is connected first.")
    private List<DemoPath> paths = List.of(DemoPath.WIFI, DemoPath.THREE_G);

    @Option(names = "--at", paramLabel = "EVENT", converter = DemoEvent.Converter.class,
            description = "Something that happens; may be repeated (default: the first path goes down and comes back).")
    private List<DemoEvent> events;

    @Option(names = "--steady", description = "Nothing happens to the paths.")
    private boolean steady;

    @Option(names = "--scheduler", paramLabel = "NAME", defaultValue = "default",
            description = "Packet scheduler (default: ${DEFAULT-VALUE}).")
    private String scheduler;

    @Option(names = "--congestion", paramLabel = "NAME", defaultValue = "cubic",
            description = "Congestion control (default: ${DEFAULT-VALUE}).")
    private String congestion;

    @Option(names = "--path-manager", paramLabel = "NAME", defaultValue = "fullmesh",
            description = "Path manager (default: ${DEFAULT-VALUE}).")
    private String pathManager;

    @Option(names = "--mptcp-version", paramLabel = "0|1", defaultValue = "1",
            description = "Version of Multipath TCP (default: ${DEFAULT-VALUE}).")
    private int version;

    @Option(names = "--checksum", description = "Protect the mappings with DSS checksums.")
    private boolean checksum;

    @Option(names = "--buffer", paramLabel = "SIZE", converter = Quantity.Size.class,
            description = "Fix the receive buffer (default: tuned by need).")
    private Long buffer;

    @Option(names = "--seed", paramLabel = "N", defaultValue = "1",
            description = "Decides everything that is random (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Option(names = "--output", paramLabel = "DIR", defaultValue = "braid-demo",
            description = "Folder of report.html and demo.pcapng; made when missing (default: ${DEFAULT-VALUE}).")
    private Path output;

    @Option(names = "--compare", description = "Run plain TCP over the first path alone too, and show both.")
    private boolean compare;

    @Option(names = "--fast", description = "Do not wait for the clock: run as fast as the machine can.")
    private boolean fast;

    @Option(names = "--json", description = "Print the verdict as JSON, and no picture; fast.")
    private boolean json;

    @Override
    public Integer call() throws InterruptedException {
        DemoSettings settings = settings();
        check(settings);
        try {
            return run(settings);
        } catch (UncheckedIOException e) {
            return failed(e.getCause());
        } catch (IOException e) {
            return failed(e);
        }
    }

    private int failed(IOException e) {
        spec.commandLine().getErr().println("braid: reading or writing failed: " + e.getMessage());
        return Braid.FAILED;
    }

    // ---- arguments

    private DemoSettings settings() {
        long bytes = file == null ? size == null ? USUAL_BYTES : size : sizeOf(file);
        if (file != null && size != null) {
            throw wrong("--size is for random bytes; with --file the file decides");
        }
        if (bytes < 1) {
            throw wrong(file == null ? "--size must be at least 1B" : "--file " + file + " is empty");
        }
        if (paths.size() > MOST_PATHS) {
            throw wrong("there can be at most " + MOST_PATHS + " paths");
        }
        Set<String> names = new LinkedHashSet<>();
        for (DemoPath path : paths) {
            if (!names.add(path.name())) {
                throw wrong("two paths are called '" + path.name() + "'");
            }
        }
        if (version != 0 && version != 1) {
            throw wrong("--mptcp-version is 0 or 1");
        }
        if (buffer != null && (buffer < 1 || buffer > ConnectionConfig.LARGEST_BUFFER)) {
            throw wrong("--buffer must be between 256B and " + Quantity.exactSize(ConnectionConfig.LARGEST_BUFFER));
        }
        return new DemoSettings(file, bytes, List.copyOf(paths), events(names, bytes), true, version, checksum,
                pathManager, scheduler, congestion, buffer == null ? 0 : buffer.intValue(), seed);
    }

    private List<DemoEvent> events(Set<String> names, long bytes) {
        if (steady && events != null) {
            throw wrong("--steady and --at contradict each other");
        }
        if (events == null) {
            return steady ? List.of() : DemoSettings.usualEvents(paths, bytes);
        }
        for (DemoEvent event : events) {
            if (!names.contains(event.path())) {
                throw wrong("--at " + event + ": the paths are " + String.join(", ", names));
            }
        }
        return events.stream().sorted(Comparator.comparingLong(DemoEvent::timeNanos)).toList();
    }

    private static long sizeOf(Path file) {
        if (!Files.isRegularFile(file) || !Files.isReadable(file)) {
            throw new UserError("--file " + file + ": " + (Files.isDirectory(file) ? "that is a folder"
                    : Files.exists(file) ? "it cannot be read" : "there is no such file"));
        }
        return file.toFile().length();
    }

    private ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    /** A world on trial, for what only the engine knows: names of policies, ranges. */
    private void check(DemoSettings settings) {
        try (DemoWorld trial = new DemoWorld(settings, null, null)) {
            assert trial.now() == 0;
        } catch (IllegalArgumentException unfit) {
            throw new ParameterException(spec.commandLine(), unfit.getMessage(), unfit);
        }
    }

    private void makeOutput() {
        try {
            Files.createDirectories(output);
        } catch (IOException e) {
            throw new UserError("--output " + output + ": "
                    + (Files.exists(output) ? "that is no folder" : "the folder cannot be made"));
        }
        if (!Files.isWritable(output)) {
            throw new UserError("--output " + output + ": nothing may be written there");
        }
    }

    // ---- the run

    private int run(DemoSettings settings) throws IOException, InterruptedException {
        makeOutput();
        Path capture = output.resolve("demo.pcapng");
        Path report = output.resolve("report.html");
        PrintWriter out = spec.commandLine().getOut();
        try (InputStream input = input(settings); OutputStream copy = copy(settings);
                DemoWorld world = new DemoWorld(settings, input, copy);
                DemoPicture picture = json ? null : new DemoPicture(out, world, DemoPicture.isTerminal())) {
            try (DemoCapture recording = new DemoCapture(capture, world)) {
                drive(world, picture);
                recording.flush();
            }
            DemoRun main = new DemoRun(settings, world.trace(), DemoVerdict.of(world));
            DemoRun plain = compare ? runPlain(settings.plain(), main) : null;
            Files.writeString(report, new DemoReport(main, plain).html());
            if (json) {
                out.println(json(main.verdict(), plain));
            } else {
                picture.verdict(main.verdict(), plain == null ? null : plain.verdict());
                out.println();
                out.println("report    " + report + "    open it in a browser");
                out.println("capture   " + capture + "    open it in Wireshark");
                if (copy != null) {
                    out.println("copy      " + copyOf(settings));
                }
            }
            out.flush();
            return main.verdict().complete() ? Braid.SUCCESS : Braid.FAILED;
        }
    }

    private static InputStream input(DemoSettings settings) throws IOException {
        return settings.file() == null ? null
                : new BufferedInputStream(Files.newInputStream(settings.file()), 1 << 16);
    }

    /** What the server has received, when a file was sent. */
    private OutputStream copy(DemoSettings settings) throws IOException {
        return settings.file() == null ? null
                : new BufferedOutputStream(Files.newOutputStream(copyOf(settings)), 1 << 16);
    }

    private Path copyOf(DemoSettings settings) {
        return output.resolve("received-" + settings.file().getFileName());
    }

    /** Real time: the world's clock follows ours. Fast: it leaps. */
    private void drive(DemoWorld world, DemoPicture picture) throws InterruptedException {
        long began = System.nanoTime();
        while (!world.isOver() && world.now() < LONGEST_NANOS) {
            if (fast || json) {
                world.advanceTo(world.now() + FRAME_NANOS);
            } else {
                Thread.sleep(FRAME_NANOS / 1_000_000);
                world.advanceTo(System.nanoTime() - began);
            }
            if (picture != null) {
                picture.frame();
            }
        }
        world.advanceTo(world.now() + LAST_WORDS_NANOS);
        if (picture != null) {
            picture.frame();
        }
    }

    private static DemoRun runPlain(DemoSettings settings, DemoRun main) throws IOException {
        try (InputStream input = input(settings); DemoWorld world = new DemoWorld(settings, input, null)) {
            long limit = Math.max(COMPARED_NANOS, COMPARED_TIMES * main.verdict().nanos());
            while (!world.isOver() && world.now() < limit) {
                world.advanceTo(world.now() + FRAME_NANOS);
            }
            return new DemoRun(settings, world.trace(), DemoVerdict.of(world));
        }
    }

    private String json(DemoVerdict verdict, DemoRun plain) {
        String text = verdict.json();
        return plain == null ? text
                : text.substring(0, text.length() - 1) + ", \"plainTcp\": " + plain.verdict().json() + "}";
    }
}
