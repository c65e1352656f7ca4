package net.braid.runtime;

import java.util.Locale;
import java.util.stream.Collectors;
import net.braid.mptcp.Endpoint;
import net.braid.mptcp.PeerAddress;

/** Answers of {@link EngineControl} as JSON. */
final class ControlJson {
    private ControlJson() {
    }

    static String string(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                quoted.append('\\').append(c);
            } else if (c < 0x20) {
                quoted.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
            } else {
                quoted.append(c);
            }
        }
        return quoted.append('"').toString();
    }

    static String connection(StreamInfo info) {
        return String.format(Locale.ROOT, "{\"local\":\"%s\",\"local_port\":%d,\"remote\":\"%s\",\"remote_port\":%d,"
                + "\"multipath\":%b,\"token\":\"%08x\",\"checksum\":%b,\"bytes_sent\":%d,\"bytes_received\":%d,"
                + "\"paths\":%s}", info.local(), info.localPort(), info.remote(), info.remotePort(), info.multipath(),
                info.token(), info.checksum(), info.sent(), info.received(),
                info.paths().stream().map(ControlJson::path).collect(Collectors.joining(",", "[", "]")));
    }

    private static String path(StreamInfo.Path path) {
        return String.format(Locale.ROOT, "{\"local\":\"%s\",\"local_port\":%d,\"remote\":\"%s\",\"remote_port\":%d,"
                + "\"local_id\":%d,\"remote_id\":%d,\"established\":%b,\"backup\":%b,\"suspect\":%b,\"rtt_us\":%d,"
                + "\"cwnd\":%d,\"in_flight\":%d,\"delivery_rate\":%d,\"mss\":%d,\"bytes_sent\":%d,"
                + "\"bytes_retransmitted\":%d,\"bytes_received\":%d}", path.local(), path.localPort(), path.remote(),
                path.remotePort(), path.localId(), path.remoteId(), path.established(), path.backup(), path.suspect(),
                path.rttNanos() / 1000, path.congestionWindow(), path.bytesInFlight(), path.deliveryRate(),
                path.maximumSegmentSize(), path.bytesSent(), path.bytesRetransmitted(), path.bytesReceived());
    }

    /** @param device null: the address is not there at present */
    static String endpoint(Endpoint endpoint, String device) {
        StringBuilder json = new StringBuilder("{\"address\":\"").append(endpoint.address()).append('"');
        if (endpoint.port() != 0) {
            json.append(",\"port\":").append(endpoint.port());
        }
        json.append(",\"id\":").append(endpoint.id());
        flag(json, "signal", endpoint.signal());
        flag(json, "subflow", endpoint.subflow());
        flag(json, "backup", endpoint.backup());
        flag(json, "fullmesh", endpoint.fullmesh());
        flag(json, "implicit", endpoint.implicit());
        if (device != null) {
            json.append(",\"dev\":").append(string(device));
        }
        return json.append('}').toString();
    }

    private static void flag(StringBuilder json, String name, boolean set) {
        if (set) {
            json.append(",\"").append(name).append("\":true");
        }
    }

    /** @param path that it is about, or null: the connection alone */
    static String event(String name, StreamInfo info, StreamInfo.Path path) {
        return head(name, info) + (path == null ? "}" : String.format(Locale.ROOT,
                ",\"remote_id\":%d,\"local_id\":%d,\"local\":\"%s\",\"local_port\":%d,\"remote\":\"%s\","
                + "\"remote_port\":%d,\"backup\":%b}", path.remoteId(), path.localId(), path.local(), path.localPort(),
                path.remote(), path.remotePort(), path.backup()));
    }

    static String announced(StreamInfo info, PeerAddress address) {
        return head("ANNOUNCED", info) + String.format(Locale.ROOT, ",\"remote_id\":%d,\"remote\":\"%s\","
                + "\"remote_port\":%d}", address.id(), address.address(), address.port());
    }

    static String removed(StreamInfo info, PeerAddress address) {
        return head("REMOVED", info) + String.format(Locale.ROOT, ",\"remote_id\":%d}", address.id());
    }

    private static String head(String name, StreamInfo info) {
        return String.format(Locale.ROOT, "{\"event\":\"%s\",\"token\":\"%08x\"", name, info.token());
    }
}
