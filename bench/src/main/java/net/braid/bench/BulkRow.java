package net.braid.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * One kind of bulk transfer: runs of Braid and of the kernel, in turn. A tenth of a second with less than a fifth of
 * what is usual on that side is a stall: counted apart, and in no rate. A run that stalls most of its time is in no
 * rate at all.
 */
final class BulkRow {
    private static final double STALL_SHARE = 0.2;
    private static final double USUAL = 0.75;

    private final String name;
    private final int subflows;
    private final List<BulkRun> braid = new ArrayList<>();
    private final List<BulkRun> kernel = new ArrayList<>();

    BulkRow(String name, int subflows) {
        this.name = name;
        this.subflows = subflows;
    }

    /** Two runs of which one came directly after the other. */
    void add(BulkRun ofBraid, BulkRun ofKernel) {
        braid.add(ofBraid);
        kernel.add(ofKernel);
    }

    static String head() {
        return """
                | transfer | subflows | Braid, Gbit/s | kernel, Gbit/s | Braid, CPU s/GB | kernel, CPU s/GB \
                | stalls of Braid | of the kernel | ratio |
                | --- | --- | --- | --- | --- | --- | --- | --- | --- |""";
    }

    String text() {
        double[] own = rates(braid);
        double[] other = rates(kernel);
        Spread ratio = Spread.of(IntStream.range(0, own.length).mapToDouble(i -> own[i] / other[i]));
        return String.format(Locale.ROOT, "| %s | %d | %s | %s | %s | %s | %s | %s | %s |", name, subflows,
                gigabits(own), gigabits(other), cpu(braid), cpu(kernel), stalls(braid), stalls(kernel), ratio.text(2));
    }

    /** Bytes in a tenth of a second below which it stalls. Usual is what three quarters of all tenths do not exceed. */
    private static double stall(List<BulkRun> runs) {
        long[] tenths = runs.stream().flatMapToLong(run -> Arrays.stream(run.tenths())).sorted().toArray();
        return tenths.length == 0 ? 0 : Math.max(1, STALL_SHARE * tenths[(int) (USUAL * (tenths.length - 1))]);
    }

    private static double[] rates(List<BulkRun> runs) {
        double stall = stall(runs);
        return runs.stream().mapToDouble(run -> run.rate(stall)).toArray();
    }

    private static String gigabits(double[] rates) {
        return Spread.of(Arrays.stream(rates).map(rate -> rate / 1e9)).text(1);
    }

    private static String cpu(List<BulkRun> runs) {
        return perGigabyte(runs, BulkRun::senderSeconds) + " + " + perGigabyte(runs, BulkRun::receiverSeconds) + ", "
                + perGigabyte(runs, BulkRun::machineSeconds);
    }

    private static String perGigabyte(List<BulkRun> runs, ToDoubleFunction<BulkRun> seconds) {
        return String.format(Locale.ROOT, "%.2f", Spread.of(
                runs.stream().mapToDouble(run -> seconds.applyAsDouble(run) / run.gigabytes())).median());
    }

    private static String stalls(List<BulkRun> runs) {
        double stall = stall(runs);
        long some = runs.stream().filter(run -> run.stalledSeconds(stall) > 0).count();
        long most = runs.stream().filter(run -> Double.isNaN(run.rate(stall))).count();
        return some == 0 ? "none" : String.format(Locale.ROOT, "%d runs, %.1f s%s", some,
                runs.stream().mapToDouble(run -> run.stalledSeconds(stall)).sum(),
                most == 0 ? "" : "; " + most + " not counted");
    }
}
