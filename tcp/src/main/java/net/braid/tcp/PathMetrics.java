package net.braid.tcp;

/**
 * What one connection to a destination learned and the next may start from (RFC 9040 section 6). 0 means unknown.
 *
 * @param pathMtu bytes, learned from ICMP or by probing
 */
public record PathMetrics(long smoothedRttNanos, long rttVarianceNanos, long slowStartThresholdBytes, int pathMtu) {
    public static final PathMetrics UNKNOWN = new PathMetrics(0, 0, 0, 0);
}
