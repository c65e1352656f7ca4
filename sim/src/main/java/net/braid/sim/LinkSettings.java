package net.braid.sim;

/** The settings of a link in a scenario file: key=value to {@link PipeProperties}. */
final class LinkSettings {
    static final String KNOWN = "rate, delay, jitter, jitter-reorders, mtu, queue, loss, reorder, duplicate, corrupt, "
            + "each also with forward. or backward. in front";

    private LinkSettings() {
    }

    /** @throws IllegalArgumentException with one line that says what is wrong */
    static PipeProperties apply(PipeProperties base, Settings settings) {
        PipeProperties.Builder b = base.toBuilder();
        String value = settings.take("rate");
        if (value != null) {
            b.rate(Quantities.rate(value));
        }
        value = settings.take("delay");
        if (value != null) {
            b.delay(Quantities.time(value));
        }
        String jitter = settings.take("jitter");
        String reorders = settings.take("jitter-reorders");
        if (jitter != null || reorders != null) {
            b.jitter(jitter == null ? base.jitterNanos() : Quantities.time(jitter),
                    reorders == null ? base.jitterReorders() : Quantities.yes(reorders));
        }
        value = settings.take("mtu");
        if (value != null) {
            b.mtu((int) Math.min(Integer.MAX_VALUE, value.endsWith("B") ? Quantities.size(value)
                    : Quantities.count(value)));
        }
        value = settings.take("queue");
        if (value != null) {
            b.queue(queue(value));
        }
        value = settings.take("loss");
        if (value != null) {
            b.loss(loss(value));
        }
        value = settings.take("reorder");
        if (value != null) {
            reorder(b, value);
        }
        value = settings.take("duplicate");
        if (value != null) {
            b.duplicate(Quantities.probability(value));
        }
        value = settings.take("corrupt");
        if (value != null) {
            b.corrupt(Quantities.probability(value));
        }
        return b.build();
    }

    private static QueueProperties queue(String text) {
        String[] parts = text.split(":", -1);
        if (parts.length == 1) {
            return text.endsWith("p") ? new QueueProperties.Packets(packets(text))
                    : new QueueProperties.Bytes(Quantities.size(text));
        }
        if (parts.length == 2) {
            switch (parts[0]) {
                case "red", "red-ecn" -> {
                    return QueueProperties.Red.of(Quantities.size(parts[1]), parts[0].equals("red-ecn"));
                }
                case "codel", "codel-ecn" -> {
                    return QueueProperties.CoDel.of(packets(parts[1]), parts[0].equals("codel-ecn"));
                }
                default -> {
                }
            }
        }
        throw new IllegalArgumentException("'" + text + "' is not a queue such as 100p, 64KB, "
                + "red:300KB, red-ecn:300KB, "
                + "codel:1000p or codel-ecn:1000p");
    }

    private static int packets(String text) {
        if (!text.matches("[0-9]{1,9}p")) {
            throw new IllegalArgumentException("'" + text + "' is not a number of packets such as 100p");
        }
        return Integer.parseInt(text.substring(0, text.length() - 1));
    }

    private static LossProperties loss(String text) {
        if (!text.startsWith("burst:")) {
            return new LossProperties.Random(Quantities.probability(text));
        }
        String[] parts = text.substring(6).split(",", -1);
        if (parts.length != 2 && parts.length != 4) {
            throw new IllegalArgumentException("'" + text + "' is not burst:TO-BAD,TO-GOOD or "
                    + "burst:TO-BAD,TO-GOOD,LOSS-IN-GOOD,LOSS-IN-BAD");
        }
        return new LossProperties.Bursts(Quantities.probability(parts[0]), Quantities.probability(parts[1]),
                parts.length == 2 ? 0 : Quantities.probability(parts[2]),
                parts.length == 2 ? 1 : Quantities.probability(parts[3]));
    }

    private static void reorder(PipeProperties.Builder b, String text) {
        String[] parts = text.split(":", -1);
        if (parts.length != 2) {
            throw new IllegalArgumentException("'" + text + "' is not SHARE:PACKETS or SHARE:TIME, such as 1%:3p or "
                    + "1%:5ms");
        }
        double share = Quantities.probability(parts[0]);
        if (parts[1].endsWith("p")) {
            b.reorderByPackets(share, packets(parts[1]));
        } else {
            b.reorderByTime(share, Quantities.time(parts[1]));
        }
    }

    static LinkOffload offload(String text) {
        return switch (text) {
            case "none" -> LinkOffload.NONE;
            case "full" -> LinkOffload.FULL;
            case "segmentation" -> new LinkOffload(true, true, false, 0, false);
            case "checksum" -> new LinkOffload(false, true, false, 0, false);
            default -> throw new IllegalArgumentException("offload is none, checksum, segmentation or full, not '"
                    + text + "'");
        };
    }
}
