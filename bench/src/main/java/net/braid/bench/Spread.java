package net.braid.bench;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.DoubleStream;

/** Median, least and most. All NaN when there is nothing. */
record Spread(double median, double least, double most) {

    static Spread of(DoubleStream values) {
        double[] sorted = values.filter(Double::isFinite).toArray();
        Arrays.sort(sorted);
        int count = sorted.length;
        return count == 0 ? new Spread(Double.NaN, Double.NaN, Double.NaN)
                : new Spread((sorted[count / 2] + sorted[(count - 1) / 2]) / 2, sorted[0], sorted[count - 1]);
    }

    /** As in "18.5 (17.1 to 19.0)". */
    String text(int digits) {
        if (Double.isNaN(median)) {
            return "none";
        }
        String number = "%." + digits + "f";
        return String.format(Locale.ROOT, number + " (" + number + " to " + number + ")", median, least, most);
    }
}
