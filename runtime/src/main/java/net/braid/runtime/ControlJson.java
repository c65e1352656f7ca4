package net.braid.runtime;

import java.util.Locale;
import java.util.stream.Collectors;
import net.braid.mptcp.Connection;
import net.braid.mptcp.Endpoint;
import net.braid.mptcp.PeerAddress;
import net.braid.mptcp.SubflowInfo;
import net.braid.tcp.CloseReason;

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
                + "\"peer_addresses\":%s,\"paths\":%s}", info.local(), info.localPort(), info.remote(),
                info.remotePort(), info.multipath(), info.token(), info.checksum(), info.sent(), info.received(),
                info.announced().stream().map(ControlJson::address).collect(Collectors.joining(",", "[", "]")),
                info.paths().stream().map(ControlJson::path).collect(Collectors.joining(",", "[", "]")));
    }

    private static String address(PeerAddress address) {
        return String.format(Locale.ROOT, "{\"id\":%d,\"address\":\"%s\",\"port\":%d}", address.id(),
                address.address(), address.port());
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

    /** @param reason null: it has not ended */
    static String event(String name, Connection connection, SubflowInfo subflow, CloseReason reason) {
        return head(name, connection) + String.format(Locale.ROOT,
                ",\"remote_id\":%d,\"local_id\":%d,\"local\":\"%s\",\"local_port\":%d,\"remote\":\"%s\","
                + "\"remote_port\":%d,\"backup\":%b%s}", subflow.remoteId(), subflow.localId(), subflow.local(),
                subflow.localPort(), subflow.remote(), subflow.remotePort(), subflow.backup(),
                reason == null ? "" : ",\"reason\":" + string(words(reason)));
    }

    private static String words(CloseReason reason) {
        return switch (reason) {
            case CloseReason.Finished f -> "finished";
            case CloseReason.ResetByPeer r -> "reset by peer, reason " + r.mptcpReason();
            case CloseReason.Refused r -> "refused";
            case CloseReason.TimedOut t -> "timed out";
            case CloseReason.Unreachable u -> "unreachable";
            case CloseReason.Aborted a -> "aborted: " + a.why();
        };
    }

    static String announced(Connection connection, PeerAddress address) {
        return head("ANNOUNCED", connection) + String.format(Locale.ROOT, ",\"remote_id\":%d,\"remote\":\"%s\","
                + "\"remote_port\":%d}", address.id(), address.address(), address.port());
    }

    static String removed(Connection connection, int addressId) {
        return head("REMOVED", connection) + ",\"remote_id\":" + addressId + "}";
    }

    static String closed(Connection connection) {
        return head("CLOSED", connection) + "}";
    }

    private static String head(String name, Connection connection) {
        return String.format(Locale.ROOT, "{\"event\":\"%s\",\"token\":\"%08x\"", name, connection.token());
    }
}
