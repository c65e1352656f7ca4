package net.braid.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * {@code ./braid bench kernel}: Braid beside the kernel's own Multipath TCP, unshaped over veth cables. The same
 * program ({@link PeerProgram}) is at all ends, and one process of it is the server of both. Each run of Braid has
 * one of the kernel next to it, in turn before and after it, so that what else the machine does meets both.
 */
final class KernelComparison {
    private static final int KERNEL_PORT = 20_000;
    private static final int BRAID_PORT = 20_001;
    private static final double SETTLE_SECONDS = 0.6;
    private static final double SMALL_SECONDS = 1;
    private static final double WARM_UP_SECONDS = 3;
    private static final int PARALLEL = 16;
    private static final String ANY = "0.0.0.0";

    private enum Kind { SEND, RECEIVE, UDP }

    private final KernelLab lab;
    private final int rounds;
    private final double seconds;
    private final List<PeerProcess> peers = new ArrayList<>();
    private final List<String> doubts = new ArrayList<>();
    private final BulkRow[][] bulk = new BulkRow[Kind.values().length][2];
    private final SmallRow[] small = {
        new SmallRow("64 bytes to and fro, median, µs", 1),
        new SmallRow("the same, 99th percentile, µs", 1),
        new SmallRow("connections a second, one after the other", 0),
        new SmallRow("connections a second, " + PARALLEL + " at once", 0),
        new SmallRow("over UDP: 64 bytes to and fro, median, µs", 1),
        new SmallRow("over UDP: the same, 99th percentile, µs", 1),
    };

    private KernelComparison(KernelLab lab, int rounds, double seconds) {
        this.lab = lab;
        this.rounds = rounds;
        this.seconds = seconds;
        for (int subflows = 1; subflows <= 2; subflows++) {
            bulk[Kind.SEND.ordinal()][subflows - 1] = new BulkRow("Braid to kernel", subflows);
            bulk[Kind.RECEIVE.ordinal()][subflows - 1] = new BulkRow("kernel to Braid", subflows);
            bulk[Kind.UDP.ordinal()][subflows - 1] = new BulkRow("Braid to Braid over UDP", subflows);
        }
    }

    /** Exit code: 0, 1 when it failed, or 2 with one line where it cannot run. */
    static int run(String[] arguments) {
        int rounds = 7;
        int seconds = 2;
        try {
            for (int i = 1; i < arguments.length; i += 2) {
                switch (arguments[i]) {
                    case "--rounds" -> rounds = positive(arguments[i + 1]);
                    case "--seconds" -> seconds = positive(arguments[i + 1]);
                    default -> throw new IllegalArgumentException(arguments[i]);
                }
            }
        } catch (IllegalArgumentException | ArrayIndexOutOfBoundsException wrong) {
            System.err.println("braid: usage: braid bench kernel [--rounds N] [--seconds N]");
            return 2;
        }
        if (!"root".equals(System.getProperty("user.name"))) {
            System.err.println("braid: bench kernel makes network namespaces, which needs root");
            return 2;
        }
        try (KernelLab lab = new KernelLab()) {
            new KernelComparison(lab, rounds, seconds).compare();
            return 0;
        } catch (IOException problem) {
            System.err.println("braid: " + problem.getMessage());
            return 1;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 1;
        }
    }

    private static int positive(String text) {
        int value = Integer.parseInt(text);
        if (value < 1) {
            throw new IllegalArgumentException(text);
        }
        return value;
    }

    private PeerProcess start(String namespace, String arguments) throws IOException, InterruptedException {
        PeerProcess peer = new PeerProcess(namespace, arguments);
        peers.add(peer);
        return peer;
    }

    private void compare() throws IOException, InterruptedException {
        try {
            PeerProcess server = start(lab.one, "server kernel " + ANY + " " + KERNEL_PORT);
            PeerProcess kernel = start(lab.two, "client kernel 10.1.0.1 " + KERNEL_PORT);
            PeerProcess braid = start(lab.braid, "client braid 10.3.0.1 " + KERNEL_PORT
                    + " tun:bench0 10.13.0.2,10.14.0.2");
            PeerProcess udpServer = start(lab.one, "server braid " + ANY + " " + BRAID_PORT
                    + " udp-listen:0.0.0.0:5300 10.21.0.1");
            PeerProcess udpClient = start(lab.two, "client braid 10.21.0.1 " + BRAID_PORT
                    + " udp:10.1.0.1:5300,udp:10.2.0.1:5300 10.22.0.2,10.23.0.2");
            for (int round = 0; round <= rounds; round++) {
                for (int subflows = 1; subflows <= 2; subflows++) {
                    lab.subflows(subflows);
                    for (Kind kind : Kind.values()) {
                        boolean udp = kind == Kind.UDP;
                        bulkPair(kind, subflows, round, udp ? udpClient : braid, udp ? udpServer : server, kernel,
                                server);
                    }
                }
                lab.subflows(1);
                smallPair(round, braid, kernel, udpClient);
                System.err.print(round == 0 ? "warm; rounds:" : " " + round);
            }
            System.err.println();
            print();
        } finally {
            peers.forEach(PeerProcess::close);
        }
    }

    // ---- bulk

    private void bulkPair(Kind kind, int subflows, int round, PeerProcess braid, PeerProcess braidServer,
            PeerProcess kernel, PeerProcess kernelServer) throws IOException, InterruptedException {
        boolean send = kind != Kind.RECEIVE;
        BulkRun first = round % 2 == 0 ? null : bulk(kernel, kernelServer, KERNEL_PORT, send, subflows, round);
        BulkRun own = bulk(braid, braidServer, kind == Kind.UDP ? 0 : KERNEL_PORT, send, subflows, round);
        BulkRun other = first != null ? first : bulk(kernel, kernelServer, KERNEL_PORT, send, subflows, round);
        if (round > 0) {
            bulk[kind.ordinal()][subflows - 1].add(own, other);
        }
    }

    /** @param port where host one has TCP connections of it, or 0 */
    private BulkRun bulk(PeerProcess client, PeerProcess server, int port, boolean send, int subflows, int round)
            throws IOException, InterruptedException {
        double settle = round == 0 ? WARM_UP_SECONDS : SETTLE_SECONDS;
        // Connections that stalled at their end may take a while to leave.
        int before = port == 0 ? 0 : lab.subflowsAt(port);
        client.order((send ? "send " : "receive ") + (settle + seconds + 0.1) + " " + subflows);
        sleep(settle);
        int found = port == 0 ? subflows : lab.subflowsAt(port);
        if (before == 0 && found != subflows) {
            doubts.add(found + " subflows where there should be " + subflows);
        }
        double clientCpu = client.cpuSeconds();
        double serverCpu = server.cpuSeconds();
        double machine = PeerProcess.machineSeconds();
        long begin = System.nanoTime();
        sleep(seconds);
        long end = System.nanoTime();
        clientCpu = client.cpuSeconds() - clientCpu;
        serverCpu = server.cpuSeconds() - serverCpu;
        machine = PeerProcess.machineSeconds() - machine;
        String line = client.answer();
        Samples samples = Samples.of(send ? server.answer() : line);
        return new BulkRun(samples.between(begin, end), send ? clientCpu : serverCpu, send ? serverCpu : clientCpu,
                machine);
    }

    private static void sleep(double seconds) throws InterruptedException {
        TimeUnit.NANOSECONDS.sleep((long) (seconds * 1e9));
    }

    // ---- small messages and connections

    private void smallPair(int round, PeerProcess braid, PeerProcess kernel, PeerProcess udp)
            throws IOException, InterruptedException {
        double[] kernelTrip = ask(kernel, "exchange " + SMALL_SECONDS);
        double[] braidTrip = ask(braid, "exchange " + SMALL_SECONDS);
        double[] udpTrip = ask(udp, "exchange " + SMALL_SECONDS);
        double kernelOne = ask(kernel, "open " + SMALL_SECONDS + " 1")[0];
        double braidOne = ask(braid, "open " + SMALL_SECONDS + " 1")[0];
        double kernelMany = ask(kernel, "open " + SMALL_SECONDS + " " + PARALLEL)[0];
        double braidMany = ask(braid, "open " + SMALL_SECONDS + " " + PARALLEL)[0];
        if (round > 0) {
            small[0].add(braidTrip[0] / 1e3, kernelTrip[0] / 1e3);
            small[1].add(braidTrip[1] / 1e3, kernelTrip[1] / 1e3);
            small[2].add(braidOne, kernelOne);
            small[3].add(braidMany, kernelMany);
            small[4].add(udpTrip[0] / 1e3, kernelTrip[0] / 1e3);
            small[5].add(udpTrip[1] / 1e3, kernelTrip[1] / 1e3);
        }
    }

    private static double[] ask(PeerProcess peer, String order) throws IOException, InterruptedException {
        peer.order(order);
        String[] words = peer.answer().split(" ");
        double[] numbers = new double[words.length];
        for (int i = 0; i < words.length; i++) {
            numbers[i] = Double.parseDouble(words[i]);
        }
        return numbers;
    }

    // ---- what people see

    private void print() throws IOException {
        System.out.printf(Locale.ROOT, "%s, %d processors, %s %s, Java %s, %s; %d rounds of %.0f s, MTU 1500.%n%n",
                processor(), Runtime.getRuntime().availableProcessors(), System.getProperty("os.name"),
                System.getProperty("os.version"), Runtime.version(), LocalDate.now(), rounds, seconds);
        System.out.println(BulkRow.head());
        for (BulkRow[] rows : bulk) {
            for (BulkRow row : rows) {
                System.out.println(row.text());
            }
        }
        System.out.println();
        System.out.println(SmallRow.head());
        for (SmallRow row : small) {
            System.out.println(row.text());
        }
        doubts.stream().distinct().forEach(doubt -> System.out.println("\nIn doubt: " + doubt + "."));
    }

    private static String processor() throws IOException {
        return Files.readString(Path.of("/proc/cpuinfo")).lines().filter(line -> line.startsWith("model name"))
                .map(line -> line.substring(line.indexOf(':') + 1).strip()).findFirst().orElse("unknown processor");
    }
}
