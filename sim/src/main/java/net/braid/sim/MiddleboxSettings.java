package net.braid.sim;

import java.util.Locale;
import net.braid.wire.IpAddress;
import net.braid.wire.TcpOptions;

/** The kinds of middleboxes and their settings, as a scenario file names them. */
final class MiddleboxSettings {
    static final String KINDS = "nat, rewrite-isn, strip, split, coalesce, change-payload, drop-syn, ack-early, "
            + "hold-holes, clamp-window, check-sequence, idle-firewall and reset";
    private static final String FOREVER = "1000000s";

    private MiddleboxSettings() {
    }

    /** @throws IllegalArgumentException that says what is wrong */
    static Middlebox create(String kind, Settings settings) {
        Middlebox box = switch (kind) {
            case "nat" -> new Nat(v4(settings.take("address", "198.51.100.1")), Quantities.time(
                    settings.take("timeout", FOREVER)));
            case "rewrite-isn" -> new SequenceRewriter();
            case "strip" -> new OptionStripper(what(settings.take("what", "mptcp")), where(settings.take("on", "any")),
                    direction(settings.take("direction", "both"), true), Quantities.count(settings.take("after", "0")));
            case "split" -> new SegmentSplitter(bytes(settings.take("size", "500B")));
            case "coalesce" -> new SegmentCoalescer(bytes(settings.take("size", "9000B")),
                    Quantities.time(settings.take("hold", "1ms")), Quantities.yes(settings.take("same-options", "no")));
            case "change-payload" -> new PayloadChanger(direction(settings.take("direction", "forward"), false),
                    Quantities.size(settings.take("at", "50KB")), Quantities.size(settings.take("every", "0B")));
            case "drop-syn" -> new SynDropper(synOption(settings.take("with", "mptcp")));
            case "ack-early" -> new ProactiveAcker(direction(settings.take("direction", "forward"), false),
                    Quantities.count(settings.take("lose", "0")));
            case "hold-holes" -> new HoleHolder(
                    (int) Math.min(1 << 16, Quantities.count(settings.take("most", "1000"))));
            case "clamp-window" -> new WindowClamp(bytes(settings.take("size", "8KB")));
            case "check-sequence" -> new SequenceFirewall();
            case "idle-firewall" -> new IdleFirewall(Quantities.time(settings.take("timeout", "60s")));
            case "reset" -> new ResetInjector(direction(settings.take("direction", "both"), true),
                    Quantities.count(settings.take("after", "20")), Quantities.count(settings.take("times", "1")));
            default -> throw new IllegalArgumentException("unknown middlebox '" + kind + "'; known are " + KINDS);
        };
        settings.finish(known(kind));
        return box;
    }

    private static String known(String kind) {
        return switch (kind) {
            case "nat" -> "address, timeout";
            case "strip" -> "what, on, direction, after";
            case "split", "clamp-window" -> "size";
            case "coalesce" -> "size, hold, same-options";
            case "change-payload" -> "direction, at, every";
            case "drop-syn" -> "with";
            case "ack-early" -> "direction, lose";
            case "hold-holes" -> "most";
            case "idle-firewall" -> "timeout";
            case "reset" -> "direction, after, times";
            default -> "none";
        };
    }

    private static IpAddress v4(String text) {
        IpAddress address = IpAddress.parse(text);
        if (!address.isV4()) {
            throw new IllegalArgumentException("a NAT translates IPv4; its address cannot be " + text);
        }
        return address;
    }

    private static int bytes(String text) {
        long bytes = Quantities.size(text);
        if (bytes < 1 || bytes > 60_000) {
            throw new IllegalArgumentException("size must be in 1B..60000B, not " + text);
        }
        return (int) bytes;
    }

    private static Middlebox.Direction direction(String text, boolean mayBeBoth) {
        return switch (text) {
            case "forward" -> Middlebox.Direction.FORWARD;
            case "backward" -> Middlebox.Direction.BACKWARD;
            case "both" -> {
                if (mayBeBoth) {
                    yield null;
                }
                throw new IllegalArgumentException("direction is forward or backward here, not both");
            }
            default -> throw new IllegalArgumentException("direction is forward or backward"
                    + (mayBeBoth ? " or both" : "") + ", not '" + text + "'");
        };
    }

    private static OptionStripper.What what(String text) {
        return switch (text) {
            case "all", "mptcp", "capable", "join", "dss", "add-addr" ->
                OptionStripper.What.valueOf(text.toUpperCase(Locale.ROOT).replace('-', '_'));
            default -> throw new IllegalArgumentException(
                    "what is all, mptcp, capable, join, dss or add-addr, not '" + text + "'");
        };
    }

    private static OptionStripper.Where where(String text) {
        return switch (text) {
            case "any", "syn", "syn-ack", "no-syn", "data", "ack" ->
                OptionStripper.Where.valueOf(text.toUpperCase(Locale.ROOT).replace('-', '_'));
            default -> throw new IllegalArgumentException(
                    "on is any, syn, syn-ack, no-syn, data or ack, not '" + text + "'");
        };
    }

    private static int synOption(String text) {
        return switch (text) {
            case "mptcp" -> TcpOptions.MPTCP;
            case "join" -> TcpOptions.MP_JOIN;
            default -> throw new IllegalArgumentException("with is mptcp or join, not '" + text + "'");
        };
    }
}
