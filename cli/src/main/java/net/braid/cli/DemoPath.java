package net.braid.cli;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import net.braid.sim.PipeProperties;
import net.braid.sim.Quantities;
import net.braid.sim.QueueProperties;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * One emulated access network, the same in both directions. Written {@code NAME:KEY=VALUE,...}; a name that is known
 * brings its values along.
 *
 * @param name what options and events call it
 * @param title what people call it
 * @param rateBits bits of IP packet per second
 * @param rttNanos there and back, empty queue
 * @param queueNanos how long a full queue takes to drain at the rate; 0: {@code queueBytes} counts
 * @param queueBytes size of the queue when it was given in bytes
 * @param loss share of packets lost at random, in each direction
 * @param jitterNanos most that is added to the delay of a packet, without reordering
 */
record DemoPath(String name, String title, long rateBits, long rttNanos, long queueNanos, long queueBytes, double loss,
        long jitterNanos) {
    private static final long MILLI = 1_000_000;
    private static final long LEAST_QUEUE_BYTES = 3_000;
    private static final long LEAST_RATE = 1_000;
    private static final String FORM =
            "a path such as wifi, 3g:loss=1% or lab:rate=50mbit,rtt=30ms,queue=100ms,loss=0.1%";
    private static final List<String> KEYS = List.of("rate", "rtt", "queue", "loss", "jitter");

    static final DemoPath WIFI = preset("wifi", "Wi-Fi", 8_000_000, 20, 80);
    static final DemoPath THREE_G = preset("3g", "3G", 2_000_000, 150, 2000);
    static final Map<String, DemoPath> KNOWN = new TreeMap<>(Map.of(
            "wifi", WIFI,
            "3g", THREE_G,
            "lte", preset("lte", "LTE", 30_000_000, 50, 200),
            "dsl", preset("dsl", "DSL", 16_000_000, 30, 150),
            "ethernet", preset("ethernet", "Ethernet", 100_000_000, 2, 20),
            "satellite", preset("satellite", "Satellite", 10_000_000, 600, 600)));

    private static DemoPath preset(String name, String title, long rate, long rttMillis, long queueMillis) {
        return new DemoPath(name, title, rate, rttMillis * MILLI, queueMillis * MILLI, 0, 0, 0);
    }

    static DemoPath parse(String text) {
        int colon = text.indexOf(':');
        String name = colon < 0 ? text : text.substring(0, colon);
        if (!name.matches("[A-Za-z0-9][A-Za-z0-9-]{0,11}")) {
            throw new IllegalArgumentException("'" + text + "' is not " + FORM);
        }
        DemoPath path = KNOWN.get(name.toLowerCase(Locale.ROOT));
        if (path == null && colon < 0) {
            throw new IllegalArgumentException("'" + name + "' is none of " + String.join(", ", KNOWN.keySet())
                    + "; your own needs numbers: " + name + ":rate=10mbit,rtt=40ms,queue=100ms");
        }
        if (path == null) {
            path = preset(name, name, 10_000_000, 40, 100);
        }
        if (colon >= 0) {
            for (String setting : text.substring(colon + 1).split(",", -1)) {
                path = path.with(setting);
            }
        }
        return path;
    }

    /** The same path with one {@code KEY=VALUE} changed. */
    DemoPath with(String setting) {
        int equals = setting.indexOf('=');
        String key = equals < 0 ? setting : setting.substring(0, equals);
        if (equals < 0 || !KEYS.contains(key)) {
            throw new IllegalArgumentException("'" + setting + "' is not one of rate=, rtt=, queue=, loss=, jitter=");
        }
        String value = setting.substring(equals + 1);
        long rate = rateBits;
        long rtt = rttNanos;
        long queueTime = queueNanos;
        long queueSize = queueBytes;
        double lost = loss;
        long jitter = jitterNanos;
        switch (key) {
            case "rate" -> {
                rate = Quantities.rate(value);
                if (rate < LEAST_RATE) {
                    throw new IllegalArgumentException("the rate of a path is at least 1kbit, and not infinite: '"
                            + value + "'");
                }
            }
            case "rtt" -> rtt = Quantities.time(value);
            case "queue" -> {
                boolean bytes = value.endsWith("B");
                queueSize = bytes ? Math.max(1, Quantities.size(value)) : 0;
                queueTime = bytes ? 0 : Quantities.time(value);
            }
            case "loss" -> lost = Quantities.probability(value);
            default -> jitter = Quantities.time(value);
        }
        DemoPath changed = new DemoPath(name, title, rate, rtt, queueTime, queueSize, lost, jitter);
        // Checks the ranges.
        changed.pipe();
        return changed;
    }

    /** What the queue holds, two full packets at least. */
    long queueLimit() {
        return Math.max(LEAST_QUEUE_BYTES, queueBytes > 0 ? queueBytes : (long) (rateBits / 8.0 * queueNanos / 1e9));
    }

    PipeProperties pipe() {
        return PipeProperties.of(rateBits, rttNanos / 2).toBuilder().queue(new QueueProperties.Bytes(queueLimit()))
                .loss(loss).jitter(jitterNanos, false).build();
    }

    /** {@code 8 Mbit/s, 20 ms, queue of 80 ms}. */
    String describe() {
        return Quantity.bitsPerSecond(rateBits) + ", round trip " + Quantity.brief(rttNanos) + ", queue of "
                + (queueBytes > 0 ? Quantity.bytes(queueBytes) : Quantity.brief(queueNanos))
                + (loss > 0 ? ", " + Quantity.percent(loss) + " loss" : "")
                + (jitterNanos > 0 ? ", jitter " + Quantity.brief(jitterNanos) : "");
    }

    /** As the command line writes it. */
    String toOption() {
        if (equals(KNOWN.get(name))) {
            return name;
        }
        return name + ":rate=" + Quantity.exactRate(rateBits) + ",rtt=" + Quantity.exactTime(rttNanos) + ",queue="
                + (queueBytes > 0 ? Quantity.exactSize(queueBytes) : Quantity.exactTime(queueNanos))
                + (loss > 0 ? ",loss=" + Quantity.percent(loss).replace(" ", "") : "")
                + (jitterNanos > 0 ? ",jitter=" + Quantity.exactTime(jitterNanos) : "");
    }

    /** For the command line. */
    static final class Converter implements ITypeConverter<DemoPath> {
        @Override
        public DemoPath convert(String text) {
            try {
                return parse(text);
            } catch (IllegalArgumentException wrong) {
                throw new TypeConversionException(wrong.getMessage());
            }
        }
    }
}
