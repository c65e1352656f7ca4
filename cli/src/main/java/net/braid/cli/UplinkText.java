package net.braid.cli;

import java.util.List;
import java.util.Locale;

/** Uplinks for people to read. */
final class UplinkText {
    private UplinkText() {
    }

    /** A line for each path. */
    static List<String> paths(UplinkState state) {
        int widest = state.paths().stream().mapToInt(path -> path.address().toString().length()).max().orElse(0);
        int longest = state.paths().stream().mapToInt(path -> path.uplink().length()).max().orElse(0);
        return state.paths().stream().map(path -> line(state, path, widest, longest)).toList();
    }

    private static String line(UplinkState state, UplinkState.Path path, int widest, int longest) {
        StringBuilder line = new StringBuilder(String.format(Locale.ROOT, "  %-" + widest + "s", path.address()));
        if (path.uplink().isEmpty()) {
            return line.append("  by the host's own routes").toString();
        }
        line.append(String.format(Locale.ROOT, "  over %-" + longest + "s  %-4s  MTU %d", path.uplink(),
                path.up() ? "up" : "down", path.mtu()));
        if (state.nat() && path.outside() != null) {
            line.append(", seen as ").append(path.outside());
        }
        if (path.gateway() != null) {
            line.append(", router ").append(path.gateway());
            line.append(path.reachable().equals("no") ? " (does not answer)" : "");
        }
        return line.toString();
    }
}
