package net.braid.sim;

import net.braid.base.RandomSource;

/** The running state of random early detection (Floyd and Jacobson 1993, with the gentle option of Floyd 2000). */
final class RedState {
    enum Verdict {
        PASS, MARK, DROP
    }

    private final QueueProperties.Red properties;
    private double average;
    private int sinceLast = -1;

    RedState(QueueProperties.Red properties) {
        this.properties = properties;
    }

    /**
     * @param idleNanos how long nothing has waited
     * @param packetNanos time to transmit a typical packet; while idle, the average ages by one sample for each
     */
    Verdict onArrival(long queueBytes, long idleNanos, long packetNanos, RandomSource random) {
        if (queueBytes == 0 && idleNanos > 0) {
            average *= StrictMath.pow(1 - properties.weight(), (double) idleNanos / Math.max(1, packetNanos));
        } else {
            average += properties.weight() * (queueBytes - average);
        }
        double probability = probability();
        if (probability <= 0) {
            sinceLast = -1;
            return Verdict.PASS;
        }
        sinceLast++;
        // Spreads the choices evenly: the gap between two is uniform instead of geometric.
        double spread = probability * sinceLast >= 1 ? 1 : probability / (1 - sinceLast * probability);
        if (random.nextDouble() >= spread) {
            return Verdict.PASS;
        }
        sinceLast = 0;
        return properties.ecn() && average < properties.maximum() ? Verdict.MARK : Verdict.DROP;
    }

    double average() {
        return average;
    }

    private double probability() {
        double minimum = properties.minimum();
        double maximum = properties.maximum();
        if (average < minimum) {
            return 0;
        }
        if (average < maximum) {
            return properties.probability() * (average - minimum) / (maximum - minimum);
        }
        return Math.min(1, properties.probability()
                + (1 - properties.probability()) * (average - maximum) / maximum);
    }
}
