package net.braid.sim;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Locale;

/**
 * Numbers with units, as scenario files and the command line write them. All methods throw IllegalArgumentException
 * with one clear line.
 */
public final class Quantities {
    private static final String[] TIME_UNITS = {"ns", "us", "ms", "s", "min"};
    private static final long[] TIME_FACTORS = {1, 1_000, 1_000_000, 1_000_000_000, 60_000_000_000L};
    private static final String[] RATE_UNITS = {"bit", "kbit", "mbit", "gbit"};
    private static final long[] RATE_FACTORS = {1, 1_000, 1_000_000, 1_000_000_000};
    private static final String[] SIZE_UNITS = {"B", "KB", "MB", "GB", "KiB", "MiB", "GiB"};
    private static final long[] SIZE_FACTORS = {1, 1_000, 1_000_000, 1_000_000_000, 1L << 10, 1L << 20, 1L << 30};

    private Quantities() {
    }

    /** Nanoseconds. */
    public static long time(String text) {
        return parse(text, TIME_UNITS, TIME_FACTORS, "a time such as 20ms, 1.5s or 10us");
    }

    /** Bits per second; "infinite" is 0. */
    public static long rate(String text) {
        if (text.equals("infinite")) {
            return 0;
        }
        long rate = parse(text, RATE_UNITS, RATE_FACTORS, "a rate such as 100mbit, 1.5gbit or infinite");
        if (rate == 0) {
            throw new IllegalArgumentException("a rate must be above 0, or infinite: '" + text + "'");
        }
        return rate;
    }

    /** Bytes. */
    public static long size(String text) {
        return parse(text, SIZE_UNITS, SIZE_FACTORS, "a size such as 1500B, 64KB, 10MB or 4MiB");
    }

    /** 0..1, from a percentage or a fraction. */
    public static double probability(String text) {
        String what = "a share such as 1% or 0.01";
        boolean percent = text.endsWith("%");
        double value = number(percent ? text.substring(0, text.length() - 1) : text, text, what).doubleValue();
        double share = percent ? value / 100 : value;
        if (share > 1) {
            throw new IllegalArgumentException("'" + text + "' is more than everything; needed is " + what);
        }
        return share;
    }

    /** A whole number. */
    public static long count(String text) {
        BigDecimal value = number(text, text, "a whole number");
        try {
            return value.longValueExact();
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException("'" + text + "' is not a whole number", e);
        }
    }

    /** A whole number; what is far too large stays too large for whoever checks the range. */
    static int smallCount(String text) {
        return (int) Math.min(Integer.MAX_VALUE, count(text));
    }

    static boolean yes(String text) {
        return switch (text) {
            case "yes" -> true;
            case "no" -> false;
            default -> throw new IllegalArgumentException("'" + text + "' is neither yes nor no");
        };
    }

    private static long parse(String text, String[] units, long[] factors, String what) {
        int at = 0;
        while (at < text.length() && (Character.isDigit(text.charAt(at)) || text.charAt(at) == '.')) {
            at++;
        }
        String unit = text.substring(at);
        for (int i = 0; i < units.length; i++) {
            if (units[i].equals(unit)) {
                BigDecimal value = number(text.substring(0, at), text, what).multiply(BigDecimal.valueOf(factors[i]));
                if (value.compareTo(BigDecimal.valueOf(Long.MAX_VALUE / 4)) > 0) {
                    throw new IllegalArgumentException("'" + text + "' is too large");
                }
                return value.setScale(0, RoundingMode.HALF_UP).longValueExact();
            }
        }
        throw new IllegalArgumentException("'" + text + "' is not " + what);
    }

    private static BigDecimal number(String digits, String text, String what) {
        if (!digits.matches("[0-9]{1,18}(\\.[0-9]{1,9})?")) {
            throw new IllegalArgumentException("'" + text + "' is not " + what);
        }
        return new BigDecimal(digits);
    }

    static String formatTime(long nanos) {
        return nanos == Simulation.NEVER ? "never" : String.format(Locale.ROOT, "%.6fs", nanos / 1e9);
    }

    static String formatRate(double bits) {
        return bits >= 1e9 ? String.format(Locale.ROOT, "%.3fgbit", bits / 1e9)
                : bits >= 1e6 ? String.format(Locale.ROOT, "%.3fmbit", bits / 1e6)
                : String.format(Locale.ROOT, "%.3fkbit", bits / 1e3);
    }
}
