package net.braid.sim;

import net.braid.mptcp.ConnectionConfig;
import net.braid.tcp.SubflowConfig;

/** The settings of a flow in a scenario file. */
final class FlowSettings {
    static final String KNOWN = "from, to, port, start, app, bytes, back, request, response, count, pause, read-rate, "
            + "read-start, congestion, nodelay, sack, timestamps, ecn, pacing, window-scaling, mtu-probing, "
            + "autotuning, "
            + "send-buffer, receive-buffer";

    private FlowSettings() {
    }

    static Scenario.Work work(Settings settings) {
        String app = settings.take("app", "bulk");
        return switch (app) {
            case "bulk" -> new Scenario.Work.Bulk(bytes(settings.take("bytes", "endless")),
                    bytes(settings.take("back", "0B")));
            case "echo" -> new Scenario.Work.Echo(bytes(settings.take("bytes", "1MB")));
            case "requests" -> new Scenario.Work.Requests(atLeastOne("request", settings.take("request", "100B")),
                    atLeastOne("response", settings.take("response", "10KB")),
                    (int) Math.min(1_000_000_000, Quantities.count(settings.take("count", "1"))),
                    Quantities.time(settings.take("pause", "0s")));
            default -> throw new IllegalArgumentException("app is bulk, echo or requests, not '" + app + "'");
        };
    }

    private static long bytes(String text) {
        return text.equals("endless") ? StreamEndpoint.ENDLESS : Quantities.size(text);
    }

    private static long atLeastOne(String name, String text) {
        long bytes = Quantities.size(text);
        if (bytes == 0) {
            throw new IllegalArgumentException(name + " must be at least 1B");
        }
        return bytes;
    }

    static ReadPace pace(Settings settings, ReadPace otherwise) {
        String rate = settings.take("read-rate");
        String start = settings.take("read-start");
        if (rate == null && start == null) {
            return otherwise;
        }
        ReadPace pace = rate == null || rate.equals("infinite") ? ReadPace.EAGER
                : ReadPace.ofRate(Math.max(1, Quantities.rate(rate) / 8));
        return start == null ? pace : new ReadPace(pace.bytes(), pace.intervalNanos(), Quantities.time(start));
    }

    static ConnectionConfig config(Settings settings) {
        SubflowConfig.Builder flow = SubflowConfig.builder();
        ConnectionConfig.Builder b = ConnectionConfig.builder();
        String value = settings.take("sack");
        if (value != null) {
            flow.sack(Quantities.yes(value));
        }
        value = settings.take("timestamps");
        if (value != null) {
            flow.timestamps(Quantities.yes(value));
        }
        value = settings.take("ecn");
        if (value != null) {
            flow.ecn(Quantities.yes(value));
        }
        value = settings.take("pacing");
        if (value != null) {
            flow.pacing(Quantities.yes(value));
        }
        value = settings.take("window-scaling");
        if (value != null) {
            flow.windowScaling(Quantities.yes(value));
        }
        value = settings.take("mtu-probing");
        if (value != null) {
            flow.mtuProbing((int) Math.min(99, Quantities.count(value)));
        }
        value = settings.take("nodelay");
        if (value != null) {
            b.noDelay(Quantities.yes(value));
        }
        value = settings.take("autotuning");
        if (value != null) {
            b.autoTuning(Quantities.yes(value));
        }
        value = settings.take("congestion");
        if (value != null) {
            b.congestionControl(value);
        }
        value = settings.take("send-buffer");
        if (value != null) {
            b.sendBuffer(buffer(value, true), buffer(value, false));
        }
        value = settings.take("receive-buffer");
        if (value != null) {
            b.receiveBuffer(buffer(value, true), buffer(value, false));
        }
        return b.flow(flow.build()).build();
    }

    /** One size, or the initial and the largest: 64KB..4MB. */
    private static int buffer(String text, boolean initial) {
        int dots = text.indexOf("..");
        String part = dots < 0 ? text : initial ? text.substring(0, dots) : text.substring(dots + 2);
        return (int) Math.min(Integer.MAX_VALUE, Quantities.size(part));
    }
}
