package net.braid.conformance.kernel;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assertions;

/**
 * A host with two uplinks to a router, in network namespaces of their own:
 *
 * <pre>
 *   host  up1 10.1.0.2 --- 10.1.0.1  rt1  router  203.0.113.1, 2001:db8::1
 *         up2 10.2.0.2 --- 10.2.0.1  rt2
 * </pre>
 *
 * fd01:1::/64 and fd01:2::/64 beside them.
 */
final class UplinkLab {
    static final String SERVER_V4 = "203.0.113.1";
    static final String SERVER_V6 = "2001:db8::1";
    static final int ECHO_PORT = 7007;
    private static final String PREFIX = "braidup";

    /** What a program said; both of its outputs. */
    record Said(int code, String out, String err) {
        Said must() {
            Assertions.assertEquals(0, code, out + err);
            return this;
        }
    }

    final String host = PREFIX + "h" + ProcessHandle.current().pid();
    final String router = PREFIX + "r" + ProcessHandle.current().pid();
    final Path state;
    private final Path probe;
    private final List<Process> running = new ArrayList<>();

    UplinkLab(Path folder) throws IOException, InterruptedException {
        state = folder.resolve("state");
        probe = folder.resolve("probe.py");
        try (InputStream script = UplinkLab.class.getResourceAsStream("/kernel/probe.py")) {
            Files.copy(script, probe);
        }
        sweep();
        build();
    }

    /** Why this machine cannot run the lab, in a sentence; empty when it can. */
    static Optional<String> obstacle() {
        try {
            if (!"root".equals(System.getProperty("user.name"))) {
                return Optional.of("network namespaces need root");
            }
            if (!Files.exists(Path.of("/dev/net/tun"))) {
                return Optional.of("there is no /dev/net/tun");
            }
            for (List<String> program : List.of(List.of("ip", "-V"), List.of("nft", "--version"),
                    List.of("python3", "--version"), List.of("setpriv", "--version"))) {
                if (run(program).code() != 0) {
                    return Optional.of(program.getFirst() + " does not run");
                }
            }
            String name = PREFIX + "t" + ProcessHandle.current().pid();
            Said made = run(List.of("ip", "netns", "add", name));
            run(List.of("ip", "netns", "del", name));
            return made.code() == 0 ? Optional.empty() : Optional.of("ip netns add: " + made.err().strip());
        } catch (IOException missing) {
            return Optional.of(String.valueOf(missing.getMessage()));
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return Optional.of("interrupted");
        }
    }

    /** Namespaces of runs that were killed. */
    private static void sweep() throws IOException, InterruptedException {
        for (String line : run(List.of("ip", "netns", "list")).out().lines().toList()) {
            String name = line.split(" ")[0];
            if (name.matches(PREFIX + "[hrt][0-9]+")) {
                long pid = Long.parseLong(name.substring(PREFIX.length() + 1));
                if (pid == ProcessHandle.current().pid() || ProcessHandle.of(pid).isEmpty()) {
                    run(List.of("ip", "netns", "del", name));
                }
            }
        }
    }

    private void build() throws IOException, InterruptedException {
        for (String name : List.of(host, router)) {
            run(List.of("ip", "netns", "add", name)).must();
            in(name, "ip", "link", "set", "lo", "up").must();
        }
        in(router, "ip", "addr", "add", SERVER_V4 + "/32", "dev", "lo").must();
        in(router, "ip", "addr", "add", SERVER_V6 + "/128", "dev", "lo").must();
        for (int i = 1; i <= 2; i++) {
            in(host, "ip", "link", "add", "up" + i, "type", "veth", "peer", "name", "rt" + i, "netns", router).must();
            addresses(host, "up" + i, i, 2);
            addresses(router, "rt" + i, i, 1);
        }
        for (int i = 1; i <= 2; i++) {
            in(host, "ip", "route", "add", "default", "via", "10." + i + ".0.1", "dev", "up" + i, "metric",
                    "" + 100 * i).must();
            in(host, "ip", "-6", "route", "add", "default", "via", "fd01:" + i + "::1", "dev", "up" + i, "metric",
                    "" + 1000 * i).must();
        }
    }

    private void addresses(String namespace, String device, int network, int number)
            throws IOException, InterruptedException {
        // No link-local addresses: they come by themselves and late, and make two snapshots differ.
        in(namespace, "ip", "link", "set", device, "addrgenmode", "none").must();
        in(namespace, "ip", "addr", "add", "10." + network + ".0." + number + "/24", "dev", device).must();
        in(namespace, "ip", "-6", "addr", "add", "fd01:" + network + "::" + number + "/64", "dev", device, "nodad")
                .must();
        in(namespace, "ip", "link", "set", device, "up").must();
    }

    // ---- programs

    static Said run(List<String> command) throws IOException, InterruptedException {
        return said(new ProcessBuilder(command).start());
    }

    private static Said said(Process process) throws IOException, InterruptedException {
        process.getOutputStream().close();
        StringBuilder err = new StringBuilder();
        Thread drain = Thread.ofVirtual().start(() -> {
            try {
                err.append(new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8));
            } catch (IOException gone) {
                err.append(gone.getMessage());
            }
        });
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        int code = process.waitFor();
        drain.join();
        return new Said(code, out, err.toString());
    }

    Said in(String namespace, String... command) throws IOException, InterruptedException {
        return run(entering(namespace, List.of(command)));
    }

    private static List<String> entering(String namespace, List<String> command) {
        List<String> whole = new ArrayList<>(List.of("ip", "netns", "exec", namespace));
        whole.addAll(command);
        return whole;
    }

    private static List<String> braidCommand(List<String> arguments) {
        String path = System.getProperty("java.class.path") + File.pathSeparator
                + System.getProperty("jdk.module.path", "");
        List<String> command = new ArrayList<>(List.of(System.getProperty("java.home") + "/bin/java", "-ea",
                "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData",
                "--enable-native-access=ALL-UNNAMED", "-cp", path, "net.braid.cli.Braid"));
        command.addAll(arguments);
        return command;
    }

    private ProcessBuilder builder(List<String> command) {
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("BRAID_STATE", state.toString());
        return builder;
    }

    /** The command in the host's namespace. */
    Said braid(String... arguments) throws IOException, InterruptedException {
        return said(builder(entering(host, braidCommand(List.of(arguments)))).start());
    }

    /** The same, without any privilege. */
    Said braidWithoutPrivilege(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("setpriv", "--bounding-set=-all", "--inh-caps=-all"));
        command.addAll(braidCommand(List.of(arguments)));
        return said(builder(entering(host, command)).start());
    }

    /** The same, not waited for. The process is the command itself: killing it kills the command. */
    Process startBraid(String... arguments) throws IOException {
        Process process = builder(entering(host, braidCommand(List.of(arguments))))
                .redirectErrorStream(true).start();
        running.add(process);
        return process;
    }

    /** Starts a peer of the kernel on the router, that speaks Multipath TCP and reads what comes. */
    void startSink(int port) throws IOException, InterruptedException {
        Path script = probe.resolveSibling("bytes.py");
        try (InputStream source = UplinkLab.class.getResourceAsStream("/kernel/bytes.py")) {
            Files.copy(source, script);
        }
        in(router, "ip", "mptcp", "limits", "set", "subflows", "8", "add_addr_accepted", "8").must();
        Process process = new ProcessBuilder(entering(router, List.of("python3", script.toString(), "sink", "" + port,
                "0"))).redirectErrorStream(true).start();
        running.add(process);
        Assertions.assertEquals("listening", process.inputReader().readLine());
    }

    /** A counter of the router, under the name of nstat. */
    long counter(String name) throws IOException, InterruptedException {
        return in(router, "nstat", "-asz", name).must().out().lines().filter(line -> line.startsWith(name + " "))
                .mapToLong(line -> Long.parseLong(line.split("\\s+")[1])).findFirst().orElseThrow();
    }

    // ---- packets

    /** Starts a server on the router that answers a datagram with its sender's address. */
    void startEcho(String address) throws IOException {
        startProbe(router, "echo", address, "" + ECHO_PORT);
    }

    /** Returns when it says that it is ready; what it says later is to be read from the reader. */
    BufferedReader startProbe(String namespace, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of("python3", probe.toString()));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(entering(namespace, command)).redirectErrorStream(true).start();
        running.add(process);
        BufferedReader lines = new BufferedReader(
                new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        Assertions.assertEquals("ready", lines.readLine());
        return lines;
    }

    /** Sends a datagram from a TUN device in the host's namespace, and says what came back. */
    String ask(String source, String destination, int size) throws IOException, InterruptedException {
        return probe(host, "ask", "braid0", source, destination, "" + ECHO_PORT, "" + size);
    }

    String probe(String namespace, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("python3", probe.toString()));
        command.addAll(List.of(arguments));
        return run(entering(namespace, command)).must().out().strip();
    }

    String probeAsNobody(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("setpriv", "--reuid", "65534", "--regid", "65534",
                "--clear-groups", "env", "PATH=/usr/local/bin:/usr/bin:/bin", "python3", "-"));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(entering(host, command));
        Process process = builder.redirectInput(probe.toFile()).start();
        return said(process).must().out().strip();
    }

    // ---- what there is

    /** All that braid up could have changed. */
    String snapshot() throws IOException, InterruptedException {
        StringBuilder all = new StringBuilder();
        for (String command : List.of("ip -4 rule", "ip -6 rule", "ip -4 route show table all",
                "ip -6 route show table all", "nft list ruleset", "ip -br link", "ip -br address",
                "find /proc/sys/net/ipv4 /proc/sys/net/ipv6 /proc/sys/net/netfilter -type f ( -name *forward* -o -name "
                        + "rp_filter -o -name accept_ra -o -name *liberal -o -name accept_redirects -o -name "
                        + "send_redirects ) -exec grep -H . {} +")) {
            all.append("== ").append(command).append('\n');
            in(host, command.split(" ")).out().lines().map(line -> line.replaceAll(" expires [0-9]+sec", "")).sorted()
                    .forEach(line -> all.append(line).append('\n'));
        }
        return all.toString();
    }

    void remove() throws IOException, InterruptedException {
        for (Process process : running) {
            process.destroyForcibly();
            process.waitFor(5, TimeUnit.SECONDS);
        }
        run(List.of("ip", "netns", "del", host));
        run(List.of("ip", "netns", "del", router));
    }
}
