package net.braid.cli;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;

/** Answers of a running engine for people, in the form of {@code ip mptcp}, {@code ss} and {@code nstat}. */
final class ControlText {
    private static final String LINE = System.lineSeparator();

    private ControlText() {
    }

    /** As {@code 10.0.0.1 port 8000 id 3 signal subflow backup fullmesh dev braid0}. */
    static String endpoints(Json list) {
        StringJoiner lines = new StringJoiner(LINE);
        for (Json one : list.items()) {
            StringBuilder line = new StringBuilder(one.at("address").text("?"));
            if (one.has("port")) {
                line.append(" port ").append(one.at("port").number(0));
            }
            line.append(" id ").append(one.at("id").number(0));
            for (String flag : List.of("signal", "subflow", "backup", "fullmesh", "implicit")) {
                line.append(one.at(flag).isTrue() ? " " + flag : "");
            }
            lines.add(line + (one.has("dev") ? " dev " + one.at("dev").text("?") : ""));
        }
        return lines.toString();
    }

    static String limits(Json limits) {
        return "add_addr_accepted " + limits.at("add_addr_accepted").number(0) + " subflows "
                + limits.at("subflows").number(0);
    }

    /**
     * As {@code [SF_ESTABLISHED] token=0c269489 remid=0 locid=1 saddr4=10.0.0.1 daddr4=10.0.0.2 sport=40000 dport=80
     * backup=0}, on one line.
     */
    static String event(Json event) {
        String name = event.at("event").text("?");
        StringBuilder text = new StringBuilder(String.format(Locale.ROOT, "[%14s] token=%s", name,
                event.at("token").text("?")));
        number(text, "remid", event, "remote_id");
        number(text, "locid", event, "local_id");
        address(text, "saddr", event, "local");
        address(text, "daddr", event, "remote");
        number(text, "sport", event, "local_port");
        number(text, "dport", event, "remote_port");
        if (name.startsWith("SF_")) {
            text.append(" backup=").append(event.at("backup").isTrue() ? 1 : 0);
        }
        return text.toString();
    }

    private static void number(StringBuilder text, String name, Json event, String member) {
        if (event.has(member)) {
            text.append(' ').append(name).append('=').append(event.at(member).number(0));
        }
    }

    private static void address(StringBuilder text, String name, Json event, String member) {
        if (event.has(member)) {
            String address = event.at(member).text("");
            text.append(' ').append(name).append(address.indexOf(':') < 0 ? "4=" : "6=").append(address);
        }
    }

    static String connections(Json list) {
        StringJoiner lines = new StringJoiner(LINE);
        for (Json one : list.items()) {
            lines.add((one.at("multipath").isTrue() ? "mptcp " : "tcp   ") + place(one, "local") + " "
                    + place(one, "remote") + " token:" + one.at("token").text("?") + " subflows:"
                    + one.at("paths").items().size() + " bytes_sent:" + one.at("bytes_sent").number(0)
                    + " bytes_received:" + one.at("bytes_received").number(0));
            for (Json path : one.at("paths").items()) {
                lines.add("  " + place(path, "local") + " " + place(path, "remote")
                        + (path.at("established").isTrue() ? "" : " opening")
                        + (path.at("backup").isTrue() ? " backup" : "")
                        + (path.at("suspect").isTrue() ? " silent" : "")
                        + String.format(Locale.ROOT, " rtt:%.3f", path.at("rtt_us").number(0) / 1e3)
                        + " cwnd:" + path.at("cwnd").number(0) + " mss:" + path.at("mss").number(0)
                        + " bytes_sent:" + path.at("bytes_sent").number(0)
                        + " bytes_retrans:" + path.at("bytes_retransmitted").number(0)
                        + " bytes_received:" + path.at("bytes_received").number(0)
                        + " delivery_rate " + path.at("delivery_rate").number(0) * 8 + "bps");
            }
        }
        return lines.toString();
    }

    private static String place(Json json, String which) {
        String address = json.at(which).text("?");
        String shown = address.indexOf(':') < 0 ? address : "[" + address + "]";
        return shown + ":" + json.at(which + "_port").number(0);
    }

    static String counters(Json counters) {
        StringJoiner lines = new StringJoiner(LINE);
        if (counters.value() instanceof Map<?, ?> map) {
            map.forEach((name, value) -> {
                long count = value instanceof Json number ? number.number(0) : 0;
                if (count != 0) {
                    lines.add(String.format(Locale.ROOT, "%-34s%d", name, count));
                }
            });
        }
        return lines.toString();
    }
}
