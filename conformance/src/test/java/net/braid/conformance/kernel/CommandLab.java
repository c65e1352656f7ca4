package net.braid.conformance.kernel;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Assertions;

/**
 * A host whose kernel speaks Multipath TCP, and a host that forwards to a TUN device for commands of ours:
 *
 * <pre>
 *   kernel  10.1.0.1 --- 10.1.0.254  host  10.11.0.2 (TUN)
 *           10.2.0.1 --- 10.2.0.254        10.12.0.2
 *           10.3.0.1 --- b3  a third host without addresses
 *           10.4.0.1 --- b4
 * </pre>
 */
final class CommandLab {
    static final String LOCALS = "10.11.0.2,10.12.0.2";
    static final String SERVER = "10.1.0.1";

    private static final String PREFIX = "braidcmd";
    private static final long PID = ProcessHandle.current().pid();

    final String device = "bc" + PID % 10_000_000;
    private final String kernel = PREFIX + "k" + PID;
    private final String host = PREFIX + "h" + PID;
    private final String bare = PREFIX + "e" + PID;
    private final Path script;
    private final List<Process> running = new ArrayList<>();

    /** What a program said, both outputs as one, and its exit code. */
    record Said(int code, String text) {
    }

    CommandLab(Path folder) throws IOException, InterruptedException {
        script = folder.resolve("bytes.py");
        try (InputStream source = CommandLab.class.getResourceAsStream("/kernel/bytes.py")) {
            Files.copy(source, script);
        }
        sweep();
        must("ip netns add " + kernel);
        must("ip netns add " + host);
        for (int i = 1; i <= 2; i++) {
            must("ip link add k" + i + " netns " + kernel + " type veth peer name b" + i + " netns " + host);
            must("ip -n " + kernel + " addr add 10." + i + ".0.1/24 dev k" + i);
            must("ip -n " + host + " addr add 10." + i + ".0.254/24 dev b" + i);
            must("ip -n " + kernel + " link set k" + i + " up");
            must("ip -n " + host + " link set b" + i + " up");
            must("ip -n " + kernel + " route add 10.1" + i + ".0.0/24 via 10." + i + ".0.254");
        }
        must("ip -n " + kernel + " link set lo up");
        must("ip -n " + host + " tuntap add dev " + device + " mode tun");
        must("ip -n " + host + " addr add 10.99.0.1/32 dev " + device);
        must("ip -n " + host + " link set " + device + " up txqueuelen 2000");
        for (int i = 1; i <= 2; i++) {
            must("ip -n " + host + " route add 10.1" + i + ".0.2/32 dev " + device);
            must("ip -n " + host + " rule add from 10.1" + i + ".0.2 lookup 10" + i);
            must("ip -n " + host + " route add default via 10." + i + ".0.1 table 10" + i);
        }
        for (String name : List.of("all", "default", device, "b1", "b2")) {
            must("ip netns exec " + host + " sysctl -qw net.ipv4.conf." + name + ".rp_filter=0");
        }
        must("ip netns exec " + host + " sysctl -qw net.ipv4.ip_forward=1");
        for (String name : List.of("all", "k1", "k2")) {
            must("ip netns exec " + kernel + " sysctl -qw net.ipv4.conf." + name + ".rp_filter=0");
        }
        bare();
        must("ip -n " + kernel + " mptcp limits set subflow 8 add_addr_accepted 8");
    }

    /** A host of two interfaces that its kernel has no addresses on and forwards nothing for. */
    private void bare() throws IOException, InterruptedException {
        must("ip netns add " + bare);
        for (int i = 3; i <= 4; i++) {
            must("ip link add k" + i + " netns " + kernel + " type veth peer name b" + i + " netns " + bare);
            must("ip -n " + kernel + " addr add 10." + i + ".0.1/24 dev k" + i);
            must("ip -n " + kernel + " link set k" + i + " up");
            must("ip -n " + bare + " link set b" + i + " up");
            must("ip netns exec " + kernel + " sysctl -qw net.ipv4.conf.k" + i + ".rp_filter=0");
        }
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
            Path enabled = Path.of("/proc/sys/net/mptcp/enabled");
            if (!Files.exists(enabled) || !Files.readString(enabled).strip().equals("1")) {
                return Optional.of("the kernel does not speak Multipath TCP (net.mptcp.enabled)");
            }
            for (String program : List.of("ip -V", "python3 --version", "nstat -V", "sysctl -V")) {
                if (run(List.of(program.split(" "))).code() != 0) {
                    return Optional.of(program.split(" ")[0] + " does not run");
                }
            }
            String name = PREFIX + "t" + PID;
            Said made = run(List.of("ip", "netns", "add", name));
            run(List.of("ip", "netns", "del", name));
            return made.code() == 0 ? Optional.empty() : Optional.of("ip netns add: " + made.text().strip());
        } catch (IOException missing) {
            return Optional.of(String.valueOf(missing.getMessage()));
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return Optional.of("interrupted");
        }
    }

    /** Namespaces of runs that were killed. */
    private static void sweep() throws IOException, InterruptedException {
        for (String line : run(List.of("ip", "netns", "list")).text().lines().toList()) {
            String name = line.split(" ")[0];
            if (name.matches(PREFIX + "[khet][0-9]+")
                    && ProcessHandle.of(Long.parseLong(name.substring(PREFIX.length() + 1))).isEmpty()) {
                run(List.of("ip", "netns", "del", name));
            }
        }
    }

    private static Said run(List<String> command) throws IOException, InterruptedException {
        return said(new ProcessBuilder(command).redirectErrorStream(true).start());
    }

    private static void must(String command) throws IOException, InterruptedException {
        Said said = run(List.of(command.split(" ")));
        Assertions.assertEquals(0, said.code(), command + ": " + said.text());
    }

    /** Waits for the end of a program. */
    static Said said(Process process) throws IOException, InterruptedException {
        process.getOutputStream().close();
        String text = new String(process.getInputStream().readAllBytes());
        return new Said(process.waitFor(), text);
    }

    /** Starts a peer of the kernel and waits until it listens; it prints what each connection carried. */
    BufferedReader peer(String mode, int port, long bytes) throws IOException {
        Process process = start(kernel, List.of("python3", script.toString(), mode, "" + port, "" + bytes));
        BufferedReader out = process.inputReader();
        Assertions.assertEquals("listening", out.readLine());
        return out;
    }

    /** Starts a command of ours on the device. */
    Process braid(String... arguments) throws IOException {
        return braidIn(host, arguments);
    }

    /** The same, for a command that has little to do. */
    Process briefly(String... arguments) throws IOException {
        return start(host, command(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"), arguments));
    }

    /** Starts a command of ours where it can have addresses of its own on b3 and b4. */
    Process braidOnInterfaces(String... arguments) throws IOException {
        return braidIn(bare, arguments);
    }

    private Process braidIn(String namespace, String... arguments) throws IOException {
        return start(namespace, command(List.of("-ea", "-XX:+UseSerialGC"), arguments));
    }

    private static List<String> command(List<String> options, String... arguments) {
        String path = System.getProperty("java.class.path") + File.pathSeparator
                + System.getProperty("jdk.module.path", "");
        List<String> command = new ArrayList<>(List.of(System.getProperty("java.home") + "/bin/java"));
        command.addAll(options);
        command.addAll(List.of("-XX:-UsePerfData", "--enable-native-access=ALL-UNNAMED", "-cp", path,
                "net.braid.cli.Braid"));
        command.addAll(List.of(arguments));
        return command;
    }

    private Process start(String namespace, List<String> command) throws IOException {
        List<String> whole = new ArrayList<>(List.of("ip", "netns", "exec", namespace));
        whole.addAll(command);
        Process process = new ProcessBuilder(whole).redirectErrorStream(true).start();
        running.add(process);
        return process;
    }

    /** A client of the kernel that connects by Multipath TCP, and sends a little ten times a second. */
    Process dribble(String address, int port) throws IOException {
        return start(kernel, List.of("python3", script.toString(), "dribble", "" + port, address));
    }

    /** What {@code ip} says and does in the host that our commands run in. */
    Said ip(String... words) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("ip", "-n", host));
        command.addAll(List.of(words));
        return run(command);
    }

    /** A counter of the kernel host, under the name of nstat. */
    long counter(String name) throws IOException, InterruptedException {
        String text = run(List.of("ip", "netns", "exec", kernel, "nstat", "-asz", name)).text();
        return text.lines().filter(line -> line.startsWith(name + " "))
                .mapToLong(line -> Long.parseLong(line.split("\\s+")[1])).findFirst().orElseThrow();
    }

    void close() throws IOException, InterruptedException {
        for (Process process : running) {
            process.destroyForcibly();
            process.waitFor();
        }
        run(List.of("ip", "netns", "del", host));
        run(List.of("ip", "netns", "del", bare));
        run(List.of("ip", "netns", "del", kernel));
    }
}
