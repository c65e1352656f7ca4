package net.braid.sim;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.braid.mptcp.ConnectionConfig;
import net.braid.stack.StackConfig;
import net.braid.wire.IpAddress;

/**
 * Reads a scenario from text; the grammar is in docs/scenario.md. Strict: every word must be understood, and every name
 * must have been introduced by an earlier line.
 */
public final class ScenarioParser {
    private static final int FIRST_PORT = 5001;

    private enum Kind {
        HOST, ROUTER, LINK, FLOW
    }

    private final String file;
    private final Scenario.Builder scenario = Scenario.builder();
    private final Map<String, Kind> names = new HashMap<>();
    private final Map<String, List<IpAddress>> addresses = new HashMap<>();
    private final Map<String, Integer> addressLines = new HashMap<>();
    private final Map<String, Integer> once = new HashMap<>();
    private int line;
    private int flows;

    private ScenarioParser(String file) {
        this.file = file;
    }

    /**
     * @param file name, for messages
     * @throws ScenarioException at the first error
     */
    public static Scenario parse(String file, String text) throws ScenarioException {
        return new ScenarioParser(file).parse(text);
    }

    private Scenario parse(String text) throws ScenarioException {
        for (String full : text.split("\n", -1)) {
            line++;
            int comment = full.indexOf('#');
            String content = (comment < 0 ? full : full.substring(0, comment)).strip();
            if (content.isEmpty()) {
                continue;
            }
            try {
                statement(content.split("\\s+"));
            } catch (IllegalArgumentException e) {
                throw new ScenarioException(file + ":" + line, e.getMessage());
            }
        }
        if (flows == 0) {
            throw new ScenarioException(file + ":" + line, "a scenario needs at least one flow");
        }
        return scenario.build();
    }

    private void statement(String[] words) {
        switch (words[0]) {
            case "seed" -> {
                onlyOnce("seed");
                scenario.seed(Quantities.count(value(words)));
            }
            case "duration" -> {
                onlyOnce("duration");
                long nanos = Quantities.time(value(words));
                if (nanos == 0) {
                    throw new IllegalArgumentException("a duration must be above 0");
                }
                scenario.duration(nanos);
            }
            case "host" -> host(words);
            case "router" -> router(words);
            case "link" -> link(words);
            case "middlebox" -> middlebox(words);
            case "flow" -> flow(words);
            case "at" -> event(words);
            case "capture" -> capture(words);
            case "trace" -> trace(words);
            case "expect" -> expectation(words);
            default -> throw new IllegalArgumentException("unknown word '" + words[0] + "'; a line begins with seed, "
                    + "duration, host, router, link, middlebox, flow, at, capture, trace or expect");
        }
    }

    private void onlyOnce(String word) {
        Integer before = once.put(word, line);
        if (before != null) {
            throw new IllegalArgumentException("'" + word + "' is given twice; the first is in line " + before);
        }
    }

    private static String value(String[] words) {
        expectWords(words, 2, words[0] + " VALUE");
        return words[1];
    }

    private static void expectWords(String[] words, int count, String form) {
        if (words.length != count) {
            throw new IllegalArgumentException("needed is: " + form);
        }
    }

    private static void expectAtLeast(String[] words, int count, String form) {
        if (words.length < count) {
            throw new IllegalArgumentException("needed is: " + form);
        }
    }

    private void introduce(String name, Kind kind) {
        if (!name.matches("[a-zA-Z][a-zA-Z0-9_-]*")) {
            throw new IllegalArgumentException("'" + name + "' is not a name: a letter, then letters, digits, - and _");
        }
        Kind before = names.put(name, kind);
        if (before != null) {
            throw new IllegalArgumentException("the name '" + name + "' is taken by a " + word(before));
        }
    }

    private String known(String name, Kind kind) {
        Kind is = names.get(name);
        if (is != kind) {
            throw new IllegalArgumentException(
                    is == null ? "there is no " + word(kind) + " '" + name + "' above this line"
                    : "'" + name + "' is a " + word(is) + ", not a " + word(kind));
        }
        return name;
    }

    private static String word(Kind kind) {
        return switch (kind) {
            case HOST -> "host";
            case ROUTER -> "router";
            case LINK -> "link";
            case FLOW -> "flow";
        };
    }

    private void host(String[] words) {
        expectAtLeast(words, 2, "host NAME [memory=SIZE]");
        introduce(words[1], Kind.HOST);
        addresses.put(words[1], new ArrayList<>());
        Settings settings = new Settings(words, 2);
        StackConfig.Builder stack = StackConfig.builder();
        settings.with("memory", value -> stack.memoryBytes(Quantities.size(value)));
        settings.finish("memory");
        scenario.host(new Scenario.HostSpec(words[1], stack.build()));
    }

    private void router(String[] words) {
        expectAtLeast(words, 2, "router NAME [black-hole=yes|no]");
        introduce(words[1], Kind.ROUTER);
        Settings settings = new Settings(words, 2);
        boolean blackHole = Quantities.yes(settings.take("black-hole", "no"));
        settings.finish("black-hole");
        scenario.router(words[1], blackHole);
    }

    private void link(String[] words) {
        String form = "link NAME NODE [ADDRESSES] NODE [ADDRESSES] [KEY=VALUE ...]; hosts need addresses";
        expectAtLeast(words, 4, form);
        introduce(words[1], Kind.LINK);
        int[] at = {2};
        Scenario.EndSpec first = end(words, at, form);
        Scenario.EndSpec second = end(words, at, form);
        if (first.node().equals(second.node())) {
            throw new IllegalArgumentException("a link needs two different ends");
        }
        Settings settings = new Settings(words, at[0]);
        LinkOffload offload = LinkSettings.offload(settings.take("offload", "none"));
        if (Quantities.yes(settings.take("backpressure", "no"))) {
            offload = offload.withBackpressure();
        }
        Settings forward = settings.takeAll("forward.");
        Settings backward = settings.takeAll("backward.");
        PipeProperties there = LinkSettings.apply(LinkSettings.apply(PipeProperties.PERFECT, settings.copy()), forward);
        PipeProperties back = LinkSettings.apply(LinkSettings.apply(PipeProperties.PERFECT, settings), backward);
        settings.finish(LinkSettings.KNOWN + ", offload, backpressure");
        forward.finish(LinkSettings.KNOWN);
        backward.finish(LinkSettings.KNOWN);
        scenario.link(new Scenario.LinkSpec(words[1], first, second, there, back, offload));
    }

    private Scenario.EndSpec end(String[] words, int[] at, String form) {
        if (at[0] >= words.length) {
            throw new IllegalArgumentException("needed is: " + form);
        }
        String node = words[at[0]++];
        if (names.get(node) == Kind.ROUTER) {
            return new Scenario.EndSpec(node, List.of());
        }
        known(node, Kind.HOST);
        List<IpAddress> list = new ArrayList<>();
        if (at[0] >= words.length || words[at[0]].indexOf('=') >= 0 || names.containsKey(words[at[0]])) {
            throw new IllegalArgumentException("host '" + node + "' needs an address on this link, such as 10.0.0.1");
        }
        for (String text : words[at[0]++].split(",", -1)) {
            IpAddress address = IpAddress.parse(text);
            Integer before = addressLines.put(address.toString(), line);
            if (before != null) {
                throw new IllegalArgumentException("address " + text + " is taken in line " + before);
            }
            list.add(address);
            addresses.get(node).add(address);
        }
        return new Scenario.EndSpec(node, list);
    }

    private void middlebox(String[] words) {
        expectAtLeast(words, 3, "middlebox LINK KIND [KEY=VALUE ...]");
        known(words[1], Kind.LINK);
        String box = String.join(" ", Arrays.copyOfRange(words, 2, words.length));
        // Once now, so that errors are found while reading.
        Middlebox.parse(box);
        scenario.middlebox(new Scenario.MiddleboxSpec(words[1], box));
    }

    private void flow(String[] words) {
        expectAtLeast(words, 4, "flow NAME CLIENT SERVER [KEY=VALUE ...]");
        introduce(words[1], Kind.FLOW);
        String client = known(words[2], Kind.HOST);
        String server = known(words[3], Kind.HOST);
        if (client.equals(server)) {
            throw new IllegalArgumentException("a flow needs two different hosts");
        }
        Settings settings = new Settings(words, 4);
        IpAddress from = address(settings.take("from"), client);
        IpAddress to = address(settings.take("to"), server);
        if (to == null) {
            to = firstAddress(server, from);
        }
        if (from == null && addresses.get(client).isEmpty()) {
            throw new IllegalArgumentException("host '" + client + "' has no link above this line");
        }
        String port = settings.take("port");
        long number = port == null ? FIRST_PORT + flows : Quantities.count(port);
        if (number < 1 || number > 65_535) {
            throw new IllegalArgumentException("a port must be in 1..65535: " + number);
        }
        long start = Quantities.time(settings.take("start", "0s"));
        Scenario.Work work = FlowSettings.work(settings);
        ReadPace pace = FlowSettings.pace(settings, ReadPace.EAGER);
        boolean cork = Quantities.yes(settings.take("cork", "no"));
        ConnectionConfig config = FlowSettings.config(settings);
        settings.finish(FlowSettings.KNOWN);
        flows++;
        scenario.flow(new Scenario.FlowSpec(words[1], client, server, from, to, (int) number, start, work, pace,
                cork, config));
    }

    private IpAddress address(String text, String host) {
        if (text == null) {
            return null;
        }
        IpAddress address = IpAddress.parse(text);
        if (!addresses.get(host).contains(address)) {
            throw new IllegalArgumentException("host '" + host + "' has no address " + text + "; it has "
                    + addresses.get(host));
        }
        return address;
    }

    private IpAddress firstAddress(String host, IpAddress from) {
        for (IpAddress address : addresses.get(host)) {
            if (from == null || from.isV4() == address.isV4()) {
                return address;
            }
        }
        throw new IllegalArgumentException("host '" + host + "' has no address that this flow could go to");
    }

    private void event(String[] words) {
        String form = "at TIME link NAME up|down|KEY=VALUE ..., at TIME router NAME black-hole=yes|no, "
                + "or at TIME flow NAME abort|read-rate=RATE";
        expectAtLeast(words, 5, form);
        long at = Quantities.time(words[1]);
        switch (words[2]) {
            case "link" -> linkEvent(words, at, form);
            case "router" -> {
                known(words[3], Kind.ROUTER);
                Settings settings = new Settings(words, 4);
                boolean blackHole = Quantities.yes(settings.take("black-hole", "no"));
                settings.finish("black-hole");
                scenario.event(new Scenario.Event.RouterBlackHole(at, words[3], blackHole));
            }
            case "flow" -> {
                known(words[3], Kind.FLOW);
                if (words[4].equals("abort")) {
                    expectWords(words, 5, form);
                    scenario.event(new Scenario.Event.FlowAbort(at, words[3]));
                } else {
                    Settings settings = new Settings(words, 4);
                    ReadPace pace = FlowSettings.pace(settings, null);
                    settings.finish("read-rate");
                    scenario.event(new Scenario.Event.FlowPace(at, words[3], pace));
                }
            }
            default -> throw new IllegalArgumentException("needed is: " + form);
        }
    }

    private void linkEvent(String[] words, long at, String form) {
        known(words[3], Kind.LINK);
        if (words[4].equals("up") || words[4].equals("down")) {
            expectWords(words, 5, form);
            scenario.event(new Scenario.Event.LinkUp(at, words[3], words[4].equals("up")));
            return;
        }
        Settings settings = new Settings(words, 4);
        Settings forward = settings.takeAll("forward.");
        Settings backward = settings.takeAll("backward.");
        Settings both = settings.copy();
        // Once now, so that errors are found while reading.
        LinkSettings.apply(PipeProperties.PERFECT, settings);
        settings.finish(LinkSettings.KNOWN);
        checkAll(forward.copy());
        checkAll(backward.copy());
        scenario.event(new Scenario.Event.LinkChange(at, words[3],
                old -> LinkSettings.apply(LinkSettings.apply(old, both.copy()), forward.copy()),
                old -> LinkSettings.apply(LinkSettings.apply(old, both.copy()), backward.copy())));
    }

    private static void checkAll(Settings settings) {
        LinkSettings.apply(PipeProperties.PERFECT, settings);
        settings.finish(LinkSettings.KNOWN);
    }

    private void capture(String[] words) {
        String form = "capture FILE link NAME [at=offered,delivered,dropped] [direction=both|forward|backward], "
                + "or capture FILE host NAME";
        expectAtLeast(words, 4, form);
        switch (words[2]) {
            case "link" -> {
                String link = known(words[3], Kind.LINK);
                Settings settings = new Settings(words, 4);
                List<Tap.Point> points = points(settings.take("at", "offered"));
                String direction = settings.take("direction", "both");
                settings.finish("at, direction");
                if (!List.of("both", "forward", "backward").contains(direction)) {
                    throw new IllegalArgumentException(
                            "direction is both, forward or backward, not '" + direction + "'");
                }
                scenario.capture(new Scenario.CaptureSpec(words[1], link, null, points, !direction.equals("backward"),
                        !direction.equals("forward")));
            }
            case "host" -> {
                expectWords(words, 4, form);
                scenario.capture(new Scenario.CaptureSpec(words[1], null, known(words[3], Kind.HOST), List.of(), true,
                        true));
            }
            default -> throw new IllegalArgumentException("needed is: " + form);
        }
    }

    private static List<Tap.Point> points(String text) {
        List<Tap.Point> points = new ArrayList<>();
        for (String word : text.split(",", -1)) {
            Tap.Point point = switch (word) {
                case "offered" -> Tap.Point.OFFERED;
                case "delivered" -> Tap.Point.DELIVERED;
                case "dropped" -> Tap.Point.DROPPED;
                default -> throw new IllegalArgumentException(
                        "a packet is captured where it is offered, delivered or dropped, not '" + word + "'");
            };
            if (!points.contains(point)) {
                points.add(point);
            }
        }
        return points;
    }

    private void trace(String[] words) {
        expectAtLeast(words, 4, "trace FILE flow NAME [interval=TIME]");
        if (!words[2].equals("flow")) {
            throw new IllegalArgumentException("needed is: trace FILE flow NAME [interval=TIME]");
        }
        known(words[3], Kind.FLOW);
        Settings settings = new Settings(words, 4);
        long interval = Quantities.time(settings.take("interval", "10ms"));
        settings.finish("interval");
        if (interval == 0) {
            throw new IllegalArgumentException("an interval must be above 0");
        }
        scenario.trace(new Scenario.TraceSpec(words[1], words[3], interval));
    }

    private void expectation(String[] words) {
        String form = "expect flow NAME completes [before TIME] | fails | goodput >=|<= RATE | "
                + "retransmissions >=|<= COUNT, or expect link NAME drops >=|<= COUNT | delivers >=|<= SIZE";
        expectAtLeast(words, 4, form);
        String where = file + ":" + line;
        if (words[1].equals("link") && words[3].equals("drops")) {
            expectWords(words, 6, form);
            scenario.expect(new Scenario.Expectation.Drops(where, known(words[2], Kind.LINK), atLeast(words[4], form),
                    Quantities.count(words[5])));
            return;
        }
        if (words[1].equals("link") && words[3].equals("delivers")) {
            expectWords(words, 6, form);
            scenario.expect(new Scenario.Expectation.Delivered(where, known(words[2], Kind.LINK),
                    atLeast(words[4], form), Quantities.size(words[5])));
            return;
        }
        if (!words[1].equals("flow")) {
            throw new IllegalArgumentException("needed is: " + form);
        }
        String flow = known(words[2], Kind.FLOW);
        switch (words[3]) {
            case "completes" -> {
                boolean before = words.length == 6 && words[4].equals("before");
                if (!before) {
                    expectWords(words, 4, form);
                }
                scenario.expect(new Scenario.Expectation.Completes(where, flow,
                        before ? Quantities.time(words[5]) : Simulation.NEVER));
            }
            case "fails" -> {
                expectWords(words, 4, form);
                scenario.expect(new Scenario.Expectation.Fails(where, flow));
            }
            case "goodput" -> {
                expectWords(words, 6, form);
                scenario.expect(new Scenario.Expectation.Goodput(where, flow, atLeast(words[4], form),
                        Quantities.rate(words[5])));
            }
            case "retransmissions" -> {
                expectWords(words, 6, form);
                scenario.expect(new Scenario.Expectation.Retransmissions(where, flow, atLeast(words[4], form),
                        Quantities.count(words[5])));
            }
            default -> throw new IllegalArgumentException("needed is: " + form);
        }
    }

    private static boolean atLeast(String operator, String form) {
        return switch (operator) {
            case ">=" -> true;
            case "<=" -> false;
            default -> throw new IllegalArgumentException("needed is: " + form);
        };
    }
}
