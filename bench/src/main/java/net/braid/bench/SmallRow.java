package net.braid.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/** One figure of small messages or connections: of Braid and of the kernel, in turn. */
final class SmallRow {
    private final String name;
    private final int digits;
    private final List<Double> braid = new ArrayList<>();
    private final List<Double> kernel = new ArrayList<>();

    SmallRow(String name, int digits) {
        this.name = name;
        this.digits = digits;
    }

    void add(double ofBraid, double ofKernel) {
        braid.add(ofBraid);
        kernel.add(ofKernel);
    }

    static String head() {
        return """
                | figure | Braid | kernel | ratio |
                | --- | --- | --- | --- |""";
    }

    String text() {
        return String.format(Locale.ROOT, "| %s | %s | %s | %s |", name, spread(braid).text(digits),
                spread(kernel).text(digits),
                Spread.of(IntStream.range(0, braid.size()).mapToDouble(i -> braid.get(i) / kernel.get(i))).text(2));
    }

    private static Spread spread(List<Double> values) {
        return Spread.of(values.stream().mapToDouble(Double::doubleValue));
    }
}
