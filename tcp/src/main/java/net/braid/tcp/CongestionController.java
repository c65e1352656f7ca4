package net.braid.tcp;

/**
 * Decides how much may be in flight on one flow, and how fast it may leave. Bytes and nanoseconds. The engine clamps
 * every answer: a controller may be unwise, never unsafe.
 *
 * <p>Division of labour: the engine detects loss and, while it is repaired, rations by proportional rate reduction
 * (RFC 9937) towards {@link #slowStartThreshold}. On {@link Signal#LOSS} and {@link Signal#ECN} a controller sets its
 * threshold <em>and</em> its window to what should hold afterwards; on {@link Signal#RETRANSMISSION_TIMEOUT} it sets
 * the window to one segment.
 */
public interface CongestionController {
    enum Signal {
        /** A round of loss recovery begins (at most once per window of data), or a retransmission was lost. */
        LOSS,
        /** The peer echoes a CE mark; at most once per window of data (RFC 3168 section 6.1.2). */
        ECN,
        /** The retransmission timer fired (RFC 5681 section 3.1). Repeated for each expiry of the same data. */
        RETRANSMISSION_TIMEOUT,
        /** The last LOSS or RETRANSMISSION_TIMEOUT was wrong: restore what was saved then (RFC 4015, RFC 5682). */
        SPURIOUS_RECOVERY,
        /** Nothing was sent for longer than an RTO: window = min(window, initial window) (RFC 5681 section 4.1). */
        IDLE_RESTART
    }

    /** @param inFlightBytes {@link FlowView#bytesInFlight} with these {@code bytes} */
    void onSent(long now, int bytes, long inFlightBytes);

    void onAck(AckSample sample);

    /**
     * @param inFlightBytes FlightSize (RFC 5681 section 2): sent and not yet cumulatively acknowledged, whatever is
     *     SACKed or declared lost of it
     */
    void onCongestion(Signal signal, long now, long inFlightBytes);

    /** In bytes. */
    long congestionWindow();

    /** In bytes; {@link Long#MAX_VALUE} before the first congestion. */
    long slowStartThreshold();

    /** Bytes per second; 0 leaves the pacer to derive a rate from window and round-trip time. */
    long pacingRate();

    /** Registered with {@code provides} in module-info; named on the command line and in socket options. */
    interface Factory {
        /** As Linux names it: {@code reno}, {@code cubic}. */
        String name();

        /** The initial window comes from {@link InitialWindow}. */
        CongestionController create(FlowView flow, CouplingGroup group, long now);
    }
}
