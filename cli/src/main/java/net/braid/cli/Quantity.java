package net.braid.cli;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Locale;
import java.util.function.Function;
import net.braid.sim.Quantities;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Numbers with units on the command line, in the language of scenario files, and numbers for people to read. */
final class Quantity {
    private Quantity() {
    }

    /** Bytes: {@code 20MB}, {@code 64KiB}. */
    static final class Size implements ITypeConverter<Long> {
        @Override
        public Long convert(String text) {
            return read(text, Quantities::size);
        }
    }

    /** Bits per second: {@code 100mbit}, {@code 1gbit}. */
    static final class Rate implements ITypeConverter<Long> {
        @Override
        public Long convert(String text) {
            return read(text, Quantities::rate);
        }
    }

    /** Nanoseconds: {@code 20ms}. */
    static final class Time implements ITypeConverter<Long> {
        @Override
        public Long convert(String text) {
            return read(text, Quantities::time);
        }
    }

    /** 0 to 1: {@code 1%}, {@code 0.01}. */
    static final class Share implements ITypeConverter<Double> {
        @Override
        public Double convert(String text) {
            return read(text, Quantities::probability);
        }
    }

    private static <T> T read(String text, Function<String, T> reader) {
        try {
            return reader.apply(text);
        } catch (IllegalArgumentException wrong) {
            throw new TypeConversionException(wrong.getMessage());
        }
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

    /** 0.015 is {@code 1.5 %}. */
    static String percent(double share) {
        return BigDecimal.valueOf(share * 100).round(new MathContext(3)).stripTrailingZeros().toPlainString() + " %";
    }

    // ---- and back, exactly, for the command line

    static String exactTime(long nanos) {
        return exact(nanos, new String[] {"ns", "us", "ms", "s"});
    }

    static String exactRate(long bits) {
        return exact(bits, new String[] {"bit", "kbit", "mbit", "gbit"});
    }

    static String exactSize(long bytes) {
        return exact(bytes, new String[] {"B", "KB", "MB", "GB"});
    }

    private static String exact(long value, String[] units) {
        int unit = 0;
        while (value != 0 && value % 1000 == 0 && unit < units.length - 1) {
            value /= 1000;
            unit++;
        }
        return value + units[unit];
    }

    /** Without digits that say nothing: {@code 5 s}, {@code 210 ms}, {@code 18.15 s}. */
    static String brief(long nanos) {
        boolean seconds = nanos >= 1_000_000_000;
        double value = seconds ? nanos / 1e9 : nanos / 1e6;
        return BigDecimal.valueOf(value).setScale(seconds ? 2 : value < 10 ? 1 : 0, RoundingMode.HALF_UP)
                .stripTrailingZeros().toPlainString() + (seconds ? " s" : " ms");
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
