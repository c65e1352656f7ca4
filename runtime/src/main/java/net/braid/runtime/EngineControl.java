package net.braid.runtime;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import net.braid.link.Link;
import net.braid.mptcp.MultipathConfig;
import net.braid.tcp.Counter;
import net.braid.wire.IpAddress;

/**
 * Answers what is asked of an engine through its {@link ControlSocket}. The grammar is that of {@code ip mptcp}:
 *
 * <pre>
 *   endpoint show | endpoint add ADDRESS [dev NAME] [id N] | endpoint delete id N | endpoint flush
 *   limits show | monitor | connections | counters
 * </pre>
 *
 * Every answer is one line {@code {"result": ...}} or {@code {"error": "a sentence"}}; that of {@code monitor} is a
 * line for each event, without end.
 */
final class EngineControl implements ControlSocket.Handler {
    private static final long LOOK_MILLIS = 50;
    private static final int MOST_ENDPOINTS = 255;

    private final Engine engine;
    private final Link link;
    private final MultipathConfig limits;
    /** By number. All its uses are in methods that hold this object's lock. */
    private final Map<Integer, IpAddress> endpoints = new TreeMap<>();

    /** @param link that addresses are added behind */
    EngineControl(Engine engine, Link link, MultipathConfig limits) {
        this.engine = engine;
        this.link = link;
        this.limits = limits;
    }

    /** What was asked for is wrong, with a sentence that says what would be right. */
    private static final class Wrong extends Exception {
        private static final long serialVersionUID = 1;

        Wrong(String message) {
            super(message);
        }
    }

    @Override
    public void onRequest(String line, ControlSocket.Replies replies) throws IOException {
        try {
            List<String> words = List.of(line.strip().split("\\s+"));
            if (words.getFirst().equals("monitor") && words.size() == 1) {
                monitor(replies);
            } else {
                replies.send("{\"result\":" + answer(words) + "}");
            }
        } catch (Wrong wrong) {
            replies.send("{\"error\":" + ControlJson.string(wrong.getMessage()) + "}");
        }
    }

    private String answer(List<String> words) throws IOException, Wrong {
        List<String> rest = words.subList(1, words.size());
        return switch (words.getFirst()) {
            case "endpoint" -> endpoint(rest);
            case "limits" -> limits(rest);
            case "connections" -> {
                need(rest.isEmpty(), "'connections' takes no words");
                yield looks().values().stream().map(ControlJson::connection).collect(Collectors.joining(",", "[", "]"));
            }
            case "counters" -> {
                need(rest.isEmpty(), "'counters' takes no words");
                yield counters();
            }
            default -> throw new Wrong("'" + words.getFirst()
                    + "' is none of endpoint, limits, monitor, connections, counters");
        };
    }

    private static void need(boolean condition, String otherwise) throws Wrong {
        if (!condition) {
            throw new Wrong(otherwise);
        }
    }

    // ---- endpoints

    private synchronized String endpoint(List<String> words) throws IOException, Wrong {
        refresh();
        String verb = words.isEmpty() ? "show" : words.getFirst();
        List<String> rest = words.isEmpty() ? words : words.subList(1, words.size());
        switch (verb) {
            case "show", "list" -> need(rest.isEmpty() || rest.size() == 2 && rest.getFirst().equals("id"),
                    "it is: endpoint show [id N]");
            case "add" -> add(rest);
            case "delete", "del" -> {
                need(rest.size() == 2 && rest.getFirst().equals("id"), "it is: endpoint delete id N");
                remove(number(rest.getLast()));
            }
            case "flush" -> {
                need(rest.isEmpty(), "it is: endpoint flush");
                for (int id : List.copyOf(endpoints.keySet())) {
                    remove(id);
                }
            }
            case "change" -> throw new Wrong("an endpoint has no flags to change: the path manager of the connections "
                    + "decides (--path-manager)");
            default -> throw new Wrong("'" + verb + "' is none of show, add, delete, flush");
        }
        int only = verb.equals("show") && rest.size() == 2 ? number(rest.getLast()) : 0;
        need(only == 0 || endpoints.containsKey(only), "there is no endpoint with id " + only);
        return endpoints.entrySet().stream().filter(entry -> only == 0 || entry.getKey() == only)
                .map(entry -> "{\"address\":\"" + entry.getValue() + "\",\"id\":" + entry.getKey() + ",\"dev\":"
                        + ControlJson.string(link.properties().name()) + "}")
                .collect(Collectors.joining(",", "[", "]"));
    }

    /** The program itself may have changed its addresses. */
    private void refresh() throws IOException {
        List<IpAddress> locals = engine.ask((stack, now) -> List.copyOf(stack.routes().locals()));
        endpoints.values().retainAll(locals);
        for (IpAddress local : locals) {
            if (!endpoints.containsValue(local)) {
                endpoints.put(free(), local);
            }
        }
    }

    private int free() {
        int id = 1;
        while (endpoints.containsKey(id)) {
            id++;
        }
        return id;
    }

    private void add(List<String> words) throws IOException, Wrong {
        need(!words.isEmpty(), "it is: endpoint add ADDRESS [dev NAME] [id N]");
        IpAddress address = address(words.getFirst());
        int id = 0;
        for (int i = 1; i < words.size(); i += 2) {
            String word = words.get(i);
            need(!List.of("signal", "subflow", "backup", "fullmesh", "implicit", "laminar").contains(word), "flag '"
                    + word + "': an endpoint has no flags here, the path manager of the connections decides "
                    + "(--path-manager)");
            need(List.of("dev", "id").contains(word), "'" + word + "' is none of dev, id");
            need(i + 1 < words.size(), "'" + word + "' needs a value");
            String value = words.get(i + 1);
            if (word.equals("id")) {
                id = number(value);
            } else {
                need(value.equals(link.properties().name()), "the device is " + link.properties().name() + ", not '"
                        + value + "'");
            }
        }
        need(!endpoints.containsValue(address), address + " is an endpoint already");
        need(!endpoints.containsKey(id), "id " + id + " is taken");
        need(endpoints.size() < MOST_ENDPOINTS, "there are " + MOST_ENDPOINTS + " endpoints already");
        IpAddress any = address.isV4() ? IpAddress.ANY_V4 : IpAddress.ANY_V6;
        engine.addAddress(address, any, 0, link, link.properties().mtu());
        endpoints.put(id == 0 ? free() : id, address);
    }

    private void remove(int id) throws IOException, Wrong {
        need(endpoints.containsKey(id), "there is no endpoint with id " + id);
        engine.removeAddress(endpoints.remove(id));
    }

    private static IpAddress address(String text) throws Wrong {
        try {
            IpAddress address = IpAddress.parse(text);
            need(IpAddress.isUnicast(address.high(), address.low()), text + " is no address of one host");
            return address;
        } catch (IllegalArgumentException wrong) {
            throw new Wrong("'" + text + "' is no address");
        }
    }

    private static int number(String text) throws Wrong {
        need(text.matches("[0-9]{1,3}") && Integer.parseInt(text) >= 1 && Integer.parseInt(text) <= MOST_ENDPOINTS,
                "an id is a number, 1 to " + MOST_ENDPOINTS + ", not '" + text + "'");
        return Integer.parseInt(text);
    }

    // ---- what else there is

    private String limits(List<String> words) throws Wrong {
        String verb = words.isEmpty() ? "show" : words.getFirst();
        need(!verb.equals("set"), "limits are fixed when a program starts (--subflows)");
        need(verb.equals("show") && words.size() <= 1, "it is: limits show");
        return "{\"add_addr_accepted\":" + limits.addAddressAccepted() + ",\"subflows\":" + limits.subflows() + "}";
    }

    private String counters() throws IOException {
        return engine.ask((stack, now) -> {
            List<String> values = new ArrayList<>();
            for (Counter counter : Counter.values()) {
                values.add("\"" + counter.linuxName() + "\":" + stack.counters().get(counter));
            }
            return values.stream().collect(Collectors.joining(",", "{", "}"));
        });
    }

    /** All connections at one instant, in the order in which they were opened. */
    private Map<Stream, StreamInfo> looks() throws IOException {
        List<Stream> streams = new ArrayList<>(engine.streams());
        streams.sort((one, other) -> Long.compare(one.serial(), other.serial()));
        return engine.ask((stack, now) -> {
            Map<Stream, StreamInfo> looks = new LinkedHashMap<>();
            for (Stream stream : streams) {
                if (stream.pump().connection() != null && stream.closeReason() == null) {
                    looks.put(stream, stream.look(now));
                }
            }
            return looks;
        });
    }

    private void monitor(ControlSocket.Replies replies) throws IOException {
        Map<Stream, StreamInfo> before = looks();
        replies.send("{\"event\":\"READY\"}");
        while (true) {
            try {
                Thread.sleep(LOOK_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new InterruptedIOException("interrupted");
            }
            Map<Stream, StreamInfo> after = looks();
            for (String event : ControlEvents.between(before, after)) {
                replies.send(event);
            }
            before = after;
        }
    }
}
