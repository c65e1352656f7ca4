package net.braid.bench;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;

/**
 * Three hosts in network namespaces: two of the kernel's, and one where Braid stands behind a TUN device.
 *
 * <pre>
 *   kernel one 10.1.0.1, 10.2.0.1 ---- two cables ---- kernel two 10.1.0.2, 10.2.0.2
 *        and   10.3.0.1, 10.4.0.1 ---- two cables ---- Braid's host, forwards; TUN: 10.13.0.2, 10.14.0.2
 * </pre>
 */
final class KernelLab implements AutoCloseable {
    private final String one = "bench1-" + ProcessHandle.current().pid();
    private final String two = "bench2-" + ProcessHandle.current().pid();
    private final String braid = "bench3-" + ProcessHandle.current().pid();
    private final Path script;

    KernelLab() throws IOException, InterruptedException {
        script = Files.createTempFile("kernel-peer", ".py");
        try (InputStream in = KernelLab.class.getResourceAsStream("kernel-peer.py")) {
            Files.copy(in, script, StandardCopyOption.REPLACE_EXISTING);
        }
        for (String host : List.of(one, two, braid)) {
            run("ip netns add " + host);
            run("ip -n " + host + " link set lo up");
            run("ip netns exec " + host
                    + " sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0");
            run("ip -n " + host + " mptcp limits set subflow 2 add_addr_accepted 2");
        }
        run("ip netns exec " + braid + " sysctl -qw net.ipv4.ip_forward=1");
        run("ip -n " + braid + " tuntap add dev bench0 mode tun");
        run("ip -n " + braid + " link set bench0 up txqueuelen 2000");
        for (int i = 1; i <= 4; i++) {
            String peer = i <= 2 ? two : braid;
            run("ip link add a" + i + " netns " + one + " type veth peer name z" + i + " netns " + peer);
            run("ip -n " + one + " addr add 10." + i + ".0.1/24 dev a" + i);
            run("ip -n " + peer + " addr add 10." + i + ".0.2/24 dev z" + i);
            run("ip -n " + one + " link set a" + i + " up");
            run("ip -n " + peer + " link set z" + i + " up");
            if (i > 2) {
                run("ip -n " + one + " route add 10.1" + i + ".0.0/24 via 10." + i + ".0.2");
                run("ip -n " + braid + " route add 10.1" + i + ".0.2/32 dev bench0");
                run("ip -n " + braid + " rule add from 10.1" + i + ".0.2 lookup 10" + i);
                run("ip -n " + braid + " route add default via 10." + i + ".0.1 table 10" + i);
            }
        }
    }

    /** How many subflows the kernels open between each other, and to Braid. */
    void subflows(int count) throws IOException, InterruptedException {
        run("ip -n " + one + " mptcp endpoint flush");
        if (count == 2) {
            run("ip -n " + one + " mptcp endpoint add 10.2.0.1 dev a2 subflow");
            run("ip -n " + one + " mptcp endpoint add 10.4.0.1 dev a4 subflow");
        }
    }

    Process kernelOne(String arguments) throws IOException {
        return start(one, List.of("python3", script.toString()), arguments);
    }

    Process kernelTwo(String arguments) throws IOException {
        return start(two, List.of("python3", script.toString()), arguments);
    }

    Process braid(String arguments) throws IOException {
        return start(braid, List.of(System.getProperty("braid.command", "./braid")), arguments);
    }

    private static Process start(String host, List<String> program, String arguments) throws IOException {
        List<String> words = new ArrayList<>(List.of("ip", "netns", "exec", host));
        words.addAll(program);
        words.addAll(List.of(arguments.split(" ")));
        return new ProcessBuilder(words).redirectErrorStream(true).start();
    }

    private static void run(String line) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(line.split(" ")).redirectErrorStream(true).start();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException(line + ": " + text.strip());
        }
    }

    @Override
    public void close() throws IOException {
        for (String host : List.of(one, two, braid)) {
            try {
                new ProcessBuilder("ip", "netns", "del", host).redirectErrorStream(true).start().waitFor();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        Files.deleteIfExists(script);
    }
}
