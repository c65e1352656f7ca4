package net.braid.sim;

import net.braid.mptcp.ConnectionConfig;
import net.braid.tcp.SubflowConfig;

/** The settings of a flow in a scenario file. */
final class FlowSettings {
    static final String KNOWN = "from, to, port, start, app, bytes, back, request, response, count, pause, read-rate, "
            + "read-start, congestion, nodelay, cork, sack, timestamps, ecn, pacing, window-scaling, idle-restart, "
            + "mtu-probing, mss, autotuning, send-buffer, receive-buffer, min-rto, max-rto, initial-rto, syn-retries, "
            + "syn-ack-retries, retries, user-timeout, keep-alive, delayed-ack, fin-wait, time-wait, reset-on-close, "
            + "dscp, ttl, " + MultipathSettings.KNOWN;

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
        ConnectionConfig.Builder b = ConnectionConfig.builder();
        settings.with("nodelay", value -> b.noDelay(Quantities.yes(value)));
        settings.with("autotuning", value -> b.autoTuning(Quantities.yes(value)));
        settings.with("congestion", value -> b.congestionControl(PolicyNames.congestion(value)));
        settings.with("send-buffer", value -> b.sendBuffer(buffer(value, true), buffer(value, false)));
        settings.with("receive-buffer", value -> b.receiveBuffer(buffer(value, true), buffer(value, false)));
        settings.with("reset-on-close", value -> b.resetOnClose(Quantities.yes(value)));
        settings.with("dscp", value -> b.dscp(Quantities.smallCount(value)));
        settings.with("ttl", value -> b.timeToLive(Quantities.smallCount(value)));
        return b.flow(subflow(settings)).multipath(MultipathSettings.config(settings)).build();
    }

    private static SubflowConfig subflow(Settings settings) {
        SubflowConfig.Builder b = SubflowConfig.builder();
        settings.with("sack", value -> b.sack(Quantities.yes(value)));
        settings.with("timestamps", value -> b.timestamps(Quantities.yes(value)));
        settings.with("ecn", value -> b.ecn(Quantities.yes(value)));
        settings.with("pacing", value -> b.pacing(Quantities.yes(value)));
        settings.with("window-scaling", value -> b.windowScaling(Quantities.yes(value)));
        settings.with("idle-restart", value -> b.idleRestart(Quantities.yes(value)));
        settings.with("mtu-probing", value -> b.mtuProbing(Quantities.smallCount(value)));
        settings.with("mss", value -> b.maximumSegmentSize((int) Math.min(Integer.MAX_VALUE, Quantities.size(value))));
        settings.with("min-rto", value -> b.minimumRtoNanos(Quantities.time(value)));
        settings.with("max-rto", value -> b.maximumRtoNanos(Quantities.time(value)));
        settings.with("initial-rto", value -> b.initialRtoNanos(Quantities.time(value)));
        settings.with("syn-retries", value -> b.synRetries(Quantities.smallCount(value)));
        settings.with("syn-ack-retries", value -> b.synAckRetries(Quantities.smallCount(value)));
        settings.with("retries", value -> b.retries2(Quantities.smallCount(value)));
        settings.with("user-timeout", value -> b.userTimeoutNanos(Quantities.time(value)));
        settings.with("delayed-ack", value -> b.delayedAckNanos(Quantities.time(value)));
        settings.with("fin-wait", value -> b.finWait2Nanos(Quantities.time(value)));
        settings.with("time-wait", value -> b.timeWaitNanos(Quantities.time(value)));
        settings.with("keep-alive", value -> keepAlive(b, value));
        return b.build();
    }

    /** Idle time, then optionally the interval between probes and how many: 10s,1s,5. */
    private static void keepAlive(SubflowConfig.Builder b, String text) {
        String[] parts = text.split(",", -1);
        if (parts.length > 3) {
            throw new IllegalArgumentException("'" + text + "' is not IDLE[,INTERVAL[,PROBES]], such as 10s,1s,5");
        }
        b.keepAliveIdleNanos(Quantities.time(parts[0]));
        if (parts.length > 1) {
            b.keepAliveIntervalNanos(Quantities.time(parts[1]));
        }
        if (parts.length > 2) {
            b.keepAliveProbes(Quantities.smallCount(parts[2]));
        }
    }

    /** One size, or the initial and the largest: 64KB..4MB. */
    private static int buffer(String text, boolean initial) {
        int dots = text.indexOf("..");
        String part = dots < 0 ? text : initial ? text.substring(0, dots) : text.substring(dots + 2);
        return (int) Math.min(Integer.MAX_VALUE, Quantities.size(part));
    }
}
