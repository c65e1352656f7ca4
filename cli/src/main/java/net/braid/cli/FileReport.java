package net.braid.cli;

import java.util.Locale;
import java.util.stream.Collectors;
import net.braid.runtime.StreamInfo;

/** What the user hears at the end of a file transfer. */
final class FileReport {
    private FileReport() {
    }

    static String text(FileTransfer.Result result, StreamInfo info) {
        StringBuilder text = new StringBuilder(String.format(Locale.ROOT, "%s: %s in %.2f s, %s%n", result.name(),
                Quantity.bytes(result.bytes()), result.seconds(),
                Quantity.bitsPerSecond(result.bytes() * 8 / result.seconds())));
        text.append("SHA-256 ").append(Digest.hex(result.digest())).append(", the same at both ends\n");
        text.append(info.multipath() ? "Multipath TCP" : "plain TCP");
        for (StreamInfo.Path path : info.paths()) {
            text.append("\n  ").append(path.local()).append(" - ").append(path.remote()).append(": ")
                    .append(Quantity.bytes(Math.max(path.bytesSent(), path.bytesReceived()))).append(", rtt ")
                    .append(Quantity.time(path.rttNanos()));
            if (path.bytesRetransmitted() > 0) {
                text.append(", ").append(Quantity.bytes(path.bytesRetransmitted())).append(" sent again");
            }
        }
        return text.toString();
    }

    static String json(FileTransfer.Result result, StreamInfo info) {
        String paths = info.paths().stream().map(path -> String.format(Locale.ROOT,
                "{\"local\":\"%s\",\"remote\":\"%s\",\"bytes_sent\":%d,\"bytes_received\":%d,"
                        + "\"bytes_retransmitted\":%d,\"rtt_us\":%d}", path.local(), path.remote(), path.bytesSent(),
                path.bytesReceived(), path.bytesRetransmitted(), path.rttNanos() / 1000))
                .collect(Collectors.joining(","));
        return String.format(Locale.ROOT,
                "{\"file\":\"%s\",\"bytes\":%d,\"seconds\":%.3f,\"sha256\":\"%s\",\"multipath\":%b,\"paths\":[%s]}",
                escape(result.name()), result.bytes(), result.seconds(), Digest.hex(result.digest()),
                info.multipath(), paths);
    }

    private static String escape(String text) {
        return text.replace("\\", "\\\\").replace("\"", "\\\"");
    }
}
