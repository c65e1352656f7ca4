package net.braid.conformance;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import net.braid.conformance.MiddleboxRun.Place;
import net.braid.conformance.MiddleboxRun.Senders;

/** What becomes of a connection behind each middlebox, in each version, with and without DSS checksums. */
final class MiddleboxTable {
    static final List<String> BOXES = List.of(
            "none",
            "nat",
            "nat timeout=3s",
            "rewrite-isn",
            "strip what=all",
            "strip what=mptcp",
            "strip what=mptcp on=syn",
            "strip what=mptcp on=syn-ack",
            "strip what=mptcp on=no-syn",
            "strip what=mptcp direction=forward",
            "strip what=mptcp direction=backward",
            "strip what=mptcp on=no-syn direction=forward",
            "strip what=mptcp on=no-syn direction=backward",
            "strip what=mptcp on=data",
            "strip what=mptcp on=data direction=forward",
            "strip what=mptcp on=data direction=backward",
            "strip what=mptcp on=ack",
            "strip what=mptcp on=ack direction=forward",
            "strip what=mptcp on=ack direction=backward",
            "strip what=dss",
            "strip what=dss direction=forward",
            "strip what=dss direction=backward",
            "strip what=dss after=40",
            "strip what=dss after=40 direction=forward",
            "strip what=dss after=40 direction=backward",
            "strip what=add-addr",
            "strip what=join",
            "split",
            "coalesce size=4000B same-options=yes",
            "coalesce size=4000B",
            "change-payload",
            "change-payload direction=backward",
            "change-payload every=100KB",
            "drop-syn",
            "drop-syn with=join",
            "ack-early",
            "ack-early direction=backward",
            "ack-early lose=50",
            "hold-holes",
            "clamp-window",
            "check-sequence",
            "idle-firewall timeout=3s",
            "reset",
            "reset times=4");

    private MiddleboxTable() {
    }

    static String cell(String box, Place place, int version, boolean checksum, Senders senders) {
        try (MiddleboxRun run = new MiddleboxRun(box, place, version, checksum, senders)) {
            return run.verdict();
        }
    }

    static List<String> lines() {
        List<String> lines = new ArrayList<>(List.of(
                "# What becomes of a transfer of 400 kB behind each middlebox: on the only path, on the path of the",
                "# first of two subflows, on that of the second. Columns: version, DSS checksum or none, who sends.",
                "# mpN: both ends spoke Multipath TCP to the end, with N subflows; tcp: both fell back to plain TCP.",
                "# !: bytes came as the box had changed them. -: not all bytes came; then how both ends ended.",
                "# +: all came, but the end was not orderly. MiddleboxTable computes it, MiddleboxTableTest guards it.",
                "#",
                "# strip on=ack alone: data carries DSS, acknowledgments do not. While data flows it acknowledges;",
                "# then the rest of the data, or DATA_FIN, is never acknowledged; the data level gives up after 100 s.",
                "# strip dss after=40: mappings vanish on a proven path: reset (6), and a new subflow goes on."));
        for (Place place : Place.values()) {
            lines.add("");
            StringBuilder head = new StringBuilder(pad(place.name().toLowerCase(Locale.ROOT), 47));
            StringBuilder second = new StringBuilder(pad("", 47));
            for (int version = 1; version >= 0; version--) {
                for (boolean checksum : new boolean[] {false, true}) {
                    head.append(pad("v" + version + (checksum ? " checksum" : ""), 3 * WIDTH));
                    for (Senders senders : Senders.values()) {
                        second.append(pad(senders.name().toLowerCase(Locale.ROOT), WIDTH));
                    }
                }
            }
            lines.add(head.toString().stripTrailing());
            lines.add(second.toString().stripTrailing());
            for (String box : BOXES) {
                lines.add(row(place, box));
            }
        }
        return lines;
    }

    private static final int WIDTH = 10;

    private static String row(Place place, String box) {
        StringBuilder row = new StringBuilder(pad(box, 47));
        for (int version = 1; version >= 0; version--) {
            for (boolean checksum : new boolean[] {false, true}) {
                for (Senders senders : Senders.values()) {
                    String cell;
                    try {
                        cell = cell(box, place, version, checksum, senders);
                    } catch (AssertionError | RuntimeException e) {
                        cell = "ERROR";
                    }
                    row.append(pad(cell, WIDTH));
                }
            }
        }
        return row.toString().stripTrailing();
    }

    private static String pad(String text, int width) {
        return text.length() >= width ? text + " " : text + " ".repeat(width - text.length());
    }
}
