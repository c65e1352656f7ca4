package net.braid.runtime;

import java.util.Locale;
import java.util.stream.Collectors;

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
                + "\"established\":%b,\"backup\":%b,\"suspect\":%b,\"rtt_us\":%d,\"cwnd\":%d,\"in_flight\":%d,"
                + "\"delivery_rate\":%d,\"mss\":%d,\"bytes_sent\":%d,\"bytes_retransmitted\":%d,"
                + "\"bytes_received\":%d}", path.local(), path.localPort(), path.remote(), path.remotePort(),
                path.established(), path.backup(), path.suspect(), path.rttNanos() / 1000, path.congestionWindow(),
                path.bytesInFlight(), path.deliveryRate(), path.maximumSegmentSize(), path.bytesSent(),
                path.bytesRetransmitted(), path.bytesReceived());
    }

    /** @param path whose addresses it is about, or null: the connection alone */
    static String event(String name, StreamInfo info, StreamInfo.Path path) {
        String head = String.format(Locale.ROOT, "{\"event\":\"%s\",\"token\":\"%08x\"", name, info.token());
        return path == null ? head + "}" : head + String.format(Locale.ROOT,
                ",\"local\":\"%s\",\"local_port\":%d,\"remote\":\"%s\",\"remote_port\":%d,\"backup\":%b}",
                path.local(), path.localPort(), path.remote(), path.remotePort(), path.backup());
    }
}
