package net.braid.tcp;

/**
 * What one connection to a destination learned and the next may start from (RFC 9040 section 6). 0 means unknown.
 *
 * <p>No slow start threshold: what one connection found says too little of the next, which shares the path with others
 * (Linux leaves it out since 5.6, {@code tcp_no_ssthresh_metrics_save}).
 *
 * @param pathMtu bytes, learned from ICMP or by probing
 */
public record PathMetrics(long smoothedRttNanos, long rttVarianceNanos, int pathMtu) {
    public static final PathMetrics UNKNOWN = new PathMetrics(0, 0, 0);
}
