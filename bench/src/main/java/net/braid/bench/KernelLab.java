package net.braid.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Three hosts in network namespaces: two of the kernel's, and one where Braid stands behind a TUN device. Host one is
 * the server of all; over UDP, Braid speaks between hosts two and one.
 *
 * <pre>
 *   one 10.1.0.1, 10.2.0.1 ---- two cables ---- two 10.1.0.2, 10.2.0.2
 *   one 10.3.0.1, 10.4.0.1 ---- two cables ---- Braid's host, forwards; TUN bench0: 10.13.0.2, 10.14.0.2
 * </pre>
 */
final class KernelLab implements AutoCloseable {
    final String one = "bench1-" + ProcessHandle.current().pid();
    final String two = "bench2-" + ProcessHandle.current().pid();
    final String braid = "bench3-" + ProcessHandle.current().pid();

    KernelLab() throws IOException, InterruptedException {
        for (String host : List.of(one, two, braid)) {
            run("ip netns add " + host);
            run("ip -n " + host + " link set lo up");
            // Thousands of short connections: ports are used again while the old connection is in TIME-WAIT.
            run("ip netns exec " + host + " sysctl -qw net.ipv4.conf.all.rp_filter=0"
                    + " net.ipv4.conf.default.rp_filter=0 net.ipv4.tcp_tw_reuse=1");
            run("ip netns exec " + host + " sysctl -qw net.ipv4.ip_local_port_range=32768\t65535");
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
        // The second subflow leaves by the second cable, to the same address of the server.
        run("ip -n " + two + " route add 10.1.0.1/32 via 10.2.0.1 dev z2 metric 9");
        run("ip -n " + two + " route add 10.1.0.1/32 dev z1 metric 1");
    }

    /** How many subflows the kernel opens as a client; Braid knows it by itself. */
    void subflows(int count) throws IOException, InterruptedException {
        run("ip -n " + two + " mptcp endpoint flush");
        if (count == 2) {
            run("ip -n " + two + " mptcp endpoint add 10.2.0.2 dev z2 subflow");
        }
    }

    /** TCP connections, each a subflow, that host one has at its port now. */
    int subflowsAt(int port) throws IOException, InterruptedException {
        return (int) run("ip netns exec " + one + " ss -Htn state established sport = :" + port).lines().count();
    }

    private static String run(String line) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(line.split(" ")).redirectErrorStream(true).start();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException(line + ": " + text.strip());
        }
        return text;
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
    }
}
