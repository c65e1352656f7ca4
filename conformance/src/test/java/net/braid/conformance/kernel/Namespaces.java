package net.braid.conformance.kernel;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Three hosts in network namespaces: the kernel's, a router, and ours. There are as many paths as asked for, 1 to 4;
 * for path i, with IPv6 beside it (fd10:i::2, fd20:i::2, fd30:i::1):
 *
 * <pre>
 *   kernel              router                 ours
 *   k_i  10.1i.0.2 ---- rk_i      rb_i ---- b_i  10.2i.0.2      behind it, or on b_i itself: 10.3i.0.1
 *        10.1i.0.1 at rk_i      10.2i.0.1 at rb_i
 * </pre>
 *
 * What comes from an address leaves by that address's own path. Both ends do without offloads unless asked
 * otherwise, so that what the router sees are packets as on a cable.
 */
final class Namespaces implements AutoCloseable {
    private static final String PREFIX = "braidi";
    private static final Pattern OURS = Pattern.compile(PREFIX + "[krb]([0-9]+)x[0-9]+");
    private static final AtomicInteger NUMBERS = new AtomicInteger();

    final String kernel;
    final String router;
    final String ours;
    final int paths;

    /**
     * @param tun the device in our host that our addresses are routed to, or null: they are the host's own, for a
     *     kernel in our place
     */
    Namespaces(int paths, String tun, boolean offloads) {
        this(paths, tun, offloads, false);
    }

    /** @param cut each path is cut between router and us: {@code braid emulate} must join x_i and y_i */
    Namespaces(int paths, String tun, boolean offloads, boolean cut) {
        sweep();
        this.paths = paths;
        String end = ProcessHandle.current().pid() + "x" + NUMBERS.incrementAndGet();
        kernel = PREFIX + "k" + end;
        router = PREFIX + "r" + end;
        ours = PREFIX + "b" + end;
        try {
            build(tun, offloads, cut);
        } catch (RuntimeException | Error problem) {
            close();
            throw problem;
        }
    }

    static String kernelAddress(int path, boolean ipv6) {
        return ipv6 ? "fd10:" + path + "::2" : "10.1" + path + ".0.2";
    }

    static String ourAddress(int path, boolean ipv6) {
        return ipv6 ? "fd30:" + path + "::1" : "10.3" + path + ".0.1";
    }

    /** Why this machine cannot run such tests, in a sentence; empty when it can. */
    static Optional<String> obstacle() {
        if (!"root".equals(System.getProperty("user.name"))) {
            return Optional.of("network namespaces need root");
        }
        if (!Files.exists(Path.of("/dev/net/tun"))) {
            return Optional.of("there is no /dev/net/tun");
        }
        if (!Files.exists(Path.of("/proc/sys/net/mptcp/enabled"))) {
            return Optional.of("this kernel has no Multipath TCP");
        }
        for (String program : List.of("ip", "tc", "nft", "nstat", "ss", "python3", "ethtool", "dumpcap", "tshark")) {
            if (Shell.run("sh", "-c", "command -v " + program).code() != 0) {
                return Optional.of("the program " + program + " is missing");
            }
        }
        String name = PREFIX + "k" + ProcessHandle.current().pid() + "x0";
        Shell.Said made = Shell.run("ip", "netns", "add", name);
        Shell.run("ip", "netns", "del", name);
        return made.code() == 0 ? Optional.empty() : Optional.of("ip netns add: " + made.err().strip());
    }

    /** Removes what runs that were killed have left. */
    static void sweep() {
        for (String line : Shell.run("ip", "netns", "list").out().lines().toList()) {
            String name = line.split(" ")[0];
            Matcher matcher = OURS.matcher(name);
            if (matcher.matches() && ProcessHandle.of(Long.parseLong(matcher.group(1))).isEmpty()) {
                remove(name);
            }
        }
    }

    private static void remove(String name) {
        for (String process : Shell.run("ip", "netns", "pids", name).out().lines().toList()) {
            long pid = Long.parseLong(process.strip());
            if (pid != ProcessHandle.current().pid()) {
                ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
            }
        }
        Shell.run("ip", "netns", "del", name);
    }

    private void build(String tun, boolean offloads, boolean cut) {
        for (String name : List.of(kernel, router, ours)) {
            Shell.run("ip", "netns", "add", name).must();
            in(name, "sysctl", "-qw", "net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1",
                    "net.ipv4.conf.all.rp_filter=0", "net.ipv4.conf.default.rp_filter=0",
                    "net.ipv6.conf.default.accept_dad=0", "net.ipv6.conf.all.accept_dad=0").must();
        }
        List<String> atKernel = new ArrayList<>(List.of("link set lo up"));
        List<String> atRouter = new ArrayList<>(List.of("link set lo up"));
        List<String> atOurs = new ArrayList<>(List.of("link set lo up"));
        if (tun != null) {
            atOurs.add("tuntap add dev " + tun + " mode tun vnet_hdr");
            atOurs.add("link set " + tun + " up txqueuelen 2000");
        }
        for (int i = 1; i <= paths; i++) {
            atRouter.add("link add rk%d type veth peer name k%<d netns %s".formatted(i, kernel));
            if (cut) {
                atRouter.add("link add rb%d type veth peer name x%<d".formatted(i));
                atRouter.add("link add y%d type veth peer name b%<d netns %s".formatted(i, ours));
                atRouter.add("link set x" + i + " up");
                atRouter.add("link set y" + i + " up");
            } else {
                atRouter.add("link add rb%d type veth peer name b%<d netns %s".formatted(i, ours));
            }
            address(atRouter, "rk" + i, "10.1" + i + ".0.1/24", "fd10:" + i + "::1/64");
            address(atRouter, "rb" + i, "10.2" + i + ".0.1/24", "fd20:" + i + "::1/64");
            address(atKernel, "k" + i, "10.1" + i + ".0.2/24", "fd10:" + i + "::2/64");
            address(atOurs, "b" + i, "10.2" + i + ".0.2/24", "fd20:" + i + "::2/64");
            restorePath(atKernel, true, i);
            restorePath(atOurs, false, i);
            atRouter.add("route add " + ourAddress(i, false) + " via 10.2" + i + ".0.2");
            atRouter.add("route add " + ourAddress(i, true) + " via fd20:" + i + "::2");
            rules(atKernel, kernelAddress(i, false), kernelAddress(i, true), i);
            rules(atOurs, ourAddress(i, false), ourAddress(i, true), i);
            if (tun != null) {
                atOurs.add("route add " + ourAddress(i, false) + " dev " + tun);
                atOurs.add("route add " + ourAddress(i, true) + " dev " + tun);
            } else {
                address(atOurs, "b" + i, ourAddress(i, false) + "/32", ourAddress(i, true) + "/128");
            }
        }
        for (List<String> end : List.of(atKernel, atOurs)) {
            String network = end == atKernel ? "1" : "2";
            String device = end == atKernel ? "k1" : "b1";
            end.add("route add default via 10." + network + "1.0.1 dev " + device);
            end.add("route add default via fd" + network + "0:1::1 dev " + device);
        }
        batch(router, atRouter);
        batch(kernel, atKernel);
        batch(ours, atOurs);
        if (!offloads) {
            for (int i = 1; i <= paths; i++) {
                offloadsOff(kernel, "k" + i);
                offloadsOff(ours, "b" + i);
            }
        }
        in(kernel, "ip", "mptcp", "limits", "set", "subflows", "8", "add_addr_accepted", "8").must();
    }

    private static void address(List<String> commands, String device, String ipv4, String ipv6) {
        commands.add("addr add " + ipv4 + " dev " + device);
        commands.add("addr add " + ipv6 + " dev " + device + " nodad");
        commands.add("link set " + device + " up");
    }

    private static void rules(List<String> commands, String ipv4, String ipv6, int table) {
        commands.add("rule add from " + ipv4 + " lookup " + (100 + table));
        commands.add("rule add from " + ipv6 + " lookup " + (100 + table));
    }

    private static void restorePath(List<String> commands, boolean atKernel, int i) {
        String network = atKernel ? "1" : "2";
        String device = (atKernel ? "k" : "b") + i;
        commands.add("route replace default via 10." + network + i + ".0.1 dev " + device + " table " + (100 + i));
        commands.add("route replace default via fd" + network + "0:" + i + "::1 dev " + device + " table "
                + (100 + i));
    }

    /** A batch has one family for its rules: those of IPv6 come in one of their own. */
    private static void batch(String namespace, List<String> commands) {
        List<String> ipv6 = commands.stream().filter(line -> line.startsWith("rule") && line.contains(":")).toList();
        commands.removeAll(ipv6);
        Shell.run(List.of("ip", "-n", namespace, "-batch", "-"), String.join("\n", commands) + "\n").must();
        if (!ipv6.isEmpty()) {
            Shell.run(List.of("ip", "-6", "-n", namespace, "-batch", "-"), String.join("\n", ipv6) + "\n").must();
        }
    }

    private void offloadsOff(String namespace, String device) {
        in(namespace, "ethtool", "-K", device, "tx", "off", "sg", "off", "tso", "off", "gso", "off").must();
    }

    // ---- while it runs

    Shell.Said in(String namespace, String... command) {
        return Shell.run(Shell.in(namespace, List.of(command)), "");
    }

    /** An address of the kernel's that its path manager knows; flags as of {@code ip mptcp endpoint add}. */
    void kernelEndpoint(String address, String... flags) {
        endpoint(kernel, address, flags);
    }

    void endpoint(String namespace, String address, String... flags) {
        List<String> command = new ArrayList<>(List.of("ip", "mptcp", "endpoint", "add", address));
        command.addAll(List.of(flags));
        Shell.run(Shell.in(namespace, command), "").must();
    }

    /** A path carries at most so much, in each direction. */
    void shape(int path, String rate) {
        for (String device : List.of("rk" + path, "rb" + path)) {
            in(router, "tc", "qdisc", "replace", "dev", device, "root", "tbf", "rate", rate, "burst", "64kb",
                    "latency", "50ms").must();
        }
    }

    /** Rules of nftables on the router, in a chain of what it forwards. */
    void filter(String... rules) {
        StringBuilder text = new StringBuilder("table inet braid {\n chain forward {\n"
                + "  type filter hook forward priority 0;\n");
        for (String rule : rules) {
            text.append("  ").append(rule).append('\n');
        }
        nft(text.append(" }\n}\n").toString());
    }

    /** No more {@link #filter}. */
    void unfilter() {
        in(router, "nft", "delete", "table", "inet", "braid").must();
    }

    void nft(String text) {
        Shell.run(Shell.in(router, List.of("nft", "-f", "-")), text).must();
    }

    /** All packets of a path vanish in the router. */
    void darken(int path) {
        filter("iifname { rb%d, rk%<d } drop".formatted(path), "oifname { rb%d, rk%<d } drop".formatted(path));
    }

    /** The link goes up again; the kernel had dropped its routes. */
    void linkUp(boolean atKernel, int path) {
        String namespace = atKernel ? kernel : ours;
        String device = (atKernel ? "k" : "b") + path;
        in(namespace, "ip", "link", "set", device, "up").must();
        List<String> commands = new ArrayList<>();
        if (atKernel) {
            commands.add("addr replace " + kernelAddress(path, true) + "/64 dev " + device + " nodad");
        } else {
            commands.add("addr replace fd20:" + path + "::2/64 dev " + device + " nodad");
        }
        restorePath(commands, atKernel, path);
        batch(namespace, commands);
    }

    @Override
    public void close() {
        for (String name : List.of(kernel, router, ours)) {
            remove(name);
        }
    }
}
