package net.braid.cli;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Numbers with units, as people write them on the command line. */
final class Quantity {
    private static final Pattern FORM = Pattern.compile("([0-9]+(?:\\.[0-9]+)?)\\s*([A-Za-z%]*)");

    private Quantity() {
    }

    /** Bytes: {@code 500}, {@code 64k}, {@code 20MB}; powers of 1,000, and of 1,024 for {@code KiB} and up. */
    static final class Size implements ITypeConverter<Long> {
        @Override
        public Long convert(String text) {
            return whole(text, "a size, for example 500k or 20MB", unit -> switch (unit) {
                case "", "b" -> 1;
                case "k", "kb" -> 1e3;
                case "m", "mb" -> 1e6;
                case "g", "gb" -> 1e9;
                case "kib" -> 1024;
                case "mib" -> 1024 * 1024;
                case "gib" -> 1024 * 1024 * 1024;
                default -> 0;
            });
        }
    }

    /** Bits per second: {@code 100Mbit}, {@code 1Gbit}, {@code 10M}. */
    static final class Rate implements ITypeConverter<Long> {
        @Override
        public Long convert(String text) {
            return whole(text, "a rate in bits per second, for example 100Mbit", unit -> switch (unit) {
                case "", "bit", "bps" -> 1;
                case "k", "kbit", "kbps" -> 1e3;
                case "m", "mbit", "mbps" -> 1e6;
                case "g", "gbit", "gbps" -> 1e9;
                default -> 0;
            });
        }
    }

    /** Nanoseconds from {@code 20ms}, {@code 1.5s}, {@code 300us}; a number alone is not a time, but 0 is. */
    static final class Time implements ITypeConverter<Long> {
        @Override
        public Long convert(String text) {
            return whole(text, "a time with its unit, for example 20ms", unit -> switch (unit) {
                case "ns" -> 1;
                case "us" -> 1e3;
                case "ms" -> 1e6;
                case "s" -> 1e9;
                case "m", "min" -> 60e9;
                case "" -> text.matches("0+") ? 1 : 0;
                default -> 0;
            });
        }
    }

    /** A share from {@code 0.01} or {@code 1%}. */
    static final class Share implements ITypeConverter<Double> {
        @Override
        public Double convert(String text) {
            double value = number(text, "a share, for example 0.5% or 0.005", unit -> switch (unit) {
                case "" -> 1;
                case "%" -> 0.01;
                default -> 0;
            });
            if (value > 1) {
                throw new TypeConversionException("'" + text + "' is more than all of them");
            }
            return value;
        }
    }

    private interface Units {
        /** 0: no such unit. */
        double factor(String unit);
    }

    private static long whole(String text, String expected, Units units) {
        double value = number(text, expected, units);
        if (value > 1e18) {
            throw new TypeConversionException("'" + text + "' is too large");
        }
        return Math.round(value);
    }

    private static double number(String text, String expected, Units units) {
        Matcher form = FORM.matcher(text.strip());
        double factor = form.matches() ? units.factor(form.group(2).toLowerCase(Locale.ROOT)) : 0;
        if (factor == 0) {
            throw new TypeConversionException("'" + text + "' is not " + expected);
        }
        return Double.parseDouble(form.group(1)) * factor;
    }

    // ---- and back, for people

    static String bytes(double count) {
        return scaled(count, new String[] {"B", "kB", "MB", "GB", "TB"});
    }

    static String bitsPerSecond(double rate) {
        return scaled(rate, new String[] {"bit/s", "kbit/s", "Mbit/s", "Gbit/s", "Tbit/s"});
    }

    static String time(long nanos) {
        if (nanos < 1_000_000) {
            return String.format(Locale.ROOT, "%d us", nanos / 1000);
        }
        return nanos < 1_000_000_000 ? String.format(Locale.ROOT, "%.1f ms", nanos / 1e6)
                : String.format(Locale.ROOT, "%.2f s", nanos / 1e9);
    }

    private static String scaled(double value, String[] units) {
        int unit = 0;
        while (value >= 1000 && unit < units.length - 1) {
            value /= 1000;
            unit++;
        }
        return String.format(Locale.ROOT, unit == 0 ? "%.0f %s" : "%.1f %s", value, units[unit]);
    }
}
