package net.braid.tcp;

/** How large segments may be: path MTU, the peer's MSS, options, offload (RFC 9293 section 3.7, RFC 6691). */
final class SegmentSizes {
    private static final int TIMESTAMP_OPTION_BYTES = 12;
    private static final int TCP_HEADER = 20;
    private static final int MAXIMUM_TCP_HEADER = 60;

    private final Subflow flow;
    private final Handshake handshake;
    private final PathMtu pathMtu;
    private int segment;

    SegmentSizes(Subflow flow, Handshake handshake, PathMtu pathMtu) {
        this.flow = flow;
        this.handshake = handshake;
        this.pathMtu = pathMtu;
        update();
    }

    /** To be called when the path MTU or the agreed options have changed. */
    void update() {
        segment = Math.max(1, Math.min(pathMtu.mtu() - overhead(), payloadLimit()));
    }

    /** Payload bytes of a full segment. */
    int segment() {
        return segment;
    }

    /** Bytes of a full packet that are not payload. */
    int overhead() {
        return flow.path().ipHeaderLength() + TCP_HEADER + optionBytes();
    }

    /** Largest payload whatever the path: what the peer takes and our configuration allows. */
    int payloadLimit() {
        int byPeer = handshake.peerMss() - optionBytes();
        int configured = flow.config().maximumSegmentSize();
        return configured > 0 ? Math.min(byPeer, configured) : byPeer;
    }

    /** The packet that carries {@link #payloadLimit}: a larger one is never sent, so none need be tried. */
    int packetLimit() {
        return payloadLimit() + overhead();
    }

    /** What our SYN announces: the link's MTU without fixed headers (RFC 6691). */
    int announced() {
        return flow.path().mtu() - flow.path().ipHeaderLength() - TCP_HEADER;
    }

    /** Largest payload to send at once: a segment, or a super-segment that is a whole number of segments. */
    long quantum() {
        if (!flow.path().segmentationOffload()) {
            return segment;
        }
        int most = flow.path().maximumPacketBytes() - flow.path().ipHeaderLength() - MAXIMUM_TCP_HEADER;
        return most - most % segment;
    }

    private int optionBytes() {
        return (handshake.timestamps() ? TIMESTAMP_OPTION_BYTES : 0) + flow.owner().optionBytes(flow);
    }
}
