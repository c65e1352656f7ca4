package net.braid.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.Callable;
import net.braid.wire.IpAddress;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Gives the stack one address for each uplink. */
@Command(name = "up",
        description = "Give the stack one address for each uplink: a TUN device, routes by source, translation.",
        mixinStandardHelpOptions = true,
        footer = {"", "Run it again after a change, or let it watch; 'braid down' removes everything. Needs root."})
final class UpCommand implements Callable<Integer> {
    private static final int LARGEST_MTU = 65_535;
    private static final int SMALLEST_MTU = 576;

    @Spec
    private CommandSpec spec;

    @Mixin
    private UplinkOptions options;

    @Option(names = {"-o", "--over"}, paramLabel = "INTERFACE", split = ",",
            description = "The uplinks, in the order of their addresses.")
    private List<String> over = new ArrayList<>();

    @Option(names = "--gateway", paramLabel = "INTERFACE=ADDRESS",
            description = "The router behind an uplink that has no default route of its own.")
    private List<String> gateways = new ArrayList<>();

    @Option(names = "--address", paramLabel = "ADDRESS", split = ",",
            description = "An address of the stack that is routed to this host: no translation. One for each uplink "
                    + "and family; without --over the host's own routes decide.")
    private List<String> addresses = new ArrayList<>();

    @Option(names = "--prefix", paramLabel = "PREFIX", split = ",",
            description = "Where the stack's addresses are chosen from (default: a free /24 of 198.19.0.0/16 and a "
                    + "free /64 of fd62:7261:6964::/48).")
    private List<String> prefixes = new ArrayList<>();

    @Option(names = "--ports", paramLabel = "PORTS", split = ",",
            description = "TCP ports of the uplinks' addresses that are forwarded to the stack, as 5201 or 8000-8010.")
    private List<String> ports = new ArrayList<>();

    @Option(names = {"-u", "--user"}, paramLabel = "USER", defaultValue = "",
            description = "Who may attach to the device without privilege.")
    private String user;

    @Option(names = "--mtu", paramLabel = "BYTES", defaultValue = "0",
            description = "MTU of the device (default: the largest of the uplinks).")
    private int mtu;

    @Option(names = {"-4", "--ipv4-only"}, description = "No IPv6.")
    private boolean v4Only;

    @Option(names = {"-6", "--ipv6-only"}, description = "No IPv4.")
    private boolean v6Only;

    @Option(names = {"-w", "--watch"},
            description = "Stay, and follow the uplinks when their addresses and routes change.")
    private boolean watch;

    @Option(names = "--dry-run", description = "Print what would be done, as shell commands, and do nothing.")
    private boolean dryRun;

    @Override
    public Integer call() throws InterruptedException {
        UplinkRequest request = request();
        try {
            if (dryRun) {
                UplinkWork.Outcome outcome = UplinkWork.look(request.name(), options.folder()).plan(request);
                outcome.steps().forEach(spec.commandLine().getOut()::println);
                spec.commandLine().getOut().flush();
                return Braid.SUCCESS;
            }
            UplinkWork.Outcome outcome = converge(request);
            report(outcome);
            if (watch) {
                UplinkWatch.run(spec.commandLine().getOut(), spec.commandLine().getErr(), () -> follow(request));
            }
            return Braid.SUCCESS;
        } catch (IOException problem) {
            return Talk.failed(spec, problem);
        }
    }

    private UplinkWork.Outcome converge(UplinkRequest request) throws IOException {
        try (UplinkWork work = UplinkWork.begin("up", request.name(), options.folder())) {
            return work.up(request);
        }
    }

    /** Null when it was taken down. */
    private UplinkWork.Outcome follow(UplinkRequest request) throws IOException {
        try (UplinkWork work = UplinkWork.begin("up", request.name(), options.folder())) {
            return work.state().isPresent() ? work.up(request) : null;
        }
    }

    private UplinkRequest request() {
        check(!over.isEmpty() || !addresses.isEmpty(), "name the uplinks with --over");
        check(over.size() <= UplinkSetup.MOST_UPLINKS, "at most " + UplinkSetup.MOST_UPLINKS + " uplinks");
        check(new HashSet<>(over).size() == over.size(), "--over names an interface twice");
        check(!v4Only || !v6Only, "--ipv4-only and --ipv6-only exclude each other");
        check(mtu == 0 || mtu >= SMALLEST_MTU && mtu <= LARGEST_MTU,
                "--mtu must be in " + SMALLEST_MTU + ".." + LARGEST_MTU);
        check(addresses.isEmpty() || prefixes.isEmpty(), "--address and --prefix exclude each other");
        check(addresses.isEmpty() || ports.isEmpty(),
                "--ports are forwarded by translation, which --address turns off");
        List<IpAddress> own = addresses.stream().map(text -> WireOptions.address("--address", text)).toList();
        check(new HashSet<>(own).size() == own.size(), "--address names an address twice");
        return new UplinkRequest(options.name(), List.copyOf(over),
                gateways.stream().map(text -> read("--gateway", text, UplinkRequest.Gateway::parse)).toList(), own,
                prefixes.stream().map(text -> read("--prefix", text, IpPrefix::parse)).toList(), user,
                ports.stream().map(UpCommand::ports).toList(), mtu, !v6Only, !v4Only);
    }

    private interface Reader<T> {
        T read(String text);
    }

    private static <T> T read(String option, String text, Reader<T> reader) {
        try {
            return reader.read(text);
        } catch (IllegalArgumentException wrong) {
            throw new UserError(option + " " + text + ": " + wrong.getMessage());
        }
    }

    /** One port or a range, as nftables writes it. */
    private static String ports(String text) {
        String[] ends = text.split("-", -1);
        try {
            int first = Integer.parseInt(ends[0]);
            int last = Integer.parseInt(ends[ends.length - 1]);
            if (ends.length <= 2 && first >= 1 && first <= last && last <= 65_535) {
                return first == last ? ends[0] : first + "-" + last;
            }
        } catch (NumberFormatException wrong) {
            // Said below.
        }
        throw new UserError("--ports " + text + ": ports are 1 to 65535, ranges as 8000-8010");
    }

    private void check(boolean holds, String message) {
        if (!holds) {
            throw new ParameterException(spec.commandLine(), message);
        }
    }

    private void report(UplinkWork.Outcome outcome) {
        PrintWriter out = spec.commandLine().getOut();
        UplinkState state = outcome.setup().state().completed();
        if (options.json) {
            out.println("{" + state.members() + ", \"changed\": " + !outcome.steps().isEmpty() + "}");
        } else {
            out.println(state.name() + (outcome.steps().isEmpty() ? " was up already" : " is up")
                    + ", MTU " + state.mtu());
            UplinkText.paths(state).forEach(out::println);
        }
        out.flush();
        outcome.setup().warnings().forEach(line -> spec.commandLine().getErr().println("braid: note: " + line));
        spec.commandLine().getErr().flush();
    }
}
