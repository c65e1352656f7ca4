package net.braid.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * {@code ./braid bench kernel}: unshaped bulk transfers over veth cables, Braid beside the kernel's own Multipath TCP,
 * in turn, so that what else the machine does meets both. The kernel is always the other end. A figure is the rate that
 * the reading end saw, in the seconds after the first ones, in which Java is still being compiled.
 */
final class KernelComparison {
    /** A second slower than this, while others are not, is a stall, which the kernel has by itself now and then. */
    private static final double STALL_SHARE = 0.1;
    private static final int WARM_UP_SECONDS = 4;

    private enum Case {
        KERNEL_TO_KERNEL("kernel -> kernel"), BRAID_TO_KERNEL("braid -> kernel"), KERNEL_TO_BRAID("kernel -> braid");

        final String text;

        Case(String text) {
            this.text = text;
        }
    }

    /** Bits a second in each second, and the processor's seconds of the end under test. */
    private record Run(double[] rates, double cpuPerGigabyte) {
        double median() {
            double[] sorted = rates.clone();
            Arrays.sort(sorted);
            return sorted.length == 0 ? 0 : sorted[sorted.length / 2];
        }

        boolean stalled() {
            double median = median();
            return rates.length == 0 || Arrays.stream(rates).anyMatch(rate -> rate < STALL_SHARE * median);
        }
    }

    private final int rounds;
    private final int seconds;
    private int port = 20_000;

    private KernelComparison(int rounds, int seconds) {
        this.rounds = rounds;
        this.seconds = seconds;
    }

    /** Exit code: 0, or 2 with one line where it cannot run. */
    static int run(String[] arguments) {
        int rounds = 7;
        int seconds = 4;
        try {
            for (int i = 1; i < arguments.length; i += 2) {
                switch (arguments[i]) {
                    case "--rounds" -> rounds = Integer.parseInt(arguments[i + 1]);
                    case "--seconds" -> seconds = Integer.parseInt(arguments[i + 1]);
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
            new KernelComparison(rounds, seconds).compare(lab);
            return 0;
        } catch (IOException problem) {
            System.err.println("braid: " + problem.getMessage());
            return 2;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 2;
        }
    }

    private void compare(KernelLab lab) throws IOException, InterruptedException {
        System.out.printf(Locale.ROOT, "%d rounds of %d s after %d s of warm-up, unshaped, veth, MTU 1500%n", rounds,
                seconds, WARM_UP_SECONDS);
        for (int subflows = 1; subflows <= 2; subflows++) {
            lab.subflows(subflows);
            List<List<Run>> runs = new ArrayList<>();
            for (Case c : Case.values()) {
                runs.add(new ArrayList<>());
            }
            for (int round = 0; round < rounds; round++) {
                for (Case c : Case.values()) {
                    runs.get(c.ordinal()).add(run(lab, c, subflows));
                }
            }
            print(subflows, runs);
        }
    }

    private Run run(KernelLab lab, Case c, int subflows) throws IOException, InterruptedException {
        port++;
        int total = seconds + WARM_UP_SECONDS + 1;
        String locals = subflows == 1 ? "10.13.0.2" : "10.13.0.2,10.14.0.2";
        return switch (c) {
            case KERNEL_TO_KERNEL -> {
                Process sink = lab.kernelTwo("sink 10.1.0.2 " + port + " " + total);
                await(sink);
                Process source = lab.kernelOne("source 10.1.0.2 " + port + " " + total);
                yield collect(sink, cpu(source));
            }
            case BRAID_TO_KERNEL -> {
                Process sink = lab.kernelOne("sink 10.3.0.1 " + port + " " + 3 * total);
                await(sink);
                Process source = lab.braid("perf client --raw --time " + total
                        + "s --interval 0s --device bench0 --local " + locals + " 10.3.0.1 " + port);
                yield collect(sink, () -> end(source));
            }
            case KERNEL_TO_BRAID -> {
                Process source = lab.kernelOne("serve 10.3.0.1 " + port + " " + 3 * total);
                await(source);
                Process sink = lab.braid("perf client --raw --reverse --time " + total
                        + "s --interval 0s --device bench0 --local " + locals + " 10.3.0.1 " + port);
                // The source counts what the kernel took from it: over seconds the same as what was read.
                yield collect(source, () -> end(sink));
            }
        };
    }

    private interface Cpu {
        double seconds() throws IOException, InterruptedException;
    }

    private static void await(Process process) throws IOException {
        BufferedReader reader = reader(process);
        for (String line = reader.readLine(); line != null; line = reader.readLine()) {
            if (line.equals("listening")) {
                return;
            }
        }
        throw new IOException("the kernel's end did not start; is python3 there?");
    }

    private static BufferedReader reader(Process process) {
        return process.inputReader(StandardCharsets.UTF_8);
    }

    private static Cpu cpu(Process python) {
        return () -> {
            BufferedReader reader = reader(python);
            double cpu = Double.NaN;
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                if (line.startsWith("cpu ")) {
                    cpu = Double.parseDouble(line.substring(4));
                }
            }
            return cpu;
        };
    }

    /** The processor's seconds of a program, all its threads, until its end. */
    private static double end(Process process) throws IOException, InterruptedException {
        try (BufferedReader reader = new BufferedReader(
                new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            double cpu = 0;
            while (process.isAlive()) {
                // Once it has ended the system knows no more.
                cpu = Math.max(cpu, process.info().totalCpuDuration().map(t -> t.toNanos() / 1e9).orElse(0.0));
                if (process.waitFor(100, TimeUnit.MILLISECONDS)) {
                    break;
                }
            }
            if (process.exitValue() != 0) {
                throw new IOException("braid perf failed: " + reader.readLine());
            }
            return cpu;
        }
    }

    private Run collect(Process counting, Cpu cpu) throws IOException, InterruptedException {
        List<Double> rates = new ArrayList<>();
        double bytes = 0;
        double spent = cpu.seconds();
        BufferedReader reader = reader(counting);
        for (String line = reader.readLine(); line != null; line = reader.readLine()) {
            if (line.startsWith("second ")) {
                double rate = Double.parseDouble(line.substring(7));
                bytes += rate;
                rates.add(rate * 8);
            }
        }
        double[] steady = rates.stream().skip(WARM_UP_SECONDS).mapToDouble(Double::doubleValue).toArray();
        return new Run(steady, spent / (bytes / 1e9));
    }

    private static void print(int subflows, List<List<Run>> runs) {
        System.out.printf(Locale.ROOT, "%n%d subflow%s%n%-18s %8s %17s %8s %9s %7s%n", subflows,
                subflows == 1 ? "" : "s", "", "Gbit/s", "(min - max)", "ratio", "CPU s/GB", "stalls");
        double kernel = 0;
        for (Case c : Case.values()) {
            List<Run> all = runs.get(c.ordinal());
            double[] rates = all.stream().filter(run -> !run.stalled()).mapToDouble(Run::median).sorted().toArray();
            double[] cpu = all.stream().mapToDouble(Run::cpuPerGigabyte).sorted().toArray();
            double median = rates.length == 0 ? 0 : rates[rates.length / 2];
            kernel = c == Case.KERNEL_TO_KERNEL ? median : kernel;
            System.out.printf(Locale.ROOT, "%-18s %8.2f %8.2f -%7.2f %8.2f %9.3f %7d%n", c.text, median / 1e9,
                    rates.length == 0 ? 0 : rates[0] / 1e9, rates.length == 0 ? 0 : rates[rates.length - 1] / 1e9,
                    kernel == 0 ? 0 : median / kernel, cpu[cpu.length / 2], all.size() - rates.length);
        }
    }
}
